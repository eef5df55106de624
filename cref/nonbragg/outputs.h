#ifndef OUTPUTS_H
#define OUTPUTS_H

#include "experiment.h"
#include "tally.h"

void print_solid_angle(const Render *render);

/* Prints the statistics and writes the images, in the order of the original; the statistics divide
   by this count of pixels. */
void write_images(Experiment *experiment, const Render *render, long count);

#endif
