#include "options.h"

#include <stdio.h>

void print_usage(void)
{
    static const char *const lines[] = {
        "usage: nanobragg_ref -cell a b c alpha beta gamma | -mat FILE",
        "                     -hkl FILE | -default_F F [options]",
        "",
        "crystal    -cell A.. deg.. | -mat FILE   -N cells | -Na -Nb -Nc   -misset deg deg deg",
        "           -misset random  -samplesize mm | -sample_x -sample_y -sample_z",
        "           -square_xtal -round_xtal -gauss_xtal -tophat_spots  -fudge number",
        "F          -hkl FILE  -default_F number  -dump FILE  -interpolate -nointerpolate",
        "           -dmin A",
        "detector   -distance mm | -close_distance mm  -pixel mm  -detpixels n | -detsize mm",
        "           -detpixels_f -detpixels_s -detsize_f -detsize_s",
        "           -mosflm -xds -adxv -denzo -dials  -pivot beam|sample  -twotheta deg",
        "           -Xbeam mm -Ybeam mm  -Xclose mm -Yclose mm  -ORGX pixels -ORGY pixels",
        "           -detector_rotx deg -detector_roty deg -detector_rotz deg",
        "           -fdet_vector -sdet_vector -odet_vector -beam_vector -polar_vector",
        "           -spindle_axis -twotheta_axis -pix0_vector x y z",
        "           -detector_abs um|inf  -detector_thick um  -detector_thicksteps n",
        "           -curved_det 1  -point_pixel  -roi xmin xmax ymin ymax  -mask FILE -img FILE",
        "beam       -lambda A | -energy eV  -fluence photons/m2 | -flux /s -exposure s",
        "           -beamsize mm  -polar K  -nopolar  -dispersion percent -dispsteps n",
        "           -divergence mrad -divsteps n | -hdivrange -hdivstep -hdivsteps and v",
        "           -round_div -square_div  -sourcefile FILE",
        "sampling   -oversample n -oversample_thick -oversample_polar -oversample_omega",
        "           -phi deg -osc deg -phistep deg -phisteps n",
        "           -mosaic deg -mosaic_domains n",
        "noise      -water um  -seed n -mosaic_seed n -misset_seed n  -adc offset",
        "output     -floatfile -intfile -pgmfile -noisefile NAME  -nonoise -nopgm",
        "           -scale number -pgmscale number  -printout  -printout_pixel fast slow",
        "           -noprogress",
        "our own    -trace_pixel slow fast (repeatable)  -trace_prefix NAME  -strict",
        "           --version  --help",
    };
    size_t i;
    for (i = 0; i < sizeof lines / sizeof lines[0]; i++)
        puts(lines[i]);
}
