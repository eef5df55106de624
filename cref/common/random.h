/* The legacy random numbers: one shuffle table, shared by seeds that are kept apart. */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdint.h>

typedef struct {
    int64_t last;               /* 0: the table has not been filled yet */
    int64_t table[32];
    int have_spare;
    float spare;                /* second deviate of the last Gauss pair */
    float mean, g, sq, alxm;    /* Poisson terms of the last mean */
} RandomState;

void random_start(RandomState *state);
float ran1(RandomState *state, int64_t *seed);
float gauss_deviate(RandomState *state, int64_t *seed);
float poisson_deviate(RandomState *state, float mean, int64_t *seed);

/* Rotation matrix, rows one after the other, drawn within a cap of the given size (radians). */
void random_rotation(RandomState *state, float cap, int64_t *seed, double umat[9]);

#endif
