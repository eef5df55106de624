/* The point spread of a detector: a kernel of given shape laid over every pixel. */
#ifndef PSF_H
#define PSF_H

#include "options.h"

/* Replace photons, (ypixels, xpixels), by what the point spread makes of them. */
void apply_psf(const Options *options, float *photons);

#endif
