/* The scan of a command line: rows, tried top to bottom, and what a row that matches does. */
#ifndef SCAN_H
#define SCAN_H

#include <stddef.h>

/* What is done with the argument's values, or, for the last three, with the argument itself. */
typedef enum {
    NUMBER,     /* one number into a double */
    TRIPLE,     /* one number into this double and the next two */
    PAIR,       /* one number into this double and the next */
    INTEGER,    /* one integer into an int */
    INT_PAIR,   /* one integer into this int and the next */
    COUNT,      /* one integer into a double */
    COUNT_XYZ,  /* one integer into this double and the next two */
    INT_FOUR,   /* four integers into consecutive ints */
    SEED,       /* minus the integer into an int64_t */
    TEXT,       /* the next argument as it stands */
    VECTOR,     /* three numbers, and the flag that they were given */
    SET_FLAG,   /* the row's value into an int */
    NOTHING,    /* read, no effect */
    SPECIAL     /* by the row's own function */
} Action;

typedef enum {
    PLAIN, MM, MICRON, WATER_MICRON, DEGREE, MRAD, PERCENT, ANGSTROM, DMIN, EV, DENSITY
} Unit;
typedef enum { CONTAINS, EQUALS } Match;
typedef enum { GO_ON, STOP } After;

#define NO_MEMBER ((size_t)-1)

typedef struct {
    const char *name;
    Match match;
    int total_length;           /* 0: any; negative: longer than that */
    int arguments;
    After after;
    Action action;
    size_t target, flag;        /* offsets in the options of the program */
    Unit unit;
    int value;                  /* for SET_FLAG */
    size_t also;                /* an int that the row sets besides, NO_MEMBER: none */
    int also_value;
    /* for SPECIAL; returns how many arguments it read */
    int (*special)(void *options, int argc, char **argv, int index);
    int (*accepts)(const char *next);   /* NULL, or whether the row takes this value */
} Row;

/* Every argument against every row. What matches nothing is warned of; where *strict has become
   true, it is an error. */
void scan_arguments(const Row *rows, size_t count, void *options, const int *strict, int argc,
                    char **argv);

/* The value of the last argument that contains the name, or NULL. */
const char *last_value(const char *name, int argc, char **argv);

/* Whether an argument is one of these two. */
int is_given(const char *name, const char *alias, int argc, char **argv);

/* C's atof and atoi with manners: a finite number, or the program stops; text behind it is warned
   of. */
double read_number(const char *option, const char *text);
long read_integer(const char *option, const char *text);
double to_si(double value, Unit unit);

#endif
