/* How the program stops: one clear line on stderr, exit status 1. */
#ifndef ERRORS_H
#define ERRORS_H

#include <stddef.h>

#if defined(__GNUC__)
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#define NO_RETURN __attribute__((noreturn))
#else
#define PRINTF_LIKE(text, first)
#define NO_RETURN
#endif

/* Defined beside main. */
extern const char *const program_name;

NO_RETURN void fail(const char *format, ...) PRINTF_LIKE(1, 2);
void warn(const char *format, ...) PRINTF_LIKE(1, 2);

/* calloc that stops the program, saying what the memory was for. */
void *allocate(size_t count, size_t size, const char *purpose);

#endif
