/* Interference of the unit cells of one crystal: the spot shapes. */
#ifndef LATTICE_H
#define LATTICE_H

#include <math.h>

#include "constants.h"

/* Fourier transform of a row of N cells: sin(Nx)/sin(x). */
static inline double sincg(double x, double N)
{
    if (x == 0.0)
        return N;
    return sin(x * N) / sin(x);
}

/* Fourier transform of a sphere. */
static inline double sinc3(double x)
{
    if (x == 0.0)
        return 1.0;
    return 3.0 * (sin(x) / x - cos(x)) / (x * x);
}

#endif
