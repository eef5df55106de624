/* Structure factors: the text list and the binary dump. */
#include "formats.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "errors.h"

#define LARGEST_INDEX 1e6
#define LARGEST_GRID 268435456.0        /* entries: 2 GiB */

static void set_ranges(const char *name, FGrid *grid)
{
    double entries;
    grid->h_range = grid->h_max - grid->h_min + 1;
    grid->k_range = grid->k_max - grid->k_min + 1;
    grid->l_range = grid->l_max - grid->l_min + 1;
    entries = (grid->h_range + 1.0) * (grid->k_range + 1.0) * (grid->l_range + 1.0);
    if (entries > LARGEST_GRID)
        fail("%s: indices from %d %d %d to %d %d %d would need a grid of %.0f entries", name,
             grid->h_min, grid->k_min, grid->l_min, grid->h_max, grid->k_max, grid->l_max,
             entries);
}

static size_t grid_size(const FGrid *grid)
{
    return (size_t)(grid->h_range + 1) * (size_t)(grid->k_range + 1) *
           (size_t)(grid->l_range + 1);
}

/* One line: 0 for blank and comment lines, 1 for h k l F, 2 if more columns follow. */
static int hkl_line(const char *name, int number, char *line, int hkl[3], double *F)
{
    double value[4];
    char *at = line, *end;
    int n;
    while (isspace((unsigned char)*at))
        at++;
    if (*at == '\0' || *at == '#')
        return 0;
    for (n = 0; n < 4; n++, at = end) {
        value[n] = strtod(at, &end);
        if (end == at || !isfinite(value[n]) || (*end && !isspace((unsigned char)*end)))
            fail("%s, line %d: four numbers h k l F are needed", name, number);
    }
    for (n = 0; n < 3; n++) {
        if (value[n] != floor(value[n]))
            fail("%s, line %d: index %g is not an integer", name, number, value[n]);
        if (fabs(value[n]) > LARGEST_INDEX)
            fail("%s, line %d: index %.0f is beyond reason", name, number, value[n]);
        hkl[n] = (int)value[n];
    }
    *F = value[3];
    while (isspace((unsigned char)*at))
        at++;
    return *at && *at != '#' ? 2 : 1;
}

typedef struct {
    int hkl[3];
    double F;
} Reflection;

static Reflection *parse_hkl(const char *name, long *count)
{
    size_t size, i, lines = 1;
    char *text = read_text_file(name, &size), *line, *next;
    Reflection *list;
    int number = 0, more = 0;
    if (strlen(text) < size)
        fail("%s is not a text file: it has a zero byte in it", name);
    for (i = 0; i < size; i++)
        lines += text[i] == '\n';
    list = allocate(lines, sizeof *list, "the structure factors");
    *count = 0;
    for (line = text; line; line = next) {
        int kind;
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        kind = hkl_line(name, ++number, line, list[*count].hkl, &list[*count].F);
        *count += kind != 0;
        more |= kind == 2;
    }
    free(text);
    if (*count == 0)
        fail("%s: no structure factor in it", name);
    if (more)
        warn("%s: columns after the fourth are ignored", name);
    return list;
}

void read_hkl(const char *name, double default_F, FGrid *grid)
{
    Reflection *list;
    size_t i, size;
    long r;
    printf("counting entries in %s\n", name);
    list = parse_hkl(name, &grid->count);
    grid->h_min = grid->h_max = list[0].hkl[0];
    grid->k_min = grid->k_max = list[0].hkl[1];
    grid->l_min = grid->l_max = list[0].hkl[2];
    for (r = 1; r < grid->count; r++) {
        const int *hkl = list[r].hkl;
        grid->h_min = hkl[0] < grid->h_min ? hkl[0] : grid->h_min;
        grid->h_max = hkl[0] > grid->h_max ? hkl[0] : grid->h_max;
        grid->k_min = hkl[1] < grid->k_min ? hkl[1] : grid->k_min;
        grid->k_max = hkl[1] > grid->k_max ? hkl[1] : grid->k_max;
        grid->l_min = hkl[2] < grid->l_min ? hkl[2] : grid->l_min;
        grid->l_max = hkl[2] > grid->l_max ? hkl[2] : grid->l_max;
    }
    set_ranges(name, grid);
    size = grid_size(grid);
    grid->F = allocate(size, sizeof *grid->F, "the structure factor grid");
    if (default_F != 0.0) {
        int h, k, l;
        printf("initializing to default_F = %g:\n", default_F);
        for (i = 0, h = 0; h <= grid->h_range; h++)
            for (k = 0; k <= grid->k_range; k++)
                for (l = 0; l <= grid->l_range; l++, i++)
                    if (h < grid->h_range && k < grid->k_range && l < grid->l_range)
                        grid->F[i] = default_F;
        printf("done initializing:\n");
    }
    printf("re-reading %s\n", name);
    for (r = 0; r < grid->count; r++) {
        size_t h = (size_t)(list[r].hkl[0] - grid->h_min);
        size_t k = (size_t)(list[r].hkl[1] - grid->k_min);
        size_t l = (size_t)(list[r].hkl[2] - grid->l_min);
        i = (h * (size_t)(grid->k_range + 1) + k) * (size_t)(grid->l_range + 1) + l;
        grid->F[i] = list[r].F;
    }
    free(list);
}

void write_dump(const char *name, const FGrid *grid)
{
    char header[128];
    Output output;
    int size;
    output = output_open_optional(name);
    if (!output.file)
        return;
    printf("writing dump file for next time: %s\n", name);
    size = snprintf(header, sizeof header, "%d %d %d %d %d %d\n\f", grid->h_min, grid->h_max,
                    grid->k_min, grid->k_max, grid->l_min, grid->l_max);
    output_write(&output, header, (size_t)size);
    output_write(&output, grid->F, grid_size(grid) * sizeof *grid->F);
    output_close(&output);
}

static int dump_index(const char *name, char **at)
{
    char *end;
    long value;
    errno = 0;
    value = strtol(*at, &end, 10);
    if (end == *at || errno || labs(value) > (long)LARGEST_INDEX)
        fail("%s is no dump of structure factors: it must begin with six indices", name);
    *at = end;
    return (int)value;
}

/* As scanf skips it, whatever the locale. */
static int is_space(char letter)
{
    return letter == ' ' || (letter >= '\t' && letter <= '\r');
}

void read_dump(const char *name, FGrid *grid)
{
    size_t size, header, used, needed;
    char *bytes, *at;
    printf("reading Fs from %s\n", name);
    bytes = read_text_file(name, &size);
    at = bytes;
    grid->h_min = dump_index(name, &at);
    grid->h_max = dump_index(name, &at);
    grid->k_min = dump_index(name, &at);
    grid->k_max = dump_index(name, &at);
    grid->l_min = dump_index(name, &at);
    grid->l_max = dump_index(name, &at);
    if (grid->h_max < grid->h_min || grid->k_max < grid->k_min || grid->l_max < grid->l_min)
        fail("%s: its index ranges are backwards", name);
    set_ranges(name, grid);
    needed = grid_size(grid) * sizeof *grid->F;
    used = (size_t)(at - bytes);
    for (header = used; header < size && size - header > needed && is_space(bytes[header]); )
        header++;
    if (size - header != needed)
        fail("%s: %.0f bytes behind its six indices, which ask for %.0f and white space", name,
             (double)(size - used), (double)needed);
    grid->F = allocate(grid_size(grid), sizeof *grid->F, "the structure factor grid");
    memcpy(grid->F, bytes + header, needed);
    grid->count = (long)grid->h_range * grid->k_range * grid->l_range;
    free(bytes);
}
