#include <stdio.h>

#include "options.h"

void print_usage(void)
{
    static const char *const lines[] = {
        "usage: nonbragg_ref -stol FILE | -4stol FILE | -Q FILE [options]",
        "",
        "table      -stol FILE: sin(theta)/lambda (1/A) and F; -4stol FILE: 4 sin(theta)/lambda;",
        "           -Q FILE: 4 pi sin(theta)/lambda",
        "sample     -thickness mm -width mm -height mm | -samplesize mm",
        "           -density g/cm3 | -molecules n  -MW g/mol",
        "detector   -distance mm | -close_distance mm  -pixel mm  -detpixels n | -detsize mm",
        "           -detpixels_f -detpixels_s -detsize_x -detsize_y  -pivot beam|sample",
        "           -Xbeam mm -Ybeam mm  -Xclose mm -Yclose mm  -ORGX pixels -ORGY pixels",
        "           -detector_rotx deg -detector_roty deg -detector_rotz deg  -twotheta deg",
        "           -fdet_vector -sdet_vector -beam_vector -polar_vector -twotheta_axis x y z",
        "           -curved_det 1  -point_pixel  -roi xmin xmax ymin ymax",
        "beam       -lambda A | -energy eV  -fluence photons/m2 | -flux /s -exposure s",
        "           -beamsize mm  -polar K  -nopolar  -dispersion percent -dispsteps n",
        "           -divergence mrad -divsteps n | -hdivrange -hdivstep -hdivsteps and v",
        "           -round_div -square_div  -sourcefile FILE  -source_distance mm",
        "sampling   -oversample n",
        "image      -img FILE -stolout FILE -adc offset -gain n -ignore value  -Fmap",
        "output     -floatfile -intfile -pgmfile -noisefile NAME  -nonoise  -seed n",
        "           -scale number -pgmscale number  -printout  -printout_pixel fast slow",
        "           -noprogress",
        "our own    -trace_pixel slow fast (repeatable)  -trace_prefix NAME  -strict",
        "           --version  --help",
    };
    size_t i;
    for (i = 0; i < sizeof lines / sizeof lines[0]; i++)
        puts(lines[i]);
}
