/* Orientation matrix, source list and background table. */
#include "formats.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "errors.h"

/* The whole file, with a zero behind it. */
char *read_text_file(const char *name, size_t *size)
{
    struct stat status;
    size_t used = 0, capacity = 1 << 16, got;
    char *text;
    FILE *file = fopen(name, "rb");
    if (!file)
        fail("cannot read %s: %s", name, strerror(errno));
    if (fstat(fileno(file), &status) == 0 && S_ISDIR(status.st_mode)) {
        fclose(file);
        fail("cannot read %s: it is a folder", name);
    }
    text = allocate(capacity, 1, name);
    while ((got = fread(text + used, 1, capacity - used - 1, file)) > 0) {
        used += got;
        if (capacity - used < 2) {
            char *larger = allocate(capacity * 2, 1, name);
            memcpy(larger, text, used);
            free(text);
            text = larger;
            capacity *= 2;
        }
    }
    if (ferror(file)) {
        fclose(file);
        fail("cannot read %s: %s", name, strerror(errno));
    }
    fclose(file);
    text[used] = '\0';
    *size = used;
    return text;
}

int is_readable(const char *name)
{
    FILE *file = fopen(name, "rb");
    if (file)
        fclose(file);
    return file != NULL;
}

void read_matrix(const char *name, double values[9])
{
    size_t size;
    char *text = read_text_file(name, &size);
    char *at = text, *end;
    int n;
    for (n = 0; n < 9; n++, at = end) {
        values[n] = strtod(at, &end);
        if (end == at || !isfinite(values[n]))
            fail("%s: an orientation matrix is nine numbers, number %d is missing", name, n + 1);
    }
    free(text);
}

/* The table is only read; the number of its entries is what C insists on. */
int read_stol(const char *name)
{
    size_t size;
    char *text = read_text_file(name, &size);
    char *at = text, *end;
    int count = 0;
    for (;;) {
        strtod(at, &end);
        if (end == at)
            break;
        at = end;
        count++;
    }
    free(text);
    return count / 2;
}

static int is_separator(char letter)
{
    return letter == ' ' || letter == '\t' || letter == '\r' || letter == ',' || letter == ';' ||
           letter == ':' || letter == '!';
}

/* The numbers of one line into values, which hold the fallback already. Returns how many. */
static int source_line(const char *name, int number, char *line, double values[5])
{
    char *end;
    int n = 0;
    while (n < 5) {
        while (is_separator(*line))
            line++;
        if (*line == '\0' || *line == '#')
            break;
        values[n] = strtod(line, &end);
        if (end == line || !isfinite(values[n]) || (*end && *end != '#' && !is_separator(*end)))
            fail("%s, line %d: '%s' is not a number", name, number, line);
        line = end;
        n++;
    }
    return n;
}

int read_sources(const char *name, const double fallback[5], double **values)
{
    size_t size, i, lines = 1;
    char *text = read_text_file(name, &size), *line, *next;
    int number = 0, count = 0;
    for (i = 0; i < size; i++)
        lines += text[i] == '\n';
    *values = allocate(lines * 5, sizeof **values, "the sources");
    for (line = text; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        number++;
        memcpy(*values + 5 * count, fallback, 5 * sizeof **values);
        if (source_line(name, number, line, *values + 5 * count) > 0)
            count++;
    }
    free(text);
    if (count == 0)
        fail("%s: no source in it", name);
    return count;
}
