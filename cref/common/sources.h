/* Beam directions and wavelengths (3.1 of the specification). */
#ifndef SOURCES_H
#define SOURCES_H

#include "detector.h"

typedef struct {
    int divergence_points;      /* -1: sources came from a file */
    int count;
    double *direction;          /* (count, 3), where the beam comes from */
    double *weight;             /* (count) */
    double *wavelength;         /* (count), m */
} Sources;

typedef struct {
    Steps hdiv, vdiv, dispersion;
    int round_div;
    double distance;            /* m, from the sample to a source of the grid */
} SourceGrid;

/* From the file where there is one, else from the grid; prints the grid. Weights of the grid
   are 1/count, or 1 where they are not to be normalized. */
void make_sources(const char *file, const SourceGrid *grid, const Beam *beam, int normalized_weights,
                  Sources *sources);
void print_sources(const Sources *sources);
void free_sources(Sources *sources);

#endif
