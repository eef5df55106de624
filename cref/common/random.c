#include "random.h"

#include <math.h>

#include "constants.h"

#define MODULUS INT64_C(2147483647)

void random_start(RandomState *state)
{
    int j;
    state->last = 0;
    for (j = 0; j < 32; j++)
        state->table[j] = 0;
    state->have_spare = 0;
    state->spare = 0.0f;
    state->mean = -1.0f;
    state->g = state->sq = state->alxm = 0.0f;
}

static void park_miller(int64_t *seed)
{
    int64_t k = *seed / 127773;
    *seed = 16807 * (*seed - k * 127773) - 2836 * k;
    if (*seed < 0)
        *seed += MODULUS;
}

/* Uniform deviate in (0, 1): Park-Miller with a 32-entry Bays-Durham shuffle. */
float ran1(RandomState *state, int64_t *seed)
{
    const double largest = 1.0 - 1.2e-7;
    float u;
    int j;
    if (*seed <= 0 || state->last == 0) {
        *seed = -*seed < 1 ? 1 : -*seed;
        for (j = 39; j >= 0; j--) {
            park_miller(seed);
            if (j < 32)
                state->table[j] = *seed;
        }
        state->last = state->table[0];
    }
    park_miller(seed);
    j = (int)(state->last / (1 + (MODULUS - 1) / 32));
    state->last = state->table[j];
    state->table[j] = *seed;
    u = (float)((1.0 / (double)MODULUS) * (double)state->last);
    return u > largest ? (float)largest : u;
}

/* Normal deviate, in pairs, by the polar form of Box and Muller. */
float gauss_deviate(RandomState *state, int64_t *seed)
{
    float v1, v2, rsq, fac;
    if (state->have_spare) {
        state->have_spare = 0;
        return state->spare;
    }
    do {
        v1 = (float)(2.0 * ran1(state, seed) - 1.0);
        v2 = (float)(2.0 * ran1(state, seed) - 1.0);
        rsq = v1 * v1 + v2 * v2;
    } while (rsq >= 1.0 || rsq == 0.0);
    fac = (float)sqrt(-2.0 * log(rsq) / rsq);
    state->spare = v1 * fac;
    state->have_spare = 1;
    return v2 * fac;
}

/* ln(gamma(z)) by Lanczos' series. */
static float gammln(float z)
{
    static const double coefficient[6] = {
        76.18009172947146,  -86.50532032941677,    24.01409824083091,
        -1.231739572450155, 0.1208650973866179e-2, -0.5395239384953e-5};
    double x = z, y = z;
    double tmp = x + 5.5;
    double ser = 1.000000000190015;
    int j;
    tmp -= (x + 0.5) * log(tmp);
    for (j = 0; j < 6; j++)
        ser += coefficient[j] / ++y;
    return (float)(-tmp + log(2.5066282746310005 * ser / x));
}

static float poisson_by_product(RandomState *state, float mean, int64_t *seed)
{
    float count = -1.0f;
    float t = 1.0f;
    if (mean != state->mean) {
        state->mean = mean;
        state->g = (float)exp(-mean);
    }
    do {
        count += 1.0f;
        t = t * ran1(state, seed);
    } while (t > state->g);
    return count;
}

static float poisson_by_rejection(RandomState *state, float mean, int64_t *seed)
{
    float count, t, y;
    if (mean != state->mean) {
        state->mean = mean;
        state->sq = (float)sqrt(2.0 * mean);
        state->alxm = (float)log(mean);
        state->g = mean * state->alxm - gammln((float)(mean + 1.0));
    }
    do {
        do {
            y = (float)tan(PI * ran1(state, seed));
            count = state->sq * y + mean;
        } while (count < 0.0f);
        count = (float)floor(count);
        t = (float)(0.9 * (1.0 + y * y) *
                    exp(count * state->alxm - gammln((float)(count + 1.0)) - state->g));
    } while (ran1(state, seed) > t);
    return count;
}

float poisson_deviate(RandomState *state, float mean, int64_t *seed)
{
    if (mean > 1.0e6)
        return (float)(mean + sqrt(mean) * gauss_deviate(state, seed));
    if (mean < 12.0)
        return poisson_by_product(state, mean, seed);
    return poisson_by_rejection(state, mean, seed);
}

void random_rotation(RandomState *state, float cap, int64_t *seed, double umat[9])
{
    double r1 = 2.0 * ran1(state, seed) - 1.0;
    double r2 = 2.0 * ran1(state, seed) - 1.0;
    double r3 = 2.0 * ran1(state, seed) - 1.0;
    double xyrad = sqrt(1.0 - r2 * r2);
    double rot = cap * powf((float)(1.0 - r3 * r3), (float)(1.0 / 3.0));
    double v1 = xyrad * sin(PI * r1);
    double v2 = xyrad * cos(PI * r1);
    double v3 = r2;
    double t1 = cos(rot), t2 = 1.0 - t1, t6 = t2 * v1, t7 = t6 * v2, t8 = sin(rot);
    double t9 = t8 * v3, t11 = t6 * v3, t12 = t8 * v2, t19 = t2 * v2 * v3, t20 = t8 * v1;
    umat[0] = t1 + t2 * (v1 * v1);
    umat[1] = t7 - t9;
    umat[2] = t11 + t12;
    umat[3] = t7 + t9;
    umat[4] = t1 + t2 * (v2 * v2);
    umat[5] = t19 - t20;
    umat[6] = t11 - t12;
    umat[7] = t19 + t20;
    umat[8] = t1 + t2 * (v3 * v3);
}
