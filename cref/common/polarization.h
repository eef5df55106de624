#ifndef POLARIZATION_H
#define POLARIZATION_H

/* Kahn's polarization factor. Normalizes all three vectors in place, and the caller relies on
   that: the next source of the same subpixel sees the re-normalized diffracted vector. */
double polarization_factor(double kahn, double incident[3], double diffracted[3], double axis[3]);

#endif
