"""The defects of the C program: what each does to an image, and what `-fix NAME` computes instead.

They are reproduced unless fixed, because the promise is the same bytes. This table is the only one: `-fix list`,
the warnings on standard error, the help and docs/defects.md are made from it. Only the standard library is
imported, because the manual page is built from it before the package is installed.
"""

from nanobragg_numba.programs.shared.defects import Defect, DefectTable

DEFECTS = (
    Defect(
        "phi-zero",
        "phi steps of exactly 0 are rendered with the rotation that the phi step before them left, so the spots of "
        "phi 0 are missing and others count twice",
        "phi steps of exactly 0 show the unrotated crystal",
        "some phi steps are exactly 0 and others are not",
    ),
    Defect(
        "interpolation",
        "one reflection too near the edge of the structure factor list has turned interpolation off for all pixels "
        "after it",
        "interpolation is off for the evaluations that are out of range, and for them alone",
        "an evaluation is out of range while interpolation is on; found out while rendering",
    ),
    Defect(
        "thickness",
        "every layer of the sensor counts in full and the sum is scaled by the capture fraction of the last layer at "
        "its first subpixel, so the image has not the intensity that the sensor would capture",
        "each layer counts with its own capture fraction at each subpixel; layers share the thickness of the sensor "
        "and add up to 1 - exp(-thickness mu / cos)",
        "the sensor has layers and absorbs, and -oversample_thick is not given",
    ),
    Defect(
        "oversample-product",
        "-oversample_thick, -oversample_polar and -oversample_omega multiply all that has been summed so far at every "
        "step, so all but the last steps of a pixel fade away",
        "each term is multiplied once, by its own factor; without a sensor the capture fraction is 1",
        "one of these options is given and a pixel has more than one term, or -oversample_thick without a sensor",
    ),
    Defect(
        "first-subpixel",
        "the solid angle and polarization of the first subpixel, layer and source stand for all, so intensities are "
        "off by more than 0.1 % in places",
        "every term has the solid angle and polarization of its own subpixel, layer and source",
        "it changes one of the four corner pixels by more than one part in a thousand, other defects aside; factors "
        "that an -oversample_ option or -nopolar takes care of do not count",
    ),
    Defect(
        "source-weights",
        "the weights in the source file are ignored: all sources shine alike",
        "sources count with their weights, which are normalized to a mean of 1",
        "the weights in the source file differ",
    ),
    Defect(
        "spot-orientation",
        "Gaussian and tophat spots are measured with the reciprocal cell of the unrotated crystal; they are as large "
        "in every orientation, so pixels change by rounding alone, but traces show the wrong vectors",
        "they are measured with the reciprocal cell of the rotated crystal",
        "spots are Gaussian or tophat and a phi step or a mosaic domain turns the crystal",
    ),
    Defect(
        "cell",
        "c* has a wrong third component, so the image is that of a crystal with other cell angles than -cell asked for",
        "the crystal has the cell that was asked for",
        "the cell of -cell has sin(gamma*) other than sin(gamma), and no matrix file replaces it",
    ),
    Defect(
        "misset-seed",
        "the number after -misset_seed and the two arguments after it are also read as -misset angles, so the crystal "
        "is turned by them",
        "-misset_seed is a seed alone",
        "the orientation of the crystal is another one for it",
    ),
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
        "the first pixel's corner stands there, in metres (in millimetres after -pix0_vector_mm), tilts and twotheta "
        "included",
        "-pix0_vector is given and no named convention follows it",
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
        "smv-header",
        "the header of the SMV images is longer than the 512 bytes that it says, so readers see shifted pixels",
        "such a header says HEADER_BYTES=1024 and is padded to it",
        "the header is longer than 512 bytes",
    ),
    Defect(
        "header-twotheta",
        "the TWOTHETA in the header of the -img or -mask file is dropped, so the detector is not turned",
        "it is the detector's twotheta; the pivot is left as it is, and -twotheta wins",
        "the header has one that is not 0, and the command line has none",
    ),
)

TABLE = DefectTable(DEFECTS)
NAMES = TABLE.names
in_order, sentences, listing = TABLE.in_order, TABLE.sentences, TABLE.listing


_PAGE = """\
# Defects of the C program, and `-fix`

<!-- Made by: python nanobragg_numba/options/defects.py > docs/defects.md -->

The C program does a few things that cannot have been meant. They are reproduced, because the promise is the
same bytes. A run that one of them changes says so once, in a line on standard error that names it; `-fix`
computes what was meant instead:

| option | effect |
|---|---|
| `-fix NAME[,NAME...]` | fix these; may be given several times, anywhere on the command line |
| `-fix all` | fix all of them |
| `-fix list` | print the table and do nothing else |

A run with `-fix` prints `fixes:` and the names after its banner line. A fix of something that a run does not
have changes nothing. Where the fix belongs into the loops (interpolation, thickness, oversample-product,
first-subpixel, source-weights, spot-orientation) the loop kernel does all pixels, whatever `-engine` says. With
thickness, oversample-product or first-subpixel fixed, the water background is spread evenly over what is
sampled, and gets the factors of each place.

`cref/DIFFERENCES.md` has a command for each to see what the C program does, and `tests/unit/test_defects.py` a test
that shows the defect and one that holds the fix against independent arithmetic.
"""


def page() -> str:
    """The text of docs/defects.md."""
    return "\n".join([_PAGE.rstrip("\n"), *TABLE.sections()]) + "\n"


if __name__ == "__main__":
    print(page(), end="")
