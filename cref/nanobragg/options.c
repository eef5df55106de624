#include "options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "errors.h"
#include "option_rows.h"

static void store_integer(Options *o, const Row *row, char **argv, int i)
{
    char *base = (char *)o;
    int n;
    if (row->action == SEED) {
        *(int64_t *)(void *)(base + row->target) = -(int64_t)read_integer(argv[i], argv[i + 1]);
    } else if (row->action == INT_FOUR) {
        for (n = 0; n < 4; n++)
            ((int *)(void *)(base + row->target))[n] =
                (int)read_integer(argv[i], argv[i + 1 + n]);
    } else if (row->action == COUNT || row->action == COUNT_XYZ) {
        double *counts = (double *)(void *)(base + row->target);
        for (n = 0; n < (row->action == COUNT ? 1 : 3); n++)
            counts[n] = (double)read_integer(argv[i], argv[i + 1]);
    } else {
        int *integers = (int *)(void *)(base + row->target);
        for (n = 0; n < (row->action == INTEGER ? 1 : 2); n++)
            integers[n] = (int)read_integer(argv[i], argv[i + 1]);
    }
}

static void store_number(Options *o, const Row *row, char **argv, int i)
{
    double *target = (double *)(void *)((char *)o + row->target);
    int count = row->action == SIZE_XYZ ? 3 : row->action == PAIR ? 2 : 1;
    int n;
    for (n = 0; n < count; n++)
        target[n] = to_si(read_number(argv[i], argv[i + 1]), row->unit);
}

static void store_vector(Options *o, const Row *row, char **argv, int i)
{
    double *target = (double *)(void *)((char *)o + row->target);
    int n;
    for (n = 0; n < 3; n++)
        target[n] = read_number(argv[i], argv[i + 1 + n]);
    *(int *)(void *)((char *)o + row->flag) = 1;
    o->convention = CUSTOM;
}

static void apply_row(Options *o, const Row *row, int argc, char **argv, int i)
{
    switch (row->action) {
    case NUMBER:
    case SIZE_XYZ:
    case PAIR:
        store_number(o, row, argv, i);
        break;
    case INTEGER:
    case INT_PAIR:
    case COUNT:
    case COUNT_XYZ:
    case INT_FOUR:
    case SEED:
        store_integer(o, row, argv, i);
        break;
    case TEXT:
        *(const char **)(void *)((char *)o + row->target) = argv[i + 1];
        break;
    case VECTOR:
        store_vector(o, row, argv, i);
        break;
    case SET_FLAG:
        *(int *)(void *)((char *)o + row->target) = row->value;
        break;
    case SPECIAL:
        row->special(o, argc, argv, i);
        break;
    case NOTHING:
        break;
    }
    if (row->pivot != KEEP_PIVOT)
        o->pivot = (Pivot)row->pivot;
    if (row->also == TURN_PGM_ON)
        o->want_pgm = 1;
    if (row->also == TURN_NOISE_ON)
        o->want_noise = 1;
    if (row->also == TURN_POLAR_ON)
        o->nopolar = 0;
}

static int row_matches(const Row *row, int argc, char **argv, int i)
{
    int size = (int)strlen(argv[i]);
    if (i + row->arguments >= argc)
        return 0;
    if (row->match == EQUALS ? strcmp(argv[i], row->name) != 0 : !strstr(argv[i], row->name))
        return 0;
    if (row->total_length > 0 && size != row->total_length)
        return 0;
    if (row->total_length < 0 && size <= -row->total_length)
        return 0;
    return row->special != misset_random || strstr(argv[i + 1], "rand");
}

/* How many arguments after this one the row read. */
static int values_read(const Row *row, int argc, char **argv, int i)
{
    int n = row->arguments;
    if (row->special == cell_values)
        for (n = 0; n < 6 && i + 1 + n < argc && argv[i + 1 + n][0] != '-'; n++)
            ;
    return row->action == SET_FLAG ? 0 : n;
}

void options_main_scan(Options *o, int argc, char **argv)
{
    char *known = allocate((size_t)argc, 1, "the arguments");
    size_t r;
    int i, n;
    for (i = 1; i < argc; i++) {
        if (argv[i][0] != '-')
            continue;
        for (r = 0; r < option_row_count; r++) {
            if (!row_matches(&option_rows[r], argc, argv, i))
                continue;
            apply_row(o, &option_rows[r], argc, argv, i);
            known[i] = 1;
            for (n = 1; n <= values_read(&option_rows[r], argc, argv, i); n++)
                known[i + n] = 1;
            if (option_rows[r].after == STOP)
                break;
        }
    }
    for (i = 1; i < argc; i++) {
        if (known[i])
            continue;
        if (o->strict) {
            free(known);
            fail("argument '%s' is unknown, or lacks its values", argv[i]);
        }
        if (argv[i][0] == '-')
            warn("argument '%s' is unknown, or lacks its values: ignored", argv[i]);
    }
    free(known);
}

void options_first_scan(Options *o, int argc, char **argv)
{
    int i;
    for (i = 1; i < argc; i++) {
        if (argv[i][0] != '-')
            continue;
        if (strstr(argv[i], "-img") && i + 1 < argc)
            o->img_file = argv[i + 1];
        if (strstr(argv[i], "-mask") && i + 1 < argc)
            o->mask_file = argv[i + 1];
        if (strcmp(argv[i], "--version") == 0)
            o->version = 1;
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            o->help = 1;
    }
}

void options_defaults(Options *o)
{
    memset(o, 0, sizeof *o);
    o->Na = o->Nb = o->Nc = 1.0;
    o->shape = SQUARE;
    o->fudge = 1.0;
    o->convention = MOSFLM;
    o->pivot = PIVOT_BEAM;
    o->pixel_size = 0.1e-3;
    o->detsize_f = o->detsize_s = 102.4e-3;
    o->distance = 100e-3;
    o->close_distance = o->Xbeam = o->Ybeam = o->Xclose = o->Yclose = o->ORGX = o->ORGY = NAN;
    o->mu = -1.0;
    o->thick_steps = -1;
    o->roi_xmin = o->roi_xmax = o->roi_ymin = o->roi_ymax = -1;
    o->lambda = 1e-10;
    o->fluence = 125932015286227086360700780544.0;
    o->exposure = 1.0;
    o->beamsize = 1e-4;
    o->oversample = -1;
    o->osc = o->phistep = -1.0;
    o->phisteps = -1;
    o->mosaic_spread = -1.0;
    o->mosaic_domains = -1;
    o->hdivrange = o->vdivrange = o->hdivstep = o->vdivstep = -1.0;
    o->hdivsteps = o->vdivsteps = o->dispsteps = -1;
    o->round_div = 1;
    o->dump_file = "Fdump.bin";
    o->interpolate = -1;
    o->noise_seed = o->misset_seed = -(int64_t)time(NULL);
    o->mosaic_seed = -12345678;
    o->float_file = "floatimage.bin";
    o->int_file = "intimage.img";
    o->pgm_file = "image.pgm";
    o->noise_file = "noiseimage.img";
    o->want_pgm = o->want_noise = o->progress = 1;
    o->adc_offset = 40.0;
    o->printout_fpixel = o->printout_spixel = -1;
    o->trace_prefix = "TRACE_C";
}
