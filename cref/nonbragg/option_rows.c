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
    SAMPLE_ROWS,
    VALUE("-density", 0, NUMBER, density, DENSITY),
    VALUE("-sample_den", 0, NUMBER, density, DENSITY),
    VALUE("-molecules", 0, NUMBER, molecules, PLAIN),
    VALUE("-sample_molecules", 0, NUMBER, molecules, PLAIN),
    {"-MW", EQUALS, 0, 1, GO_ON, NUMBER, AT(weight), 0, PLAIN, 0, NONE, NULL, NULL},
    VALUE("-molecular", 0, NUMBER, weight, PLAIN),
    BEAM_CENTRE_ROWS,
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
    TILT_ROWS,
    VALUE("-detsize", 8, PAIR, detsize_f, MM),
    VALUE("-detsize_x", 0, NUMBER, detsize_f, MM),
    VALUE("-detsize_y", 0, NUMBER, detsize_s, MM),
    PIXEL_ROWS,
    FLAG("-Fmap", Fmap, 1),
    POLARIZATION_ROWS,
    OTHER("-oversample", CONTAINS, 0, 1, GO_ON, oversample_count),
    BEAM_ROWS,
    DIVERGENCE_ROWS,
    VALUE("-gain", 0, NUMBER, gain, PLAIN),
    PHI_ROWS,
    VALUE("-img", 0, TEXT, img_file, PLAIN),
    OTHER("-ignore", CONTAINS, 0, 1, GO_ON, ignored_value),
    VALUE("-stolout", -7, TEXT, stolout_file, PLAIN),
    OTHER("-stol", CONTAINS, 5, 1, GO_ON, table_stol),
    OTHER("-4stol", CONTAINS, 6, 1, GO_ON, table_4stol),
    OTHER("-Q", CONTAINS, 2, 1, GO_ON, table_Q),
    VALUE("-sourcefile", 0, TEXT, source_file, PLAIN),
    IMAGE_ROWS(NO_MEMBER),
    UNUSED("-nopgm", CONTAINS, 0, 0),
    UNUSED("-noreject", CONTAINS, 0, 0),
    VALUE("-scale", 0, NUMBER, int_scale, PLAIN),
    VALUE("-pgmscale", 0, NUMBER, pgm_scale, PLAIN),
    UNUSED("-coherent", CONTAINS, 0, 0),
    PRINTING_ROWS,
    OTHER("-printout_pixel", CONTAINS, 0, 2, GO_ON, printout_pixel),
    VALUE("-seed", 0, SEED, noise_seed, PLAIN),
    OWN_ROWS,
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
