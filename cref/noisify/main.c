/* noisify_ref: noisify's command line and noisify's job, from the specification alone. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "constants.h"
#include "errors.h"
#include "formats.h"
#include "image.h"
#include "options.h"
#include "psf.h"
#include "random.h"

#define LARGEST_32 2147483647.0
#define LARGEST_16 65535.0

const char *const program_name = "noisify_ref";

/* ---- checks and the block of parameters ---- */

static int same_file(const char *one, const char *other)
{
    struct stat a, b;
    return one && other && stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

static void check_options(const Options *o)
{
    const char *names[3];
    int n;
    names[0] = o->int_file;
    names[1] = o->want_pgm ? o->pgm_file : NULL;
    names[2] = o->want_noise ? o->noise_file : NULL;
    if (o->bits != 16 && o->bits != 32)
        fail("-bits %d: only 16 and 32 can be written", o->bits);
    if (o->psf_radius < 0)
        fail("-psf_radius %d is negative", o->psf_radius);
    for (n = 0; n < 3; n++)
        if (same_file(names[n], o->float_file) || same_file(names[n], o->header_file))
            fail("%s is an input, it would be overwritten", names[n]);
}

static void print_psf(const Options *o)
{
    printf("  %s PSF fwhm = %g um ", o->psf == PSF_GAUSS ? "Gaussian" : "fiber",
           o->psf_fwhm * 1e6);
    if (!o->psf_radius)
        printf("  with automatic rendering radius\n");
    printf("  with rendering radius: %d\n", o->psf_radius);
}

static void print_parameters(const Options *o)
{
    printf("  distance=%g detsize=%gx%g  pixel=%g meters (%dx%d pixels)\n", o->distance,
           o->detsize_x, o->detsize_y, o->pixel, o->xpixels, o->ypixels);
    printf("  Xbeam=%g Ybeam=%g\n", o->Xbeam, o->Ybeam);
    if (o->psf != PSF_OFF)
        print_psf(o);
    printf("  seed: %ld\n", (long)o->seed);
    printf("  calibration noise seed: %ld\n", (long)o->calib_seed);
    printf("  calibration_noise = %g %%\n", o->calibration * 100);
    printf("  input file scale = %g\n", o->scale);
    printf("  readout_noise = %g ADU\n", o->readout);
    printf("  flicker_noise = %g %%\n", o->flicker * 100);
    printf("  quantum_gain = %g ADU/photon\n", o->gain);
    printf("  adc_offset = %g ADU\n\n", o->adc);
}

/* ---- photons ---- */

static void scale_photons(const Options *o, Image *image)
{
    double largest = 0.0;
    size_t i;
    for (i = 0; i < image->count; i++) {
        double I = image->photons[i];
        if (largest < I)
            largest = I;
        if (I < 0.0)
            printf("WARNING: negative intensity in %s: %g\n", o->float_file, I);
        image->photons[i] = (float)((o->fluence * R_E_SQR) * o->scale * I);
    }
    printf("maximum value in input file: %g ( %g on photon scale)\n", largest,
           largest * o->scale * o->fluence * R_E_SQR);
}

/* An automatic radius of the point spread stops at them instead. */
static void warn_of_undefined(const Options *o, const Image *image)
{
    size_t i, undefined = 0;
    if (o->psf != PSF_OFF && o->psf_fwhm > 0.0 && !o->psf_radius)
        return;
    for (i = 0; i < image->count; i++)
        undefined += !isfinite(image->photons[i]);
    if (undefined)
        warn("%.0f pixels hold no finite number of photons", (double)undefined);
}

static void write_noiseless(const Options *o, const Image *image)
{
    int size = o->bits / 8;
    unsigned char *bytes = allocate(image->count, (size_t)size, "the noiseless image");
    unsigned char *preview = allocate(image->count, 1, "the preview");
    size_t i;
    for (i = 0; i < image->count; i++) {
        double adu = image->photons[i] * o->gain + o->adc;
        uint16_t low;
        if (adu > LARGEST_16)
            adu = LARGEST_16;
        low = cut_to_16_bits(adu);
        store(bytes + i * (size_t)size, size, size == 2 ? low : cut_to_32_bits(adu));
        preview[i] = (unsigned char)(low < 255 ? low : 255);
    }
    printf("writing %s as %.0f %d-byte integers\n", o->int_file, (double)image->count, size);
    write_counts(o->int_file, o, image, bytes);
    if (o->want_pgm) {
        printf("writing %s as 1-byte integers\n", o->pgm_file);
        write_pgm(o->pgm_file, o->xpixels, o->ypixels, 1.0, preview);
    }
    free(bytes);
    free(preview);
}

/* ---- noise ---- */

/* One stream of calibration errors, one of everything else; they share the generator's table. */
static double count_photons(const Options *o, Image *image, RandomState *random, int64_t *seed,
                            int64_t *calib_seed)
{
    double sum = 0.0;
    size_t i;
    for (i = 0; i < image->count; i++) {
        double p = image->photons[i], counted;
        if (o->flicker > 0.0)
            p = p * (1.0 + o->flicker * gauss_deviate(random, seed));
        if (o->calibration > 0.0)
            p = p * (1.0 + o->calibration * gauss_deviate(random, calib_seed));
        counted = poisson_deviate(random, (float)p, seed);
        image->photons[i] = (float)counted;
        /* the last of several undefined numbers decides the sign that is printed */
        sum = isnan(counted) ? counted : sum + counted;
    }
    return sum;
}

static void read_out(const Options *o, const Image *image, RandomState *random, int64_t *seed,
                     unsigned char *bytes)
{
    double sum = 0.0;
    size_t i, size = (size_t)o->bits / 8;
    long overloads = 0;
    for (i = 0; i < image->count; i++) {
        double adu = image->photons[i] * o->gain + o->adc;
        uint32_t wide;
        if (!isnan(sum))            /* here the first one decides */
            sum += image->photons[i];
        if (o->readout > 0.0)
            adu = adu + o->readout * gauss_deviate(random, seed);
        if (adu > LARGEST_32) {
            adu = LARGEST_32;
            overloads += o->bits == 32;
        }
        wide = cut_to_32_bits(adu);
        if (adu > LARGEST_16) {
            adu = LARGEST_16;
            overloads += o->bits == 16;
        }
        store(bytes + i * size, (int)size, size == 4 ? wide : cut_to_16_bits(adu));
    }
    printf("%.0f photons on noise image (%ld overloads)\n", sum, overloads);
}

static void write_noise(const Options *o, Image *image)
{
    RandomState random;
    int64_t seed = o->seed, calib_seed = o->calib_seed;
    double sum;
    unsigned char *bytes;
    random_start(&random);
    sum = count_photons(o, image, &random, &seed, &calib_seed);
    if (o->psf != PSF_OFF && o->psf_fwhm > 0.0) {
        printf("%.0f photons on noise image before PSF\n", sum);
        printf("  applying PSF width = %g um\n", o->psf_fwhm * 1e6);
        apply_psf(o, image->photons);
    }
    bytes = allocate(image->count, (size_t)o->bits / 8, "the noise image");
    read_out(o, image, &random, &seed, bytes);
    printf("writing %s as %d-byte integers\n", o->noise_file, o->bits / 8);
    write_counts(o->noise_file, o, image, bytes);
    free(bytes);
}

static void run(Options *o, Image *image)
{
    place_image(o, image);
    check_options(o);
    printf("importing %.0f pixel intensites: %s\n", (double)image->count, o->float_file);
    read_photons(o, image);
    if (o->Xbeam <= UNSET_BEAM)
        o->Xbeam = o->detsize_x / 2.0;
    if (o->Ybeam <= UNSET_BEAM)
        o->Ybeam = o->detsize_y / 2.0;
    if (!o->want_noise)
        o->calibration = o->readout = o->flicker = 0.0;
    print_parameters(o);
    scale_photons(o, image);
    warn_of_undefined(o, image);
    if (!o->want_noise && o->psf != PSF_OFF && o->psf_fwhm > 0.0) {
        printf("  applying PSF to noiseless image width = %g pixels\n", o->psf_fwhm / o->pixel);
        apply_psf(o, image->photons);
    }
    write_noiseless(o, image);
    if (o->want_noise)
        write_noise(o, image);
}

int main(int argc, char **argv)
{
    Options options;
    Image image = {NULL, 0, NULL, 0};
    options_defaults(&options);
    options_scan(&options, argc, argv);
    if (options.version) {
        printf("noisify_ref %s\n", VERSION);
        return 0;
    }
    if (options.help) {
        print_usage();
        return 0;
    }
    printf("noisify_ref %s - add noise to pixels\n", VERSION);
    if (!options.float_file) {
        print_usage();
        return 9;
    }
    run(&options, &image);
    free(image.photons);
    free(image.header);
    if (fflush(stdout) != 0 || ferror(stdout))
        fail("cannot write to standard output");
    return 0;
}
