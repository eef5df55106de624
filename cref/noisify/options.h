/* What the command line said, in metres where a length has a unit; nothing is derived here. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stddef.h>
#include <stdint.h>

typedef enum { PSF_OFF, PSF_GAUSS, PSF_FIBER } Psf;

#define UNSET_BEAM (-1e99)      /* Xbeam and Ybeam at or below it were not given */

typedef struct {
    const char *float_file, *header_file, *int_file, *pgm_file, *noise_file;
    int want_pgm, want_noise, bits;
    /* geometry: for the headers and, by the size of the pixel, for the point spread */
    double wavelength, distance, Xbeam, Ybeam, detsize_x, detsize_y, pixel, phi, osc;
    int xpixels, ypixels;
    /* photons to counts */
    double fluence, scale, readout, flicker, calibration, adc, gain;
    int64_t seed, calib_seed;   /* states of the generator: minus the numbers given */
    Psf psf;
    double psf_fwhm;            /* a float32 */
    int psf_radius;             /* 0: automatic */
    /* our own */
    int strict, help, version;
} Options;

void options_defaults(Options *options);
void options_scan(Options *options, int argc, char **argv);
void print_usage(void);

#endif
