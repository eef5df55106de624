/* Short forms of rows, the rows that the simulations share, and the functions of such rows. */
#ifndef OPTION_ROWS_H
#define OPTION_ROWS_H

#include "options.h"
#include "scan.h"

#define AT(member) offsetof(Options, member)
#define NONE NO_MEMBER, 0
#define VALUE(name, length, action, member, unit) \
    {name, CONTAINS, length, 1, GO_ON, action, AT(member), 0, unit, 0, NONE, NULL, NULL}
#define PIVOTING(name, member, unit, pivot_value) \
    {name, CONTAINS, 0, 1, GO_ON, NUMBER, AT(member), 0, unit, 0, AT(pivot), pivot_value, NULL, NULL}
#define FLAG(name, member, value) \
    {name, CONTAINS, 0, 0, GO_ON, SET_FLAG, AT(member), 0, PLAIN, value, NONE, NULL, NULL}
#define FLAG_STOP(name, member) \
    {name, CONTAINS, 0, 0, STOP, SET_FLAG, AT(member), 0, PLAIN, 1, NONE, NULL, NULL}
#define CONVENTION(name, value, pivot_value) \
    {name, CONTAINS, 0, 0, GO_ON, SET_FLAG, AT(convention), 0, PLAIN, value, AT(pivot), pivot_value, \
     NULL, NULL}
#define AXIS(name, member) \
    {name, CONTAINS, 0, 3, GO_ON, VECTOR, AT(member), AT(have_##member), PLAIN, 0, AT(convention), \
     CUSTOM, NULL, NULL}
#define OUTPUT(name, member, also) \
    {name, CONTAINS, 0, 1, GO_ON, TEXT, AT(member), 0, PLAIN, 0, also, 1, NULL, NULL}
#define OTHER(name, match, length, arguments, after, special) \
    {name, match, length, arguments, after, SPECIAL, 0, 0, PLAIN, 0, NONE, special, NULL}
#define UNUSED(name, match, length, arguments) \
    {name, match, length, arguments, GO_ON, NOTHING, 0, 0, PLAIN, 0, NONE, NULL, NULL}

/* Size of the sample. */
#define SAMPLE_ROWS \
    VALUE("-sample_thick", 0, NUMBER, sample_x, MM), \
    VALUE("-sample_x", 0, NUMBER, sample_x, MM), \
    VALUE("-sample_width", 0, NUMBER, sample_y, MM), \
    VALUE("-sample_y", 0, NUMBER, sample_y, MM), \
    VALUE("-width", 0, NUMBER, sample_y, MM), \
    VALUE("-sample_heigh", 0, NUMBER, sample_z, MM), \
    VALUE("-sample_z", 0, NUMBER, sample_z, MM), \
    VALUE("-heigh", 0, NUMBER, sample_z, MM)

/* Where the beam meets the detector. */
#define BEAM_CENTRE_ROWS \
    PIVOTING("-Xbeam", Xbeam, MM, PIVOT_BEAM), \
    PIVOTING("-Ybeam", Ybeam, MM, PIVOT_BEAM), \
    PIVOTING("-Xclose", Xclose, MM, PIVOT_SAMPLE), \
    PIVOTING("-Yclose", Yclose, MM, PIVOT_SAMPLE), \
    PIVOTING("-ORGX", ORGX, PLAIN, PIVOT_SAMPLE), \
    PIVOTING("-ORGY", ORGY, PLAIN, PIVOT_SAMPLE), \
    OTHER("-pivot", CONTAINS, 0, 1, GO_ON, pivot_name)

/* How the detector is turned. */
#define TILT_ROWS \
    PIVOTING("-twotheta", twotheta, DEGREE, PIVOT_SAMPLE), \
    VALUE("-detector_rotx", 0, NUMBER, rotx, DEGREE), \
    VALUE("-detector_roty", 0, NUMBER, roty, DEGREE), \
    VALUE("-detector_rotz", 0, NUMBER, rotz, DEGREE)

/* The pixels of the detector. */
#define PIXEL_ROWS \
    VALUE("-detpixels", 10, INT_PAIR, fpixels, PLAIN), \
    VALUE("-detpixels_f", 0, INTEGER, fpixels, PLAIN), \
    VALUE("-detpixels_x", 0, INTEGER, fpixels, PLAIN), \
    VALUE("-detpixels_s", 0, INTEGER, spixels, PLAIN), \
    VALUE("-detpixels_y", 0, INTEGER, spixels, PLAIN), \
    {"-curved_det", CONTAINS, 0, 1, GO_ON, SET_FLAG, AT(curved_det), 0, PLAIN, 1, NONE, NULL, NULL}, \
    VALUE("-pixel", 0, NUMBER, pixel_size, MM), \
    FLAG("-point_pixel", point_pixel, 1)

#define POLARIZATION_ROWS \
    {"-polar", CONTAINS, 6, 1, GO_ON, NUMBER, AT(kahn), 0, PLAIN, 0, AT(nopolar), 0, NULL, NULL}, \
    FLAG("-nopolar", nopolar, 1)

/* What is rendered, and the beam. */
#define BEAM_ROWS \
    {"-roi", CONTAINS, 0, 4, GO_ON, INT_FOUR, AT(roi_xmin), 0, PLAIN, 0, NONE, NULL, NULL}, \
    VALUE("-lambda", 0, NUMBER, lambda, ANGSTROM), \
    VALUE("-wave", 0, NUMBER, lambda, ANGSTROM), \
    VALUE("-energy", 0, NUMBER, lambda, EV), \
    VALUE("-fluence", 0, NUMBER, fluence, PLAIN), \
    VALUE("-flux", 0, NUMBER, flux, PLAIN), \
    VALUE("-exposure", 0, NUMBER, exposure, PLAIN), \
    VALUE("-beamsize", 0, NUMBER, beamsize, MM)

/* Sources of a divergent or polychromatic beam. */
#define DIVERGENCE_ROWS \
    VALUE("-dispersion", 0, NUMBER, dispersion, PERCENT), \
    VALUE("-dispsteps", 0, INTEGER, dispsteps, PLAIN), \
    VALUE("-divergence", 0, PAIR, hdivrange, MRAD), \
    VALUE("-hdivrange", 0, NUMBER, hdivrange, MRAD), \
    VALUE("-vdivrange", 0, NUMBER, vdivrange, MRAD), \
    VALUE("-hdivstep", 9, NUMBER, hdivstep, MRAD), \
    VALUE("-vdivstep", 9, NUMBER, vdivstep, MRAD), \
    VALUE("-hdivsteps", 0, INTEGER, hdivsteps, PLAIN), \
    VALUE("-vdivsteps", 0, INTEGER, vdivsteps, PLAIN), \
    VALUE("-divsteps", 0, INT_PAIR, hdivsteps, PLAIN), \
    FLAG("-round_div", round_div, 1), \
    FLAG("-square_div", round_div, 0), \
    VALUE("-adc", 0, NUMBER, adc_offset, PLAIN)

#define PHI_ROWS \
    VALUE("-phi", 4, NUMBER, phi0, DEGREE), \
    VALUE("-osc", 0, NUMBER, osc, DEGREE), \
    VALUE("-phistep", 8, NUMBER, phistep, DEGREE), \
    VALUE("-phisteps", 0, INTEGER, phisteps, PLAIN)

#define PRINTING_ROWS \
    FLAG("-printout", printout, 1), \
    FLAG("-noprogress", progress, 0), \
    FLAG("-progress", progress, 1)

/* Our own: none of these contains a name of the C programs. */
#define OWN_ROWS \
    OTHER("-trace_pixel", EQUALS, 0, 2, STOP, trace_pixel), \
    {"-trace_prefix", EQUALS, 0, 1, STOP, TEXT, AT(trace_prefix), 0, PLAIN, 0, NONE, NULL, NULL}, \
    {"-strict", EQUALS, 0, 0, STOP, SET_FLAG, AT(strict), 0, PLAIN, 1, NONE, NULL, NULL}, \
    {"--version", EQUALS, 0, 0, STOP, SET_FLAG, AT(version), 0, PLAIN, 1, NONE, NULL, NULL}, \
    {"--help", EQUALS, 0, 0, STOP, SET_FLAG, AT(help), 0, PLAIN, 1, NONE, NULL, NULL}, \
    {"-h", EQUALS, 0, 0, STOP, SET_FLAG, AT(help), 0, PLAIN, 1, NONE, NULL, NULL}

/* Names of the images; a name of the PGM picture also sets the int at an offset. */
#define IMAGE_ROWS(also_pgm) \
    OUTPUT("-floatfile", float_file, NO_MEMBER), \
    OUTPUT("-floatimage", float_file, NO_MEMBER), \
    OUTPUT("-intfile", int_file, NO_MEMBER), \
    OUTPUT("-intimage", int_file, NO_MEMBER), \
    OUTPUT("-pgmfile", pgm_file, also_pgm), \
    OUTPUT("-pgmimage", pgm_file, also_pgm), \
    OUTPUT("-noisefile", noise_file, AT(want_noise)), \
    OUTPUT("-noiseimage", noise_file, AT(want_noise)), \
    FLAG("-nonoise", want_noise, 0)

int pivot_name(void *options, int argc, char **argv, int index);
int printout_pixel(void *options, int argc, char **argv, int index);
int trace_pixel(void *options, int argc, char **argv, int index);

#endif
