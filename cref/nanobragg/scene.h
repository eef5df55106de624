/* Everything that the pixel loop needs, flat and final. */
#ifndef SCENE_H
#define SCENE_H

#include "experiment.h"

typedef struct {
    int fpixels, spixels, oversample;
    double pixel_size, subpixel_size;                   /* m */
    int roi_xmin, roi_xmax, roi_ymin, roi_ymax;         /* inclusive */
    const uint16_t *mask;                               /* NULL: none */
    int thick_steps;
    double thickstep, thickness, mu;
    double distance, close_distance;                    /* m */
    int curved_det, point_pixel;
    double fdet[3], sdet[3], odet[3], pix0[3], beam[3]; /* unit vectors after rotation; pix0 m */
    int sources;
    const double *source;                               /* (sources, 3) unit vectors */
    const double *wavelength;                           /* (sources) m */
    double lambda;                                      /* m, the nominal one */
    int nopolar;
    double kahn, polar_axis[3];
    double dmin;                                        /* m */
    int oversample_thick, oversample_polar, oversample_omega;
    int phisteps;
    double phi0, phistep, spindle[3];                   /* rad */
    int mosaic_domains;
    double mosaic_spread;                               /* rad */
    const double *umats;                                /* (domains, 9) */
    double a0[3], b0[3], c0[3];                         /* m */
    double a_star[3], b_star[3], c_star[3];             /* 1/Angstrom, unrotated */
    double Na, Nb, Nc;
    XtalShape shape;
    double fudge;
    int interpolate, have_F;
    const FGrid *grid;
    double default_F;
    double I_bg, water_size;
    double fluence, steps;
    int printout, printout_fpixel, printout_spixel;
    int trace_count;
    const int *trace_spixel, *trace_fpixel;
    const char *trace_prefix;
} Scene;

void flatten(const Experiment *experiment, Scene *scene);

#endif
