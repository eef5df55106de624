/* Three-vectors. The order of every addition is part of the result. */
#ifndef VECTORS_H
#define VECTORS_H

#include <math.h>
#include <string.h>

static inline double dot(const double u[3], const double v[3])
{
    return u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
}

static inline void cross(const double u[3], const double v[3], double out[3])
{
    double x = u[1] * v[2] - u[2] * v[1];
    double y = u[2] * v[0] - u[0] * v[2];
    double z = u[0] * v[1] - u[1] * v[0];
    out[0] = x;
    out[1] = y;
    out[2] = z;
}

static inline double length(const double v[3])
{
    return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
}

/* Normalize in place and return the old length; a zero vector stays zero. */
static inline double normalize(double v[3])
{
    double mag = length(v);
    if (mag != 0.0) {
        v[0] = v[0] / mag;
        v[1] = v[1] / mag;
        v[2] = v[2] / mag;
    }
    return mag;
}

static inline void scale(double v[3], double factor)
{
    v[0] = v[0] * factor;
    v[1] = v[1] * factor;
    v[2] = v[2] * factor;
}

static inline void copy3(const double from[3], double to[3])
{
    to[0] = from[0];
    to[1] = from[1];
    to[2] = from[2];
}

/* Right-handed rotation about x, then y, then z; a zero angle is skipped. The terms times zero
   decide the sign of a zero, which the report prints. */
static inline void rotate_xyz(double v[3], double phix, double phiy, double phiz)
{
    double x = v[0], y = v[1], z = v[2], t;
    if (phix != 0.0) {
        t = y * cos(phix) + z * -sin(phix);
        z = y * sin(phix) + z * cos(phix);
        y = t;
    }
    if (phiy != 0.0) {
        t = x * cos(phiy) + y * 0.0 + z * sin(phiy);
        z = x * -sin(phiy) + y * 0.0 + z * cos(phiy);
        x = t;
    }
    if (phiz != 0.0) {
        t = x * cos(phiz) + y * -sin(phiz);
        y = x * sin(phiz) + y * cos(phiz);
        x = t;
    }
    v[0] = x;
    v[1] = y;
    v[2] = z;
}

/* Rodrigues' rotation of v about the unit vector u by phi; out may be v. */
static inline void rotate_axis(const double v[3], const double u[3], double phi, double out[3])
{
    double sinphi = sin(phi);
    double cosphi = cos(phi);
    double d = (u[0] * v[0] + u[1] * v[1] + u[2] * v[2]) * (1.0 - cosphi);
    double x = u[0] * d + v[0] * cosphi + (-u[2] * v[1] + u[1] * v[2]) * sinphi;
    double y = u[1] * d + v[1] * cosphi + (u[2] * v[0] - u[0] * v[2]) * sinphi;
    double z = u[2] * d + v[2] * cosphi + (-u[1] * v[0] + u[0] * v[1]) * sinphi;
    out[0] = x;
    out[1] = y;
    out[2] = z;
}

/* The 3x3 matrix, rows one after the other, times v. */
static inline void rotate_umat(const double v[3], const double u[9], double out[3])
{
    double x = u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
    double y = u[3] * v[0] + u[4] * v[1] + u[5] * v[2];
    double z = u[6] * v[0] + u[7] * v[1] + u[8] * v[2];
    out[0] = x;
    out[1] = y;
    out[2] = z;
}

#endif
