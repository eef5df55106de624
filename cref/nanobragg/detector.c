/* Detector: size, beam centre, convention, placement (steps 1 to 5 and 8 of the specification). */
#include "experiment.h"

#include <math.h>
#include <stdio.h>

#include "constants.h"
#include "errors.h"
#include "vectors.h"

void resolve_detector_size(Experiment *x)
{
    const Options *o = &x->options;
    Detector *d = &x->detector;
    check_pixel_size(o);
    d->pixel_size = o->pixel_size;
    d->size_f = o->fpixels ? d->pixel_size * o->fpixels : o->detsize_f;
    d->size_s = o->spixels ? d->pixel_size * o->spixels : o->detsize_s;
    d->fpixels = pixel_count("fast", ceil(d->size_f / d->pixel_size - 0.5), d->size_f,
                             d->pixel_size);
    d->spixels = pixel_count("slow", ceil(d->size_s / d->pixel_size - 0.5), d->size_s,
                             d->pixel_size);
    if ((double)d->fpixels * d->spixels > LARGEST_IMAGE)
        fail("a detector of %d x %d pixels is too large", d->fpixels, d->spixels);
    if (x->mask.pixels && (x->mask.fpixels != d->fpixels || x->mask.spixels != d->spixels))
        fail("%s masks %d x %d pixels, the detector has %d x %d", o->mask_file, x->mask.fpixels,
             x->mask.spixels, d->fpixels, d->spixels);
    d->mask = x->mask.pixels;
}

void apply_smv_headers(Options *o, Experiment *x)
{
    if (o->mask_file) {
        printf("reading %s\n", o->mask_file);
        x->mask = read_smv(o->mask_file);
        apply_smv_header(o, &x->mask, 1);
    }
    if (o->img_file) {
        SmvImage image;
        printf("reading %s\n", o->img_file);
        image = read_smv(o->img_file);
        apply_smv_header(o, &image, 0);
        free_smv(&image);
    }
}

void resolve_beam_centre(Experiment *x)
{
    const Options *o = &x->options;
    Detector *d = &x->detector;
    d->Fclose = isnan(o->ORGX) ? d->size_f / 2.0 : (o->ORGX - 0.5) * d->pixel_size;
    d->Sclose = isnan(o->ORGY) ? d->size_s / 2.0 : (o->ORGY - 0.5) * d->pixel_size;
    d->Xclose = unless_nan(o->Xclose, d->Fclose);
    d->Yclose = unless_nan(o->Yclose, d->Sclose);
    d->Fbeam = d->Fclose;
    d->Sbeam = d->Sclose;
    resolve_roi(o, d);
}

typedef struct {
    double beam[3], fast[3], slow[3], normal[3], twotheta_axis[3], polar[3], spindle[3];
    Pivot pivot;
} ConventionVectors;

static const ConventionVectors conventions[] = {
    [MOSFLM] = {{1, 0, 0}, {0, 0, 1}, {0, -1, 0}, {1, 0, 0}, {0, 0, -1}, {0, 0, 1}, {0, 0, 1},
                PIVOT_BEAM},
    [XDS] = {{0, 0, 1}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 0}, {1, 0, 0}, {1, 0, 0},
             PIVOT_SAMPLE},
    [ADXV] = {{0, 0, 1}, {1, 0, 0}, {0, -1, 0}, {0, 0, 1}, {-1, 0, 0}, {1, 0, 0}, {1, 0, 0},
              PIVOT_BEAM},
    [DENZO] = {{1, 0, 0}, {0, 0, 1}, {0, -1, 0}, {1, 0, 0}, {0, 0, -1}, {0, 0, 1}, {0, 0, 1},
               PIVOT_BEAM},
    [DIALS] = {{0, 0, 1}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 0}, {0, 1, 0},
               PIVOT_SAMPLE},
    [CUSTOM] = {{1, 0, 0}, {0, 0, 1}, {0, -1, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0, 0, 1},
                PIVOT_BEAM},
};

static void custom_vector(int given, const double option[3], double vector[3])
{
    if (given)
        copy3(option, vector);
}

/* Xbeam and Ybeam where they were not given, and the beam centre along the fast and slow axes. */
static void beam_centre(const Options *o, Detector *d)
{
    double pixel = d->pixel_size;
    switch (d->convention) {
    case ADXV:
        d->Xbeam = unless_nan(o->Xbeam, (d->size_f + pixel) / 2.0);
        d->Ybeam = unless_nan(o->Ybeam, (d->size_s - pixel) / 2.0);
        d->Fbeam = d->Xbeam;
        d->Sbeam = d->size_s - d->Ybeam;
        break;
    case MOSFLM:
    case DENZO:
        d->Xbeam = unless_nan(o->Xbeam, (d->size_s + pixel) / 2.0);
        d->Ybeam = unless_nan(o->Ybeam, (d->size_f + pixel) / 2.0);
        d->Fbeam = d->convention == MOSFLM ? d->Ybeam + 0.5 * pixel : d->Ybeam;
        d->Sbeam = d->convention == MOSFLM ? d->Xbeam + 0.5 * pixel : d->Xbeam;
        break;
    case XDS:
    case DIALS:
    case CUSTOM:
        d->Xbeam = unless_nan(o->Xbeam, d->Xclose);
        d->Ybeam = unless_nan(o->Ybeam, d->Yclose);
        d->Fbeam = d->Xbeam;
        d->Sbeam = d->Ybeam;
        break;
    }
    if (d->convention == CUSTOM) {
        d->Fclose = d->Xbeam;
        d->Sclose = d->Ybeam;
    }
}

void resolve_convention(Experiment *x)
{
    const Options *o = &x->options;
    const ConventionVectors *v = &conventions[o->convention];
    Detector *d = &x->detector;
    d->convention = o->convention;
    d->pivot = v->pivot;
    copy3(v->beam, x->beam.vector);
    copy3(v->fast, d->fdet);
    copy3(v->slow, d->sdet);
    copy3(v->normal, d->odet);
    copy3(v->twotheta_axis, d->twotheta_axis);
    copy3(v->polar, x->beam.polar);
    copy3(v->spindle, x->beam.spindle);
    if (o->convention == CUSTOM) {
        d->pivot = o->pivot;
        custom_vector(o->have_beam, o->beam, x->beam.vector);
        custom_vector(o->have_fdet, o->fdet, d->fdet);
        custom_vector(o->have_sdet, o->sdet, d->sdet);
        custom_vector(o->have_odet, o->odet, d->odet);
        custom_vector(o->have_twotheta_axis, o->twotheta_axis, d->twotheta_axis);
        custom_vector(o->have_polar, o->polar, x->beam.polar);
        custom_vector(o->have_spindle, o->spindle, x->beam.spindle);
    }
    beam_centre(o, d);
}

void resolve_unit_vectors(Experiment *x)
{
    Detector *d = &x->detector;
    must_not_vanish("the beam direction", x->beam.vector);
    must_not_vanish("the fast axis of the detector", d->fdet);
    must_not_vanish("the slow axis of the detector", d->sdet);
    normalize(x->beam.vector);
    normalize(d->fdet);
    normalize(d->sdet);
    if (normalize(d->odet) != 1.0) {
        printf("WARNING: auto-generating odet_vector\n");
        cross(d->fdet, d->sdet, d->odet);
        must_not_vanish("the normal of the detector", d->odet);
        normalize(d->odet);
    }
    normalize(x->beam.polar);
    normalize(x->beam.spindle);
    cross(x->beam.vector, x->beam.polar, x->beam.vertical);
    normalize(x->beam.vertical);
}

/* Where the detector ended up, seen in the ways of other programs. */
static void after_placement(Experiment *x, double ratio)
{
    static const double dials_x[3] = {0, 0, 1}, dials_y[3] = {0, 1, 0}, dials_z[3] = {-1, 0, 0};
    Detector *d = &x->detector;
    measure_placement(&x->beam, d, ratio);
    d->ORGX = d->Fclose / d->pixel_size + 0.5;
    d->ORGY = d->Sclose / d->pixel_size + 0.5;
    d->dials_origin[0] = 1000.0 * dot(d->pix0, dials_x);
    d->dials_origin[1] = 1000.0 * dot(d->pix0, dials_y);
    d->dials_origin[2] = 1000.0 * dot(d->pix0, dials_z);
    d->xds_beam[0] = dot(x->beam.vector, d->fdet);
    d->xds_beam[1] = dot(x->beam.vector, d->sdet);
    d->xds_beam[2] = dot(x->beam.vector, d->odet);
}

void place_detector(Experiment *x)
{
    Detector *d = &x->detector;
    Placement p;
    place_panel(&x->options, &x->beam, d, 1, &p);
    if (x->options.trace_count) {
        if (d->pivot == PIVOT_BEAM)
            trace_beam_pivot(x->options.trace_prefix, d, &x->beam, &p);
        else
            trace_sample_pivot(x->options.trace_prefix, d, &p);
    }
    after_placement(x, p.ratio);
}
