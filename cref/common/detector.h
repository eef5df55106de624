/* Detector and beam: what the options mean, in SI units and radians. */
#ifndef DETECTOR_H
#define DETECTOR_H

#include "formats.h"
#include "options.h"
#include "steps.h"

typedef struct {
    double pixel_size, size_f, size_s;
    int fpixels, spixels;
    Convention convention;
    Pivot pivot;
    double distance, close_distance;
    double Xbeam, Ybeam, Fbeam, Sbeam, Xclose, Yclose, Fclose, Sclose, ORGX, ORGY;
    double fdet[3], sdet[3], odet[3], pix0[3], twotheta_axis[3];
    double rotx, roty, rotz, twotheta;
    double xds_beam[3], dials_origin[3];
    double mu;
    Steps thick;
    int curved_det, point_pixel;
    int roi_xmin, roi_xmax, roi_ymin, roi_ymax;
    const uint16_t *mask;       /* NULL: none */
} Detector;

typedef struct {
    double lambda, fluence, kahn;
    double vector[3], polar[3], vertical[3], spindle[3];
    int nopolar;
} Beam;

/* What the placement went through: the vectors before and after the rotations. */
typedef struct {
    double before[3][3], after_rotz[3][3];
    double pix0_before[3], pix0_after_rotz[3];
    double ratio, distance;
} Placement;

#define LARGEST_IMAGE 1073741824.0      /* pixels */

/* Stops the program where the size or the wavelength is none. */
void check_pixel_size(const Options *options);
void check_wavelength(double lambda);
int pixel_count(const char *axis, double count, double size, double pixel);
void check_trace_pixels(const Options *options, const Detector *detector);

/* Distances, sizes and orientation from the header of an image; see 1.2 of the specification. */
void apply_smv_header(Options *options, const SmvImage *image, int flip_Ybeam);

/* The fluence, from the flux where that was given. */
double fluence_of(const Options *options);

/* A side of the sample, which the beam may be narrower than; prints the warning. */
double clip_sample(double size, double beamsize, const char *direction);

void resolve_roi(const Options *options, Detector *detector);

/* Stops the program where a vector is zero. */
void must_not_vanish(const char *name, const double v[3]);

/* The value, or the other one where it was not given. */
double unless_nan(double value, double otherwise);

/* Rotates the detector about the pivot; from -Fclose, -Sclose, -Fbeam, -Sbeam of the detector and
   from the close distance or, where that is NAN, the distance of the options. With even_behind, a
   distance that comes out negative is taken as positive. */
void place_panel(const Options *options, const Beam *beam, Detector *detector, int even_behind,
                 Placement *placement);

/* The near point, the beam centre and the distances as the placed detector has them. */
void measure_placement(const Beam *beam, Detector *detector, double ratio);

/* The set-up tokens of nanoBragg; some are mosflm's whatever the convention. */
void trace_beam_pivot(const char *prefix, const Detector *detector, const Beam *beam,
                      const Placement *placement);
void trace_sample_pivot(const char *prefix, const Detector *detector, const Placement *placement);

/* Those of a program without conventions. */
void trace_placement(const char *prefix, const Detector *detector, const Beam *beam,
                     const Placement *placement);

#endif
