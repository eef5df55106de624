#include "report.h"

#include <stdio.h>

#include "constants.h"
#include "vectors.h"

static const char *const convention_names[] = {[MOSFLM] = "mosflm", [XDS] = "xds",
                                               [ADXV] = "adxv",     [DENZO] = "denzo",
                                               [DIALS] = "dials",   [CUSTOM] = "custom"};

void print_banner(void)
{
    printf("nanobragg_ref %s, the C reference of nanobragg_numba\n", VERSION);
}

void print_convention(const Experiment *x)
{
    printf("%s convention selected.\n", convention_names[x->detector.convention]);
    if (x->detector.pivot == PIVOT_BEAM)
        printf("pivoting detector around direct beam spot\n");
    else
        printf("pivoting detector around sample\n");
}

void print_layers_and_phi(const Experiment *x)
{
    const Sampling *s = &x->sampling;
    int i;
    for (i = 0; i < x->detector.thick.count; i++)
        printf("thick%d = %g um\n", i, x->detector.thick.step * i * 1e6);
    for (i = 0; i < s->phi.count; i++)
        printf("phi%d = %g\n", i, (s->phi0 + s->phi.step * i) * RTD);
}

static void print_beam_and_crystal(const Experiment *x)
{
    static const char *const shapes[] = {[SQUARE] = "parallelpiped", [ROUND] = "ellipsoidal",
                                         [GAUSS] = "gaussian", [TOPHAT] = "tophat-spot"};
    const Crystal *t = &x->crystal;
    printf("  %ld initialized hkls (all others =%g)\n", x->have_F ? x->grid.count : 0L,
           x->default_F);
    printf("  %s xtal: %.0fx%.0fx%.0f cells\n", shapes[t->shape], t->Na, t->Nb, t->Nc);
    printf("  wave=%g meters +/- %g%% in %d steps\n", x->beam.lambda,
           x->sampling.dispersion.range * 100, x->sampling.dispersion.count);
    if (x->beam.nopolar)
        printf("  polarization effect disabled\n");
    else
        printf("  Kahn polarization factor: %f\n", x->beam.kahn);
    if (x->detector.curved_det)
        printf("  curved detector: all pixels same distance from origin\n");
    if (x->detector.point_pixel)
        printf("  pixel obliquity effect disabled\n");
    printf("  incident fluence: %g photons/m^2\n", x->beam.fluence);
}

static void print_vector(const char *name, const double v[3])
{
    printf("  %s= %g %g %g\n", name, v[0], v[1], v[2]);
}

static void print_detector(const Experiment *x)
{
    const Detector *d = &x->detector;
    double plane_normal[3];     /* of whatever length */
    cross(x->beam.vector, x->beam.polar, plane_normal);
    printf("  distance=%g detsize=%gx%g  pixel=%g meters (%dx%d pixels)\n", d->distance,
           d->size_f, d->size_s, d->pixel_size, d->fpixels, d->spixels);
    printf("  sensor is %g m thick in %d layers with mu= %g\n", d->thick.range, d->thick.count,
           d->mu);
    printf("  Xbeam=%g Ybeam=%g\n", d->Xbeam, d->Ybeam);
    printf("  Fbeam=%g Sbeam=%g\n", d->Fbeam, d->Sbeam);
    printf("  Xclose=%g Yclose=%g\n", d->Xclose, d->Yclose);
    printf("  Fclose=%g Sclose=%g\n", d->Fclose, d->Sclose);
    print_vector("DIRECTION_OF_DETECTOR_X-AXIS", d->fdet);
    print_vector("DIRECTION_OF_DETECTOR_Y-AXIS", d->sdet);
    print_vector("DIRECTION_OF_DETECTOR_Z-AXIS", d->odet);
    print_vector("INCIDENT_BEAM_DIRECTION", x->beam.vector);
    print_vector("spindle ROTATION_AXIS", x->beam.spindle);
    print_vector("POLARIZATION_PLANE_NORMAL", plane_normal);
    print_vector("dials origin", d->dials_origin);
    printf("  roi: %d < x < %d && %d < y < %d\n", d->roi_xmin, d->roi_xmax, d->roi_ymin,
           d->roi_ymax);
}

static void print_sampling(const Experiment *x)
{
    const Options *o = &x->options;
    const Sampling *s = &x->sampling;
    printf("  hdivrange=%g hdivstep=%g  radians\n", s->hdiv.range, s->hdiv.step);
    printf("  vdivrange=%g vdivstep=%g  radians\n", s->vdiv.range, s->vdiv.step);
    printf("  %d divergence steps\n", s->sources.divergence_points);
    printf("  %d sources\n", s->sources.count);
    printf("  %d mosaic domains over mosaic spread of %g degrees\n", s->mosaic_domains,
           s->mosaic_spread * RTD);
    printf("  %d phi steps from %g to %g degrees\n", s->phi.count, s->phi0 * RTD,
           (s->phi0 + s->phi.range) * RTD);
    printf("  %dx%d pixel oversample steps%s%s%s\n", s->oversample, s->oversample,
           o->oversample_thick ? " +thick" : "", o->oversample_polar ? " +polar" : "",
           o->oversample_omega ? " +omega" : "");
    if (x->mask.pixels)
        printf("  skipping zero-flagged pixels in %s\n", o->mask_file);
}

void print_report(const Experiment *x)
{
    print_beam_and_crystal(x);
    print_detector(x);
    print_sampling(x);
    if (x->options.want_noise)
        printf("\n  noise image paramters:\n  seed: %lld\n  water droplet size: %g m\n",
               (long long)x->noise_seed, x->options.water_size);
}
