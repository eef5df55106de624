#include "scan.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "constants.h"
#include "errors.h"

double read_number(const char *option, const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text)
        fail("%s: '%s' is not a number", option, text);
    if (!isfinite(value))
        fail("%s: '%s' is not a finite number", option, text);
    if (*end)
        warn("%s: '%s' read as %g", option, text, value);
    return value;
}

long read_integer(const char *option, const char *text)
{
    char *end;
    long value;
    errno = 0;
    value = strtol(text, &end, 10);
    if (end == text)
        fail("%s: '%s' is not an integer", option, text);
    if (errno || value > INT_MAX || value < -INT_MAX)
        fail("%s: '%s' is out of range", option, text);
    if (*end)
        warn("%s: '%s' read as %ld", option, text, value);
    return value;
}

double to_si(double value, Unit unit)
{
    switch (unit) {
    case MM:
    case MRAD:
        return value / 1000.0;
    case MICRON:
        return value * 1e-6;
    case WATER_MICRON:
        return value / 1e6;
    case DENSITY:
        return value * 1e6;
    case DEGREE:
        return value / RTD;
    case PERCENT:
        return value / 100.0;
    case ANGSTROM:
        return value / 1.0e10;
    case DMIN:
        return value * 1e-10;
    case EV:
        return (EV_ANGSTROM / value) / 1.0e10;
    case PLAIN:
        break;
    }
    return value;
}

static void store_integer(char *options, const Row *row, char **argv, int i)
{
    int n;
    if (row->action == SEED) {
        *(int64_t *)(void *)(options + row->target) = -(int64_t)read_integer(argv[i], argv[i + 1]);
    } else if (row->action == INT_FOUR) {
        for (n = 0; n < 4; n++)
            ((int *)(void *)(options + row->target))[n] =
                (int)read_integer(argv[i], argv[i + 1 + n]);
    } else if (row->action == COUNT || row->action == COUNT_XYZ) {
        double *counts = (double *)(void *)(options + row->target);
        for (n = 0; n < (row->action == COUNT ? 1 : 3); n++)
            counts[n] = (double)read_integer(argv[i], argv[i + 1]);
    } else {
        int *integers = (int *)(void *)(options + row->target);
        for (n = 0; n < (row->action == INTEGER ? 1 : 2); n++)
            integers[n] = (int)read_integer(argv[i], argv[i + 1]);
    }
}

static void store_number(char *options, const Row *row, char **argv, int i)
{
    double *target = (double *)(void *)(options + row->target);
    int count = row->action == TRIPLE ? 3 : row->action == PAIR ? 2 : 1;
    int n;
    for (n = 0; n < count; n++)
        target[n] = to_si(read_number(argv[i], argv[i + 1]), row->unit);
}

static void store_vector(char *options, const Row *row, char **argv, int i)
{
    double *target = (double *)(void *)(options + row->target);
    int n;
    for (n = 0; n < 3; n++)
        target[n] = read_number(argv[i], argv[i + 1 + n]);
    *(int *)(void *)(options + row->flag) = 1;
}

/* Returns how many arguments after this one were read. */
static int apply_row(char *options, const Row *row, int argc, char **argv, int i)
{
    int read = row->arguments;
    switch (row->action) {
    case NUMBER:
    case TRIPLE:
    case PAIR:
        store_number(options, row, argv, i);
        break;
    case INTEGER:
    case INT_PAIR:
    case COUNT:
    case COUNT_XYZ:
    case INT_FOUR:
    case SEED:
        store_integer(options, row, argv, i);
        break;
    case TEXT:
        *(const char **)(void *)(options + row->target) = argv[i + 1];
        break;
    case VECTOR:
        store_vector(options, row, argv, i);
        break;
    case SET_FLAG:
        *(int *)(void *)(options + row->target) = row->value;
        read = 0;
        break;
    case SPECIAL:
        read = row->special(options, argc, argv, i);
        break;
    case NOTHING:
        break;
    }
    if (row->also != NO_MEMBER)
        *(int *)(void *)(options + row->also) = row->also_value;
    return read;
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
    return !row->accepts || row->accepts(argv[i + 1]);
}

static void judge_unknown(const char *known, int strict, int argc, char **argv)
{
    int i;
    for (i = 1; i < argc; i++) {
        if (known[i])
            continue;
        if (strict)
            fail("argument '%s' is unknown, or lacks its values", argv[i]);
        if (argv[i][0] == '-')
            warn("argument '%s' is unknown, or lacks its values: ignored", argv[i]);
    }
}

void scan_arguments(const Row *rows, size_t count, void *options, const int *strict, int argc,
                    char **argv)
{
    char *known = allocate((size_t)argc, 1, "the arguments");
    size_t r;
    int i, n, read;
    for (i = 1; i < argc; i++) {
        if (argv[i][0] != '-')
            continue;
        for (r = 0; r < count; r++) {
            if (!row_matches(&rows[r], argc, argv, i))
                continue;
            read = apply_row(options, &rows[r], argc, argv, i);
            for (n = 0; n <= read; n++)
                known[i + n] = 1;
            if (rows[r].after == STOP)
                break;
        }
    }
    judge_unknown(known, *strict, argc, argv);
    free(known);
}

const char *last_value(const char *name, int argc, char **argv)
{
    const char *value = NULL;
    int i;
    for (i = 1; i + 1 < argc; i++)
        if (argv[i][0] == '-' && strstr(argv[i], name))
            value = argv[i + 1];
    return value;
}

int is_given(const char *name, const char *alias, int argc, char **argv)
{
    int i;
    for (i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0 || strcmp(argv[i], alias) == 0)
            return 1;
    return 0;
}
