/* Detector: size, beam centre, convention, placement (steps 1 to 5 and 8 of the specification). */
#include "experiment.h"

#include <math.h>
#include <stdio.h>

#include "constants.h"
#include "errors.h"
#include "vectors.h"

#define LARGEST_IMAGE 1073741824.0      /* pixels */

static int pixel_count(const char *axis, double size, double pixel)
{
    double count = ceil(size / pixel - 0.5);
    if (!(count >= 1.0))
        fail("the detector has no pixel along its %s axis: %g m in pixels of %g m", axis, size,
             pixel);
    if (count > LARGEST_IMAGE)
        fail("the detector has %.0f pixels along its %s axis: too many", count, axis);
    return (int)count;
}

void resolve_detector_size(Experiment *x)
{
    const Options *o = &x->options;
    Detector *d = &x->detector;
    if (!(o->pixel_size > 0.0))
        fail("the pixel size must be positive, it is %g mm", o->pixel_size * 1000.0);
    if (o->fpixels < 0 || o->spixels < 0)
        fail("the detector cannot have %d x %d pixels", o->fpixels, o->spixels);
    d->pixel_size = o->pixel_size;
    d->size_f = o->fpixels ? d->pixel_size * o->fpixels : o->detsize_f;
    d->size_s = o->spixels ? d->pixel_size * o->spixels : o->detsize_s;
    d->fpixels = pixel_count("fast", d->size_f, d->pixel_size);
    d->spixels = pixel_count("slow", d->size_s, d->pixel_size);
    if ((double)d->fpixels * d->spixels > LARGEST_IMAGE)
        fail("a detector of %d x %d pixels is too large", d->fpixels, d->spixels);
    if (x->mask.pixels && (x->mask.fpixels != d->fpixels || x->mask.spixels != d->spixels))
        fail("%s masks %d x %d pixels, the detector has %d x %d", o->mask_file, x->mask.fpixels,
             x->mask.spixels, d->fpixels, d->spixels);
    d->mask = x->mask.pixels;
}

/* Distances, sizes and orientation from the header of an image; see 1.2 of the specification. */
static void apply_header(Options *o, const SmvImage *image, int is_mask)
{
    double value;
    if (smv_value(image, "PIXEL_SIZE", &value))
        o->pixel_size = value / 1000.0;
    o->fpixels = image->fpixels;
    o->spixels = image->spixels;
    o->detsize_f = o->pixel_size * image->fpixels;
    o->detsize_s = o->pixel_size * image->spixels;
    if (smv_value(image, "DISTANCE", &value))
        o->distance = value / 1000.0;
    if (smv_value(image, "CLOSE_DISTANCE", &value))
        o->close_distance = value / 1000.0;
    if (smv_value(image, "WAVELENGTH", &value))
        o->lambda = value / 1e10;
    if (smv_value(image, "BEAM_CENTER_X", &value))
        o->Xbeam = value / 1000.0;
    if (smv_value(image, "BEAM_CENTER_Y", &value))
        o->Ybeam = is_mask ? o->detsize_s - value / 1000.0 : value / 1000.0;
    if (smv_value(image, "ORGX", &value))
        o->ORGX = value;
    if (smv_value(image, "ORGY", &value))
        o->ORGY = value;
    if (smv_value(image, "PHI", &value))
        o->phi0 = value / RTD;
    if (smv_value(image, "OSC_RANGE", &value))
        o->osc = value / RTD;
}

void apply_smv_headers(Options *o, Experiment *x)
{
    if (o->mask_file) {
        printf("reading %s\n", o->mask_file);
        x->mask = read_smv(o->mask_file);
        apply_header(o, &x->mask, 1);
    }
    if (o->img_file) {
        SmvImage image;
        printf("reading %s\n", o->img_file);
        image = read_smv(o->img_file);
        apply_header(o, &image, 0);
        free_smv(&image);
    }
}

static double unless_nan(double value, double otherwise)
{
    return isnan(value) ? otherwise : value;
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
    d->roi_xmin = o->roi_xmin < 0 ? 0 : o->roi_xmin;
    d->roi_xmax = o->roi_xmax < 0 ? d->fpixels : o->roi_xmax;
    d->roi_ymin = o->roi_ymin < 0 ? 0 : o->roi_ymin;
    d->roi_ymax = o->roi_ymax < 0 ? d->spixels : o->roi_ymax;
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

static void must_not_vanish(const char *name, const double v[3])
{
    if (v[0] == 0.0 && v[1] == 0.0 && v[2] == 0.0)
        fail("%s must not be zero", name);
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

static void rotate_to_twotheta(Experiment *x, double v[3], double after_rotz[3])
{
    const Detector *d = &x->detector;
    rotate_xyz(v, d->rotx, d->roty, d->rotz);
    copy3(v, after_rotz);
    rotate_axis(v, d->twotheta_axis, d->twotheta, v);
}

/* Where the detector ended up, seen in the ways of other programs. */
static void after_placement(Experiment *x, double ratio)
{
    static const double dials_x[3] = {0, 0, 1}, dials_y[3] = {0, 1, 0}, dials_z[3] = {-1, 0, 0};
    Detector *d = &x->detector;
    double near[3];
    int i;
    d->Fclose = -dot(d->pix0, d->fdet);
    d->Sclose = -dot(d->pix0, d->sdet);
    d->close_distance = dot(d->pix0, d->odet);
    for (i = 0; i < 3; i++)
        near[i] = d->close_distance / ratio * x->beam.vector[i] - d->pix0[i];
    d->Fbeam = dot(d->fdet, near);
    d->Sbeam = dot(d->sdet, near);
    d->distance = d->close_distance / ratio;
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
    const Options *o = &x->options;
    Detector *d = &x->detector;
    const double *beam = x->beam.vector;
    Placement p;
    double v[3];
    int i;

    d->rotx = o->rotx;
    d->roty = o->roty;
    d->rotz = o->rotz;
    d->twotheta = o->twotheta;
    copy3(d->odet, v);
    rotate_xyz(v, d->rotx, d->roty, d->rotz);
    p.ratio = dot(beam, v);
    if (p.ratio == 0.0)
        p.ratio = SMALLEST_NORMAL;
    d->close_distance = unless_nan(o->close_distance, fabs(p.ratio * o->distance));
    p.distance = d->close_distance / p.ratio;

    copy3(d->fdet, p.before[0]);
    copy3(d->sdet, p.before[1]);
    copy3(d->odet, p.before[2]);
    if (d->pivot == PIVOT_SAMPLE) {
        for (i = 0; i < 3; i++)
            d->pix0[i] = -d->Fclose * d->fdet[i] - d->Sclose * d->sdet[i] +
                         d->close_distance * d->odet[i];
        copy3(d->pix0, p.pix0_before);
        rotate_to_twotheta(x, d->pix0, p.pix0_after_rotz);
    }
    rotate_to_twotheta(x, d->fdet, p.after_rotz[0]);
    rotate_to_twotheta(x, d->sdet, p.after_rotz[1]);
    rotate_to_twotheta(x, d->odet, p.after_rotz[2]);
    if (d->pivot == PIVOT_BEAM)
        for (i = 0; i < 3; i++)
            d->pix0[i] =
                -d->Fbeam * d->fdet[i] - d->Sbeam * d->sdet[i] + p.distance * beam[i];
    if (o->trace_count) {
        if (d->pivot == PIVOT_BEAM)
            trace_beam_pivot(x, &p);
        else
            trace_sample_pivot(x, &p);
    }
    after_placement(x, p.ratio);
}
