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

void write_smv(const char *name, const char *header, size_t count, const uint16_t *pixels)
{
    char text[2048];
    size_t size = strlen(header), i;
    unsigned char *bytes;
    Output output;
    if (size >= sizeof text)
        fail("%s: a header of %.0f bytes is too long", name, (double)size);
    memcpy(text, header, size);
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
