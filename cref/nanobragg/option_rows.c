#include <stdlib.h>
#include <string.h>

#include "option_rows.h"

static int cell_values(void *, int, char **, int);
static int misset_random(void *, int, char **, int);
static int misset_angles(void *, int, char **, int);
static int attenuation(void *, int, char **, int);
static int says_random(const char *);

/* Tried top to bottom; alternative names of one row of the specification are rows of their own. */
static const Row rows[] = {
    {"-Na", CONTAINS, 0, 1, STOP, COUNT, AT(Na), 0, PLAIN, 0, NONE, NULL, NULL},
    {"-Nb", CONTAINS, 0, 1, STOP, COUNT, AT(Nb), 0, PLAIN, 0, NONE, NULL, NULL},
    {"-Nc", CONTAINS, 0, 1, STOP, COUNT, AT(Nc), 0, PLAIN, 0, NONE, NULL, NULL},
    {"-N", EQUALS, 0, 1, STOP, COUNT_XYZ, AT(Na), 0, PLAIN, 0, NONE, NULL, NULL},
    OTHER("-cell", CONTAINS, 0, 1, GO_ON, cell_values),
    {"-misset", CONTAINS, 0, 1, STOP, SPECIAL, 0, 0, PLAIN, 0, NONE, misset_random, says_random},
    OTHER("-misset", CONTAINS, 0, 3, GO_ON, misset_angles),
    VALUE("-samplesize", 0, TRIPLE, sample_x, MM),
    VALUE("-sample_size", 0, TRIPLE, sample_x, MM),
    SAMPLE_ROWS,
    VALUE("-xtalsize", 0, TRIPLE, sample_x, MM),
    VALUE("-xtal_size", 0, TRIPLE, sample_x, MM),
    VALUE("-xtal_thick", 0, NUMBER, sample_x, MM),
    VALUE("-xtal_x", 0, NUMBER, sample_x, MM),
    VALUE("-xtal_width", 0, NUMBER, sample_y, MM),
    VALUE("-xtal_y", 0, NUMBER, sample_y, MM),
    VALUE("-xtal_heigh", 0, NUMBER, sample_z, MM),
    VALUE("-xtal_z", 0, NUMBER, sample_z, MM),
    UNUSED("-density", CONTAINS, 0, 1),
    UNUSED("-sample_den", CONTAINS, 0, 1),
    UNUSED("-MW", EQUALS, 0, 1),
    UNUSED("-molec", CONTAINS, 0, 1),
    BEAM_CENTRE_ROWS,
    CONVENTION("-mosflm", MOSFLM, PIVOT_BEAM),
    CONVENTION("-xds", XDS, PIVOT_SAMPLE),
    CONVENTION("-adxv", ADXV, PIVOT_BEAM),
    CONVENTION("-denzo", DENZO, PIVOT_BEAM),
    CONVENTION("-dials", DIALS, PIVOT_BEAM),
    AXIS("-fdet_vector", fdet),
    AXIS("-sdet_vector", sdet),
    AXIS("-odet_vector", odet),
    AXIS("-beam_vector", beam),
    AXIS("-polar_vector", polar),
    AXIS("-spindle_axis", spindle),
    AXIS("-twotheta_axis", twotheta_axis),
    AXIS("-pix0_vector", pix0),
    PIVOTING("-distance", distance, MM, PIVOT_BEAM),
    PIVOTING("-close_distance", close_distance, MM, PIVOT_SAMPLE),
    OTHER("-detector_abs", CONTAINS, 0, 1, GO_ON, attenuation),
    VALUE("-detector_thick", 15, NUMBER, thickness, MICRON),
    VALUE("-detector_thicksteps", 0, INTEGER, thick_steps, PLAIN),
    VALUE("-thicksteps", 0, INTEGER, thick_steps, PLAIN),
    TILT_ROWS,
    VALUE("-detsize", 8, PAIR, detsize_f, MM),
    VALUE("-detsize_f", 0, NUMBER, detsize_f, MM),
    VALUE("-detsize_s", 0, NUMBER, detsize_s, MM),
    PIXEL_ROWS,
    POLARIZATION_ROWS,
    FLAG_STOP("-oversample_thick", oversample_thick),
    FLAG_STOP("-oversample_polar", oversample_polar),
    FLAG_STOP("-oversample_omega", oversample_omega),
    VALUE("-oversample", 0, INTEGER, oversample, PLAIN),
    BEAM_ROWS,
    VALUE("-mosaic", 7, NUMBER, mosaic_spread, DEGREE),
    VALUE("-mosaici", 0, NUMBER, mosaic_spread, DEGREE),
    VALUE("-mosaic_spr", 0, NUMBER, mosaic_spread, DEGREE),
    VALUE("-mosaic_dom", 0, INTEGER, mosaic_domains, PLAIN),
    DIVERGENCE_ROWS,
    PHI_ROWS,
    VALUE("-dmin", 0, NUMBER, dmin, DMIN),
    VALUE("-mat", 0, TEXT, matrix_file, PLAIN),
    VALUE("-hkl", 0, TEXT, hkl_file, PLAIN),
    VALUE("-default_F", 0, NUMBER, default_F, PLAIN),
    VALUE("-dump", 0, TEXT, dump_file, PLAIN),
    VALUE("-img", 0, TEXT, img_file, PLAIN),
    VALUE("-mask", 0, TEXT, mask_file, PLAIN),
    VALUE("-stol", 5, TEXT, stol_file, PLAIN),
    VALUE("-4stol", 6, TEXT, stol_file, PLAIN),
    VALUE("-Q", 2, TEXT, stol_file, PLAIN),
    UNUSED("-stolout", CONTAINS, -7, 1),
    VALUE("-sourcefile", 0, TEXT, source_file, PLAIN),
    IMAGE_ROWS(AT(want_pgm)),
    FLAG("-nopgm", want_pgm, 0),
    VALUE("-scale", 0, NUMBER, int_scale, PLAIN),
    {"-pgmscale", CONTAINS, 0, 1, GO_ON, NUMBER, AT(pgm_scale), 0, PLAIN, 0, AT(want_pgm), 1, NULL,
     NULL},
    UNUSED("-coherent", CONTAINS, 0, 0),
    PRINTING_ROWS,
    FLAG("-interpolate", interpolate, 1),
    FLAG("-nointerpolate", interpolate, 0),
    FLAG("-round_xtal", shape, ROUND),
    FLAG("-square_xtal", shape, SQUARE),
    FLAG("-gauss_xtal", shape, GAUSS),
    FLAG("-binary_spots", shape, TOPHAT),
    FLAG("-tophat_spots", shape, TOPHAT),
    VALUE("-fudge", 0, NUMBER, fudge, PLAIN),
    OTHER("-printout_pixel", CONTAINS, 0, 2, GO_ON, printout_pixel),
    VALUE("-seed", 0, SEED, noise_seed, PLAIN),
    VALUE("-mosaic_seed", 0, SEED, mosaic_seed, PLAIN),
    VALUE("-misset_seed", 0, SEED, misset_seed, PLAIN),
    VALUE("-water", 0, NUMBER, water_size, WATER_MICRON),
    OWN_ROWS,
};

static int cell_values(void *options, int argc, char **argv, int i)
{
    Options *o = options;
    double *const targets[6] = {&o->a, &o->b, &o->c, &o->alpha, &o->beta, &o->gamma};
    int n;
    for (n = 0; n < 6 && i + 1 + n < argc && argv[i + 1 + n][0] != '-'; n++) {
        double value = read_number(argv[i], argv[i + 1 + n]);
        *targets[n] = n < 3 ? value : to_si(value, DEGREE);
    }
    o->user_cell = 1;
    return n;
}

static int says_random(const char *next)
{
    return strstr(next, "rand") != NULL;
}

static int misset_random(void *options, int argc, char **argv, int i)
{
    Options *o = options;
    (void)argc;
    (void)argv;
    (void)i;
    o->random_misset = 1;
    o->have_misset = 1;
    return 1;
}

/* -misset_seed lands here as well, and whatever follows it is then read as C's atof would. */
static int misset_angles(void *options, int argc, char **argv, int i)
{
    Options *o = options;
    int by_accident = strstr(argv[i], "-misset_seed") != NULL;
    int n;
    (void)argc;
    for (n = 0; n < 3; n++) {
        const char *text = argv[i + 1 + n];
        o->misset[n] = to_si(by_accident ? atof(text) : read_number(argv[i], text), DEGREE);
    }
    o->random_misset = 0;
    o->have_misset = 1;
    return 3;
}

static int attenuation(void *options, int argc, char **argv, int i)
{
    Options *o = options;
    double depth = 0.0;
    (void)argc;
    if (!strstr(argv[i + 1], "inf"))
        depth = read_number(argv[i], argv[i + 1]);
    if (depth == 0.0) {
        o->thickness = 0.0;
        o->mu = 0.0;
    } else {
        o->mu = 1.0 / (depth * 1e-6);
    }
    return 1;
}

void options_scan(Options *o, int argc, char **argv)
{
    scan_arguments(rows, sizeof rows / sizeof rows[0], o, &o->strict, argc, argv);
}

void options_defaults(Options *o)
{
    options_common_defaults(o);
    o->Na = o->Nb = o->Nc = 1.0;
    o->shape = SQUARE;
    o->fudge = 1.0;
    o->convention = MOSFLM;
    o->mu = -1.0;
    o->thick_steps = -1;
    o->mosaic_spread = -1.0;
    o->mosaic_domains = -1;
    o->dump_file = "Fdump.bin";
    o->interpolate = -1;
    o->misset_seed = o->noise_seed;
    o->mosaic_seed = -12345678;
    o->want_pgm = 1;
}
