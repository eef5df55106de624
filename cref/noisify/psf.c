#include "psf.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "constants.h"
#include "errors.h"

#define LOG_4 1.3862943611198906
#define LOG_16 2.772588722239781
#define SQRT_LOG_2 0.8325546111576977
#define SQRT_LOG_16 1.6651092223153954
#define FIBER_WIDTH 0.652383013252053      /* of the fiber's g, in full widths at half maximum */

typedef struct {
    Psf kind;
    double w, g;            /* full width at half maximum; g of the fiber; pixels */
    int64_t given;          /* radius, 0: automatic */
    int64_t largest;        /* no radius is larger: the longer side of the image */
    int64_t R;              /* of the kernel */
    double *kernel;         /* (2R+1, 2R+1), rows along dx */
    int64_t xpixels, ypixels;
} Spread;

/* ---- the kernel ---- */

/* Integral of the two-dimensional Gaussian over a quadrant that ends at (a, b). */
static double gauss_integral(double a, double b)
{
    return 0.125 * (erf(2 * a * SQRT_LOG_2) * erf(b * SQRT_LOG_16) * 2.0);
}

/* The same of the light that a fiber optic taper spreads. */
static double fiber_integral(double a, double b, double g)
{
    return atan((a * b) / (g * sqrt(g * g + a * a + b * b))) / 2.0 / PI;
}

static double kernel_value(const Spread *s, int64_t dx, int64_t dy)
{
    if (s->kind == PSF_GAUSS) {
        double X = (double)dx / s->w, Y = (double)dy / s->w, h = 1.0 / s->w / 2;
        return gauss_integral(X + h, Y + h) - gauss_integral(X + h, Y - h) -
               gauss_integral(X - h, Y + h) + gauss_integral(X - h, Y - h);
    } else {
        double X = (double)dx, Y = (double)dy, h = 0.5, g = s->g;
        return fiber_integral(X + h, Y + h, g) - fiber_integral(X + h, Y - h, g) -
               fiber_integral(X - h, Y + h, g) + fiber_integral(X - h, Y - h, g);
    }
}

static void make_kernel(Spread *s)
{
    int64_t R = s->R, side = 2 * R + 1, dx, dy;
    s->kernel = allocate((size_t)side * (size_t)side, sizeof(double), "the point spread");
    for (dy = -R; dy <= R; dy++)
        for (dx = -R; dx <= R; dx++)
            if (dx * dx + dy * dy <= R * R)
                s->kernel[(dy + R) * side + dx + R] = kernel_value(s, dx, dy);
}

/* ---- radii ---- */

/* The radius beyond which a tenth of v's own shot noise lies, before it is cut to an integer. */
static double automatic_radius(const Spread *s, double v)
{
    double q, root;
    if (s->kind == PSF_FIBER)
        return 1 + ceil(s->g * (v / (sqrt(v) / 10.0)));
    q = sqrt(v) / 10.0 / v;
    root = -log(q) / LOG_16;
    if (root < 0.0)         /* below 0.01 photons the formula has no value */
        return 1.0;
    return 1 + ceil(sqrt(root) * s->w);
}

static int64_t limited(double radius, int64_t largest)
{
    return radius < (double)largest ? (int64_t)radius : largest;
}

static int64_t printed(double radius)
{
    return radius < 9223372036854775807.0 ? (int64_t)radius : INT64_MAX;
}

static void refuse_undefined(const Spread *s, const float *photons)
{
    int64_t i;
    for (i = 0; i < s->xpixels * s->ypixels; i++)
        if (isnan(photons[i]) || photons[i] > 3.402823466e+38f)
            fail("pixel %ld %ld holds %g: no radius of the point spread can be found for it, "
                 "give -psf_radius",
                 (long)(i % s->xpixels), (long)(i / s->xpixels), photons[i]);
}

/* Choose the radius of the kernel. Returns 0 if there is nothing to spread. */
static int choose_radius(Spread *s, const float *photons)
{
    double m = 0.0, radius;
    int64_t i;
    if (s->given > 0) {
        s->R = s->given < s->largest ? s->given : s->largest;
        return 1;
    }
    for (i = 0; i < s->xpixels * s->ypixels; i++)
        if (m < photons[i])
            m = photons[i];
    printf("  maximum input photon/pixel: %g\n", m);
    if (m <= 0.0) {
        printf("WARNING: no photons, PSF skipped\n");
        return 0;
    }
    refuse_undefined(s, photons);
    radius = automatic_radius(s, m);
    printf("  auto-selected psf_radius = %lld pixels\n", (long long)printed(radius));
    s->R = limited(radius, s->largest);
    return 1;
}

/* ---- spreading ---- */

static double lost_photons(const Spread *s, double v, int64_t r)
{
    if (s->kind == PSF_GAUSS) {
        double d = (double)r / s->w;
        return v * exp(-LOG_16 * (d * d));
    }
    return v * s->g / sqrt(s->g * s->g + (double)(r * r));
}

/* The right and lower limits are one too far: what falls just beyond the right edge of a row
   lands on the first pixel of the next. */
static void spread_pixel(const Spread *s, double v, int64_t i, int64_t r, float *out)
{
    int64_t x = i % s->xpixels, y = i / s->xpixels, count = s->xpixels * s->ypixels;
    int64_t side = 2 * s->R + 1, reach = r < s->R ? r : s->R, dx, dy;
    for (dx = -reach; dx <= reach; dx++) {
        for (dy = -reach; dy <= reach; dy++) {
            double fraction = s->kernel[(dy + s->R) * side + dx + s->R];
            int64_t X = x + dx, Y = y + dy, j;
            if (fraction == 0.0 || dx * dx + dy * dy > r * r)
                continue;
            if (X < 0 || X > s->xpixels || Y < 0 || Y > s->ypixels)
                continue;
            j = Y * s->xpixels + X;
            if (j < count)
                out[j] = (float)(out[j] + v * fraction);
        }
    }
}

static void spread(const Spread *s, const float *in, float *out)
{
    int64_t count = s->xpixels * s->ypixels, i;
    double total_lost = 0.0, share;
    for (i = 0; i < count; i++) {
        double v = in[i], lost;
        int64_t r = s->given;
        if (v <= 0.0)
            continue;
        if (r)
            r = r < s->largest ? r : s->largest;
        else
            r = limited(automatic_radius(s, v), s->largest);
        lost = lost_photons(s, v, r);
        if (!isnan(total_lost))     /* of two undefined numbers the first one keeps its sign */
            total_lost += lost;
        spread_pixel(s, v, i, r, out);
    }
    printf("adding back %g lost photons\n", total_lost);
    share = total_lost / (double)count;
    for (i = 0; i < count; i++)
        out[i] = isnan(share) ? (float)share : (float)(out[i] + share);
}

void apply_psf(const Options *o, float *photons)
{
    Spread s;
    size_t count = (size_t)o->xpixels * (size_t)o->ypixels;
    float *out;
    memset(&s, 0, sizeof s);
    s.kind = o->psf;
    s.w = o->psf_fwhm / o->pixel;
    s.g = s.w * FIBER_WIDTH;
    s.given = o->psf_radius;
    s.xpixels = o->xpixels;
    s.ypixels = o->ypixels;
    s.largest = o->xpixels > o->ypixels ? o->xpixels : o->ypixels;
    out = allocate(count, sizeof *out, "the spread image");
    if (choose_radius(&s, photons)) {
        make_kernel(&s);
        spread(&s, photons, out);
        free(s.kernel);
    }
    memcpy(photons, out, count * sizeof *out);
    free(out);
}
