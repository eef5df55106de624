/* SMV images: the header and pixels of -mask and -img, and the header of what is written. */
#include "formats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "errors.h"

#define HEADER_SIZE 512
#define LARGEST_HEADER 1048576.0
#define LARGEST_SIDE 1e6

int smv_value(const SmvImage *image, const char *key, double *value)
{
    const char *at = image->text, *last = NULL;
    char *end;
    double found;
    while ((at = strstr(at, key)) != NULL)
        last = at++;
    if (!last)
        return 0;
    last = strchr(last, '=');
    if (!last)
        return 0;
    found = strtod(last + 1, &end);
    if (end == last + 1)
        return 0;
    *value = found;
    return 1;
}

static double required(const char *name, const SmvImage *image, const char *key, double largest)
{
    double value;
    if (!smv_value(image, key, &value))
        fail("%s is no SMV image: no %s in its header", name, key);
    if (!(value >= 1.0) || value > largest)
        fail("%s: %s=%g in its header is impossible", name, key, value);
    return value;
}

static int is_big_endian(const char *header)
{
    const char *order = strstr(header, "BYTE_ORDER=");
    return order && strncmp(order + 11, "big", 3) == 0;
}

SmvImage read_smv(const char *name)
{
    SmvImage image = {NULL, 0, 0, NULL};
    size_t size, header = HEADER_SIZE, count, i;
    unsigned char *bytes = (unsigned char *)read_text_file(name, &size);
    int big;
    double value;
    if (size < HEADER_SIZE || bytes[0] != '{')
        fail("%s is no SMV image: it must begin with a header of %d bytes in { }", name,
             HEADER_SIZE);
    image.text = allocate(HEADER_SIZE + 1, 1, "a header");
    memcpy(image.text, bytes, HEADER_SIZE);
    if (smv_value(&image, "HEADER_BYTES", &value)) {
        if (!(value >= 1.0) || value > LARGEST_HEADER || value > (double)size)
            fail("%s: HEADER_BYTES=%g, but the file has %.0f bytes", name, value, (double)size);
        header = (size_t)value;
        free(image.text);
        image.text = allocate(header + 1, 1, "a header");
        memcpy(image.text, bytes, header);
    }
    image.fpixels = (int)required(name, &image, "SIZE1", LARGEST_SIDE);
    image.spixels = (int)required(name, &image, "SIZE2", LARGEST_SIDE);
    count = (size_t)image.fpixels * (size_t)image.spixels;
    if ((size - header) / 2 < count)
        fail("%s: %d x %d pixels need %.0f bytes after the header, the file has %.0f", name,
             image.fpixels, image.spixels, 2.0 * (double)count, (double)(size - header));
    image.pixels = allocate(count, sizeof *image.pixels, "an image");
    big = is_big_endian(image.text);
    for (i = 0; i < count; i++) {
        unsigned first = bytes[header + 2 * i], second = bytes[header + 2 * i + 1];
        image.pixels[i] = (uint16_t)(big ? first << 8 | second : second << 8 | first);
    }
    free(bytes);
    return image;
}

void free_smv(SmvImage *image)
{
    free(image->text);
    free(image->pixels);
    image->text = NULL;
    image->pixels = NULL;
}

/* The header text, without padding. */
static size_t header_text(const SmvHeader *h, char *text, size_t size)
{
    return (size_t)snprintf(
        text, size,
        "{\nHEADER_BYTES=512;\nDIM=2;\nBYTE_ORDER=little_endian;\nTYPE=unsigned_short;\n"
        "SIZE1=%d;\nSIZE2=%d;\nPIXEL_SIZE=%g;\nDISTANCE=%g;\nWAVELENGTH=%g;\n"
        "BEAM_CENTER_X=%g;\nBEAM_CENTER_Y=%g;\nADXV_CENTER_X=%g;\nADXV_CENTER_Y=%g;\n"
        "MOSFLM_CENTER_X=%g;\nMOSFLM_CENTER_Y=%g;\nDENZO_X_BEAM=%g;\nDENZO_Y_BEAM=%g;\n"
        "DIALS_ORIGIN=%g,%g,%g\nXDS_ORGX=%g;\nXDS_ORGY=%g;\nCLOSE_DISTANCE=%g;\n"
        "PHI=%g;\nOSC_START=%g;\nOSC_RANGE=%g;\nTWOTHETA=%g;\nDETECTOR_SN=000;\n"
        "BEAMLINE=fake;\n}\f",
        h->fpixels, h->spixels, h->pixel * 1000.0, h->distance * 1000.0, h->lambda * 1e10,
        h->Xbeam * 1000.0, h->Ybeam * 1000.0, h->Fbeam * 1000.0, (h->size_s - h->Sbeam) * 1000,
        (h->Sbeam - 0.5 * h->pixel) * 1000.0, (h->Fbeam - 0.5 * h->pixel) * 1000,
        h->Sbeam * 1000.0, h->Fbeam * 1000, h->dials_origin[0], h->dials_origin[1],
        h->dials_origin[2], h->ORGX, h->ORGY, h->close_distance * 1000.0, h->phi0, h->phi0,
        h->osc, h->twotheta);
}

void write_smv(const char *name, const SmvHeader *header, const uint16_t *pixels)
{
    char text[2048];
    size_t size = header_text(header, text, sizeof text), i;
    size_t count = (size_t)header->fpixels * (size_t)header->spixels;
    unsigned char *bytes;
    Output output;
    if (size < HEADER_SIZE) {
        memset(text + size, ' ', HEADER_SIZE - size);
        size = HEADER_SIZE;
    } else if (size > HEADER_SIZE) {
        warn("%s: the header has %d bytes and says %d, readers will see shifted pixels", name,
             (int)size, HEADER_SIZE);
    }
    bytes = allocate(count, 2, "an image");
    for (i = 0; i < count; i++) {
        bytes[2 * i] = (unsigned char)(pixels[i] & 255);
        bytes[2 * i + 1] = (unsigned char)(pixels[i] >> 8);
    }
    output = output_open(name);
    output_write(&output, text, size);
    output_write(&output, bytes, 2 * count);
    output_close(&output);
    free(bytes);
}
