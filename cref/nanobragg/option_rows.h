/* The option table: one row per way that an argument can match. */
#ifndef OPTION_ROWS_H
#define OPTION_ROWS_H

#include <stddef.h>

#include "options.h"

/* What is done with the argument's values, or, for the last four, with the argument itself. */
typedef enum {
    NUMBER,     /* one number into a double */
    SIZE_XYZ,   /* one number into sample x, y and z */
    PAIR,       /* one number into this double and the next */
    INTEGER,    /* one integer into an int */
    INT_PAIR,   /* one integer into this int and the next */
    COUNT,      /* one integer into a double */
    COUNT_XYZ,  /* one integer into Na, Nb and Nc */
    INT_FOUR,   /* four integers into consecutive ints */
    SEED,       /* minus the integer into an int64_t */
    TEXT,       /* the next argument as it stands */
    VECTOR,     /* three numbers, and the flag that they were given */
    SET_FLAG,   /* the row's value into an int */
    NOTHING,    /* read, no effect */
    SPECIAL     /* by the row's own function */
} Action;

typedef enum { PLAIN, MM, MICRON, WATER_MICRON, DEGREE, MRAD, PERCENT, ANGSTROM, DMIN, EV } Unit;
typedef enum { CONTAINS, EQUALS } Match;
typedef enum { GO_ON, STOP } After;
enum { KEEP_PIVOT = -1, TURN_NOTHING = 0, TURN_PGM_ON, TURN_NOISE_ON, TURN_POLAR_ON };

typedef struct Row {
    const char *name;
    Match match;
    int total_length;           /* 0: any */
    int arguments;
    After after;
    Action action;
    size_t target, flag;        /* offsets in Options */
    Unit unit;
    int value;                  /* for SET_FLAG, and the convention of a VECTOR row */
    int pivot;                  /* KEEP_PIVOT, PIVOT_BEAM or PIVOT_SAMPLE */
    int also;                   /* TURN_... */
    void (*special)(Options *options, int argc, char **argv, int index);
} Row;

extern const Row option_rows[];     /* tried top to bottom */
extern const size_t option_row_count;

/* These two rows match, or read, by the text of their values. */
void misset_random(Options *options, int argc, char **argv, int index);
void cell_values(Options *options, int argc, char **argv, int index);

long read_integer(const char *option, const char *text);
double to_si(double value, Unit unit);

#endif
