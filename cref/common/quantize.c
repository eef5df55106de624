#include "quantize.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "errors.h"
#include "integers.h"

Region region_of(const Detector *d)
{
    Region r = {d->fpixels, d->roi_xmin, d->roi_xmax, d->roi_ymin, d->roi_ymax};
    if (r.xmax >= d->fpixels)
        r.xmax = d->fpixels - 1;
    if (r.ymax >= d->spixels)
        r.ymax = d->spixels - 1;
    return r;
}

static size_t pixels_of(const Detector *d)
{
    return (size_t)d->fpixels * (size_t)d->spixels;
}

static uint16_t *int_pixels(const Detector *d, const float *image, double scale, double adc_offset)
{
    Region r = region_of(d);
    uint16_t *pixels = allocate(pixels_of(d), sizeof *pixels, "the integer image");
    FOR_REGION(r, i) {
        double test = image[i] * scale + adc_offset;
        if (test > 65535.0)
            test = 65535.0;
        if (test < 0.0)
            test = 0.0;
        pixels[i] = (uint16_t)to_int(floorf((float)(test + 0.5)));
    }
    return pixels;
}

static unsigned char *preview_bytes(const Detector *d, const float *image, double scale)
{
    Region r = region_of(d);
    unsigned char *bytes = allocate(pixels_of(d), 1, "the preview image");
    FOR_REGION(r, i) {
        double test = image[i] * scale;
        if (test > 255.0)
            test = 255.0;
        bytes[i] = (unsigned char)to_int(test);
    }
    return bytes;
}

static uint16_t *noise_pixels(const Detector *d, const float *image, double adc_offset,
                              RandomState *random, int64_t *seed)
{
    Region r = region_of(d);
    uint16_t *pixels = allocate(pixels_of(d), sizeof *pixels, "the noise image");
    double sum = 0.0;
    long overloads = 0;
    FOR_REGION(r, i) {
        double test = poisson_deviate(random, image[i], seed);
        sum += test;
        test += adc_offset;
        if (test > 65535.0) {
            test = 65535.0;
            overloads++;
        }
        pixels[i] = (uint16_t)to_int(test);
    }
    printf("%.0f photons on noise image (%ld overloads)\n", sum, overloads);
    return pixels;
}

void write_int_image(const Options *o, const Detector *d, const char *header, const float *image,
                     double intfile_scale)
{
    uint16_t *pixels = int_pixels(d, image, intfile_scale, o->adc_offset);
    printf("writing %s as 2-byte integers\n", o->int_file);
    write_smv(o->int_file, header, pixels_of(d), pixels);
    free(pixels);
}

void write_preview(const Options *o, const Detector *d, const float *image, double pgm_scale)
{
    unsigned char *bytes = preview_bytes(d, image, pgm_scale);
    printf("writing %s as 1-byte integers\n", o->pgm_file);
    write_pgm(o->pgm_file, d->fpixels, d->spixels, pgm_scale, bytes);
    free(bytes);
}

void write_noise_image(const Options *o, const Detector *d, const char *header,
                       const float *image, RandomState *random, int64_t *seed)
{
    uint16_t *pixels = noise_pixels(d, image, o->adc_offset, random, seed);
    printf("writing %s as 2-byte integers\n", o->noise_file);
    write_smv(o->noise_file, header, pixels_of(d), pixels);
    free(pixels);
}

double scale_of_integers(double given, double max_I)
{
    if (given > 0.0)
        return given;
    return max_I > 0.0 ? 55000.0 / max_I : 1.0;
}

double scale_of_preview(double given, double rmsd, double intfile_scale)
{
    if (given > 0.0)
        return given;
    return rmsd > 0.0 ? 250.0 / (5.0 * rmsd) : intfile_scale;
}
