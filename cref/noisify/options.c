/* The option table and the scan: every row that an argument matches is carried out. */
#include "options.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "errors.h"

#define FLOAT_NAME "floatimage.bin"

/* What is done with the argument's value. */
typedef enum {
    NUMBER,         /* into a double */
    MM,             /* millimetres, into a double in metres */
    MM_PAIR,        /* into this double and the next */
    INTEGER,        /* into an int */
    INT_PAIR,       /* into this int and the next */
    SEED,           /* minus the integer, into an int64_t */
    WIDTH,          /* micrometres, into a double that holds a float32 in metres */
    RADIUS,         /* a real number cut toward zero, into an int */
    TEXT,           /* the next argument as it stands */
    CLEAR,          /* no value: the int becomes 0 */
    SET,            /* no value: the int becomes 1 */
    PSF_NAME,       /* the kind of point spread */
    UNUSED_SEED     /* a number, of no effect */
} Action;

typedef struct {
    const char *name;       /* the argument contains it */
    size_t length;          /* and is as long; 0: any */
    Action action;
    size_t target;
    int exact;              /* our own options: the whole argument */
} Row;

#define ROW(name, length, action, member) {name, length, action, offsetof(Options, member), 0}
#define OWN(name, member) {name, 0, SET, offsetof(Options, member), 1}

/* Tried top to bottom. Alternative names of one row of the specification are rows of their own,
   which is the same as long as no argument contains two of them. */
static const Row rows[] = {
    ROW("-lambda", 0, NUMBER, wavelength),
    ROW("-Xbeam", 0, MM, Xbeam),
    ROW("-Ybeam", 0, MM, Ybeam),
    ROW("-distance", 0, MM, distance),
    ROW("-detsize", 8, MM_PAIR, detsize_x),
    ROW("-detsize_x", 0, MM, detsize_x),
    ROW("-detsize_y", 0, MM, detsize_y),
    ROW("-detpixels", 10, INT_PAIR, xpixels),
    ROW("-detpixels_x", 0, INTEGER, xpixels),
    ROW("-detpixels_y", 0, INTEGER, ypixels),
    ROW("-pixel", 0, MM, pixel),
    ROW("-psf", 4, PSF_NAME, psf),
    ROW("-psf_rad", 0, RADIUS, psf_radius),
    ROW("-psf_si", 0, WIDTH, psf_fwhm),
    ROW("-psf_fw", 0, WIDTH, psf_fwhm),
    ROW("-psf_wi", 0, WIDTH, psf_fwhm),
    ROW("-fluence", 0, NUMBER, fluence),
    ROW("-floatfile", 0, TEXT, float_file),
    ROW("-floatimage", 0, TEXT, float_file),
    ROW("-bin", 0, TEXT, float_file),
    ROW("-header", 0, TEXT, header_file),
    ROW("-pgmfile", 0, TEXT, pgm_file),
    ROW("-pgmimage", 0, TEXT, pgm_file),
    ROW("-intfile", 0, TEXT, int_file),
    ROW("-intimage", 0, TEXT, int_file),
    ROW("-bits", 0, INTEGER, bits),
    ROW("-noisefile", 0, TEXT, noise_file),
    ROW("-noiseimage", 0, TEXT, noise_file),
    ROW("-nonoise", 0, CLEAR, want_noise),
    ROW("-nopgm", 0, CLEAR, want_pgm),
    ROW("-readout", 0, NUMBER, readout),
    ROW("-readnoi", 0, NUMBER, readout),
    ROW("-flicker", 0, NUMBER, flicker),
    ROW("-calibration", 0, NUMBER, calibration),
    ROW("-scale", 0, NUMBER, scale),
    ROW("-seed", 0, SEED, seed),
    ROW("-calib_seed", 0, SEED, calib_seed),
    ROW("-badpix_seed", 0, UNUSED_SEED, seed),
    ROW("-hotpix_seed", 0, UNUSED_SEED, seed),
    ROW("-adc", 0, NUMBER, adc),
    ROW("-gain", 0, NUMBER, gain),
    ROW("-phi", 0, NUMBER, phi),
    ROW("-osc", 0, NUMBER, osc),
    OWN("-strict", strict),
    OWN("--version", version),
    OWN("--help", help),
    OWN("-h", help),
};
static const size_t row_count = sizeof rows / sizeof rows[0];

static int takes_value(const Row *row)
{
    return row->action != CLEAR && row->action != SET;
}

/* Without regard to whether the value is there. */
static int row_names(const Row *row, const char *argument)
{
    if (row->exact ? strcmp(argument, row->name) != 0 : !strstr(argument, row->name))
        return 0;
    return !row->length || strlen(argument) == row->length;
}

static int row_applies(const Row *row, int argc, char **argv, int i)
{
    return row_names(row, argv[i]) && (!takes_value(row) || i + 1 < argc);
}

/* How many rows apply to an argument; rule 1 comes before all of them. */
static int rows_that_apply(int argc, char **argv, int i)
{
    size_t r;
    int count = 0;
    if (argv[i][0] != '-' || strstr(argv[i], FLOAT_NAME))
        return 0;
    for (r = 0; r < row_count; r++)
        count += row_applies(&rows[r], argc, argv, i);
    return count;
}

/* A value that is no number: 0, as C reads it, where the argument was meant for something else. */
static void no_number(int argc, char **argv, int i)
{
    const char *text = argv[i + 1];
    if (!strstr(text, FLOAT_NAME) && rows_that_apply(argc, argv, i + 1) == 0 &&
        rows_that_apply(argc, argv, i) < 2)
        fail("%s: '%s' is not a number", argv[i], text);
    warn("%s: '%s' is not a number, read as 0", argv[i], text);
}

static double number(int argc, char **argv, int i)
{
    char *end;
    double value = strtod(argv[i + 1], &end);
    if (end == argv[i + 1]) {
        no_number(argc, argv, i);
        return 0.0;
    }
    if (*end)
        warn("%s: '%s' read as %g", argv[i], argv[i + 1], value);
    return value;
}

/* The low 32 bits, as a signed number, of an integer that is limited to 64. */
static int32_t low_bits(int64_t value)
{
    int64_t low = value & INT64_C(0xffffffff);
    return (int32_t)(low > INT32_MAX ? low - INT64_C(0x100000000) : low);
}

static int32_t integer(int argc, char **argv, int i)
{
    char *end;
    long long value = strtoll(argv[i + 1], &end, 10);
    if (end == argv[i + 1]) {
        no_number(argc, argv, i);
        return 0;
    }
    if (*end)
        warn("%s: '%s' read as %lld", argv[i], argv[i + 1], value);
    return low_bits(value);
}

static int radius(int argc, char **argv, int i)
{
    double value = number(argc, argv, i);
    if (!(value > -2147483649.0 && value < 2147483648.0))
        fail("%s: '%s' is no number of pixels", argv[i], argv[i + 1]);
    return (int)value;
}

static Psf psf_name(int argc, char **argv, int i)
{
    const char *name;
    if (i + 1 >= argc)
        fail("%s needs gauss or fiber behind it", argv[i]);
    name = argv[i + 1];
    if (strstr(name, "fiber"))
        return PSF_FIBER;
    if (strstr(name, "gauss"))
        return PSF_GAUSS;
    printf("WARNING: unknown psf type: %s\n", name);
    return PSF_OFF;
}

static void apply_row(Options *o, const Row *row, int argc, char **argv, int i)
{
    void *target = (char *)o + row->target;
    switch (row->action) {
    case NUMBER:
        *(double *)target = number(argc, argv, i);
        break;
    case MM:
        *(double *)target = number(argc, argv, i) / 1000.0;
        break;
    case MM_PAIR:
        ((double *)target)[0] = ((double *)target)[1] = number(argc, argv, i) / 1000.0;
        break;
    case INTEGER:
        *(int *)target = integer(argc, argv, i);
        break;
    case INT_PAIR:
        ((int *)target)[0] = ((int *)target)[1] = integer(argc, argv, i);
        break;
    case SEED:  /* negated in 32 bits: the smallest stays what it is */
        *(int64_t *)target = low_bits(-(int64_t)integer(argc, argv, i));
        break;
    case WIDTH:
        *(double *)target = (double)(float)(number(argc, argv, i) / 1e6);
        break;
    case RADIUS:
        *(int *)target = radius(argc, argv, i);
        break;
    case TEXT:
        *(const char **)target = argv[i + 1];
        break;
    case CLEAR:
    case SET:
        *(int *)target = row->action == SET;
        break;
    case PSF_NAME:
        o->psf = psf_name(argc, argv, i);
        break;
    case UNUSED_SEED:
        integer(argc, argv, i);
        break;
    }
}

/* Marks the arguments that something has used. */
static void scan_one(Options *o, int argc, char **argv, int i, char *known)
{
    size_t r;
    if (strstr(argv[i], FLOAT_NAME)) {
        o->float_file = argv[i];
        known[i] = 1;
        return;
    }
    if (argv[i][0] != '-')
        return;
    for (r = 0; r < row_count; r++) {
        const Row *row = &rows[r];
        if (!row_names(row, argv[i]))
            continue;
        if (row->action != PSF_NAME && !row_applies(row, argc, argv, i))
            continue;
        apply_row(o, row, argc, argv, i);
        known[i] = 1;
        if (takes_value(row))
            known[i + 1] = 1;
    }
}

void options_scan(Options *o, int argc, char **argv)
{
    char *known = allocate((size_t)argc, 1, "the arguments");
    int i;
    for (i = 1; i < argc; i++)
        scan_one(o, argc, argv, i, known);
    for (i = 1; i < argc; i++) {
        if (known[i])
            continue;
        if (o->strict)
            fail("argument '%s' is unknown, or lacks its value", argv[i]);
        if (argv[i][0] == '-')
            warn("argument '%s' is unknown, or lacks its value: ignored", argv[i]);
    }
    free(known);
}

void options_defaults(Options *o)
{
    memset(o, 0, sizeof *o);
    o->int_file = "intimage.img";
    o->pgm_file = "image.pgm";
    o->noise_file = "noiseimage.img";
    o->want_pgm = o->want_noise = 1;
    o->bits = 16;
    o->wavelength = 1.0;
    o->distance = 100e-3;
    o->Xbeam = o->Ybeam = -HUGE_VAL;
    o->detsize_x = o->detsize_y = 102.4e-3;
    o->pixel = 0.1e-3;
    o->osc = 1.0;
    o->fluence = 125932015286227086360700780544.0;
    o->scale = 1.0;
    o->calibration = 0.03;
    o->adc = 40.0;
    o->gain = 1.0;
    o->seed = -(int64_t)time(NULL);
    o->calib_seed = 123456789;
    o->psf_fwhm = (double)46e-6f;
}
