/* What is counted from pixel to pixel, and the progress meter. */
#ifndef TALLY_H
#define TALLY_H

#include <stddef.h>

typedef struct {
    float *image;                   /* (spixels, fpixels) */
    long rendered;
    double sum, sum_of_squares, omega_sum;
    double max_I, max_Fdet, max_Sdet;
} Render;

typedef struct {
    float value;
    double Fdet, Sdet;              /* of the last subpixel, m */
} Pixel;

/* Pixels that the region of interest would have if it lay inside the detector. */
long expected_pixels(int xmin, int xmax, int ymin, int ymax);

/* Before the pixel of this number. */
void print_progress(long rendered, long expected, int wanted);

void count_pixel(Render *result, size_t index, const Pixel *pixel);

int is_traced(const int *spixels, const int *fpixels, int count, int spixel, int fpixel);

#endif
