#include "table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "errors.h"
#include "formats.h"

#define FRONT 2                 /* NaNs before the first point */
#define BEHIND 4                /* and after the last */

static int is_separator(char letter)
{
    return letter != '\0' && strchr(" \t,:;!", letter) != NULL;
}

static char *skip(char *at)
{
    while (is_separator(*at))
        at++;
    return at;
}

/* The next word of the line, ended by a zero; NULL where there is none. */
static char *next_word(char **line)
{
    char *word = skip(*line), *at = word;
    if (*word == '\0')
        return NULL;
    while (*at && !is_separator(*at))
        at++;
    if (*at)
        *at++ = '\0';
    *line = at;
    return word;
}

/* The next line without its end, or NULL. A carriage return before the end is none of it. */
static char *next_line(char **text)
{
    char *line = *text, *end;
    if (!line || *line == '\0')
        return NULL;
    end = strchr(line, '\n');
    *text = end ? end + 1 : NULL;
    if (!end)
        end = line + strlen(line);
    *end = '\0';
    if (end > line && end[-1] == '\r')
        end[-1] = '\0';
    return line;
}

/* One row into stol (1/m) and F (NaN: none); a line that starts with # is a point at 0. */
static int read_row(const char *name, int number, char *line, double factor, double *stol,
                    double *F)
{
    char *first = next_word(&line), *second, *end;
    double abscissa;
    if (!first)
        return 0;
    abscissa = strtod(first, &end);
    if (end == first && first[0] != '#')
        fail("%s, line %d: '%s' is not a number", name, number, first);
    if (!isfinite(abscissa))
        fail("%s, line %d: '%s' is not finite", name, number, first);
    second = next_word(&line);
    *stol = abscissa * factor;
    *F = second ? strtod(second, NULL) : NAN;
    return 1;
}

static void add_far_points(const char *name, Table *t, int rows)
{
    int i, first = 2, last = rows + 1;
    while (first < rows + 2 && isnan(t->F[first]))
        first++;
    if (first == rows + 2)
        fail("%s: no structure factor in it", name);
    while (isnan(t->F[last]))
        last--;
    t->stol[0] = -1e99;
    t->stol[1] = -1e98;
    t->stol[rows + 2] = 1e98;
    t->stol[rows + 3] = 1e99;
    t->F[0] = t->F[1] = t->F[first];
    t->F[rows + 2] = t->F[rows + 3] = t->F[last];
    for (i = 2; i < rows + 2; i++)
        if (isnan(t->F[i]))
            t->F[i] = 0.0;
}

Table read_table(const char *name, double factor)
{
    Table t;
    size_t size, room, i;
    char *text = read_text_file(name, &size), *at = text, *line;
    int number = 0, rows = 0;
    room = FRONT + 4 + BEHIND + 1;
    for (i = 0; i < size; i++)
        room += text[i] == '\n';
    if (room > 100000000)
        fail("%s: %.0f lines are too many", name, (double)room);
    t.memory = allocate(2 * room, sizeof *t.memory, "the table");
    for (i = 0; i < 2 * room; i++)
        t.memory[i] = NAN;
    t.stol = t.memory + FRONT;
    t.F = t.memory + room + FRONT;
    t.factor = factor;
    while ((line = next_line(&at)) != NULL)
        rows += read_row(name, ++number, line, factor, &t.stol[rows + 2], &t.F[rows + 2]);
    free(text);
    if (rows == 0)
        fail("%s: no point in it", name);
    t.count = rows + 4;
    add_far_points(name, &t, rows);
    return t;
}

void free_table(Table *t)
{
    free(t->memory);
}

double table_F(const Table *t, int *bracket, double x)
{
    int m = *bracket;
    double t0, t1, t2, t3, p0, p1, p2, p3;
    const double *y;
    while (m <= t->count && x > t->stol[m])
        m++;
    while (m >= 2 && x < t->stol[m])
        m--;
    *bracket = m;
    t0 = t->stol[m - 1];
    t1 = t->stol[m];
    t2 = t->stol[m + 1];
    t3 = t->stol[m + 2];
    y = t->F + m - 1;
    p0 = (x - t1) * (x - t2) * (x - t3) * y[0] / ((t0 - t1) * (t0 - t2) * (t0 - t3));
    p1 = (x - t0) * (x - t2) * (x - t3) * y[1] / ((t1 - t0) * (t1 - t2) * (t1 - t3));
    p2 = (x - t0) * (x - t1) * (x - t3) * y[2] / ((t2 - t0) * (t2 - t1) * (t2 - t3));
    p3 = (x - t0) * (x - t1) * (x - t2) * y[3] / ((t3 - t0) * (t3 - t1) * (t3 - t2));
    return p0 + p1 + p2 + p3;
}
