#include "options.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "errors.h"
#include "option_rows.h"

int pivot_name(void *options, int argc, char **argv, int i)
{
    Options *o = options;
    (void)argc;
    if (strstr(argv[i + 1], "sample"))
        o->pivot = PIVOT_SAMPLE;
    if (strstr(argv[i + 1], "beam"))
        o->pivot = PIVOT_BEAM;
    if (!strstr(argv[i + 1], "sample") && !strstr(argv[i + 1], "beam"))
        fail("%s needs sample or beam, not '%s'", argv[i], argv[i + 1]);
    return 1;
}

int printout_pixel(void *options, int argc, char **argv, int i)
{
    Options *o = options;
    (void)argc;
    o->printout_fpixel = (int)read_integer(argv[i], argv[i + 1]);
    o->printout_spixel = (int)read_integer(argv[i], argv[i + 2]);
    return 2;
}

int trace_pixel(void *options, int argc, char **argv, int i)
{
    Options *o = options;
    (void)argc;
    if (o->trace_count == MAX_TRACE_PIXELS)
        fail("-trace_pixel: at most %d pixels", MAX_TRACE_PIXELS);
    o->trace_spixel[o->trace_count] = (int)read_integer(argv[i], argv[i + 1]);
    o->trace_fpixel[o->trace_count] = (int)read_integer(argv[i], argv[i + 2]);
    o->trace_count++;
    return 2;
}

void options_common_defaults(Options *o)
{
    memset(o, 0, sizeof *o);
    o->pivot = PIVOT_BEAM;
    o->pixel_size = 0.1e-3;
    o->detsize_f = o->detsize_s = 102.4e-3;
    o->distance = 100e-3;
    o->close_distance = o->Xbeam = o->Ybeam = o->Xclose = o->Yclose = o->ORGX = o->ORGY = NAN;
    o->roi_xmin = o->roi_xmax = o->roi_ymin = o->roi_ymax = -1;
    o->lambda = 1e-10;
    o->fluence = 125932015286227086360700780544.0;
    o->exposure = 1.0;
    o->beamsize = 1e-4;
    o->oversample = -1;
    o->osc = o->phistep = -1.0;
    o->phisteps = -1;
    o->hdivrange = o->vdivrange = o->hdivstep = o->vdivstep = -1.0;
    o->hdivsteps = o->vdivsteps = o->dispsteps = -1;
    o->round_div = 1;
    o->noise_seed = -(int64_t)time(NULL);
    o->float_file = "floatimage.bin";
    o->int_file = "intimage.img";
    o->pgm_file = "image.pgm";
    o->noise_file = "noiseimage.img";
    o->want_noise = o->progress = 1;
    o->adc_offset = 40.0;
    o->printout_fpixel = o->printout_spixel = -1;
    o->trace_prefix = "TRACE_C";
}
