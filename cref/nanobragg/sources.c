/* Beam directions and wavelengths, and the mosaic domains (step 14 of the specification). */
#include "experiment.h"

#include <stdio.h>
#include <stdlib.h>

#include "errors.h"
#include "vectors.h"

#define LARGEST_SOURCES 1e7
#define LARGEST_DOMAINS 10000000

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

static int is_accepted(const Experiment *x, double hdiv, double vdiv)
{
    double test = ellipse_term(&x->sampling.hdiv, hdiv);
    test += ellipse_term(&x->sampling.vdiv, vdiv);
    return !(x->options.round_div && test * 4.0 > 1.1);
}

static void make_room(Sampling *s, int count)
{
    s->sources = count;
    s->source = allocate((size_t)count * 3, sizeof *s->source, "the sources");
    s->weight = allocate((size_t)count, sizeof *s->weight, "the sources");
    s->wavelength = allocate((size_t)count, sizeof *s->wavelength, "the sources");
}

static void sources_from_file(Experiment *x)
{
    const double *beam = x->beam.vector;
    const double fallback[5] = {-10.0 * beam[0], -10.0 * beam[1], -10.0 * beam[2], 1.0,
                                x->beam.lambda};
    Sampling *s = &x->sampling;
    double *values;
    int i, count = read_sources(x->options.source_file, fallback, &values);
    make_room(s, count);
    for (i = 0; i < count; i++) {
        copy3(values + 5 * i, s->source + 3 * i);
        s->weight[i] = values[5 * i + 3];
        s->wavelength[i] = values[5 * i + 4];
    }
    free(values);
    s->divergence_points = -1;
}

static void one_direction(Experiment *x, double hdiv, double vdiv, int *next)
{
    Sampling *s = &x->sampling;
    const double *beam = x->beam.vector;
    double direction[3] = {-10.0 * beam[0], -10.0 * beam[1], -10.0 * beam[2]};
    int k;
    rotate_axis(direction, x->beam.polar, vdiv, direction);
    rotate_axis(direction, x->beam.vertical, hdiv, direction);
    for (k = 0; k < s->dispersion.count; k++, (*next)++) {
        copy3(direction, s->source + 3 * *next);
        s->weight[*next] = 1.0 / s->sources;
        s->wavelength[*next] =
            x->beam.lambda * (1.0 + s->dispersion.step * k - s->dispersion.range / 2.0);
    }
}

static void sources_from_grid(Experiment *x)
{
    Sampling *s = &x->sampling;
    int h, v, k, next = 0;
    if ((double)s->hdiv.count * s->vdiv.count > LARGEST_SOURCES)
        fail("%d x %d steps of divergence are too many", s->hdiv.count, s->vdiv.count);
    s->divergence_points = 0;
    for (h = 0; h < s->hdiv.count; h++)
        for (v = 0; v < s->vdiv.count; v++) {
            double hdiv = deviation(&s->hdiv, h), vdiv = deviation(&s->vdiv, v);
            if (!is_accepted(x, hdiv, vdiv))
                continue;
            s->divergence_points++;
            printf("divergence deviation: %g %g\n", hdiv, vdiv);
        }
    if ((double)s->divergence_points * s->dispersion.count > LARGEST_SOURCES)
        fail("%.0f sources are too many", (double)s->divergence_points * s->dispersion.count);
    if (s->divergence_points == 0)
        fail("no beam direction lies inside the round cut: -square_div takes them all");
    for (k = 0; k < s->dispersion.count; k++)
        printf("lambda%d = %.15g\n", k,
               x->beam.lambda * (1.0 + s->dispersion.step * k - s->dispersion.range / 2.0));
    make_room(s, s->divergence_points * s->dispersion.count);
    for (h = 0; h < s->hdiv.count; h++)
        for (v = 0; v < s->vdiv.count; v++) {
            double hdiv = deviation(&s->hdiv, h), vdiv = deviation(&s->vdiv, v);
            if (is_accepted(x, hdiv, vdiv))
                one_direction(x, hdiv, vdiv, &next);
        }
}

void resolve_sources(Experiment *x)
{
    Sampling *s = &x->sampling;
    int i;
    if (x->options.source_file)
        sources_from_file(x);
    else
        sources_from_grid(x);
    printf("  created a total of %d sources:\n", s->sources);
    for (i = 0; i < s->sources; i++) {
        double *source = s->source + 3 * i;
        printf("%g %g %g   %g %g\n", source[0], source[1], source[2], s->weight[i],
               s->wavelength[i]);
        normalize(source);
    }
}

void resolve_mosaic(Experiment *x)
{
    static const double identity[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    Sampling *s = &x->sampling;
    int domain, i;
    if (s->mosaic_domains > LARGEST_DOMAINS)
        fail("%d mosaic domains are too many", s->mosaic_domains);
    s->umats = allocate((size_t)s->mosaic_domains * 9, sizeof *s->umats, "the mosaic domains");
    for (domain = 0; domain < s->mosaic_domains; domain++)
        random_rotation(&x->random, (float)s->mosaic_spread, &x->mosaic_seed,
                        s->umats + 9 * domain);
    for (i = 0; i < 9; i++)
        s->umats[i] = identity[i];
    printf("  created a total of %d mosaic domains\n", s->mosaic_domains);
}
