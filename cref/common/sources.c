#include "sources.h"

#include <stdio.h>
#include <stdlib.h>

#include "errors.h"
#include "vectors.h"

#define LARGEST_SOURCES 1e7

static double deviation(const Steps *steps, int index)
{
    return steps->step * index - steps->range / 2.0;
}

/* How far out of the ellipse this direction lies, along one axis. */
static double ellipse_term(const Steps *steps, double angle)
{
    return (angle * angle - steps->step * steps->step / 4.0 * (1 - steps->count % 2)) /
           steps->range / steps->range;
}

static int is_accepted(const SourceGrid *grid, double hdiv, double vdiv)
{
    double test = ellipse_term(&grid->hdiv, hdiv);
    test += ellipse_term(&grid->vdiv, vdiv);
    return !(grid->round_div && test * 4.0 > 1.1);
}

static double wavelength_of(const SourceGrid *grid, const Beam *beam, int k)
{
    return beam->lambda * (1.0 + grid->dispersion.step * k - grid->dispersion.range / 2.0);
}

static void make_room(Sources *s, int count)
{
    s->count = count;
    s->direction = allocate((size_t)count * 3, sizeof *s->direction, "the sources");
    s->weight = allocate((size_t)count, sizeof *s->weight, "the sources");
    s->wavelength = allocate((size_t)count, sizeof *s->wavelength, "the sources");
}

static void sources_from_file(const char *file, double distance, const Beam *beam, Sources *s)
{
    const double fallback[5] = {-distance * beam->vector[0], -distance * beam->vector[1],
                                -distance * beam->vector[2], 1.0, beam->lambda};
    double *values;
    int i, count = read_sources(file, fallback, &values);
    make_room(s, count);
    for (i = 0; i < count; i++) {
        copy3(values + 5 * i, s->direction + 3 * i);
        s->weight[i] = values[5 * i + 3];
        s->wavelength[i] = values[5 * i + 4];
    }
    free(values);
    s->divergence_points = -1;
}

static void one_direction(const SourceGrid *grid, const Beam *beam, double hdiv, double vdiv,
                          double weight, Sources *s, int *next)
{
    double direction[3] = {-grid->distance * beam->vector[0], -grid->distance * beam->vector[1],
                           -grid->distance * beam->vector[2]};
    int k;
    rotate_axis(direction, beam->polar, vdiv, direction);
    rotate_axis(direction, beam->vertical, hdiv, direction);
    for (k = 0; k < grid->dispersion.count; k++, (*next)++) {
        copy3(direction, s->direction + 3 * *next);
        s->weight[*next] = weight;
        s->wavelength[*next] = wavelength_of(grid, beam, k);
    }
}

static void count_directions(const SourceGrid *grid, Sources *s)
{
    int h, v;
    if ((double)grid->hdiv.count * grid->vdiv.count > LARGEST_SOURCES)
        fail("%d x %d steps of divergence are too many", grid->hdiv.count, grid->vdiv.count);
    s->divergence_points = 0;
    for (h = 0; h < grid->hdiv.count; h++)
        for (v = 0; v < grid->vdiv.count; v++) {
            double hdiv = deviation(&grid->hdiv, h), vdiv = deviation(&grid->vdiv, v);
            if (!is_accepted(grid, hdiv, vdiv))
                continue;
            s->divergence_points++;
            printf("divergence deviation: %g %g\n", hdiv, vdiv);
        }
    if ((double)s->divergence_points * grid->dispersion.count > LARGEST_SOURCES)
        fail("%.0f sources are too many", (double)s->divergence_points * grid->dispersion.count);
    if (s->divergence_points == 0)
        fail("no beam direction lies inside the round cut: -square_div takes them all");
}

static void sources_from_grid(const SourceGrid *grid, const Beam *beam, int normalized_weights,
                              Sources *s)
{
    int h, v, k, next = 0;
    double weight;
    count_directions(grid, s);
    for (k = 0; k < grid->dispersion.count; k++)
        printf("lambda%d = %.15g\n", k, wavelength_of(grid, beam, k));
    make_room(s, s->divergence_points * grid->dispersion.count);
    weight = normalized_weights ? 1.0 / s->count : 1.0;
    for (h = 0; h < grid->hdiv.count; h++)
        for (v = 0; v < grid->vdiv.count; v++) {
            double hdiv = deviation(&grid->hdiv, h), vdiv = deviation(&grid->vdiv, v);
            if (is_accepted(grid, hdiv, vdiv))
                one_direction(grid, beam, hdiv, vdiv, weight, s, &next);
        }
}

void make_sources(const char *file, const SourceGrid *grid, const Beam *beam, int normalized_weights,
                  Sources *s)
{
    if (file)
        sources_from_file(file, grid->distance, beam, s);
    else
        sources_from_grid(grid, beam, normalized_weights, s);
}

void print_sources(const Sources *s)
{
    int i;
    printf("  created a total of %d sources:\n", s->count);
    for (i = 0; i < s->count; i++) {
        const double *direction = s->direction + 3 * i;
        printf("%g %g %g   %g %g\n", direction[0], direction[1], direction[2], s->weight[i],
               s->wavelength[i]);
    }
}

void free_sources(Sources *s)
{
    free(s->direction);
    free(s->weight);
    free(s->wavelength);
}
