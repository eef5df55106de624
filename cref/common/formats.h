/* Readers and writers of every file, and nothing that is physics. */
#ifndef FORMATS_H
#define FORMATS_H

#include <stdint.h>
#include <stdio.h>

/* ---- output under a temporary name, renamed when complete ---- */
typedef struct {
    FILE *file;
    const char *name;
    char *temporary;        /* NULL: written in place, because it is no regular file */
    int optional;
} Output;

Output output_open(const char *name);

/* Where this one cannot be written there is a warning, and the program goes on; its file is then
   NULL, and what is written to it is dropped. */
Output output_open_optional(const char *name);

void output_write(Output *output, const void *bytes, size_t size);
void output_close(Output *output);

/* ---- text files ---- */
char *read_text_file(const char *name, size_t *size);
int is_readable(const char *name);
void read_matrix(const char *name, double values[9]);
int read_stol(const char *name);

/* X Y Z weight lambda per line; what is missing is taken from the fallback. Returns the count. */
int read_sources(const char *name, const double fallback[5], double **values);

/* ---- structure factors ---- */
typedef struct {
    int h_min, h_max, k_min, k_max, l_min, l_max;
    int h_range, k_range, l_range;      /* max - min + 1 */
    double *F;                          /* (h_range+1)*(k_range+1)*(l_range+1), l fastest */
    long count;                         /* as the report counts them */
} FGrid;

void read_hkl(const char *name, double default_F, FGrid *grid);
void write_dump(const char *name, const FGrid *grid);
void read_dump(const char *name, FGrid *grid);

/* ---- SMV ---- */
typedef struct {
    char *text;             /* the header, zero-terminated */
    int fpixels, spixels;
    uint16_t *pixels;
} SmvImage;

SmvImage read_smv(const char *name);
void free_smv(SmvImage *image);

/* The number behind the last place where key= occurs in the header; 0 if there is none. */
int smv_value(const SmvImage *image, const char *key, double *value);

/* The header is padded with spaces, never cut. */
void write_smv(const char *name, const char *header, size_t count, const uint16_t *pixels);

/* ---- the other images ---- */
void write_float_image(const char *name, const float *image, size_t count);
void write_pgm(const char *name, int fpixels, int spixels, double pgm_scale,
               const unsigned char *bytes);

#endif
