/* Standard output before the loops. */
#include <stdio.h>

#include "experiment.h"

static void print_vector(const char *name, const double v[3])
{
    printf("  %s= %g %g %g\n", name, v[0], v[1], v[2]);
}

static void print_beam_and_sample(const Experiment *x)
{
    const Sample *s = &x->sample;
    printf("  %d initialized F points (will cubic-spline interpolate between them)\n",
           x->table.count);
    printf("  wave=%g meters +/- %g%% in %d steps\n", x->beam.lambda, x->dispersion.range * 100,
           x->dispersion.count);
    if (x->beam.nopolar)
        printf("  polarization effect disabled\n");
    else
        printf("  Kahn polarization factor: %f\n", x->beam.kahn);
    if (x->detector.curved_det)
        printf("  curved detector: all pixels same distance from origin\n");
    if (x->detector.point_pixel)
        printf("  pixel obliquity effect disabled\n");
    if (x->options.Fmap)
        printf("  Fmap mode: plotting structure factor at every pixel\n");
    printf("  incident fluence: %g photons/m^2\n", x->beam.fluence);
    printf("  sample is %g m thick x %g m high x %g m wide, %g g/cm^3 and %g g/mol (%g molecules)\n",
           s->x, s->y, s->z, s->density / 1e6, s->weight, s->molecules);
}

static void print_detector(const Experiment *x)
{
    const Detector *d = &x->detector;
    printf("  distance=%g detsize=%gx%g  pixel=%g meters (%dx%d pixels)\n", d->distance,
           d->size_f, d->size_s, d->pixel_size, d->fpixels, d->spixels);
    printf("  Xbeam=%g Ybeam=%g\n", d->Fbeam, d->Sbeam);
    printf("  detector origin: %g %g %g\n", d->pix0[0], d->pix0[1], d->pix0[2]);
    print_vector("DIRECTION_OF_DETECTOR_X-AXIS", d->fdet);
    print_vector("DIRECTION_OF_DETECTOR_Y-AXIS", d->sdet);
    print_vector("INCIDENT_BEAM_DIRECTION", x->beam.vector);
    print_vector("POLARIZATION_PLANE_NORMAL", x->beam.polar);
    printf("  roi: %d < x < %d && %d < y < %d\n", d->roi_xmin, d->roi_xmax, d->roi_ymin,
           d->roi_ymax);
}

void print_report(const Experiment *x)
{
    print_beam_and_sample(x);
    print_detector(x);
    printf("  hdivrange=%g hdivstep=%g  radians\n", x->hdiv.range, x->hdiv.step);
    printf("  vdivrange=%g vdivstep=%g  radians\n", x->vdiv.range, x->vdiv.step);
    printf("  %d divergence steps\n", x->sources.divergence_points);
    printf("  %d sources\n", x->sources.count);
    printf("  %d pixel oversample steps\n", x->oversample);
    if (x->options.want_noise)
        printf("\n  noise image paramters:\n  seed: %lld\n", (long long)x->noise_seed);
}
