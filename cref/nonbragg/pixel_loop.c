/* The nested loops over subpixels and sources of one pixel, to be read beside
   kernels/amorphous/pixel_loop.py. Every TRACE block is here. */
#include "pixel_loop.h"

#include <math.h>

#include "constants.h"
#include "polarization.h"
#include "vectors.h"

#define TRACE1(name, value) \
    do { if (trace) fprintf(trace, "%s: %s %.15g\n", prefix, name, value); } while (0)
#define TRACE_VEC(name, v) \
    do { if (trace) fprintf(trace, "%s: %s %.15g %.15g %.15g\n", prefix, name, (v)[0], (v)[1], \
                            (v)[2]); \
    } while (0)
#define TRACE_INT(name, value) \
    do { if (trace) fprintf(trace, "%s: %s %d\n", prefix, name, value); } while (0)

void loop_start(const Experiment *x, LoopState *state)
{
    memset(state, 0, sizeof *state);
    copy3(x->beam.polar, state->polar_axis);
}

static void print_pixel(const Experiment *x, const LoopState *state, int spixel, int fpixel,
                        const double pos[3], float value)
{
    const Options *o = &x->options;
    double twotheta = atan2(sqrt(pos[1] * pos[1] + pos[2] * pos[2]), pos[0]);
    double weight = x->sources.weight[x->sources.count - 1];
    if (!o->printout || (o->printout_fpixel >= 0 && o->printout_fpixel != fpixel) ||
        (o->printout_spixel >= 0 && o->printout_spixel != spixel))
        return;
    printf("%4d %4d : stol = %g or %g\n", fpixel, spixel, state->stol,
           sin(twotheta / 2.0) / (x->beam.lambda * 1e10));
    printf(" F=0    I = %g\n", weight);
    printf("I/steps %15.10g\n", weight / x->steps);
    printf("polar   %15.10g\n", state->polar);
    printf("omega   %15.10g\n", state->omega);
    printf("pixel   %15.10g\n", value);
}

Pixel render_pixel(const Experiment *x, LoopState *state, int spixel, int fpixel, FILE *trace)
{
    const Detector *d = &x->detector;
    const Sources *sources = &x->sources;
    const char *prefix = x->options.trace_prefix;
    double subpixel_size = d->pixel_size / x->oversample;
    double I = 0.0, F = 0.0, Fdet = 0.0, Sdet = 0.0, test;
    double pos[3] = {0, 0, 0}, diffracted[3] = {0, 0, 0}, incident[3] = {0, 0, 0};
    double scattering[3];
    Pixel pixel;
    int subS, subF, source, i;

    if (trace)
        fprintf(trace, "TRACE_CONFIG: tracing pixel (spixel=%d, fpixel=%d)\n", spixel, fpixel);

    for (subS = 0; subS < x->oversample; subS++)
    for (subF = 0; subF < x->oversample; subF++) {
        double airpath;
        Fdet = subpixel_size * (fpixel * x->oversample + subF) + subpixel_size / 2.0;
        Sdet = subpixel_size * (spixel * x->oversample + subS) + subpixel_size / 2.0;
        for (i = 0; i < 3; i++)
            pos[i] = Fdet * d->fdet[i] + Sdet * d->sdet[i] + 0.0 * d->odet[i] + d->pix0[i];
        if (d->curved_det) {
            double v[3] = {d->distance * x->beam.vector[0], d->distance * x->beam.vector[1],
                           d->distance * x->beam.vector[2]};
            rotate_axis(v, d->sdet, pos[1] / d->distance, v);
            rotate_axis(v, d->fdet, pos[2] / d->distance, pos);
        }
        copy3(pos, diffracted);
        airpath = normalize(diffracted);
        state->omega = d->pixel_size * d->pixel_size / airpath / airpath * d->close_distance /
                       airpath;
        if (d->point_pixel)
            state->omega = 1.0 / airpath / airpath;
        state->omega_sum += state->omega;

        for (source = 0; source < sources->count; source++) {
            double lambda = sources->wavelength[source], weight = sources->weight[source];
            double sign, term;
            for (i = 0; i < 3; i++)
                incident[i] = -sources->direction[3 * source + i];
            normalize(incident);
            for (i = 0; i < 3; i++)
                scattering[i] = (diffracted[i] - incident[i]) / lambda;

            if (source == 0) {
                TRACE_VEC("pix0_vector_meters", d->pix0);
                TRACE_VEC("fdet_vec", d->fdet);
                TRACE_VEC("sdet_vec", d->sdet);
                TRACE_VEC("pixel_pos_meters", pos);
                TRACE1("R_distance_meters", airpath);
                TRACE1("omega_pixel_sr", state->omega);
                TRACE1("close_distance_meters", d->close_distance);
                TRACE1("obliquity_factor", d->close_distance / airpath);
                TRACE_VEC("diffracted_vec", diffracted);
                TRACE_VEC("incident_vec", incident);
                TRACE1("lambda_meters", lambda);
                TRACE1("lambda_angstroms", lambda * 1e10);
                TRACE_VEC("scattering_vec_A_inv", scattering);
            }

            state->stol = 0.5 * length(scattering);
            F = table_F(&x->table, &state->bracket, state->stol);
            state->polar = x->beam.nopolar ? 1.0
                                           : polarization_factor(x->beam.kahn, incident,
                                                                 diffracted, state->polar_axis);
            sign = F < 0.0 ? -1.0 : 1.0;
            term = sign * F * F * state->polar * state->omega * weight;
            if (source == 0) {
                TRACE1("stol_per_meter", state->stol);
                TRACE_INT("table_bracket", state->bracket);
                TRACE1("F_amorphous", F);
                TRACE1("source_polar", state->polar);
                TRACE1("source_weight", weight);
                TRACE1("I_term", term);
            }
            I += term;
        }
    }

    test = I * R_E_SQR * x->beam.fluence * x->sample.molecules / x->steps;
    pixel.value = x->options.Fmap ? (float)F : (float)test;
    pixel.Fdet = Fdet;
    pixel.Sdet = Sdet;

    TRACE1("I_before_scaling", I);
    TRACE1("r_e_meters", sqrt(R_E_SQR));
    TRACE1("r_e_sqr", R_E_SQR);
    TRACE1("fluence_photons_per_m2", x->beam.fluence);
    TRACE1("molecules", x->sample.molecules);
    TRACE_INT("steps", (int)x->steps);
    TRACE1("polar", state->polar);
    TRACE1("omega_pixel", state->omega);
    TRACE1("cos_2theta", dot(incident, diffracted));
    TRACE1("I_pixel_final", test);
    TRACE1("floatimage_accumulated", pixel.value);

    print_pixel(x, state, spixel, fpixel, pos, pixel.value);
    return pixel;
}
