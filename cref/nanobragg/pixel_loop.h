#ifndef PIXEL_LOOP_H
#define PIXEL_LOOP_H

#include <stdio.h>

#include "scene.h"
#include "tally.h"

/* What outlives a pixel, in loop order: some of it decides bytes (see DIFFERENCES.md). */
typedef struct {
    double ap[3], bp[3], cp[3];     /* crystal at the last phi step that was not exactly 0 */
    int swept;                      /* some phi sweep has run */
    double polar_axis[3];           /* normalized again by every polarization_factor */
    int interpolate;                /* off for good at the first evaluation out of range */
    double omega_sum;
    int quiet;                      /* keep the warning for later */
    /* the evaluation that turned interpolation off */
    int out_of_range;
    double out_hkl[3];
    int out_hkl0[3];
    /* the last values, which -printout shows */
    double hkl[3];
    int hkl0[3];
    double F_cell, F_latt, stol;
    double a[3], b[3], c[3];
} LoopState;

void loop_start(const Scene *scene, LoopState *state);

/* One pixel; trace is NULL where no tokens are wanted. */
Pixel render_pixel(const Scene *scene, LoopState *state, int spixel, int fpixel, FILE *trace);

void print_interpolation_warning(const LoopState *state);

#endif
