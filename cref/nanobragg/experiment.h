/* What the options mean: everything resolved, in SI units; and the functions that resolve it. */
#ifndef EXPERIMENT_H
#define EXPERIMENT_H

#include "detector.h"
#include "formats.h"
#include "options.h"
#include "random.h"
#include "sources.h"
#include "steps.h"

typedef struct {
    /* in Angstrom and 1/Angstrom, with the lengths of the vectors */
    double a[3], b[3], c[3], a_star[3], b_star[3], c_star[3];
    double a_len, b_len, c_len, as_len, bs_len, cs_len;
    double alpha, beta, gamma, alpha_star, beta_star, gamma_star;
    double V_cell;
    double misset[3];
    /* the same real-space vectors in metres, and their lengths */
    double a0[3], b0[3], c0[3], a0_len, b0_len, c0_len;
    double Na, Nb, Nc;
    double sample_x, sample_y, sample_z;
    XtalShape shape;
    double fudge;
} Crystal;

typedef struct {
    Steps phi, hdiv, vdiv, dispersion;
    double phi0;
    double mosaic_spread;
    int mosaic_domains;
    double *umats;              /* (domains, 9) */
    Sources sources;            /* their weights are printed, never used */
    int oversample;
    double steps;
} Sampling;

typedef struct {
    Options options;
    Detector detector;
    Beam beam;
    Crystal crystal;
    Sampling sampling;
    int interpolate;
    int have_F;
    FGrid grid;
    double default_F;
    SmvImage mask;
    RandomState random;
    int64_t noise_seed, mosaic_seed, misset_seed;
} Experiment;

/* In the order of the specification; those that print say so. */
void apply_smv_headers(Options *options, Experiment *experiment);           /* prints */
void resolve_detector_size(Experiment *experiment);
void resolve_flux(Experiment *experiment);                                  /* prints */
void resolve_beam_centre(Experiment *experiment);
void resolve_convention(Experiment *experiment);
void resolve_unit_vectors(Experiment *experiment);                          /* prints */
void resolve_steps(Experiment *experiment);                                 /* prints */
void place_detector(Experiment *experiment);                                /* prints a trace */
void resolve_interpolation(Experiment *experiment);                         /* prints */
void resolve_cell(Experiment *experiment);                                  /* prints */
void resolve_crystal_size(Experiment *experiment);                          /* prints */
void resolve_structure_factors(Experiment *experiment);                     /* prints */
void resolve_sources(Experiment *experiment);                               /* prints */
void check_miller_indices(const Experiment *experiment);
void resolve_mosaic(Experiment *experiment);                                /* prints */
void resolve_total_steps(Experiment *experiment);

#endif
