/* Flux and the numbers of steps (2, 7, 9, 13 and 15 of the specification). */
#include "experiment.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "constants.h"
#include "errors.h"
#include "vectors.h"

void resolve_flux(Experiment *x)
{
    const Options *o = &x->options;
    x->beam.lambda = o->lambda;
    check_wavelength(o->lambda);
    x->beam.fluence = fluence_of(o);
    if (o->thickness < 0.0)
        fail("the sensor cannot be %g um thick", o->thickness * 1e6);
    if (o->shape != SQUARE && o->fudge < 0.0)
        fail("-fudge cannot be negative");
    x->beam.kahn = o->kahn;
    x->beam.nopolar = o->nopolar;
    x->crystal.sample_x = o->sample_x;
    x->crystal.sample_y = clip_sample(o->sample_y, o->beamsize, "high");
    x->crystal.sample_z = clip_sample(o->sample_z, o->beamsize, "wide");
}

/* There is no option for the size of a layer, so it is always derived. */
static Steps layer_steps(int count, double thickness)
{
    if (count <= 0 && thickness >= 0.0)
        return (Steps){2, thickness, thickness / 2};
    return range_steps("layer", count, thickness, -1.0);
}

static void must_be_bearable(const char *what, int count)
{
    if (count > 10000000)
        fail("%d %s are too many", count, what);
}

static void resolve_domains(Experiment *x)
{
    Sampling *s = &x->sampling;
    s->mosaic_spread = x->options.mosaic_spread;
    s->mosaic_domains = x->options.mosaic_domains;
    if (s->mosaic_domains <= 0) {
        if (s->mosaic_spread < 0.0) {
            s->mosaic_domains = 1;
            s->mosaic_spread = 0.0;
        } else if (s->mosaic_spread == 0.0) {
            s->mosaic_domains = 1;
        } else {
            printf("WARNING: finite mosaicity with only one domain! "
                   "upping to 10 mosaic domains\n");
            s->mosaic_domains = 10;
        }
    } else if (s->mosaic_spread <= 0.0) {
        printf("WARNING: no mosaic spread specified.  setting mosaic_domains = 1\n");
        s->mosaic_spread = 0.0;
        s->mosaic_domains = 1;
    }
}

void resolve_steps(Experiment *x)
{
    const Options *o = &x->options;
    Sampling *s = &x->sampling;
    Detector *d = &x->detector;
    s->phi0 = o->phi0;
    s->phi = phi_steps(o->phisteps, o->osc, o->phistep);
    if (s->phi.count < 1)
        fail("an oscillation of 0 degrees in steps of %g has no step", s->phi.step * RTD);
    s->hdiv = range_steps("divergence", o->hdivsteps, o->hdivrange, o->hdivstep);
    s->vdiv = range_steps("divergence", o->vdivsteps, o->vdivrange, o->vdivstep);
    s->dispersion = range_steps("dispersion", o->dispsteps, o->dispersion, -1.0);
    d->thick = layer_steps(o->thick_steps, o->thickness);
    d->mu = o->mu;
    if (d->thick.range > 0.0 && d->mu < 0.0) {
        d->mu = 1.0 / d->thick.range;
        printf("WARNING: setting detector attenuation depth to %g m\n", d->mu);
    }
    resolve_domains(x);
    s->hdiv = or_single(s->hdiv);
    s->vdiv = or_single(s->vdiv);
    s->dispersion = or_single(s->dispersion);
    d->thick = or_single(d->thick);
    must_be_bearable("phi steps", s->phi.count);
    must_be_bearable("dispersion steps", s->dispersion.count);
    must_be_bearable("thickness layers", d->thick.count);
    d->curved_det = o->curved_det;
    d->point_pixel = o->point_pixel;
}

void resolve_interpolation(Experiment *x)
{
    const Options *o = &x->options;
    x->interpolate = o->interpolate;
    if (x->interpolate >= 0)
        return;
    x->interpolate = o->Na <= 2 || o->Nb <= 2 || o->Nc <= 2;
    if (x->interpolate)
        printf("auto-selected tricubic interpolation of structure factors\n");
    else
        printf("auto-selected no interpolation\n");
}

void resolve_structure_factors(Experiment *x)
{
    const Options *o = &x->options;
    x->default_F = o->default_F;
    if (o->stol_file) {
        printf("reading %s\n", o->stol_file);
        if (read_stol(o->stol_file) == 0)
            fail("%s: no background entry in it", o->stol_file);
    }
    if (o->hkl_file) {
        read_hkl(o->hkl_file, o->default_F, &x->grid);
        write_dump(o->dump_file, &x->grid);
        x->have_F = 1;
    } else {
        FILE *dump = fopen(o->dump_file, "rb");
        if (dump) {
            fclose(dump);
            read_dump(o->dump_file, &x->grid);
            x->have_F = 1;
        }
    }
    if (!x->have_F)
        x->interpolate = 0;
}

void resolve_total_steps(Experiment *x)
{
    Sampling *s = &x->sampling;
    s->steps = (double)s->sources.count * s->mosaic_domains * s->phi.count * s->oversample *
               s->oversample;
    if (s->steps > 2147483647.0)
        fail("%.0f steps per pixel are too many", s->steps);
}
