#include "found.h"

#include <math.h>
#include <stdlib.h>

#include "constants.h"
#include "errors.h"

static size_t pixels_of(const Experiment *x)
{
    return (size_t)x->detector.fpixels * (size_t)x->detector.spixels;
}

void found_start(const Experiment *x, Found *f)
{
    f->bins = x->table.count + 3;
    f->F = allocate(pixels_of(x), sizeof *f->F, "the structure factors found");
    f->bin = allocate(pixels_of(x), sizeof *f->bin, "the bins");
    f->count = allocate((size_t)f->bins, sizeof *f->count, "the bins");
}

void free_found(Found *f)
{
    free(f->F);
    free(f->bin);
    free(f->count);
}

static int is_ignored(const Options *o, int value)
{
    int i;
    for (i = 0; i < o->ignore_count; i++)
        if (o->ignore[i] == value)
            return 1;
    return 0;
}

void find_pixel(const Experiment *x, const LoopState *state, size_t j, Found *f)
{
    const Options *o = &x->options;
    const Table *t = &x->table;
    int value = x->image.pixels[j], m = state->bracket;
    float counts = (float)((value - o->adc_offset) / o->gain);
    double sign = counts < 0.0f ? -1.0 : 1.0;
    f->F[j] = (float)(sign * sqrt(fabs(counts) / state->polar / state->omega / x->beam.fluence /
                                  R_E_SQR / x->sample.molecules * x->steps));
    if (is_ignored(o, value))
        m = 0;
    else if (state->stol > (t->stol[m] + t->stol[m + 1]) / 2.0)
        m++;
    f->bin[j] = m;
    f->count[m]++;
}

/* The values of all bins, one bin after the other with room between them. Pixels that were not
   rendered are in bin 0 without having been counted, and may run into the bins behind it. */
static float *sort_into_bins(const Experiment *x, const Found *f, size_t *start)
{
    size_t room = 0, j;
    size_t *cursor = allocate((size_t)f->bins, sizeof *cursor, "the bins");
    float *values;
    int b;
    for (b = 0; b < f->bins; b++) {
        start[b] = cursor[b] = room;
        room += 2 * (size_t)f->count[b] + 2;
    }
    values = allocate(room + pixels_of(x), sizeof *values, "the bins");
    for (j = 0; j < pixels_of(x); j++)
        values[cursor[f->bin[j]]++] = f->F[j];
    free(cursor);
    return values;
}

static float mean_of(const float *values, long count)
{
    float sum = 0.0f;
    long i;
    for (i = 0; i < count; i++)
        sum += values[i];
    return count ? sum / (float)count : 0.0f;
}

static float deviation_of(const float *values, long count, float mean)
{
    float sum = 0.0f;
    long i;
    for (i = 0; i < count; i++) {
        float d = values[i] - mean;
        sum += d * d;
    }
    return (float)sqrt(sum / (float)count);
}

long write_found(const Experiment *x, const Found *f)
{
    const Table *t = &x->table;
    const char *name = x->options.stolout_file;
    size_t *start = allocate((size_t)f->bins, sizeof *start, "the bins");
    float *values = sort_into_bins(x, f, start);
    Output output = output_open(name);
    int b, lines = 0;
    for (b = 2; b <= t->count - 3; b++) {
        long count = f->count[b];
        float mean = mean_of(values + start[b], count);
        double stol = t->stol[b] / t->factor;
        if (count > 100) {
            fprintf(output.file, "%g %g %g   %g %g  %ld\n", stol, mean,
                    deviation_of(values + start[b], count, mean), 0.0, 0.0, count);
            lines++;
        } else {
            printf("WARNING: not enough pixels in bin= %d n=%ld stol= %g median= %g avg_arej= %g\n",
                   b, count, stol, 0.0, mean);
        }
    }
    output_close(&output);
    printf("wrote %s as %d lines of text\n", name, lines);
    free(values);
    free(start);
    return f->count[t->count - 3];
}
