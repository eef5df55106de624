#ifndef PIXEL_LOOP_H
#define PIXEL_LOOP_H

#include <stdio.h>

#include "experiment.h"
#include "tally.h"

/* What outlives a pixel, in loop order. */
typedef struct {
    int bracket;                    /* where the last search of the table ended */
    double polar_axis[3];           /* normalized again by every polarization_factor */
    double omega_sum;
    double stol, polar, omega;      /* of the last evaluation */
} LoopState;

void loop_start(const Experiment *experiment, LoopState *state);

/* One pixel; trace is NULL where no tokens are wanted. */
Pixel render_pixel(const Experiment *experiment, LoopState *state, int spixel, int fpixel,
                   FILE *trace);

#endif
