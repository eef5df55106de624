/* The walk over the pixels. One thread takes them one after the other. With OpenMP a band of rows
   is computed at once; whatever the sequential program carries from pixel to pixel is then the
   same for all of them, because the first pixels are taken alone until it has settled, and where
   interpolation ends inside a band, the pixels behind that one are computed again. */
#include "render.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "errors.h"
#include "pixel_loop.h"
#include "vectors.h"

typedef struct {
    const Scene *scene;
    Render *result;
    int progress;
    long expected;                  /* pixels that the region of interest would have */
    int xmin, xmax, ymin, ymax;     /* the region of interest inside the detector */
} Walk;

static size_t index_of(const Scene *s, int spixel, int fpixel)
{
    return (size_t)spixel * (size_t)s->fpixels + (size_t)fpixel;
}

static int is_rendered(const Walk *walk, int spixel, int fpixel)
{
    const Scene *s = walk->scene;
    return !s->mask || s->mask[index_of(s, spixel, fpixel)] != 0;
}

/* The next pixel, after all those before it. */
static void one_pixel(Walk *walk, LoopState *state, int spixel, int fpixel)
{
    const Scene *s = walk->scene;
    Pixel pixel;
    if (!is_rendered(walk, spixel, fpixel))
        return;
    pixel = render_pixel(s, state, spixel, fpixel,
                         is_traced(s->trace_spixel, s->trace_fpixel, s->trace_count, spixel, fpixel)
                             ? stdout
                             : NULL);
    print_progress(walk->result->rendered, walk->expected, walk->progress);
    count_pixel(walk->result, index_of(walk->scene, spixel, fpixel), &pixel);
}

#ifdef _OPENMP

#define BAND 65536

typedef struct {
    Pixel pixel;
    double omega_sum, hkl[3];
    int hkl0[3], out_of_range;
} BandPixel;

/* Is what the next pixel would carry over the same for every pixel to come? */
static int has_settled(const Scene *s, const LoopState *state)
{
    double axis[3];
    if (!state->swept)
        return 0;
    if (s->nopolar && !s->oversample_polar)
        return 1;
    copy3(state->polar_axis, axis);
    normalize(axis);
    return memcmp(axis, state->polar_axis, sizeof axis) == 0;
}

static void band_pixel(const Walk *walk, const LoopState *settled, int spixel, int fpixel,
                       BandPixel *out)
{
    LoopState state = *settled;
    int i;
    state.omega_sum = 0.0;
    state.out_of_range = 0;
    state.quiet = 1;
    out->pixel = render_pixel(walk->scene, &state, spixel, fpixel, NULL);
    out->omega_sum = state.omega_sum;
    out->out_of_range = state.out_of_range;
    for (i = 0; i < 3 && state.out_of_range; i++) {
        out->hkl[i] = state.out_hkl[i];
        out->hkl0[i] = state.out_hkl0[i];
    }
}

/* Pixels first..last-1 of the region of interest, counted row by row. */
static void compute_band(const Walk *walk, const LoopState *settled, long first, long last,
                         BandPixel *band, long band_first)
{
    long width = walk->xmax - walk->xmin + 1, n;
#pragma omp parallel for schedule(dynamic, 256)
    for (n = first; n < last; n++) {
        int spixel = walk->ymin + (int)(n / width), fpixel = walk->xmin + (int)(n % width);
        if (is_rendered(walk, spixel, fpixel))
            band_pixel(walk, settled, spixel, fpixel, &band[n - band_first]);
    }
}

/* In order: what the sequential program prints and counts. */
static void commit_band(Walk *walk, LoopState *state, long first, long last, BandPixel *band)
{
    long width = walk->xmax - walk->xmin + 1, n;
    for (n = first; n < last; n++) {
        int spixel = walk->ymin + (int)(n / width), fpixel = walk->xmin + (int)(n % width);
        const BandPixel *p = &band[n - first];
        if (!is_rendered(walk, spixel, fpixel))
            continue;
        if (state->interpolate && p->out_of_range) {
            memcpy(state->out_hkl, p->hkl, sizeof p->hkl);
            memcpy(state->out_hkl0, p->hkl0, sizeof p->hkl0);
            state->interpolate = 0;
            print_interpolation_warning(state);
            compute_band(walk, state, n + 1, last, band, first);
        }
        print_progress(walk->result->rendered, walk->expected, walk->progress);
        state->omega_sum += p->omega_sum;
        count_pixel(walk->result, index_of(walk->scene, spixel, fpixel), &p->pixel);
    }
}

static void walk_in_bands(Walk *walk, LoopState *state)
{
    const Scene *s = walk->scene;
    long width = walk->xmax - walk->xmin + 1, height = walk->ymax - walk->ymin + 1;
    long all = width > 0 && height > 0 ? width * height : 0, next = 0, last;
    BandPixel *band;
    while (next < all && (s->trace_count || s->printout || !has_settled(s, state))) {
        one_pixel(walk, state, walk->ymin + (int)(next / width), walk->xmin + (int)(next % width));
        next++;
    }
    if (next == all)
        return;
    band = allocate(all - next < BAND ? (size_t)(all - next) : BAND, sizeof *band, "a band");
    for (; next < all; next = last) {
        last = next + BAND < all ? next + BAND : all;
        compute_band(walk, state, next, last, band, next);
        commit_band(walk, state, next, last, band);
    }
    free(band);
}

#else

static void walk_in_order(Walk *walk, LoopState *state)
{
    int spixel, fpixel;
    for (spixel = walk->ymin; spixel <= walk->ymax; spixel++)
        for (fpixel = walk->xmin; fpixel <= walk->xmax; fpixel++)
            one_pixel(walk, state, spixel, fpixel);
}

#endif

void render(const Scene *s, int progress, Render *result)
{
    LoopState state;
    Walk walk = {s, result, progress && !s->printout, 0, s->roi_xmin, s->roi_xmax, s->roi_ymin, s->roi_ymax};
    memset(result, 0, sizeof *result);
    result->image = allocate((size_t)s->fpixels * (size_t)s->spixels, sizeof *result->image,
                             "the image");
    walk.expected = expected_pixels(s->roi_xmin, s->roi_xmax, s->roi_ymin, s->roi_ymax);
    if (walk.xmax >= s->fpixels)
        walk.xmax = s->fpixels - 1;
    if (walk.ymax >= s->spixels)
        walk.ymax = s->spixels - 1;
    loop_start(s, &state);
#ifdef _OPENMP
    walk_in_bands(&walk, &state);
#else
    walk_in_order(&walk, &state);
#endif
    result->omega_sum = state.omega_sum;
}
