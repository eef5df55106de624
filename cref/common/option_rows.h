/* Short forms of the rows that the programs share, and the functions of such rows. */
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

int pivot_name(void *options, int argc, char **argv, int index);
int printout_pixel(void *options, int argc, char **argv, int index);
int trace_pixel(void *options, int argc, char **argv, int index);

#endif
