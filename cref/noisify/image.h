/* The image: how many pixels it has, where they lie, its float32 numbers; and what is written. */
#ifndef IMAGE_H
#define IMAGE_H

#include <stdint.h>

#include "options.h"

typedef struct {
    char *header;           /* of -header, copied as it is; NULL: we write our own */
    size_t header_size;
    float *photons;         /* (ypixels, xpixels) */
    size_t count;
} Image;

/* From the options, the header file and the size of the float image to counts of pixels. */
void place_image(Options *options, Image *image);

/* Read the float image. */
void read_photons(const Options *options, Image *image);

/* The integers of an image as they go to disk, 2 or 4 bytes each, little-endian. */
uint32_t cut_to_32_bits(double adu);
uint16_t cut_to_16_bits(double adu);
void store(unsigned char *bytes, int size, uint32_t value);

void write_counts(const char *name, const Options *options, const Image *image,
                  const unsigned char *bytes);

#endif
