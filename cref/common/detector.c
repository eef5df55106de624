/* Size, beam centre and placement of the detector, as far as the programs agree on them. */
#include "detector.h"

#include <math.h>
#include <stdio.h>

#include "constants.h"
#include "errors.h"
#include "vectors.h"

void check_pixel_size(const Options *o)
{
    if (!(o->pixel_size > 0.0))
        fail("the pixel size must be positive, it is %g mm", o->pixel_size * 1000.0);
    if (o->fpixels < 0 || o->spixels < 0)
        fail("the detector cannot have %d x %d pixels", o->fpixels, o->spixels);
}

void check_wavelength(double lambda)
{
    if (!(lambda > 0.0) || isinf(lambda))
        fail("the wavelength must be positive and finite, it is %g A", lambda * 1e10);
}

int pixel_count(const char *axis, double count, double size, double pixel)
{
    if (!(count >= 1.0))
        fail("the detector has no pixel along its %s axis: %g m in pixels of %g m", axis, size,
             pixel);
    if (count > LARGEST_IMAGE)
        fail("the detector has %.0f pixels along its %s axis: too many", count, axis);
    return (int)count;
}

void check_trace_pixels(const Options *o, const Detector *d)
{
    int t;
    for (t = 0; t < o->trace_count; t++)
        if (o->trace_spixel[t] < 0 || o->trace_spixel[t] >= d->spixels ||
            o->trace_fpixel[t] < 0 || o->trace_fpixel[t] >= d->fpixels)
            fail("-trace_pixel %d %d: no such pixel", o->trace_spixel[t], o->trace_fpixel[t]);
}

void apply_smv_header(Options *o, const SmvImage *image, int flip_Ybeam)
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
        o->Ybeam = flip_Ybeam ? o->detsize_s - value / 1000.0 : value / 1000.0;
    if (smv_value(image, "ORGX", &value))
        o->ORGX = value;
    if (smv_value(image, "ORGY", &value))
        o->ORGY = value;
    if (smv_value(image, "PHI", &value))
        o->phi0 = value / RTD;
    if (smv_value(image, "OSC_RANGE", &value))
        o->osc = value / RTD;
}

double fluence_of(const Options *o)
{
    double fluence = o->fluence;
    if (o->fluence < 0.0 || o->flux < 0.0 || o->exposure < 0.0)
        fail("-fluence, -flux and -exposure cannot be negative");
    if (o->flux != 0.0 && o->exposure > 0.0 && o->beamsize >= 0.0)
        fluence = o->flux * o->exposure / o->beamsize / o->beamsize;
    if (!isfinite(fluence))
        fail("the fluence is not finite: with -flux, -beamsize must be above 0");
    return fluence;
}

double clip_sample(double size, double beamsize, const char *direction)
{
    if (!(beamsize >= 0.0 && beamsize < size))
        return size;
    printf("WARNING: clipping sample (%g m %s) with beam (%g m)\n", size, direction, beamsize);
    return beamsize;
}

void resolve_roi(const Options *o, Detector *d)
{
    d->roi_xmin = o->roi_xmin < 0 ? 0 : o->roi_xmin;
    d->roi_xmax = o->roi_xmax < 0 ? d->fpixels : o->roi_xmax;
    d->roi_ymin = o->roi_ymin < 0 ? 0 : o->roi_ymin;
    d->roi_ymax = o->roi_ymax < 0 ? d->spixels : o->roi_ymax;
}

double unless_nan(double value, double otherwise)
{
    return isnan(value) ? otherwise : value;
}

void must_not_vanish(const char *name, const double v[3])
{
    if (v[0] == 0.0 && v[1] == 0.0 && v[2] == 0.0)
        fail("%s must not be zero", name);
}

static void rotate_to_twotheta(const Detector *d, double v[3], double after_rotz[3])
{
    rotate_xyz(v, d->rotx, d->roty, d->rotz);
    copy3(v, after_rotz);
    rotate_axis(v, d->twotheta_axis, d->twotheta, v);
}

void place_panel(const Options *o, const Beam *b, Detector *d, int even_behind, Placement *p)
{
    double v[3], close_distance;
    int i;
    d->rotx = o->rotx;
    d->roty = o->roty;
    d->rotz = o->rotz;
    d->twotheta = o->twotheta;
    copy3(d->odet, v);
    rotate_xyz(v, d->rotx, d->roty, d->rotz);
    p->ratio = dot(b->vector, v);
    if (p->ratio == 0.0)
        p->ratio = SMALLEST_NORMAL;
    close_distance = p->ratio * o->distance;
    if (even_behind)
        close_distance = fabs(close_distance);
    d->close_distance = unless_nan(o->close_distance, close_distance);
    p->distance = d->close_distance / p->ratio;

    copy3(d->fdet, p->before[0]);
    copy3(d->sdet, p->before[1]);
    copy3(d->odet, p->before[2]);
    if (d->pivot == PIVOT_SAMPLE) {
        for (i = 0; i < 3; i++)
            d->pix0[i] = -d->Fclose * d->fdet[i] - d->Sclose * d->sdet[i] +
                         d->close_distance * d->odet[i];
        copy3(d->pix0, p->pix0_before);
        rotate_to_twotheta(d, d->pix0, p->pix0_after_rotz);
    }
    rotate_to_twotheta(d, d->fdet, p->after_rotz[0]);
    rotate_to_twotheta(d, d->sdet, p->after_rotz[1]);
    rotate_to_twotheta(d, d->odet, p->after_rotz[2]);
    if (d->pivot == PIVOT_BEAM)
        for (i = 0; i < 3; i++)
            d->pix0[i] =
                -d->Fbeam * d->fdet[i] - d->Sbeam * d->sdet[i] + p->distance * b->vector[i];
}

void measure_placement(const Beam *b, Detector *d, double ratio)
{
    double near[3];
    int i;
    d->Fclose = -dot(d->pix0, d->fdet);
    d->Sclose = -dot(d->pix0, d->sdet);
    d->close_distance = dot(d->pix0, d->odet);
    for (i = 0; i < 3; i++)
        near[i] = d->close_distance / ratio * b->vector[i] - d->pix0[i];
    d->Fbeam = dot(d->fdet, near);
    d->Sbeam = dot(d->sdet, near);
    d->distance = d->close_distance / ratio;
}
