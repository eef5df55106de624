/* What the command line of a simulation said, in SI units and radians; nothing is derived here.
   nanoBragg and nonBragg share most of it. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdint.h>

typedef enum { MOSFLM, XDS, ADXV, DENZO, DIALS, CUSTOM } Convention;
typedef enum { SQUARE, ROUND, GAUSS, TOPHAT } XtalShape;
typedef enum { PIVOT_BEAM, PIVOT_SAMPLE } Pivot;

#define MAX_TRACE_PIXELS 64
#define MAX_IGNORED 1024

/* A length that was not given is NAN, a count or range that was not given is negative. */
typedef struct {
    /* crystal */
    double Na, Nb, Nc;
    int user_cell;
    double a, b, c, alpha, beta, gamma;
    int random_misset, have_misset;
    double misset[3];
    double sample_x, sample_y, sample_z;
    XtalShape shape;
    double fudge;
    const char *matrix_file;
    /* detector */
    Convention convention;
    Pivot pivot;
    double pixel_size, detsize_f, detsize_s;
    int fpixels, spixels;
    double distance, close_distance;
    double Xbeam, Ybeam, Xclose, Yclose, ORGX, ORGY;
    double fdet[3], sdet[3], odet[3], beam[3], polar[3], spindle[3], twotheta_axis[3], pix0[3];
    int have_fdet, have_sdet, have_odet, have_beam, have_polar, have_spindle, have_twotheta_axis;
    int have_pix0;
    double rotx, roty, rotz, twotheta;
    double thickness, mu;
    int thick_steps;
    int curved_det, point_pixel;
    int roi_xmin, roi_xmax, roi_ymin, roi_ymax;
    const char *mask_file, *img_file;
    /* beam */
    double lambda, fluence, flux, exposure, beamsize, kahn;
    int nopolar;
    /* sampling */
    int oversample, oversample_thick, oversample_polar, oversample_omega;
    double phi0, osc, phistep;
    int phisteps;
    double mosaic_spread;
    int mosaic_domains;
    double hdivrange, vdivrange, hdivstep, vdivstep, dispersion;
    int hdivsteps, vdivsteps, dispsteps, round_div;
    const char *source_file;
    /* structure factors */
    double dmin, default_F;
    const char *hkl_file, *dump_file, *stol_file;
    int interpolate;            /* -1: choose */
    double water_size;
    /* amorphous sample */
    double density, weight, molecules;      /* g/m^3, g/mol; molecules 0: by density */
    double stol_factor;                     /* what makes 1/m of the table's first column */
    double source_distance;                 /* m */
    int Fmap;
    /* an image to find F from */
    double gain;
    int ignore_count, ignore[MAX_IGNORED];
    const char *stolout_file;
    /* random numbers: the state, which is minus the number given */
    int64_t noise_seed, mosaic_seed, misset_seed;
    /* output */
    const char *float_file, *int_file, *pgm_file, *noise_file;
    int want_pgm, want_noise, progress;
    double adc_offset, int_scale, pgm_scale;
    int printout, printout_fpixel, printout_spixel;     /* pixel -1: all */
    /* our own */
    int strict;
    int trace_count, trace_spixel[MAX_TRACE_PIXELS], trace_fpixel[MAX_TRACE_PIXELS];
    const char *trace_prefix;
    int version, help;          /* rows for the scan; main looks for them before it */
} Options;

void options_common_defaults(Options *options);

/* Each program has its own. */
void options_defaults(Options *options);
void options_scan(Options *options, int argc, char **argv);
void print_usage(void);

#endif
