/* F found from an image, bin by bin of the table (section 6 of the specification). */
#ifndef FOUND_H
#define FOUND_H

#include "experiment.h"
#include "pixel_loop.h"

typedef struct {
    float *F;               /* found, 0 outside the region of interest */
    int *bin;               /* one for each pixel of the detector */
    long *count;            /* one for each bin */
    int bins;
} Found;

void found_start(const Experiment *experiment, Found *found);
void find_pixel(const Experiment *experiment, const LoopState *state, size_t index, Found *found);

/* Writes the table, and prints what is said about it; returns the count of the last bin, which
   the statistics divide by. */
long write_found(const Experiment *experiment, const Found *found);

void free_found(Found *found);

#endif
