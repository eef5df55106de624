/* The nested loops over layers, subpixels, sources, phi steps and mosaic domains of one pixel, to
   be read beside kernels/loop/pixel_loop.py. Every TRACE block is here. */
#include "pixel_loop.h"

#include <math.h>

#include "constants.h"
#include "integers.h"
#include "interpolation.h"
#include "lattice.h"
#include "polarization.h"
#include "vectors.h"

#define TRACE1(name, value) \
    do { if (trace) fprintf(trace, "%s: %s %.15g\n", s->trace_prefix, name, value); } while (0)
#define TRACE3(name, x, y, z) \
    do { if (trace) fprintf(trace, "%s: %s %.15g %.15g %.15g\n", s->trace_prefix, name, x, y, z); \
    } while (0)
#define TRACE_VEC(name, v) TRACE3(name, (v)[0], (v)[1], (v)[2])
#define TRACE_SCALED(name, v) TRACE3(name, (v)[0] * 1e10, (v)[1] * 1e10, (v)[2] * 1e10)
#define TRACE_INT(name, value) \
    do { if (trace) fprintf(trace, "%s: %s %d\n", s->trace_prefix, name, value); } while (0)
#define TRACE_SOURCE2(name, value) \
    do { if (trace) fprintf(trace, "%s_SOURCE2: %s %.15g\n", s->trace_prefix, name, value); \
    } while (0)

void loop_start(const Scene *s, LoopState *state)
{
    memset(state, 0, sizeof *state);
    copy3(s->a0, state->ap);
    copy3(s->b0, state->bp);
    copy3(s->c0, state->cp);
    copy3(s->polar_axis, state->polar_axis);
    state->interpolate = s->interpolate;
}

void print_interpolation_warning(const LoopState *state)
{
    printf("WARNING: out of range for three point interpolation: h,k,l,h0,k0,l0: "
           "%g,%g,%g,%d,%d,%d \n",
           state->out_hkl[0], state->out_hkl[1], state->out_hkl[2], state->out_hkl0[0],
           state->out_hkl0[1], state->out_hkl0[2]);
    printf("WARNING: further warnings will not be printed! ");
}

static double lattice_factor(const Scene *s, const double hkl[3], const int hkl0[3],
                             double F_latt_abc[3])
{
    double dh = hkl[0] - hkl0[0], dk = hkl[1] - hkl0[1], dl = hkl[2] - hkl0[2];
    double F_latt = 1.0, d[3], rad_star_sqr, q;
    int i;
    F_latt_abc[0] = F_latt_abc[1] = F_latt_abc[2] = 1.0;
    switch (s->shape) {
    case SQUARE:
        if (s->Na > 1)
            F_latt *= F_latt_abc[0] = sincg(PI * hkl[0], s->Na);
        if (s->Nb > 1)
            F_latt *= F_latt_abc[1] = sincg(PI * hkl[1], s->Nb);
        if (s->Nc > 1)
            F_latt *= F_latt_abc[2] = sincg(PI * hkl[2], s->Nc);
        return F_latt;
    case ROUND:
        q = dh * dh * s->Na * s->Na + dk * dk * s->Nb * s->Nb + dl * dl * s->Nc * s->Nc;
        return s->Na * s->Nb * s->Nc * 0.723601254558268 * sinc3(PI * sqrt(q * s->fudge));
    case GAUSS:
    case TOPHAT:
        break;
    }
    for (i = 0; i < 3; i++)
        d[i] = dh * s->a_star[i] + dk * s->b_star[i] + dl * s->c_star[i];
    rad_star_sqr = (d[0] * d[0] + d[1] * d[1] + d[2] * d[2]) * s->Na * s->Na * s->Nb * s->Nb *
                   s->Nc * s->Nc;
    if (s->shape == GAUSS)
        return s->Na * s->Nb * s->Nc * exp(-(rad_star_sqr / 0.63 * s->fudge));
    return s->Na * s->Nb * s->Nc * (rad_star_sqr * s->fudge < 0.3969);
}

static double structure_factor(const Scene *s, LoopState *state, const double hkl[3],
                               const int hkl0[3])
{
    const FGrid *g = s->grid;
    int i;
    if (state->interpolate && !is_interpolable(g, hkl[0], hkl[1], hkl[2])) {
        state->interpolate = 0;
        state->out_of_range = 1;
        for (i = 0; i < 3; i++) {
            state->out_hkl[i] = hkl[i];
            state->out_hkl0[i] = hkl0[i];
        }
        if (!state->quiet)
            print_interpolation_warning(state);
    }
    if (state->interpolate)
        return interpolate_F(g, hkl[0], hkl[1], hkl[2]);
    if (s->have_F && hkl0[0] >= g->h_min && hkl0[0] <= g->h_max && hkl0[1] >= g->k_min &&
        hkl0[1] <= g->k_max && hkl0[2] >= g->l_min && hkl0[2] <= g->l_max) {
        size_t row = (size_t)(hkl0[0] - g->h_min) * (size_t)(g->k_range + 1) +
                     (size_t)(hkl0[1] - g->k_min);
        return g->F[row * (size_t)(g->l_range + 1) + (size_t)(hkl0[2] - g->l_min)];
    }
    return s->default_F;
}

Pixel render_pixel(const Scene *s, LoopState *state, int spixel, int fpixel, FILE *trace)
{
    double I = s->I_bg;
    double polar = s->nopolar ? 1.0 : 0.0;
    double omega = 0.0, capture = 1.0, Fdet = 0.0, Sdet = 0.0;
    double test;
    double pos[3] = {0, 0, 0}, diffracted[3] = {0, 0, 0}, incident[3] = {0, 0, 0};
    double scattering[3];
    double *ap = state->ap, *bp = state->bp, *cp = state->cp;
    double *a = state->a, *b = state->b, *c = state->c;
    double *hkl = state->hkl;
    int *hkl0 = state->hkl0;
    Pixel pixel;
    int thick_tic, subS, subF, source, phi_tic, mos_tic, i;

    if (trace)
        fprintf(trace, "TRACE_CONFIG: tracing pixel (spixel=%d, fpixel=%d)\n", spixel, fpixel);

    for (thick_tic = 0; thick_tic < s->thick_steps; thick_tic++) {
        double Odet = thick_tic * s->thickstep;
        capture = s->thickness == 0.0 ? 1.0 : 0.0;

        for (subS = 0; subS < s->oversample; subS++)
        for (subF = 0; subF < s->oversample; subF++) {
            double airpath;
            Fdet = s->subpixel_size * (fpixel * s->oversample + subF) + s->subpixel_size / 2.0;
            Sdet = s->subpixel_size * (spixel * s->oversample + subS) + s->subpixel_size / 2.0;
            for (i = 0; i < 3; i++)
                pos[i] = Fdet * s->fdet[i] + Sdet * s->sdet[i] + Odet * s->odet[i] + s->pix0[i];
            if (s->curved_det) {
                double v[3] = {s->distance * s->beam[0], s->distance * s->beam[1],
                               s->distance * s->beam[2]};
                rotate_axis(v, s->sdet, pos[1] / s->distance, v);
                rotate_axis(v, s->fdet, pos[2] / s->distance, pos);
            }
            airpath = length(pos);
            for (i = 0; i < 3; i++)
                diffracted[i] = pos[i] / airpath;

            if (omega == 0.0 || s->oversample_omega) {
                omega = s->pixel_size * s->pixel_size / airpath / airpath * s->close_distance /
                        airpath;
                if (s->point_pixel)
                    omega = 1.0 / airpath / airpath;
            }
            state->omega_sum += omega;

            if (capture == 0.0 || s->oversample_thick) {
                double parallax = dot(diffracted, s->odet);
                capture = exp(-thick_tic * s->thickstep * s->mu / parallax) -
                          exp(-(thick_tic + 1) * s->thickstep * s->mu / parallax);
            }

            for (source = 0; source < s->sources; source++) {
                double lambda = s->wavelength[source], stol;
                for (i = 0; i < 3; i++)
                    incident[i] = -s->source[3 * source + i];
                for (i = 0; i < 3; i++)
                    scattering[i] = (diffracted[i] - incident[i]) / lambda;

                if (source == 0) {
                    TRACE_VEC("pix0_vector_meters", s->pix0);
                    TRACE_VEC("fdet_vec", s->fdet);
                    TRACE_VEC("sdet_vec", s->sdet);
                    TRACE_VEC("pixel_pos_meters", pos);
                    TRACE1("R_distance_meters", airpath);
                    TRACE1("omega_pixel_sr", omega);
                    TRACE1("close_distance_meters", s->close_distance);
                    TRACE1("obliquity_factor", s->close_distance / airpath);
                    TRACE_VEC("diffracted_vec", diffracted);
                    TRACE_VEC("incident_vec", incident);
                    TRACE1("lambda_meters", lambda);
                    TRACE1("lambda_angstroms", lambda * 1e10);
                    TRACE_VEC("scattering_vec_A_inv", scattering);
                }

                stol = 0.5 * length(scattering);
                state->stol = stol;
                if (s->dmin > 0.0 && stol > 0.0 && s->dmin > 0.5 / stol)
                    continue;

                if (polar == 0.0 || s->oversample_polar) {
                    polar = polarization_factor(s->kahn, incident, diffracted,
                                                state->polar_axis);
                }

                for (phi_tic = 0; phi_tic < s->phisteps; phi_tic++) {
                    double phi = s->phi0 + s->phistep * phi_tic;
                    if (phi != 0.0) {
                        rotate_axis(s->a0, s->spindle, phi, ap);
                        rotate_axis(s->b0, s->spindle, phi, bp);
                        rotate_axis(s->c0, s->spindle, phi, cp);
                    }
                    state->swept = 1;

                    for (mos_tic = 0; mos_tic < s->mosaic_domains; mos_tic++) {
                        int first = source == 0 && phi_tic == 0 && mos_tic == 0;
                        double F_cell, F_latt, F_latt_abc[3];
                        if (s->mosaic_spread > 0.0) {
                            rotate_umat(ap, s->umats + 9 * mos_tic, a);
                            rotate_umat(bp, s->umats + 9 * mos_tic, b);
                            rotate_umat(cp, s->umats + 9 * mos_tic, c);
                        } else {
                            copy3(ap, a);
                            copy3(bp, b);
                            copy3(cp, c);
                        }
                        hkl[0] = dot(a, scattering);
                        hkl[1] = dot(b, scattering);
                        hkl[2] = dot(c, scattering);
                        for (i = 0; i < 3; i++)
                            hkl0[i] = to_int(ceil(hkl[i] - 0.5));

                        if (first) {
                            TRACE_SCALED("rot_a_angstroms", a);
                            TRACE_SCALED("rot_b_angstroms", b);
                            TRACE_SCALED("rot_c_angstroms", c);
                            TRACE_VEC("rot_a_star_A_inv", s->a_star);
                            TRACE_VEC("rot_b_star_A_inv", s->b_star);
                            TRACE_VEC("rot_c_star_A_inv", s->c_star);
                            TRACE_VEC("hkl_frac", hkl);
                            if (trace)
                                fprintf(trace, "%s: hkl_rounded %d %d %d\n", s->trace_prefix,
                                        hkl0[0], hkl0[1], hkl0[2]);
                        }

                        F_latt = lattice_factor(s, hkl, hkl0, F_latt_abc);
                        state->F_latt = F_latt;
                        if (first && s->shape == SQUARE) {
                            TRACE1("F_latt_a", F_latt_abc[0]);
                            TRACE1("F_latt_b", F_latt_abc[1]);
                            TRACE1("F_latt_c", F_latt_abc[2]);
                            TRACE1("F_latt", F_latt);
                        }
                        if (trace && source == 0 && mos_tic == 0 && s->shape == SQUARE)
                            fprintf(trace,
                                    "%s_PHI phi_tic=%d phi_deg=%.15g k_frac=%.15g "
                                    "F_latt_b=%.15g F_latt=%.15g\n",
                                    s->trace_prefix, phi_tic, phi * RTD, hkl[1], F_latt_abc[1],
                                    F_latt);
                        if (F_latt == 0.0 && s->water_size == 0.0)
                            continue;

                        F_cell = structure_factor(s, state, hkl, hkl0);
                        state->F_cell = F_cell;
                        if (first)
                            TRACE1("F_cell", F_cell);
                        if (source == 2 && phi_tic == 0 && mos_tic == 0) {
                            TRACE_SOURCE2("F_cell", F_cell);
                            TRACE_SOURCE2("F_latt", F_latt);
                            TRACE_SOURCE2("F_cell_squared", F_cell * F_cell);
                            TRACE_SOURCE2("F_latt_squared", F_latt * F_latt);
                            TRACE_SOURCE2("I_contribution", F_cell * F_cell * F_latt * F_latt);
                            TRACE_SOURCE2("polar", polar);
                            TRACE_SOURCE2("cos2theta", dot(incident, diffracted));
                            TRACE_SOURCE2("lambda_angstroms", lambda * 1e10);
                            if (trace)
                                fprintf(trace, "%s_SOURCE2: source_index %d\n", s->trace_prefix,
                                        source);
                        }

                        I += F_cell * F_cell * F_latt * F_latt;
                        if (s->oversample_thick)
                            I *= capture;
                        if (s->oversample_polar)
                            I *= polar;
                        if (s->oversample_omega)
                            I *= omega;
                    }
                }
            }
        }
    }

    test = R_E_SQR * s->fluence * I / s->steps;
    if (!s->oversample_thick)
        test *= capture;
    if (!s->oversample_polar)
        test *= polar;
    if (!s->oversample_omega)
        test *= omega;
    pixel.value = (float)(0.0f + test);
    pixel.Fdet = Fdet;
    pixel.Sdet = Sdet;

    TRACE1("I_before_scaling", I);
    TRACE1("r_e_meters", sqrt(R_E_SQR));
    TRACE1("r_e_sqr", R_E_SQR);
    TRACE1("fluence_photons_per_m2", s->fluence);
    TRACE_INT("steps", (int)s->steps);
    TRACE_INT("oversample_thick", s->oversample_thick);
    TRACE_INT("oversample_polar", s->oversample_polar);
    TRACE_INT("oversample_omega", s->oversample_omega);
    TRACE1("capture_fraction", capture);
    TRACE1("polar", polar);
    TRACE1("omega_pixel", omega);
    TRACE1("cos_2theta", dot(incident, diffracted));
    TRACE1("I_pixel_final", test);
    TRACE1("floatimage_accumulated", pixel.value);

    if (s->printout && (s->printout_fpixel < 0 || s->printout_fpixel == fpixel) &&
        (s->printout_spixel < 0 || s->printout_spixel == spixel)) {
        double twotheta = atan2(sqrt(pos[1] * pos[1] + pos[2] * pos[2]), pos[0]);
        printf("%4d %4d : stol = %g or %g\n", fpixel, spixel, state->stol,
               sin(twotheta / 2.0) / (s->lambda * 1e10));
        printf("at %g %g %g\n", pos[0], pos[1], pos[2]);
        printf("hkl= %f %f %f  hkl0= %d %d %d\n", hkl[0], hkl[1], hkl[2], hkl0[0], hkl0[1],
               hkl0[2]);
        printf(" F_cell=%g  F_latt=%g   I = %g\n", state->F_cell, state->F_latt, I);
        printf("I/steps %15.10g\n", I / s->steps);
        printf("polar   %15.10g\n", polar);
        printf("omega   %15.10g\n", omega);
        printf("capfrac %15.10g\n", capture);
        printf("pixel   %15.10g\n", pixel.value);
        printf("real-space cell vectors (Angstrom):\n");
        printf("     a           b           c         \n");
        for (i = 0; i < 3; i++)
            printf("%c: %11.8f %11.8f %11.8f\n", "XYZ"[i], a[i] * 1e10, b[i] * 1e10,
                   c[i] * 1e10);
    }
    return pixel;
}
