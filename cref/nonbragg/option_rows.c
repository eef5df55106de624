#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "constants.h"
#include "errors.h"
#include "option_rows.h"

static int oversample_count(void *, int, char **, int);
static int ignored_value(void *, int, char **, int);
static int table_stol(void *, int, char **, int);
static int table_4stol(void *, int, char **, int);
static int table_Q(void *, int, char **, int);

/* A vector of nonBragg has no convention with it. */
#define DIRECTION(name, member) \
    {name, CONTAINS, 0, 3, GO_ON, VECTOR, AT(member), AT(have_##member), PLAIN, 0, NONE, NULL, NULL}

/* Tried top to bottom, and no row stops; alternative names of one row of the specification are
   rows of their own. */
static const Row rows[] = {
    VALUE("-samplesize", 0, TRIPLE, sample_x, MM),
    VALUE("-sample_size", 0, TRIPLE, sample_x, MM),
    VALUE("-thick", 0, NUMBER, sample_x, MM),
    VALUE("-sample_thick", 0, NUMBER, sample_x, MM),
    VALUE("-sample_x", 0, NUMBER, sample_x, MM),
    VALUE("-sample_width", 0, NUMBER, sample_y, MM),
    VALUE("-sample_y", 0, NUMBER, sample_y, MM),
    VALUE("-width", 0, NUMBER, sample_y, MM),
    VALUE("-sample_heigh", 0, NUMBER, sample_z, MM),
    VALUE("-sample_z", 0, NUMBER, sample_z, MM),
    VALUE("-heigh", 0, NUMBER, sample_z, MM),
    VALUE("-density", 0, NUMBER, density, DENSITY),
    VALUE("-sample_den", 0, NUMBER, density, DENSITY),
    VALUE("-molecules", 0, NUMBER, molecules, PLAIN),
    VALUE("-sample_molecules", 0, NUMBER, molecules, PLAIN),
    {"-MW", EQUALS, 0, 1, GO_ON, NUMBER, AT(weight), 0, PLAIN, 0, NONE, NULL, NULL},
    VALUE("-molecular", 0, NUMBER, weight, PLAIN),
    PIVOTING("-Xbeam", Xbeam, MM, PIVOT_BEAM),
    PIVOTING("-Ybeam", Ybeam, MM, PIVOT_BEAM),
    PIVOTING("-Xclose", Xclose, MM, PIVOT_SAMPLE),
    PIVOTING("-Yclose", Yclose, MM, PIVOT_SAMPLE),
    PIVOTING("-ORGX", ORGX, PLAIN, PIVOT_SAMPLE),
    PIVOTING("-ORGY", ORGY, PLAIN, PIVOT_SAMPLE),
    OTHER("-pivot", CONTAINS, 0, 1, GO_ON, pivot_name),
    DIRECTION("-fdet_vector", fdet),
    DIRECTION("-sdet_vector", sdet),
    DIRECTION("-odet_vector", odet),
    DIRECTION("-beam_vector", beam),
    DIRECTION("-polar_vector", polar),
    DIRECTION("-spindle_axis", spindle),
    DIRECTION("-twotheta_axis", twotheta_axis),
    DIRECTION("-pix0_vector", pix0),
    PIVOTING("-distance", distance, MM, PIVOT_BEAM),
    PIVOTING("-close_distance", close_distance, MM, PIVOT_SAMPLE),
    VALUE("-source_distance", 0, NUMBER, source_distance, MM),
    PIVOTING("-twotheta", twotheta, DEGREE, PIVOT_SAMPLE),
    VALUE("-detector_rotx", 0, NUMBER, rotx, DEGREE),
    VALUE("-detector_roty", 0, NUMBER, roty, DEGREE),
    VALUE("-detector_rotz", 0, NUMBER, rotz, DEGREE),
    VALUE("-detsize", 8, PAIR, detsize_f, MM),
    VALUE("-detsize_x", 0, NUMBER, detsize_f, MM),
    VALUE("-detsize_y", 0, NUMBER, detsize_s, MM),
    VALUE("-detpixels", 10, INT_PAIR, fpixels, PLAIN),
    VALUE("-detpixels_f", 0, INTEGER, fpixels, PLAIN),
    VALUE("-detpixels_x", 0, INTEGER, fpixels, PLAIN),
    VALUE("-detpixels_s", 0, INTEGER, spixels, PLAIN),
    VALUE("-detpixels_y", 0, INTEGER, spixels, PLAIN),
    {"-curved_det", CONTAINS, 0, 1, GO_ON, SET_FLAG, AT(curved_det), 0, PLAIN, 1, NONE, NULL, NULL},
    VALUE("-pixel", 0, NUMBER, pixel_size, MM),
    FLAG("-point_pixel", point_pixel, 1),
    FLAG("-Fmap", Fmap, 1),
    {"-polar", CONTAINS, 6, 1, GO_ON, NUMBER, AT(kahn), 0, PLAIN, 0, AT(nopolar), 0, NULL, NULL},
    FLAG("-nopolar", nopolar, 1),
    OTHER("-oversample", CONTAINS, 0, 1, GO_ON, oversample_count),
    {"-roi", CONTAINS, 0, 4, GO_ON, INT_FOUR, AT(roi_xmin), 0, PLAIN, 0, NONE, NULL, NULL},
    VALUE("-lambda", 0, NUMBER, lambda, ANGSTROM),
    VALUE("-wave", 0, NUMBER, lambda, ANGSTROM),
    VALUE("-energy", 0, NUMBER, lambda, EV),
    VALUE("-fluence", 0, NUMBER, fluence, PLAIN),
    VALUE("-flux", 0, NUMBER, flux, PLAIN),
    VALUE("-exposure", 0, NUMBER, exposure, PLAIN),
    VALUE("-beamsize", 0, NUMBER, beamsize, MM),
    VALUE("-dispersion", 0, NUMBER, dispersion, PERCENT),
    VALUE("-dispsteps", 0, INTEGER, dispsteps, PLAIN),
    VALUE("-divergence", 0, PAIR, hdivrange, MRAD),
    VALUE("-hdivrange", 0, NUMBER, hdivrange, MRAD),
    VALUE("-vdivrange", 0, NUMBER, vdivrange, MRAD),
    VALUE("-hdivstep", 9, NUMBER, hdivstep, MRAD),
    VALUE("-hdivsteps", 0, INTEGER, hdivsteps, PLAIN),
    VALUE("-vdivstep", 9, NUMBER, vdivstep, MRAD),
    VALUE("-vdivsteps", 0, INTEGER, vdivsteps, PLAIN),
    VALUE("-divsteps", 0, INT_PAIR, hdivsteps, PLAIN),
    FLAG("-round_div", round_div, 1),
    FLAG("-square_div", round_div, 0),
    VALUE("-adc", 0, NUMBER, adc_offset, PLAIN),
    VALUE("-gain", 0, NUMBER, gain, PLAIN),
    VALUE("-phi", 4, NUMBER, phi0, DEGREE),
    VALUE("-osc", 0, NUMBER, osc, DEGREE),
    VALUE("-phistep", 8, NUMBER, phistep, DEGREE),
    VALUE("-phisteps", 0, INTEGER, phisteps, PLAIN),
    VALUE("-img", 0, TEXT, img_file, PLAIN),
    OTHER("-ignore", CONTAINS, 0, 1, GO_ON, ignored_value),
    VALUE("-stolout", -7, TEXT, stolout_file, PLAIN),
    OTHER("-stol", CONTAINS, 5, 1, GO_ON, table_stol),
    OTHER("-4stol", CONTAINS, 6, 1, GO_ON, table_4stol),
    OTHER("-Q", CONTAINS, 2, 1, GO_ON, table_Q),
    VALUE("-sourcefile", 0, TEXT, source_file, PLAIN),
    OUTPUT("-floatfile", float_file, NO_MEMBER),
    OUTPUT("-floatimage", float_file, NO_MEMBER),
    OUTPUT("-intfile", int_file, NO_MEMBER),
    OUTPUT("-intimage", int_file, NO_MEMBER),
    OUTPUT("-pgmfile", pgm_file, NO_MEMBER),
    OUTPUT("-pgmimage", pgm_file, NO_MEMBER),
    OUTPUT("-noisefile", noise_file, AT(want_noise)),
    OUTPUT("-noiseimage", noise_file, AT(want_noise)),
    FLAG("-nonoise", want_noise, 0),
    UNUSED("-nopgm", CONTAINS, 0, 0),
    UNUSED("-noreject", CONTAINS, 0, 0),
    VALUE("-scale", 0, NUMBER, int_scale, PLAIN),
    VALUE("-pgmscale", 0, NUMBER, pgm_scale, PLAIN),
    UNUSED("-coherent", CONTAINS, 0, 0),
    FLAG("-printout", printout, 1),
    FLAG("-noprogress", progress, 0),
    FLAG("-progress", progress, 1),
    OTHER("-printout_pixel", CONTAINS, 0, 2, GO_ON, printout_pixel),
    VALUE("-seed", 0, SEED, noise_seed, PLAIN),
    /* our own: none of these contains a name from above */
    OTHER("-trace_pixel", EQUALS, 0, 2, STOP, trace_pixel),
    {"-trace_prefix", EQUALS, 0, 1, STOP, TEXT, AT(trace_prefix), 0, PLAIN, 0, NONE, NULL, NULL},
    {"-strict", EQUALS, 0, 0, STOP, SET_FLAG, AT(strict), 0, PLAIN, 1, NONE, NULL, NULL},
    {"--version", EQUALS, 0, 0, STOP, SET_FLAG, AT(version), 0, PLAIN, 1, NONE, NULL, NULL},
    {"--help", EQUALS, 0, 0, STOP, SET_FLAG, AT(help), 0, PLAIN, 1, NONE, NULL, NULL},
    {"-h", EQUALS, 0, 0, STOP, SET_FLAG, AT(help), 0, PLAIN, 1, NONE, NULL, NULL},
};

/* -oversample_thick and its like land here as well, and take whatever follows for a count. */
static int oversample_count(void *options, int argc, char **argv, int i)
{
    Options *o = options;
    int by_accident = strstr(argv[i], "-oversample_") != NULL;
    (void)argc;
    o->oversample = by_accident ? atoi(argv[i + 1]) : (int)read_integer(argv[i], argv[i + 1]);
    return by_accident ? 0 : 1;
}

/* The low 16 bits of the number, truncated to an integer. */
static int ignored_value(void *options, int argc, char **argv, int i)
{
    Options *o = options;
    double value = read_number(argv[i], argv[i + 1]);
    (void)argc;
    if (o->ignore_count == MAX_IGNORED)
        fail("-ignore: at most %d values", MAX_IGNORED);
    if (!(fabs(value) < 2147483648.0))
        fail("%s: '%s' is out of range", argv[i], argv[i + 1]);
    o->ignore[o->ignore_count++] = (int)value & 65535;
    return 1;
}

static int table_of(Options *o, const char *name, double factor)
{
    o->stol_file = name;
    o->stol_factor = factor;
    return 1;
}

static int table_stol(void *options, int argc, char **argv, int i)
{
    (void)argc;
    return table_of(options, argv[i + 1], 1e10);
}

static int table_4stol(void *options, int argc, char **argv, int i)
{
    (void)argc;
    return table_of(options, argv[i + 1], 1e10 / 4);
}

static int table_Q(void *options, int argc, char **argv, int i)
{
    (void)argc;
    return table_of(options, argv[i + 1], 1e10 / PI / 4);
}

void options_scan(Options *o, int argc, char **argv)
{
    scan_arguments(rows, sizeof rows / sizeof rows[0], o, &o->strict, argc, argv);
}

void options_defaults(Options *o)
{
    options_common_defaults(o);
    o->sample_x = o->sample_y = o->sample_z = 1e-4;
    o->density = 1.0e6;
    o->weight = 18.0;
    o->source_distance = 10.0;
    o->gain = 1.0;
    o->stolout_file = "output.stol";
}
