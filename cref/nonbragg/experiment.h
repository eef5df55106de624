/* What the options mean: everything resolved, in SI units. */
#ifndef EXPERIMENT_H
#define EXPERIMENT_H

#include "detector.h"
#include "formats.h"
#include "random.h"
#include "sources.h"
#include "table.h"

typedef struct {
    double x, y, z;             /* m */
    double density;             /* g/m^3 */
    double weight;              /* g/mol */
    double molecules;
} Sample;

/* Of the detector, Fclose, Sclose, Fbeam and Sbeam are what nonBragg calls Xclose ... Ybeam. */
typedef struct {
    Options options;
    SmvImage image;             /* that of -img, to find F from */
    Detector detector;
    Beam beam;
    Sample sample;
    Steps phi, hdiv, vdiv, dispersion;
    Sources sources;
    Table table;
    int oversample;
    double steps;
    RandomState random;
    int64_t noise_seed;
} Experiment;

/* In the order of the specification; those that print say so. */
void resolve_detector_size(Experiment *experiment);
void resolve_beam_centre(Experiment *experiment);
void resolve_sample(Experiment *experiment);            /* prints */
void resolve_vectors(Experiment *experiment);
void resolve_steps(Experiment *experiment);
void place_detector(Experiment *experiment);            /* prints */
void resolve_sources(Experiment *experiment);           /* prints */
void resolve_total_steps(Experiment *experiment);

void print_report(const Experiment *experiment);

#endif
