/* The image: every pixel of it in loop order, and what is counted on the way. */
#ifndef RENDER_H
#define RENDER_H

#include "scene.h"

typedef struct {
    float *image;                   /* (spixels, fpixels) */
    long rendered;
    double sum, sum_of_squares, omega_sum;
    double max_I, max_Fdet, max_Sdet;
} Render;

void render(const Scene *scene, int progress, Render *result);

#endif
