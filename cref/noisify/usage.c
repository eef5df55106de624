#include "options.h"

#include <stdio.h>

void print_usage(void)
{
    static const char *const lines[] = {
        "usage: noisify_ref -floatfile floatimage.bin [options]",
        "",
        "input      -floatfile NAME  -header SMV_FILE  -detpixels n | -detpixels_x -detpixels_y",
        "photons    -scale number  -fluence photons/m2",
        "noise      -readout ADU  -flicker fraction  -calibration fraction  -nonoise",
        "           -seed n  -calib_seed n",
        "counts     -gain ADU/photon  -adc offset  -bits 16|32",
        "spread     -psf gauss|fiber  -psf_fwhm um  -psf_radius pixels",
        "geometry   -pixel mm  -distance mm  -detsize mm | -detsize_x -detsize_y  -lambda A",
        "           -Xbeam mm -Ybeam mm  -phi deg -osc deg",
        "output     -intfile -pgmfile -noisefile NAME  -nopgm",
        "our own    -strict  --version  --help",
    };
    size_t i;
    for (i = 0; i < sizeof lines / sizeof lines[0]; i++)
        puts(lines[i]);
}
