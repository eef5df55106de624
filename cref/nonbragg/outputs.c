/* From the float image to the files that people look at. */
#include "outputs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "constants.h"
#include "quantize.h"

/* Of the pixel after each of the region of interest, with a 0 behind the image. */
static double deviation_from_mean(const Detector *d, const float *image, double mean)
{
    Region r = region_of(d);
    size_t all = (size_t)d->fpixels * (size_t)d->spixels;
    double sum = 0.0;
    long pixels = 0;
    FOR_REGION(r, i) {
        double difference = (i + 1 < all ? image[i + 1] : 0.0f) - mean;
        sum += difference * difference;
        pixels++;
    }
    return sqrt(sum / (pixels > 2 ? pixels - 1 : 1));
}

/* The header of both integer images, without padding. */
static const char *header_text(const Experiment *x)
{
    static char text[1024];
    const Detector *d = &x->detector;
    double phi0 = x->options.phi0 * RTD;
    snprintf(text, sizeof text,
             "{\nHEADER_BYTES=512;\nDIM=2;\nBYTE_ORDER=little_endian;\nTYPE=unsigned_short;\n"
             "SIZE1=%d;\nSIZE2=%d;\nPIXEL_SIZE=%g;\nDISTANCE=%g;\nWAVELENGTH=%g;\n"
             "BEAM_CENTER_X=%g;\nBEAM_CENTER_Y=%g;\nORGX=%g;\nORGY=%g;\nCLOSE_DISTANCE=%g;\n"
             "PHI=%g;\nOSC_START=%g;\nOSC_RANGE=%g;\nTWOTHETA=%g;\nDETECTOR_SN=000;\n"
             "BEAMLINE=fake;\n}\f",
             d->fpixels, d->spixels, d->pixel_size * 1000.0, d->distance * 1000.0,
             x->beam.lambda * 1e10, d->Fbeam * 1000.0, (d->size_s - d->Sbeam) * 1000,
             d->Fclose / d->pixel_size, d->Sclose / d->pixel_size, d->close_distance * 1000.0, phi0,
             phi0, x->phi.range * RTD, d->twotheta * RTD);
    return text;
}

void print_solid_angle(const Render *r)
{
    printf("\nsolid angle subtended by detector = %g steradian ( %g%% sphere)\n", r->omega_sum,
           100 * r->omega_sum / 4 / PI);
}

void write_images(Experiment *x, const Render *r, long count)
{
    const Options *o = &x->options;
    const Detector *d = &x->detector;
    const char *header = header_text(x);
    size_t pixels = (size_t)d->fpixels * (size_t)d->spixels;
    double mean = r->sum / (count > 1 ? count : 1);
    double rms = sqrt(r->sum_of_squares / (count > 2 ? count - 1 : 1));
    double rmsd = deviation_from_mean(d, r->image, mean), intfile_scale, pgm_scale;
    printf("writing %s as %lu 4-byte floats\n", o->float_file, (unsigned long)pixels);
    write_float_image(o->float_file, r->image, pixels);
    printf("max_I = %g  at %g %g\n", r->max_I, r->max_Fdet, r->max_Sdet);
    printf("mean= %g rms= %g rmsd= %g\n", mean, rms, rmsd);
    intfile_scale = scale_of_integers(o->int_scale, r->max_I);
    printf("intfile_scale = %g\n", intfile_scale);
    write_int_image(o, d, header, r->image, intfile_scale);
    pgm_scale = scale_of_preview(o->pgm_scale, rmsd, intfile_scale);
    printf("pgm_scale = %g\n", pgm_scale);
    write_preview(o, d, r->image, pgm_scale);
    if (o->want_noise)
        write_noise_image(o, d, header, r->image, &x->random, &x->noise_seed);
}
