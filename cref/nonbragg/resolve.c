/* From options to an experiment (section 2 of the specification). */
#include "experiment.h"

#include <math.h>
#include <stdio.h>

#include "constants.h"
#include "errors.h"
#include "vectors.h"

/* The count of pixels along one axis. With an image it is the image's: where rounding lifts the
   quotient above the count, there is nothing in the image for the pixel more. */
static int count_along(const Experiment *x, const char *axis, int option, double size, int of_image)
{
    double pixel = x->detector.pixel_size;
    if (x->image.pixels && option == of_image)
        return of_image;
    return pixel_count(axis, ceil(size / pixel), size, pixel);
}

void resolve_detector_size(Experiment *x)
{
    const Options *o = &x->options;
    Detector *d = &x->detector;
    check_pixel_size(o);
    d->pixel_size = o->pixel_size;
    d->size_f = o->fpixels ? d->pixel_size * o->fpixels : o->detsize_f;
    d->size_s = o->spixels ? d->pixel_size * o->spixels : o->detsize_s;
    d->fpixels = count_along(x, "fast", o->fpixels, d->size_f, x->image.fpixels);
    d->spixels = count_along(x, "slow", o->spixels, d->size_s, x->image.spixels);
    if ((double)d->fpixels * d->spixels > LARGEST_IMAGE)
        fail("a detector of %d x %d pixels is too large", d->fpixels, d->spixels);
    if (x->image.pixels && (x->image.fpixels != d->fpixels || x->image.spixels != d->spixels))
        fail("%s has %d x %d pixels, the detector has %d x %d", o->img_file, x->image.fpixels,
             x->image.spixels, d->fpixels, d->spixels);
    d->curved_det = o->curved_det;
    d->point_pixel = o->point_pixel;
}

void resolve_beam_centre(Experiment *x)
{
    const Options *o = &x->options;
    Detector *d = &x->detector;
    double pixel = d->pixel_size;
    d->pivot = o->pivot;
    d->convention = CUSTOM;
    d->Fclose = isnan(o->ORGX) ? unless_nan(o->Xclose, (d->size_f - pixel) / 2.0) : o->ORGX * pixel;
    d->Sclose = isnan(o->ORGY) ? unless_nan(o->Yclose, (d->size_s + pixel) / 2.0) : o->ORGY * pixel;
    d->Fbeam = unless_nan(o->Xbeam, d->Fclose);
    d->Sbeam = unless_nan(o->Ybeam, d->Sclose);
    d->Xclose = d->Fclose;
    d->Yclose = d->Sclose;
    d->Xbeam = d->Fbeam;
    d->Ybeam = d->Sbeam;
    resolve_roi(o, d);
}

void resolve_sample(Experiment *x)
{
    const Options *o = &x->options;
    Sample *s = &x->sample;
    double volume;
    if (o->lambda == 0.0 || !isfinite(o->lambda))
        fail("the wavelength cannot be %g A", o->lambda * 1e10);
    x->beam.lambda = o->lambda;
    x->beam.kahn = o->kahn;
    x->beam.nopolar = o->nopolar;
    x->beam.fluence = fluence_of(o);
    s->x = o->sample_x;
    s->y = clip_sample(o->sample_y, o->beamsize, "high");
    s->z = clip_sample(o->sample_z, o->beamsize, "wide");
    s->density = o->density;
    s->weight = o->weight;
    volume = s->x * s->y * s->z;
    if (o->molecules != 0)
        s->density = o->molecules / volume / AVOGADRO * s->weight;
    s->molecules = volume * s->density * AVOGADRO / s->weight;
}

static void option_or(int given, const double option[3], double x, double y, double z,
                      double vector[3])
{
    const double otherwise[3] = {x, y, z};
    copy3(given ? option : otherwise, vector);
}

void resolve_vectors(Experiment *x)
{
    const Options *o = &x->options;
    Detector *d = &x->detector;
    Beam *b = &x->beam;
    option_or(o->have_beam, o->beam, 1, 0, 0, b->vector);
    option_or(o->have_fdet, o->fdet, 0, 0, 1, d->fdet);
    option_or(o->have_sdet, o->sdet, 0, -1, 0, d->sdet);
    option_or(o->have_polar, o->polar, 0, 0, 1, b->polar);
    option_or(o->have_spindle, o->spindle, 0, 0, 1, b->spindle);
    option_or(o->have_twotheta_axis, o->twotheta_axis, 0, 1, 0, d->twotheta_axis);
    normalize(b->vector);
    normalize(d->fdet);
    normalize(d->sdet);
    cross(d->fdet, d->sdet, d->odet);
    normalize(d->odet);
    normalize(b->polar);
    normalize(b->spindle);
    cross(b->vector, b->polar, b->vertical);
    normalize(b->vertical);
}

void resolve_steps(Experiment *x)
{
    const Options *o = &x->options;
    x->phi = phi_steps(o->phisteps, o->osc, o->phistep);
    x->hdiv = or_single(range_steps("divergence", o->hdivsteps, o->hdivrange, o->hdivstep));
    x->vdiv = or_single(range_steps("divergence", o->vdivsteps, o->vdivrange, o->vdivstep));
    x->dispersion = or_single(range_steps("dispersion", o->dispsteps, o->dispersion, -1.0));
    if (x->dispersion.count > 10000000)
        fail("%d dispersion steps are too many", x->dispersion.count);
}

void place_detector(Experiment *x)
{
    const Options *o = &x->options;
    Detector *d = &x->detector;
    Placement p;
    if (isnan(o->close_distance) ? o->distance == 0.0 : o->close_distance == 0.0)
        fail("the distance of the detector cannot be 0");
    printf("pivoting detector around %s\n",
           d->pivot == PIVOT_BEAM ? "direct beam spot" : "sample");
    place_panel(o, &x->beam, d, 0, &p);
    if (o->trace_count)
        trace_placement(o->trace_prefix, d, &x->beam, &p);
    measure_placement(&x->beam, d, p.ratio);
}

static void check_source(const Experiment *x, int i)
{
    const double *direction = x->sources.direction + 3 * i;
    double lambda = x->sources.wavelength[i];
    const char *file = x->options.source_file ? x->options.source_file : "the beam";
    if (lambda == 0.0 || !isfinite(lambda))
        fail("%s: the wavelength of source %d cannot be %g A", file, i + 1, lambda * 1e10);
    if (direction[0] == 0.0 && direction[1] == 0.0 && direction[2] == 0.0)
        fail("%s: source %d stands at the sample", file, i + 1);
}

void resolve_sources(Experiment *x)
{
    SourceGrid grid = {x->hdiv, x->vdiv, x->dispersion, x->options.round_div,
                       x->options.source_distance};
    int i;
    make_sources(x->options.source_file, &grid, &x->beam, 0, &x->sources);
    for (i = 0; i < x->sources.count; i++)
        check_source(x, i);
    print_sources(&x->sources);
}

void resolve_total_steps(Experiment *x)
{
    x->oversample = x->options.oversample <= 0 ? 1 : x->options.oversample;
    x->steps = (double)x->sources.count * x->oversample * x->oversample;
    if (x->steps > 2147483647.0)
        fail("%.0f steps per pixel are too many", x->steps);
}
