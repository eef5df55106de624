#ifndef INTERPOLATION_H
#define INTERPOLATION_H

#include "formats.h"

/* May the 4x4x4 neighbourhood of h, k, l be read? */
int is_interpolable(const FGrid *grid, double h, double k, double l);

/* Four-point Lagrange form along l, then k, then h. */
double interpolate_F(const FGrid *grid, double h, double k, double l);

#endif
