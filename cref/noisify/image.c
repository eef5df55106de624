#include "image.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "errors.h"
#include "formats.h"

#define HEADER_BLOCK 512
#define LARGEST_COUNT 2147483647.0

/* ---- the header file ---- */

/* The number behind the last place where a key occurs, 0 if there is none; whether it occurs. */
static int key_value(const char *header, const char *key, double *value)
{
    const char *at = header, *last = NULL;
    while ((at = strstr(at, key)) != NULL)
        last = at++;
    if (!last)
        return 0;
    last = strchr(last, '=');
    *value = last ? strtod(last + 1, NULL) : 0.0;
    return 1;
}

static void read_header(const char *name, Image *image)
{
    static const char magic[] = "{\nHEADER_BYT";
    size_t size, block;
    char *text = read_text_file(name, &size), saved;
    double bytes = 0.0;
    if (size < strlen(magic) || memcmp(text, magic, strlen(magic)) != 0)
        fail("%s is no SMV image: it must begin with { and HEADER_BYTES", name);
    block = size < HEADER_BLOCK ? size : HEADER_BLOCK;
    saved = text[block];
    text[block] = '\0';
    key_value(text, "HEADER_BYTES", &bytes);
    text[block] = saved;
    if (!(bytes >= 1.0) || bytes > (double)size)
        fail("%s: HEADER_BYTES is %g, but the file has %.0f bytes", name, bytes, (double)size);
    image->header_size = (size_t)bytes;
    image->header = allocate(image->header_size + 1, 1, "a header");
    memcpy(image->header, text, image->header_size);
    free(text);
}

static int header_count(const char *name, const char *key, double value)
{
    if (!(value >= 1.0) || value > LARGEST_COUNT)
        fail("%s: %s is missing or impossible in its header", name, key);
    return (int)value;
}

static void apply_header(Options *o, Image *image)
{
    const char *name = o->header_file, *text;
    double value = 0.0;
    read_header(name, image);
    text = image->header;
    if (!key_value(text, "BYTE_ORDER", &value))
        fail("%s: no BYTE_ORDER in its header", name);
    value = 0.0;
    key_value(text, "SIZE1", &value);
    if (fabs(value) < 1.0) {
        value = 0.0;
        if (!key_value(text, "DETECTOR_DIMENSIONS", &value))
            fail("%s: no SIZE1 in its header", name);
        o->xpixels = o->ypixels = header_count(name, "DETECTOR_DIMENSIONS", value);
    } else {
        o->xpixels = header_count(name, "SIZE1", value);
        value = 0.0;
        key_value(text, "SIZE2", &value);
        o->ypixels = header_count(name, "SIZE2", value);
    }
    if (key_value(text, "PIXEL_SIZE", &value))
        o->pixel = value / 1000.0;
    o->detsize_x = o->pixel * o->xpixels;
    o->detsize_y = o->pixel * o->ypixels;
    if (key_value(text, "DISTANCE", &value))
        o->distance = value / 1000.0;
    if (key_value(text, "WAVELENGTH", &value))
        o->wavelength = value / 1e10;
    if (key_value(text, "BEAM_CENTER_X", &value))
        o->Xbeam = value / 1000.0;
    if (key_value(text, "BEAM_CENTER_Y", &value))
        o->Ybeam = o->detsize_y - value / 1000.0;
}

/* ---- counts of pixels ---- */

static double float_image_bytes(const char *name)
{
    struct stat status;
    FILE *file = fopen(name, "rb");
    if (!file)
        fail("cannot read %s: %s", name, strerror(errno));
    if (fstat(fileno(file), &status) != 0)
        fail("cannot read %s: %s", name, strerror(errno));
    if (!S_ISREG(status.st_mode))
        fail("cannot read %s: it is no regular file", name);
    fclose(file);
    return (double)status.st_size;
}

/* No size known: as near to a square as the number of pixels allows, the shorter side fast. */
static void guess_counts(Options *o, double pixels)
{
    int64_t total = (int64_t)pixels, side = (int64_t)sqrt(pixels);
    printf("WARNING: guessing xy pixel dimensions.\n");
    while (total % side != 0)
        side--;
    if ((double)(total / side) > LARGEST_COUNT)
        fail("%s has too many pixels", o->float_file);
    o->xpixels = (int)side;
    o->ypixels = (int)(total / side);
}

static int other_count(double pixels, int count)
{
    return (int)((int64_t)pixels / count);
}

static int count_from_size(double detsize, double pixel)
{
    double count = ceil(detsize / pixel - 0.5);
    if (!(count >= 0.0 && count <= LARGEST_COUNT))
        fail("a detector of %g m holds no number of pixels of %g m", detsize, pixel);
    return (int)count;
}

void place_image(Options *o, Image *image)
{
    double pixels = floor(float_image_bytes(o->float_file) / 4.0);
    if (o->header_file) {
        printf("taking header from %s\nreading %s\n", o->header_file, o->header_file);
        apply_header(o, image);
    }
    if (!(o->pixel > 0.0))
        fail("a pixel size of %g m is impossible", o->pixel);
    if (o->xpixels < 0 || o->ypixels < 0)
        fail("an image of %d x %d pixels is impossible", o->xpixels, o->ypixels);
    if (pixels < 1.0 && !o->xpixels && !o->ypixels)
        fail("%s holds no pixel", o->float_file);
    if (!o->xpixels && !o->ypixels)
        guess_counts(o, pixels);
    else if (!o->xpixels)
        o->xpixels = other_count(pixels, o->ypixels);
    else if (!o->ypixels)
        o->ypixels = other_count(pixels, o->xpixels);
    if (o->xpixels)
        o->detsize_x = o->pixel * o->xpixels;
    else
        o->xpixels = count_from_size(o->detsize_x, o->pixel);
    if (o->ypixels)
        o->detsize_y = o->pixel * o->ypixels;
    else
        o->ypixels = count_from_size(o->detsize_y, o->pixel);
    if ((double)o->xpixels * (double)o->ypixels > LARGEST_COUNT)
        fail("%d x %d pixels are too many", o->xpixels, o->ypixels);
    image->count = (size_t)o->xpixels * (size_t)o->ypixels;
}

void read_photons(const Options *o, Image *image)
{
    size_t wanted = image->count * sizeof(float), got;
    double size = float_image_bytes(o->float_file);
    FILE *file;
    image->photons = allocate(image->count, sizeof(float), "the image");
    if (size <= 0.0)
        fail("%s is empty", o->float_file);
    if (size < (double)image->count)
        fail("%s has %.0f bytes, less than a quarter of %d x %d pixels", o->float_file, size,
             o->xpixels, o->ypixels);
    if (size < (double)wanted)
        warn("%s has %.0f bytes of %.0f: the missing pixels are 0", o->float_file, size,
             (double)wanted);
    if (size > (double)wanted)
        warn("%s has %.0f bytes, only %.0f are used", o->float_file, size, (double)wanted);
    file = fopen(o->float_file, "rb");
    if (!file)
        fail("cannot read %s: %s", o->float_file, strerror(errno));
    /* bytes, not numbers: a number that is cut keeps the bytes it has */
    got = fread(image->photons, 1, wanted, file);
    if (ferror(file) || got < (size < (double)wanted ? (size_t)size : wanted))
        fail("cannot read all of %s", o->float_file);
    fclose(file);
}

/* ---- integers and files ---- */

/* Toward zero; what no signed 64-bit integer holds becomes the smallest, whose low bits are 0. */
uint32_t cut_to_32_bits(double adu)
{
    if (!(adu >= -9223372036854775808.0 && adu < 9223372036854775808.0))
        return 0;
    return (uint32_t)((uint64_t)(int64_t)adu & 0xffffffffu);
}

/* The same by way of a signed 32-bit integer. */
uint16_t cut_to_16_bits(double adu)
{
    if (!(adu > -2147483649.0 && adu < 2147483648.0))
        return 0;
    return (uint16_t)((uint32_t)(int32_t)adu & 0xffffu);
}

void store(unsigned char *bytes, int size, uint32_t value)
{
    int n;
    for (n = 0; n < size; n++)
        bytes[n] = (unsigned char)(value >> 8 * n & 255u);
}

static int own_header(const Options *o, char *text, size_t size)
{
    return snprintf(text, size,
                    "{\nHEADER_BYTES=512;\nDIM=2;\nBYTE_ORDER=little_endian;\nTYPE=%s;\n"
                    "SIZE1=%d;\nSIZE2=%d;\nPIXEL_SIZE=%g;\nDISTANCE=%g;\nWAVELENGTH=%g;\n"
                    "BEAM_CENTER_X=%g;\nBEAM_CENTER_Y=%g;\nPHI=%g;\nOSC_START=%g;\n"
                    "OSC_RANGE=%g;\nDETECTOR_SN=000;\nBEAMLINE=fake;\n}\f",
                    o->bits == 16 ? "unsigned_short" : "long_integer", o->xpixels, o->ypixels,
                    o->pixel * 1000.0, o->distance * 1000.0, o->wavelength, o->Xbeam * 1000.0,
                    (o->detsize_y - o->Ybeam) * 1000, o->phi, o->phi, o->osc);
}

void write_counts(const char *name, const Options *o, const Image *image,
                  const unsigned char *bytes)
{
    char text[HEADER_BLOCK + 1];
    Output output = output_open(name);
    if (image->header) {
        output_write(&output, image->header, image->header_size);
    } else {
        int size = own_header(o, text, sizeof text);
        memset(text + size, ' ', (size_t)(HEADER_BLOCK - size));
        output_write(&output, text, HEADER_BLOCK);
    }
    output_write(&output, bytes, image->count * (size_t)(o->bits / 8));
    output_close(&output);
}
