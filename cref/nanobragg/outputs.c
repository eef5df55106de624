/* From the float image to the files that people look at. */
#include "report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "constants.h"
#include "errors.h"

/* The region of interest inside the detector, one pixel after the other. */
typedef struct {
    int fpixels, xmin, xmax, ymin, ymax;
} Region;

static Region region_of(const Detector *d)
{
    Region r = {d->fpixels, d->roi_xmin, d->roi_xmax, d->roi_ymin, d->roi_ymax};
    if (r.xmax >= d->fpixels)
        r.xmax = d->fpixels - 1;
    if (r.ymax >= d->spixels)
        r.ymax = d->spixels - 1;
    return r;
}

#define FOR_REGION(r, index) \
    for (int row_ = (r).ymin; row_ <= (r).ymax; row_++) \
        for (size_t index = (size_t)row_ * (size_t)(r).fpixels + (size_t)(r).xmin, \
                    end_ = (size_t)row_ * (size_t)(r).fpixels + (size_t)(r).xmax; \
             (r).xmin <= (r).xmax && index <= end_; index++)

static double deviation_from_mean(const Detector *d, const float *image, double mean)
{
    Region r = region_of(d);
    double sum = 0.0;
    long pixels = 0;
    FOR_REGION(r, i) {
        double difference = image[i] - mean;
        sum += difference * difference;
        pixels++;
    }
    return sqrt(sum / (pixels > 2 ? pixels - 1 : 1));
}

/* What the conversion instruction leaves of a number that the target cannot hold. */
static int truncated(double value)
{
    if (!(value > -2147483649.0 && value < 2147483648.0))
        return -2147483647 - 1;
    return (int)value;
}

static SmvHeader smv_header(const Experiment *x)
{
    const Detector *d = &x->detector;
    SmvHeader h;
    int i;
    h.pixel = d->pixel_size;
    h.distance = d->distance;
    h.close_distance = d->close_distance;
    h.lambda = x->beam.lambda;
    h.Xbeam = d->Xbeam;
    h.Ybeam = d->Ybeam;
    h.Fbeam = d->Fbeam;
    h.Sbeam = d->Sbeam;
    h.size_s = d->size_s;
    for (i = 0; i < 3; i++)
        h.dials_origin[i] = d->dials_origin[i];
    h.ORGX = d->ORGX;
    h.ORGY = d->ORGY;
    h.phi0 = x->sampling.phi0 * RTD;
    h.osc = x->sampling.phi.range * RTD;
    h.twotheta = d->twotheta * RTD;
    h.fpixels = d->fpixels;
    h.spixels = d->spixels;
    return h;
}

static void write_int_image(const Experiment *x, const float *image, double intfile_scale)
{
    const Detector *d = &x->detector;
    Region r = region_of(d);
    SmvHeader header = smv_header(x);
    uint16_t *pixels = allocate((size_t)d->fpixels * (size_t)d->spixels, sizeof *pixels,
                                "the integer image");
    FOR_REGION(r, i) {
        double test = image[i] * intfile_scale + x->options.adc_offset;
        if (test > 65535.0)
            test = 65535.0;
        if (test < 0.0)
            test = 0.0;
        pixels[i] = (uint16_t)truncated(floorf((float)(test + 0.5)));
    }
    printf("writing %s as 2-byte integers\n", x->options.int_file);
    write_smv(x->options.int_file, &header, pixels);
    free(pixels);
}

static void write_preview(const Experiment *x, const float *image, double pgm_scale)
{
    const Detector *d = &x->detector;
    Region r = region_of(d);
    unsigned char *bytes =
        allocate((size_t)d->fpixels * (size_t)d->spixels, 1, "the preview image");
    FOR_REGION(r, i) {
        double test = image[i] * pgm_scale;
        if (test > 255.0)
            test = 255.0;
        bytes[i] = (unsigned char)truncated(test);
    }
    printf("writing %s as 1-byte integers\n", x->options.pgm_file);
    write_pgm(x->options.pgm_file, d->fpixels, d->spixels, pgm_scale, bytes);
    free(bytes);
}

static void write_noise_image(Experiment *x, const float *image)
{
    const Detector *d = &x->detector;
    Region r = region_of(d);
    SmvHeader header = smv_header(x);
    uint16_t *pixels = allocate((size_t)d->fpixels * (size_t)d->spixels, sizeof *pixels,
                                "the noise image");
    double sum = 0.0;
    long overloads = 0;
    FOR_REGION(r, i) {
        double test = poisson_deviate(&x->random, image[i], &x->noise_seed);
        sum += test;
        test += x->options.adc_offset;
        if (test > 65535.0) {
            test = 65535.0;
            overloads++;
        }
        pixels[i] = (uint16_t)truncated(test);
    }
    printf("%.0f photons on noise image (%ld overloads)\n", sum, overloads);
    printf("writing %s as 2-byte integers\n", x->options.noise_file);
    write_smv(x->options.noise_file, &header, pixels);
    free(pixels);
}

void write_images(Experiment *x, const Render *r)
{
    const Options *o = &x->options;
    const Detector *d = &x->detector;
    size_t pixels = (size_t)d->fpixels * (size_t)d->spixels;
    double solid_angle = r->omega_sum / x->sampling.steps;
    double mean, rms, rmsd, intfile_scale, pgm_scale;
    printf("\nsolid angle subtended by detector = %g steradian ( %g%% sphere)\n", solid_angle,
           100 * solid_angle / 4 / PI);
    printf("writing %s as %lu 4-byte floats\n", o->float_file, (unsigned long)pixels);
    write_float_image(o->float_file, r->image, pixels);
    mean = r->sum / r->rendered;
    rms = sqrt(r->sum_of_squares / (r->rendered > 2 ? r->rendered - 1 : 1));
    rmsd = deviation_from_mean(d, r->image, mean);
    printf("max_I = %g  at %g %g\n", r->max_I, r->max_Fdet, r->max_Sdet);
    printf("mean= %g rms= %g rmsd= %g\n", mean, rms, rmsd);
    intfile_scale = 1.0;
    if (r->max_I > 0.0)
        intfile_scale = 55000.0 / r->max_I;
    if (o->int_scale > 0.0)
        intfile_scale = o->int_scale;
    printf("intfile_scale = %g\n", intfile_scale);
    write_int_image(x, r->image, intfile_scale);
    if (o->want_pgm) {
        pgm_scale = intfile_scale;
        if (rmsd > 0.0)
            pgm_scale = 250.0 / (5.0 * rmsd);
        if (o->pgm_scale > 0.0)
            pgm_scale = o->pgm_scale;
        printf("pgm_scale = %g\n", pgm_scale);
        write_preview(x, r->image, pgm_scale);
    }
    if (o->want_noise)
        write_noise_image(x, r->image);
}
