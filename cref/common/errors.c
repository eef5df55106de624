#include "errors.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static void say(const char *kind, const char *format, va_list values)
{
    fflush(stdout);
    fprintf(stderr, "%s: %s: ", program_name, kind);
    vfprintf(stderr, format, values);
    fputc('\n', stderr);
}

void fail(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    say("error", format, values);
    va_end(values);
    exit(1);
}

void warn(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    say("warning", format, values);
    va_end(values);
}

void *allocate(size_t count, size_t size, const char *purpose)
{
    void *memory;
    if (size != 0 && count > SIZE_MAX / size)
        fail("%s would need more memory than there are addresses", purpose);
    memory = calloc(count ? count : 1, size ? size : 1);
    if (!memory)
        fail("not enough memory for %s (%.0f bytes)", purpose, (double)count * (double)size);
    return memory;
}
