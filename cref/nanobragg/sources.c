/* Beam directions and wavelengths, and the mosaic domains (step 14 of the specification). */
#include "sources.h"

#include <stdio.h>

#include "errors.h"
#include "experiment.h"
#include "vectors.h"

#define LARGEST_DOMAINS 10000000

void resolve_sources(Experiment *x)
{
    Sampling *s = &x->sampling;
    SourceGrid grid = {s->hdiv, s->vdiv, s->dispersion, x->options.round_div, 10.0};
    int i;
    make_sources(x->options.source_file, &grid, &x->beam, 1, &s->sources);
    print_sources(&s->sources);
    for (i = 0; i < s->sources.count; i++)
        normalize(s->sources.direction + 3 * i);
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
