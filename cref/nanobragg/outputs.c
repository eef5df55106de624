/* From the float image to the files that people look at. */
#include "report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "constants.h"
#include "quantize.h"

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

/* The header of both integer images, without padding. */
static const char *header_text(const Experiment *x)
{
    static char text[1024];
    const Detector *d = &x->detector;
    double phi0 = x->sampling.phi0 * RTD;
    snprintf(
        text, sizeof text,
        "{\nHEADER_BYTES=512;\nDIM=2;\nBYTE_ORDER=little_endian;\nTYPE=unsigned_short;\n"
        "SIZE1=%d;\nSIZE2=%d;\nPIXEL_SIZE=%g;\nDISTANCE=%g;\nWAVELENGTH=%g;\n"
        "BEAM_CENTER_X=%g;\nBEAM_CENTER_Y=%g;\nADXV_CENTER_X=%g;\nADXV_CENTER_Y=%g;\n"
        "MOSFLM_CENTER_X=%g;\nMOSFLM_CENTER_Y=%g;\nDENZO_X_BEAM=%g;\nDENZO_Y_BEAM=%g;\n"
        "DIALS_ORIGIN=%g,%g,%g\nXDS_ORGX=%g;\nXDS_ORGY=%g;\nCLOSE_DISTANCE=%g;\n"
        "PHI=%g;\nOSC_START=%g;\nOSC_RANGE=%g;\nTWOTHETA=%g;\nDETECTOR_SN=000;\n"
        "BEAMLINE=fake;\n}\f",
        d->fpixels, d->spixels, d->pixel_size * 1000.0, d->distance * 1000.0,
        x->beam.lambda * 1e10, d->Xbeam * 1000.0, d->Ybeam * 1000.0, d->Fbeam * 1000.0,
        (d->size_s - d->Sbeam) * 1000, (d->Sbeam - 0.5 * d->pixel_size) * 1000.0,
        (d->Fbeam - 0.5 * d->pixel_size) * 1000, d->Sbeam * 1000.0, d->Fbeam * 1000,
        d->dials_origin[0], d->dials_origin[1], d->dials_origin[2], d->ORGX, d->ORGY,
        d->close_distance * 1000.0, phi0, phi0, x->sampling.phi.range * RTD, d->twotheta * RTD);
    return text;
}

void write_images(Experiment *x, const Render *r)
{
    const Options *o = &x->options;
    const Detector *d = &x->detector;
    const char *header = header_text(x);
    size_t pixels = (size_t)d->fpixels * (size_t)d->spixels;
    double solid_angle = r->omega_sum / x->sampling.steps;
    double mean, rms, rmsd, intfile_scale, pgm_scale;
    printf("\nsolid angle subtended by detector = %g steradian ( %g%% sphere)\n", solid_angle,
           100 * solid_angle / 4 / PI);
    printf("writing %s as %lu 4-byte floats\n", o->float_file, (unsigned long)pixels);
    write_float_image(o->float_file, r->image, pixels);
    mean = r->sum / (r->rendered > 0 ? r->rendered : 1);
    rms = sqrt(r->sum_of_squares / (r->rendered > 2 ? r->rendered - 1 : 1));
    rmsd = deviation_from_mean(d, r->image, mean);
    printf("max_I = %g  at %g %g\n", r->max_I, r->max_Fdet, r->max_Sdet);
    printf("mean= %g rms= %g rmsd= %g\n", mean, rms, rmsd);
    intfile_scale = scale_of_integers(o->int_scale, r->max_I);
    printf("intfile_scale = %g\n", intfile_scale);
    write_int_image(o, d, header, r->image, intfile_scale);
    if (o->want_pgm) {
        pgm_scale = scale_of_preview(o->pgm_scale, rmsd, intfile_scale);
        printf("pgm_scale = %g\n", pgm_scale);
        write_preview(o, d, r->image, pgm_scale);
    }
    if (o->want_noise)
        write_noise_image(o, d, header, r->image, &x->random, &x->noise_seed);
}
