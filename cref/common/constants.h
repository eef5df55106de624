/* Constants whose every digit decides output bytes. */
#ifndef CONSTANTS_H
#define CONSTANTS_H

#include <float.h>

/* Degrees per radian. Degrees are divided by it: multiplying by pi/180 differs in the last bit. */
#define RTD (180.0 * 0.31830988618379067154)
#define PI 3.14159265358979323846
#define R_E_SQR 7.94079248018965e-30    /* m^2, Thomson cross-section */
#define AVOGADRO 6.02214179e23
#define EV_ANGSTROM 12398.42
#define SMALLEST_NORMAL DBL_MIN         /* stands in for a zero that gets divided by */

#define VERSION "0.1.0"

#endif
