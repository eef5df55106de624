/* Unit cell, orientation and crystal size (steps 10 and 11 of the specification). */
#include "experiment.h"

#include <math.h>
#include <stdio.h>

#include "constants.h"
#include "errors.h"
#include "integers.h"
#include "vectors.h"

#define LARGEST_OVERSAMPLING 46340      /* whose square fits an int */

/* Sines and cosines of three angles, as found and as clamped. */
typedef struct {
    double sine[3], cosine[3];
} Angles;

static int beyond_one(const Angles *angles)
{
    int i;
    for (i = 0; i < 3; i++)
        if (fabs(angles->sine[i]) > 1.0000001 || fabs(angles->cosine[i]) > 1.0000001)
            return 1;
    return 0;
}

static void clamp(Angles *angles)
{
    int i;
    for (i = 0; i < 3; i++) {
        if (angles->sine[i] > 1.0)
            angles->sine[i] = 1.0;
        if (angles->sine[i] < -1.0)
            angles->sine[i] = -1.0;
        if (angles->cosine[i] * angles->cosine[i] > 1.0)
            angles->cosine[i] = 1.0;
    }
}

static double positive(const char *name, double value)
{
    if (value > 0.0)
        return value;
    warn("the cell gives %s = %g, not a positive length", name, value);
    value = fabs(value);
    return value == 0.0 ? SMALLEST_NORMAL : value;
}

/* The reciprocal vectors of a cell given by lengths and angles. */
static void reciprocal_from_cell(Crystal *t, double a, double b, double c, double alpha,
                                 double beta, double gamma)
{
    double aavg = (alpha + beta + gamma) / 2;
    double skew = sin(aavg) * sin(aavg - alpha) * sin(aavg - beta) * sin(aavg - gamma);
    double V, Vs, as, bs, cs;
    Angles star;
    if (!(skew > 0.0))
        fail("no unit cell has the angles %g %g %g", alpha * RTD, beta * RTD, gamma * RTD);
    skew = fabs(skew);
    V = 2.0 * a * b * c * sqrt(skew);
    if (!(V > 0.0))
        fail("the cell %g %g %g has no volume", a, b, c);
    Vs = 1.0 / V;
    as = positive("a*", b * c * sin(alpha) * Vs);
    bs = positive("b*", c * a * sin(beta) * Vs);
    cs = positive("c*", a * b * sin(gamma) * Vs);
    star.sine[0] = a * Vs / bs / cs;
    star.sine[1] = b * Vs / as / cs;
    star.sine[2] = c * Vs / as / bs;
    star.cosine[0] = (cos(beta) * cos(gamma) - cos(alpha)) / (sin(beta) * sin(gamma));
    star.cosine[1] = (cos(gamma) * cos(alpha) - cos(beta)) / (sin(gamma) * sin(alpha));
    star.cosine[2] = (cos(alpha) * cos(beta) - cos(gamma)) / (sin(alpha) * sin(beta));
    if (beyond_one(&star))
        fail("the cell angles %g %g %g have impossible reciprocal angles", alpha * RTD,
             beta * RTD, gamma * RTD);
    clamp(&star);
    t->a_star[0] = as;
    t->a_star[1] = 0.0;
    t->a_star[2] = 0.0;
    t->b_star[0] = bs * star.cosine[2];
    t->b_star[1] = bs * star.sine[2];
    t->b_star[2] = 0.0;
    t->c_star[0] = cs * star.cosine[1];
    t->c_star[1] = cs * (star.cosine[0] - star.cosine[1] * star.cosine[2]) / star.sine[2];
    t->c_star[2] = cs * V / (a * b * c * star.sine[2]);
    t->a_len = a;
    t->b_len = b;
    t->c_len = c;
    t->V_cell = V;
}

static void reciprocal_from_matrix(Crystal *t, const char *name, double lambda)
{
    double m[9];
    double wavelength_factor = 1e-10 / lambda;
    int i;
    printf("reading %s\n", name);
    read_matrix(name, m);
    for (i = 0; i < 3; i++) {
        t->a_star[i] = m[3 * i];
        t->b_star[i] = m[3 * i + 1];
        t->c_star[i] = m[3 * i + 2];
    }
    scale(t->a_star, wavelength_factor);
    scale(t->b_star, wavelength_factor);
    scale(t->c_star, wavelength_factor);
}

/* The three angles whose rotate_xyz is the given rotation. */
static void angles_of_rotation(double umat[9], double angles[3])
{
    const double *ux = umat, *uy = umat + 3, *uz = umat + 6;
    int i;
    for (i = 0; i < 3; i++)
        normalize(umat + 3 * i);
    if (uz[0] * uz[0] < 1.0) {
        angles[0] = atan2(uz[1], uz[2]);
        angles[1] = atan2(-uz[0], sqrt(uz[1] * uz[1] + uz[2] * uz[2]));
        angles[2] = atan2(uy[0], ux[0]);
    } else {
        angles[0] = atan2(1, 1) * 4;
        angles[1] = atan2(1, 1) * 2;
        angles[2] = atan2(ux[1], -uy[1]);
    }
}

static void resolve_misset(Experiment *x)
{
    const Options *o = &x->options;
    Crystal *t = &x->crystal;
    if (!o->have_misset)
        return;
    copy3(o->misset, t->misset);
    if (o->random_misset) {
        double umat[9];
        random_rotation(&x->random, (float)90.0, &x->misset_seed, umat);
        angles_of_rotation(umat, t->misset);
        printf("random orientation misset angles: %f %f %f deg\n", t->misset[0] * RTD,
               t->misset[1] * RTD, t->misset[2] * RTD);
    }
    rotate_xyz(t->a_star, t->misset[0], t->misset[1], t->misset[2]);
    rotate_xyz(t->b_star, t->misset[0], t->misset[1], t->misset[2]);
    rotate_xyz(t->c_star, t->misset[0], t->misset[1], t->misset[2]);
}

static void rescale(double v[3], double new_length)
{
    scale(v, new_length / length(v));
}

static void scaled_copy(const double from[3], double factor, double to[3])
{
    to[0] = factor * from[0];
    to[1] = factor * from[1];
    to[2] = factor * from[2];
}

/* Real-space from reciprocal vectors, and these again from those, so that the two agree. */
static void both_spaces(Crystal *t, int user_cell)
{
    double axb[3], bxc[3], cxa[3], V_star;
    cross(t->a_star, t->b_star, axb);
    cross(t->b_star, t->c_star, bxc);
    cross(t->c_star, t->a_star, cxa);
    V_star = dot(t->a_star, bxc);
    if (!(fabs(V_star) > 1e-12 * length(t->a_star) * length(t->b_star) * length(t->c_star)))
        fail("the orientation matrix is singular: its three vectors lie in a plane");
    if (user_cell) {
        rescale(bxc, t->a_len / t->V_cell);
        rescale(cxa, t->b_len / t->V_cell);
        rescale(axb, t->c_len / t->V_cell);
        V_star = 1.0 / t->V_cell;
    }
    t->V_cell = 1.0 / V_star;
    scaled_copy(bxc, t->V_cell, t->a);
    scaled_copy(cxa, t->V_cell, t->b);
    scaled_copy(axb, t->V_cell, t->c);
    cross(t->a, t->b, axb);
    cross(t->b, t->c, bxc);
    cross(t->c, t->a, cxa);
    scaled_copy(bxc, V_star, t->a_star);
    scaled_copy(cxa, V_star, t->b_star);
    scaled_copy(axb, V_star, t->c_star);
    t->a_len = length(t->a);
    t->b_len = length(t->b);
    t->c_len = length(t->c);
    t->as_len = length(t->a_star);
    t->bs_len = length(t->b_star);
    t->cs_len = length(t->c_star);
}

static void print_oddball(const char *title, const char *const names[6], const Angles *angles)
{
    int i;
    printf("WARNING: oddball %s:\n", title);
    for (i = 0; i < 3; i++) {
        printf("%s = %.25g\n", names[2 * i], angles->sine[i]);
        printf("%s = %.25g\n", names[2 * i + 1], angles->cosine[i]);
    }
}

static void measure_angles(Crystal *t)
{
    static const char *const real_names[6] = {"sin_alpha", "cos_alpha", "sin_beta ",
                                              "cos_beta ", "sin_gamma", "cos_gamma"};
    static const char *const star_names[6] = {"sin(alpha_star)", "cos(alpha_star)",
                                              "sin(beta_star) ", "cos(beta_star) ",
                                              "sin(gamma_star)", "cos(gamma_star)"};
    double V = t->V_cell, V_star = 1.0 / t->V_cell;
    double a = t->a_len, b = t->b_len, c = t->c_len;
    double as = t->as_len, bs = t->bs_len, cs = t->cs_len;
    Angles real, star;
    real.sine[0] = as * V / b / c;
    real.sine[1] = bs * V / a / c;
    real.sine[2] = cs * V / a / b;
    real.cosine[0] = dot(t->b, t->c) / b / c;
    real.cosine[1] = dot(t->a, t->c) / a / c;
    real.cosine[2] = dot(t->a, t->b) / a / b;
    if (beyond_one(&real))
        print_oddball("cell angles", real_names, &real);
    clamp(&real);
    star.sine[0] = a * V_star / bs / cs;
    star.sine[1] = b * V_star / as / cs;
    star.sine[2] = c * V_star / as / bs;
    star.cosine[0] = dot(t->b_star, t->c_star) / bs / cs;
    star.cosine[1] = dot(t->a_star, t->c_star) / as / cs;
    star.cosine[2] = dot(t->a_star, t->b_star) / as / bs;
    if (beyond_one(&star))
        print_oddball("reciprocal cell angles", star_names, &star);
    clamp(&star);
    t->alpha = atan2(real.sine[0], real.cosine[0]);
    t->beta = atan2(real.sine[1], real.cosine[1]);
    t->gamma = atan2(real.sine[2], real.cosine[2]);
    t->alpha_star = atan2(star.sine[0], star.cosine[0]);
    t->beta_star = atan2(star.sine[1], star.cosine[1]);
    t->gamma_star = atan2(star.sine[2], star.cosine[2]);
}

static void print_vectors(const char *title, const char *names, const double a[3],
                          const double b[3], const double c[3])
{
    int i;
    printf("%s\n%s\n", title, names);
    for (i = 0; i < 3; i++)
        printf("%c: %11.8f %11.8f %11.8f\n", "XYZ"[i], a[i], b[i], c[i]);
}

static void print_cell(const Crystal *t)
{
    printf("Unit Cell: %g %g %g %g %g %g\n", t->a_len, t->b_len, t->c_len, t->alpha * RTD,
           t->beta * RTD, t->gamma * RTD);
    printf("Recp Cell: %g %g %g %g %g %g\n", t->as_len, t->bs_len, t->cs_len,
           t->alpha_star * RTD, t->beta_star * RTD, t->gamma_star * RTD);
    printf("volume = %g A^3\n", t->V_cell);
    print_vectors("real-space cell vectors (Angstrom):", "     a           b           c         ",
                  t->a, t->b, t->c);
    print_vectors("reciprocal-space cell vectors (Angstrom^-1):",
                  "     a_star      b_star      c_star    ", t->a_star, t->b_star, t->c_star);
}

static double or_default(double value, double otherwise)
{
    return value <= 0.0 ? otherwise : value;
}

void resolve_cell(Experiment *x)
{
    const Options *o = &x->options;
    Crystal *t = &x->crystal;
    if (o->user_cell) {
        if (!(o->a > 0.0))
            fail("the cell needs a positive first length, not %g", o->a);
        reciprocal_from_cell(t, o->a, or_default(o->b, o->a), or_default(o->c, o->a),
                             or_default(o->alpha, PI / 2), or_default(o->beta, PI / 2),
                             or_default(o->gamma, PI / 2));
    }
    if (o->matrix_file && o->a != 0.0 && !is_readable(o->matrix_file))
        warn("cannot read %s: the crystal is that of -cell alone", o->matrix_file);
    else if (o->matrix_file)
        reciprocal_from_matrix(t, o->matrix_file, x->beam.lambda);
    resolve_misset(x);
    both_spaces(t, o->user_cell);
    measure_angles(t);
    print_cell(t);
    scaled_copy(t->a, 1e-10, t->a0);
    scaled_copy(t->b, 1e-10, t->b0);
    scaled_copy(t->c, 1e-10, t->c0);
    t->a0_len = length(t->a0);
    t->b0_len = length(t->b0);
    t->c0_len = length(t->c0);
}

void check_miller_indices(const Experiment *x)
{
    const Crystal *t = &x->crystal;
    const Sources *sources = &x->sampling.sources;
    double longest = fmax(t->a0_len, fmax(t->b0_len, t->c0_len));
    int i;
    for (i = 0; i < sources->count; i++) {
        double largest = 2.0 * longest / fabs(sources->wavelength[i]);
        if (!(largest < 2147483648.0))
            fail("a cell of %g A at a wavelength of %g A has Miller indices up to %g, beyond "
                 "2147483647: check -cell, -mat and -lambda",
                 longest * 1e10, sources->wavelength[i] * 1e10, largest);
    }
}

static double cell_count(double given, double sample, double cell_length)
{
    double count = sample > 0.0 ? ceil(sample / cell_length) : given;
    return count <= 1.0 ? 1.0 : count;
}

void resolve_crystal_size(Experiment *x)
{
    const Options *o = &x->options;
    Crystal *t = &x->crystal;
    double size_a, size_b, size_c, largest, reciprocal_pixel, volume;
    int recommended;
    t->Na = cell_count(o->Na, t->sample_x, t->a0_len);
    t->Nb = cell_count(o->Nb, t->sample_y, t->b0_len);
    t->Nc = cell_count(o->Nc, t->sample_z, t->c0_len);
    t->shape = o->shape;
    t->fudge = o->fudge;
    size_a = t->a0_len * t->Na;
    size_b = t->b0_len * t->Nb;
    size_c = t->c0_len * t->Nc;
    printf("crystal is %g x %g x %g microns\n", size_a * 1e6, size_b * 1e6, size_c * 1e6);
    largest = fmax(size_a, fmax(size_b, size_c));
    reciprocal_pixel = x->beam.lambda * x->detector.distance / x->detector.pixel_size;
    if (reciprocal_pixel == 0.0)
        fail("the detector is at distance 0: see -distance and -close_distance");
    recommended = to_int(ceil(3.0 * largest / reciprocal_pixel));
    if (recommended <= 0)
        recommended = 1;
    x->sampling.oversample = o->oversample;
    if (o->oversample <= 0) {
        if (recommended > LARGEST_OVERSAMPLING)
            fail("a crystal of %g m at a distance of %g m asks for %d-fold oversampling", largest,
                 x->detector.distance, recommended);
        x->sampling.oversample = recommended;
        printf("auto-selected %d-fold oversampling\n", recommended);
    } else if (o->oversample < recommended) {
        printf("WARNING: maximum dimension of sample is %g A\n", largest * 1e10);
        printf("         but reciprocal pixel size is %g A\n", reciprocal_pixel * 1e10);
        printf("         intensity may vary significantly across a pixel!\n");
        printf("         recommend -oversample %d to work around this\n", recommended);
    }
    volume = size_a * size_b * size_c;
    printf("approximate MW = %g\n", volume * 1.2e6 * AVOGADRO / (t->Na * t->Nb * t->Nc));
}
