/* nanobragg_ref: nanoBragg's command line and nanoBragg's job, from the specification alone. */
#include <stdio.h>
#include <stdlib.h>

#include "constants.h"
#include "errors.h"
#include "experiment.h"
#include "render.h"
#include "report.h"
#include "scan.h"

const char *const program_name = "nanobragg_ref";

static int has_too_little(const Options *o)
{
    int no_F = !o->hkl_file && !is_readable(o->dump_file) && o->default_F == 0.0;
    int no_cell = !o->matrix_file && o->a == 0.0;
    return no_F || no_cell;
}

static void resolve(Experiment *x)
{
    resolve_detector_size(x);
    resolve_flux(x);
    resolve_beam_centre(x);
    resolve_convention(x);
    resolve_unit_vectors(x);
    print_banner();
    if (has_too_little(&x->options)) {
        print_usage();
        exit(9);
    }
    resolve_steps(x);
    print_convention(x);
    place_detector(x);
    check_trace_pixels(&x->options, &x->detector);
    printf("XDS incident beam: %g %g %g\n", x->detector.xds_beam[0], x->detector.xds_beam[1],
           x->detector.xds_beam[2]);
    resolve_interpolation(x);
    resolve_cell(x);
    resolve_crystal_size(x);
    resolve_structure_factors(x);
    print_layers_and_phi(x);
    resolve_sources(x);
    check_miller_indices(x);
    resolve_mosaic(x);
    resolve_total_steps(x);
}

static void release(Experiment *x, Render *image)
{
    free(x->sampling.umats);
    free_sources(&x->sampling.sources);
    free(x->grid.F);
    free_smv(&x->mask);
    free(image->image);
}

int main(int argc, char **argv)
{
    static Experiment x;
    Scene scene;
    Render image;

    options_defaults(&x.options);
    if (is_given("--version", "--version", argc, argv)) {
        printf("nanobragg_ref %s\n", VERSION);
        return 0;
    }
    if (is_given("--help", "-h", argc, argv)) {
        print_usage();
        return 0;
    }
    x.options.img_file = last_value("-img", argc, argv);
    x.options.mask_file = last_value("-mask", argc, argv);
    apply_smv_headers(&x.options, &x);
    options_scan(&x.options, argc, argv);
    random_start(&x.random);
    x.noise_seed = x.options.noise_seed;
    x.mosaic_seed = x.options.mosaic_seed;
    x.misset_seed = x.options.misset_seed;

    resolve(&x);
    print_report(&x);
    flatten(&x, &scene);
    render(&scene, x.options.progress, &image);
    write_images(&x, &image);
    release(&x, &image);
    if (fflush(stdout) != 0 || ferror(stdout))
        fail("cannot write to standard output");
    return 0;
}
