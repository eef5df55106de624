#include "tally.h"

#include <stdio.h>

long expected_pixels(int xmin, int xmax, int ymin, int ymax)
{
    return ((long)xmax - xmin + 1) * ((long)ymax - ymin + 1);
}

void print_progress(long p, long all, int wanted)
{
    if (!wanted || all < 100)
        return;
    if (p % (all / 20) == 0 || ((10 * p < all || 10 * p > 9 * all) && p % (all / 100) == 0))
        printf("%ld%% done\n", 100 * p / all);
}

void count_pixel(Render *r, size_t index, const Pixel *pixel)
{
    float square = pixel->value * pixel->value;
    r->image[index] = pixel->value;
    if (pixel->value > r->max_I) {
        r->max_I = pixel->value;
        r->max_Fdet = pixel->Fdet;
        r->max_Sdet = pixel->Sdet;
    }
    r->sum += pixel->value;
    r->sum_of_squares += square;
    r->rendered++;
}

int is_traced(const int *spixels, const int *fpixels, int count, int spixel, int fpixel)
{
    int t;
    for (t = 0; t < count; t++)
        if (spixels[t] == spixel && fpixels[t] == fpixel)
            return 1;
    return 0;
}
