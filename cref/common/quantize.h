/* From the float image to integers, in the region of interest; what lies outside stays 0. */
#ifndef QUANTIZE_H
#define QUANTIZE_H

#include <stddef.h>
#include <stdint.h>

#include "detector.h"
#include "random.h"

/* The region of interest inside the detector. */
typedef struct {
    int fpixels, xmin, xmax, ymin, ymax;
} Region;

Region region_of(const Detector *detector);

/* Every flat index of a region, one pixel after the other. */
#define FOR_REGION(r, index) \
    for (int row_ = (r).ymin; row_ <= (r).ymax; row_++) \
        for (size_t index = (size_t)row_ * (size_t)(r).fpixels + (size_t)(r).xmin, \
                    end_ = (size_t)row_ * (size_t)(r).fpixels + (size_t)(r).xmax; \
             (r).xmin <= (r).xmax && index <= end_; index++)

/* Each writes a file of its own and says so; the header is that of an SMV file. */
void write_int_image(const Options *options, const Detector *detector, const char *header,
                     const float *image, double intfile_scale);
void write_preview(const Options *options, const Detector *detector, const float *image,
                   double pgm_scale);
void write_noise_image(const Options *options, const Detector *detector, const char *header,
                       const float *image, RandomState *random, int64_t *seed);

/* What -scale and -pgmscale leave open. */
double scale_of_integers(double given, double max_I);
double scale_of_preview(double given, double rmsd, double intfile_scale);

#endif
