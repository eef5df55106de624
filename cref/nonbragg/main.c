/* nonbragg_ref: nonBragg's command line and nonBragg's job, from the specification alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "constants.h"
#include "errors.h"
#include "found.h"
#include "outputs.h"
#include "pixel_loop.h"
#include "quantize.h"
#include "scan.h"

const char *const program_name = "nonbragg_ref";

static void read_image(Experiment *x)
{
    Options *o = &x->options;
    if (!o->img_file)
        return;
    printf("reading %s\n", o->img_file);
    x->image = read_smv(o->img_file);
    apply_smv_header(o, &x->image, 1);
}

static void resolve(Experiment *x)
{
    const Options *o = &x->options;
    printf("nonbragg_ref %s, the C reference of nanobragg_numba\n", VERSION);
    if (!o->stol_file) {
        print_usage();
        exit(9);
    }
    resolve_detector_size(x);
    check_trace_pixels(o, &x->detector);
    resolve_beam_centre(x);
    resolve_sample(x);
    resolve_vectors(x);
    resolve_steps(x);
    place_detector(x);
    printf("reading %s\n", o->stol_file);
    x->table = read_table(o->stol_file, o->stol_factor);
    resolve_sources(x);
    resolve_total_steps(x);
}

/* Every pixel of the region of interest, in loop order. */
static void render(const Experiment *x, Render *result, Found *found)
{
    const Options *o = &x->options;
    const Detector *d = &x->detector;
    Region r = region_of(d);
    LoopState state;
    long expected = expected_pixels(d->roi_xmin, d->roi_xmax, d->roi_ymin, d->roi_ymax);
    memset(result, 0, sizeof *result);
    result->image = allocate((size_t)d->fpixels * (size_t)d->spixels, sizeof *result->image,
                             "the image");
    loop_start(x, &state);
    FOR_REGION(r, j) {
        int spixel = (int)(j / (size_t)d->fpixels), fpixel = (int)(j % (size_t)d->fpixels);
        int traced = is_traced(o->trace_spixel, o->trace_fpixel, o->trace_count, spixel, fpixel);
        Pixel pixel;
        pixel = render_pixel(x, &state, spixel, fpixel, traced ? stdout : NULL);
        print_progress(result->rendered, expected, o->progress && !o->printout);
        count_pixel(result, j, &pixel);
        if (x->image.pixels)
            find_pixel(x, &state, j, found);
    }
    result->omega_sum = state.omega_sum;
}

int main(int argc, char **argv)
{
    static Experiment x;
    Render image;
    Found found;
    long count;

    if (is_given("--version", "--version", argc, argv)) {
        printf("nonbragg_ref %s\n", VERSION);
        return 0;
    }
    if (is_given("--help", "-h", argc, argv)) {
        print_usage();
        return 0;
    }
    options_defaults(&x.options);
    x.options.img_file = last_value("-img", argc, argv);
    read_image(&x);
    options_scan(&x.options, argc, argv);
    random_start(&x.random);
    x.noise_seed = x.options.noise_seed;

    resolve(&x);
    print_report(&x);
    found_start(&x, &found);
    render(&x, &image, &found);
    print_solid_angle(&image);
    count = x.image.pixels ? write_found(&x, &found) : image.rendered;
    write_images(&x, &image, count);

    free_found(&found);
    free_sources(&x.sources);
    free_table(&x.table);
    free_smv(&x.image);
    free(image.image);
    if (fflush(stdout) != 0 || ferror(stdout))
        fail("cannot write to standard output");
    return 0;
}
