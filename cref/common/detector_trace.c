/* The setup tokens of a trace. The instrumented program prints some of them twice, some of them
   mosflm's whatever the convention, and one divided by 1000 once too often: a trace is compared,
   not admired. */
#include "detector.h"

#include <math.h>
#include <stdio.h>

static void line3(const char *prefix, const char *name, const double v[3])
{
    printf("%s:%s=%.15g %.15g %.15g\n", prefix, name, v[0], v[1], v[2]);
}

static void scaled_line3(const char *prefix, const char *name, double factor, const double v[3])
{
    double product[3] = {factor * v[0], factor * v[1], factor * v[2]};
    line3(prefix, name, product);
}

static void line1(const char *prefix, const char *name, double value)
{
    printf("%s:%s=%.15g\n", prefix, name, value);
}

static void bare_line3(const char *name, const double v[3])
{
    printf("%s %.15g %.15g %.15g\n", name, v[0], v[1], v[2]);
}

static void matrix_line(const char *prefix, const char *name, const double m[9])
{
    printf("%s:%s=[%.15g %.15g %.15g; %.15g %.15g %.15g; %.15g %.15g %.15g]\n", prefix, name,
           m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7], m[8]);
}

static void multiply(const double left[9], const double right[9], double out[9])
{
    int i, j;
    for (i = 0; i < 3; i++)
        for (j = 0; j < 3; j++)
            out[3 * i + j] = left[3 * i] * right[j] + left[3 * i + 1] * right[3 + j] +
                             left[3 * i + 2] * right[6 + j];
}

/* The vectors after the three rotations and after twotheta. */
static void seven_vectors(const char *prefix, const Detector *d, const double (*after_rotz)[3])
{
    line3(prefix, "fdet_after_rotz", after_rotz[0]);
    line3(prefix, "sdet_after_rotz", after_rotz[1]);
    line3(prefix, "odet_after_rotz", after_rotz[2]);
    line3(prefix, "twotheta_axis", d->twotheta_axis);
    line3(prefix, "fdet_after_twotheta", d->fdet);
    line3(prefix, "sdet_after_twotheta", d->sdet);
    line3(prefix, "odet_after_twotheta", d->odet);
}

static void three_axes(const Detector *d)
{
    bare_line3("DETECTOR_FAST_AXIS", d->fdet);
    bare_line3("DETECTOR_SLOW_AXIS", d->sdet);
    bare_line3("DETECTOR_NORMAL_AXIS", d->odet);
}

static void angles(const char *prefix, const Detector *d)
{
    printf("%s:angles_rad=rotx:%.15g roty:%.15g rotz:%.15g twotheta:%.15g\n", prefix,
           d->rotx, d->roty, d->rotz, d->twotheta);
}

static void rotation_matrices(const char *prefix, const Detector *d)
{
    double cx = cos(d->rotx), sx = sin(d->rotx), cy = cos(d->roty), sy = sin(d->roty);
    double cz = cos(d->rotz), sz = sin(d->rotz);
    double Rx[9] = {1, 0, 0, 0, cx, -sx, 0, sx, cx};
    double Ry[9] = {cy, 0, sy, 0, 1, 0, -sy, 0, cy};
    double Rz[9] = {cz, -sz, 0, sz, cz, 0, 0, 0, 1};
    double Rzy[9], R_total[9];
    multiply(Rz, Ry, Rzy);
    multiply(Rzy, Rx, R_total);
    matrix_line(prefix, "Rx", Rx);
    matrix_line(prefix, "Ry", Ry);
    matrix_line(prefix, "Rz", Rz);
    matrix_line(prefix, "R_total", R_total);
}

void trace_beam_pivot(const char *prefix, const Detector *d, const Beam *b, const Placement *p)
{
    static const double mosflm[3][3] = {{0, 0, 1}, {0, -1, 0}, {1, 0, 0}};
    const double after_twotheta[3][3] = {{d->fdet[0], d->fdet[1], d->fdet[2]},
                                         {d->sdet[0], d->sdet[1], d->sdet[2]},
                                         {d->odet[0], d->odet[1], d->odet[2]}};
    seven_vectors(prefix, d, p->after_rotz);
    three_axes(d);
    printf("%s:detector_convention=MOSFLM\n", prefix);
    angles(prefix, d);
    printf("%s:beam_center_m=X:%.15g Y:%.15g pixel_mm:%.15g\n", prefix, d->Xbeam / 1000.0,
           d->Ybeam / 1000.0, d->pixel_size * 1000.0);
    line3(prefix, "initial_fdet", mosflm[0]);
    line3(prefix, "initial_sdet", mosflm[1]);
    line3(prefix, "initial_odet", mosflm[2]);
    rotation_matrices(prefix, d);
    seven_vectors(prefix, d, after_twotheta);
    printf("%s:convention_mapping=Fbeam\xe2\x86\x90Ybeam_mm(+0.5px),"
           "Sbeam\xe2\x86\x90Xbeam_mm(+0.5px),beam_vec=[1 0 0]\n",
           prefix);
    line1(prefix, "Fbeam_m", d->Fbeam);
    line1(prefix, "Sbeam_m", d->Sbeam);
    line1(prefix, "distance_m", p->distance);
    scaled_line3(prefix, "term_fast", -d->Fbeam, d->fdet);
    scaled_line3(prefix, "term_slow", -d->Sbeam, d->sdet);
    scaled_line3(prefix, "term_beam", p->distance, b->vector);
    line3(prefix, "pix0_vector", d->pix0);
    bare_line3("DETECTOR_PIX0_VECTOR", d->pix0);
}

void trace_sample_pivot(const char *prefix, const Detector *d, const Placement *p)
{
    static const char *const names[] = {[MOSFLM] = "MOSFLM", [XDS] = "XDS",
                                        [ADXV] = "ADXV",     [DENZO] = "DENZO",
                                        [DIALS] = "DIALS",   [CUSTOM] = "CUSTOM"};
    printf("%s:detector_convention=%s\n", prefix, names[d->convention]);
    angles(prefix, d);
    printf("%s:beam_center_m=Xclose:%.15g Yclose:%.15g pixel_mm:%.15g\n", prefix,
           d->Xclose / 1000.0, d->Yclose / 1000.0, d->pixel_size * 1000.0);
    line3(prefix, "initial_fdet", p->before[0]);
    line3(prefix, "initial_sdet", p->before[1]);
    line3(prefix, "initial_odet", p->before[2]);
    line1(prefix, "Fclose_m", d->Fclose);
    line1(prefix, "Sclose_m", d->Sclose);
    line1(prefix, "close_distance_m", d->close_distance);
    line1(prefix, "ratio", p->ratio);
    line1(prefix, "distance_m", p->distance);
    scaled_line3(prefix, "term_fast_before_rot", -d->Fclose, p->before[0]);
    scaled_line3(prefix, "term_slow_before_rot", -d->Sclose, p->before[1]);
    scaled_line3(prefix, "term_close_before_rot", d->close_distance, p->before[2]);
    line3(prefix, "pix0_before_rotation", p->pix0_before);
    line3(prefix, "pix0_after_rotz", p->pix0_after_rotz);
    line3(prefix, "pix0_after_twotheta", d->pix0);
    seven_vectors(prefix, d, p->after_rotz);
    three_axes(d);
    bare_line3("DETECTOR_PIX0_VECTOR", d->pix0);
}

/* The beam pivot as it is, in the order of the sample pivot. */
static void trace_plain_beam_pivot(const char *prefix, const Detector *d, const Beam *b,
                                   const Placement *p)
{
    printf("%s:detector_convention=CUSTOM\n", prefix);
    angles(prefix, d);
    printf("%s:beam_center_m=X:%.15g Y:%.15g pixel_mm:%.15g\n", prefix, d->Xbeam / 1000.0,
           d->Ybeam / 1000.0, d->pixel_size * 1000.0);
    line3(prefix, "initial_fdet", p->before[0]);
    line3(prefix, "initial_sdet", p->before[1]);
    line3(prefix, "initial_odet", p->before[2]);
    line1(prefix, "Fbeam_m", d->Fbeam);
    line1(prefix, "Sbeam_m", d->Sbeam);
    line1(prefix, "distance_m", p->distance);
    seven_vectors(prefix, d, p->after_rotz);
    scaled_line3(prefix, "term_fast", -d->Fbeam, d->fdet);
    scaled_line3(prefix, "term_slow", -d->Sbeam, d->sdet);
    scaled_line3(prefix, "term_beam", p->distance, b->vector);
    line3(prefix, "pix0_vector", d->pix0);
    three_axes(d);
    bare_line3("DETECTOR_PIX0_VECTOR", d->pix0);
}

void trace_placement(const char *prefix, const Detector *d, const Beam *b, const Placement *p)
{
    if (d->pivot == PIVOT_BEAM)
        trace_plain_beam_pivot(prefix, d, b, p);
    else
        trace_sample_pivot(prefix, d, p);
}
