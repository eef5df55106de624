"""The defects of nonBragg; see `programs.shared.defects`.

`python -m nanobragg_numba.programs.nonbragg.defects` prints docs/nonbragg_defects.md.
"""

from nanobragg_numba.programs.shared.defects import Defect, DefectTable

TABLE = DefectTable((
    Defect(
        "twotheta-axis",
        "the first number after -twotheta_axis is also read as the -twotheta angle, and the detector pivots about the "
        "sample for it",
        "-twotheta_axis sets the axis alone",
        "the angle or the pivot is another one for it",
    ),
    Defect(
        "pix0",
        "the position after -pix0_vector is not used: the detector stands where distance and beam centre put it",
        "the first pixel's corner stands there, in metres, tilts and twotheta included",
        "-pix0_vector is given",
    ),
    Defect(
        "curved-detector",
        "the detector is bent by the second and third laboratory component of its pixels instead of their places on "
        "it, so they are transposed or elsewhere altogether",
        "a pixel stands at the end of an arc as long as its distance from the beam centre, along the fast axis, then "
        "along the slow axis",
        "the detector is curved",
    ),
    Defect(
        "header-twotheta",
        "the TWOTHETA in the header of the -img file is dropped, so the detector is not turned",
        "it is the detector's twotheta; the pivot is left as it is, and -twotheta wins",
        "the header has one that is not 0, and the command line has none",
    ),
    Defect(
        "odet",
        "-odet_vector is not used: the normal of the detector is the fast axis times the slow one",
        "it is the normal if its length is 1, as in nanoBragg",
        "-odet_vector is given and is another direction",
    ),
    Defect(
        "extra-pixel",
        "a size divided by the pixel size can be a rounding error above the count of pixels, and then the detector has "
        "a row or a column more than was asked for",
        "counts are as asked for, and sizes give ceil(size/pixel - 1e-6)",
        "that happens",
    ),
    Defect(
        "org-half-pixel",
        "ORGX and ORGY are multiplied by the pixel size as they are, and headers have them so; XDS counts from 1 at "
        "the centre of the first pixel",
        "0.5 is subtracted on the way in and added on the way out, as in nanoBragg",
        "-ORGX or -ORGY is given, or the -img header has one",
    ),
    Defect(
        "extrapolation",
        "beyond the table F follows the straight line through its two end points, and may change its sign",
        "F is the end value",
        "a pixel lies beyond the table",
    ),
    Defect(
        "comment-lines",
        "a line of the table that begins with # is a point at 0 with the number of its second word, or 0: a false "
        "first point",
        "it is skipped",
        "the table has such a line",
    ),
    Defect(
        "table-order",
        "where the abscissae of the table do not increase, the points that F is interpolated from depend on the pixel "
        "before, and equal ones make pixels that are no number",
        "points are sorted, and equal ones averaged",
        "the abscissae do not increase",
    ),
    Defect(
        "missing-F",
        "a point of the table without an F has F = 0, so the curve dives to 0 there",
        "the point is left out",
        "the table has such a point",
    ),
    Defect(
        "point-count",
        "the number of points that is printed has four more than the table",
        "it is the number of rows",
        "always",
    ),
    Defect(
        "last-sample",
        "the F map, the bin and the F found from an image, and -printout take F, angle, polarization and solid angle "
        "of the last subpixel and source for all of the pixel",
        "they take the means over what was sampled",
        "a pixel has more than one subpixel or source, and one of these is asked for",
    ),
    Defect(
        "solid-angle",
        "the solid angle that is printed is oversample x oversample times too large",
        "it is the detector's",
        "there is more than one subpixel",
    ),
    Defect(
        "rmsd-shift",
        "the rmsd that is printed, and with it the scale of the PGM picture, is that of the pixels to the right of "
        "those in the region of interest",
        "it is that of the pixels in it",
        "always",
    ),
    Defect(
        "image-count",
        "with -img the mean, rms and rmsd, and with them the scale of the PGM picture, divide by the number of pixels "
        "in the last bin of the table",
        "they divide by the number of rendered pixels",
        "-img is given",
    ),
    Defect(
        "roi-bins",
        "with -img, pixels outside the region of interest put zeros among the F found in it",
        "they are in no bin",
        "-img is given and the region of interest is not the whole detector",
    ),
    Defect(
        "median",
        "the columns for the median and the deviation in the table found from an image are always 0",
        "they are the median and the median absolute deviation",
        "-img is given",
    ),
    Defect(
        "printout",
        "-printout says F=0, and as I and I/steps those of the last source's weight",
        "it says F, I and I/steps of the pixel",
        "-printout is given",
    ),
    Defect(
        "ignore-bits",
        "-ignore takes the number modulo 65536",
        "a number that is no integer from 0 to 65535 is an error",
        "such a number is given",
    ),
    Defect(
        "nopgm",
        "-nopgm has no effect",
        "no PGM picture is written, and its lines are not printed",
        "-nopgm is given",
    ),
    Defect(
        "negative-wrap",
        "negative pixels wrap to bright ones in the PGM picture, negative sums in the noise image",
        "they are 0",
        "the image has such a pixel",
    ),
    Defect(
        "option-match",
        "-thicksteps sets the thickness of the sample; -oversample_thick, -oversample_polar and -oversample_omega set "
        "the number of subpixels from the argument after them",
        "they are ignored",
        "one of them is given",
    ),
))  # fmt: skip

_PAGE = """\
# Defects of nonBragg, and `-fix`

<!-- Made by: python -m nanobragg_numba.programs.nonbragg.defects > docs/nonbragg_defects.md -->

As with [nanoBragg](defects.md): they are reproduced, named once on standard error where a run triggers them, and
`-fix NAME[,NAME...]` or `-fix all` computes what was meant. `tests/unit/test_nonbragg_defects.py` has for each a test
that shows the defect and one that holds the fix against independent arithmetic.
"""

if __name__ == "__main__":
    print("\n".join([_PAGE.rstrip("\n"), *TABLE.sections()]))
