#include "interpolation.h"

#include <math.h>

int is_interpolable(const FGrid *g, double h, double k, double l)
{
    return !(h - g->h_min + 3 > g->h_range || h - 2 < g->h_min ||
             k - g->k_min + 3 > g->k_range || k - 2 < g->k_min ||
             l - g->l_min + 3 > g->l_range || l - 2 < g->l_min) &&
           !isnan(h + k + l);
}

/* The cubic through four points, evaluated at x. */
static double polint(const double xa[4], const double ya[4], double x)
{
    double x0 = xa[0], x1 = xa[1], x2 = xa[2], x3 = xa[3];
    double term0 =
        (x - x1) * (x - x2) * (x - x3) * ya[0] / ((x0 - x1) * (x0 - x2) * (x0 - x3));
    double term1 =
        (x - x0) * (x - x2) * (x - x3) * ya[1] / ((x1 - x0) * (x1 - x2) * (x1 - x3));
    double term2 =
        (x - x0) * (x - x1) * (x - x3) * ya[2] / ((x2 - x0) * (x2 - x1) * (x2 - x3));
    double term3 =
        (x - x0) * (x - x1) * (x - x2) * ya[3] / ((x3 - x0) * (x3 - x1) * (x3 - x2));
    return term0 + term1 + term2 + term3;
}

double interpolate_F(const FGrid *g, double h, double k, double l)
{
    int h_first = (int)floor(h) - 1, k_first = (int)floor(k) - 1, l_first = (int)floor(l) - 1;
    double h_at[4], k_at[4], l_at[4], along_k[4], along_h[4];
    int i, j;
    for (i = 0; i < 4; i++) {
        h_at[i] = h_first + i;
        k_at[i] = k_first + i;
        l_at[i] = l_first + i;
    }
    for (i = 0; i < 4; i++) {
        for (j = 0; j < 4; j++) {
            size_t row = (size_t)(h_first + i - g->h_min) * (size_t)(g->k_range + 1) +
                         (size_t)(k_first + j - g->k_min);
            const double *F = g->F + row * (size_t)(g->l_range + 1) + (l_first - g->l_min);
            along_k[j] = polint(l_at, F, l);
        }
        along_h[i] = polint(k_at, along_k, k);
    }
    return polint(h_at, along_h, h);
}
