#include "scene.h"

#include "constants.h"
#include "vectors.h"

static void flatten_detector(const Detector *d, Scene *s)
{
    s->fpixels = d->fpixels;
    s->spixels = d->spixels;
    s->pixel_size = d->pixel_size;
    s->roi_xmin = d->roi_xmin;
    s->roi_xmax = d->roi_xmax;
    s->roi_ymin = d->roi_ymin;
    s->roi_ymax = d->roi_ymax;
    s->mask = d->mask;
    s->thick_steps = d->thick.count;
    s->thickstep = d->thick.step;
    s->thickness = d->thick.range;
    s->mu = d->mu;
    s->distance = d->distance;
    s->close_distance = d->close_distance;
    s->curved_det = d->curved_det;
    s->point_pixel = d->point_pixel;
    copy3(d->fdet, s->fdet);
    copy3(d->sdet, s->sdet);
    copy3(d->odet, s->odet);
    copy3(d->pix0, s->pix0);
}

static void flatten_crystal(const Crystal *t, Scene *s)
{
    copy3(t->a0, s->a0);
    copy3(t->b0, s->b0);
    copy3(t->c0, s->c0);
    copy3(t->a_star, s->a_star);
    copy3(t->b_star, s->b_star);
    copy3(t->c_star, s->c_star);
    s->Na = t->Na;
    s->Nb = t->Nb;
    s->Nc = t->Nc;
    s->shape = t->shape;
    s->fudge = t->fudge;
}

static void flatten_sampling(const Sampling *g, Scene *s)
{
    s->oversample = g->oversample;
    s->subpixel_size = s->pixel_size / g->oversample;
    s->sources = g->sources.count;
    s->source = g->sources.direction;
    s->wavelength = g->sources.wavelength;
    s->phisteps = g->phi.count;
    s->phi0 = g->phi0;
    s->phistep = g->phi.step;
    s->mosaic_domains = g->mosaic_domains;
    s->mosaic_spread = g->mosaic_spread;
    s->umats = g->umats;
    s->steps = g->steps;
}

void flatten(const Experiment *x, Scene *s)
{
    const Options *o = &x->options;
    double w = o->water_size;
    flatten_detector(&x->detector, s);
    flatten_crystal(&x->crystal, s);
    flatten_sampling(&x->sampling, s);
    copy3(x->beam.vector, s->beam);
    copy3(x->beam.polar, s->polar_axis);
    copy3(x->beam.spindle, s->spindle);
    s->lambda = x->beam.lambda;
    s->nopolar = x->beam.nopolar;
    s->kahn = x->beam.kahn;
    s->fluence = x->beam.fluence;
    s->dmin = o->dmin;
    s->oversample_thick = o->oversample_thick;
    s->oversample_polar = o->oversample_polar;
    s->oversample_omega = o->oversample_omega;
    s->interpolate = x->interpolate;
    s->have_F = x->have_F;
    s->grid = &x->grid;
    s->default_F = x->default_F;
    s->water_size = w;
    s->I_bg = 2.57 * 2.57 * R_E_SQR * s->fluence * w * w * w * 1e6 * AVOGADRO / 18.0;
    s->printout = o->printout;
    s->printout_fpixel = o->printout_fpixel;
    s->printout_spixel = o->printout_spixel;
    s->trace_count = o->trace_count;
    s->trace_spixel = o->trace_spixel;
    s->trace_fpixel = o->trace_fpixel;
    s->trace_prefix = o->trace_prefix;
}
