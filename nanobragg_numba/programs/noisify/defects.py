"""The defects of noisify: what each does, and what `-fix NAME` computes instead."""

from nanobragg_numba.programs.shared.defects import Defect, DefectTable

TABLE = DefectTable((
    Defect(
        "calibration-pattern",
        "the calibration error of a pixel depends on -seed, on the image and on -flicker, as if the detector were "
        "another one in every image",
        "the pattern depends on -calib_seed alone: it has a generator of its own, seeded with the size of that number",
        "a noise image has calibration errors",
    ),
    Defect(
        "int-image-32",
        "with -bits 32 the noiseless image is cut at 65535",
        "it is cut at 2147483647",
        "-bits 32, and a pixel of the noiseless image is larger than 65535",
    ),
    Defect(
        "below-zero",
        "pixels below 0 ADU wrap around, so that a dark pixel shows 65535",
        "they are 0",
        "a pixel of the noiseless or the noise image is -1 ADU or less",
    ),
    Defect(
        "truncation",
        "ADU are cut to integers, so images are half a unit low on average",
        "they are rounded to the nearest integer",
        "rounding would change a pixel of the noiseless or the noise image",
    ),
    Defect(
        "psf-edge",
        "what the point spread puts just beyond the right edge appears in the first column of the next row",
        "it is gone, as at the other edges",
        "a point spread reaches beyond the right edge",
    ),
    Defect(
        "psf-radius-text",
        "an automatic radius of the point spread is also printed as a rendering radius of 0",
        "one line is printed",
        "never, for it changes no file",
    ),
    Defect(
        "float-name",
        "an argument that contains floatimage.bin is the input, though it is the value of another option",
        "it is the input only where it is no other option's value",
        "the input has been named so",
    ),
    Defect(
        "phi-steps",
        "the number after -phistep or -phisteps is PHI in the headers",
        "PHI is that of -phi alone",
        "PHI of a header is another one for it",
    ),
    Defect(
        "detsize",
        "-detsize has no effect on the number of pixels unless a given one exceeds the file",
        "without -detpixels the counts are the size divided by that of a pixel",
        "-detsize is given, and neither counts of pixels nor a header file",
    ),
    Defect(
        "header-order",
        "the header file wins over the options on the command line",
        "options win, as over the -img of nanoBragg",
        "an option is another one for it",
    ),
    Defect(
        "header-type",
        "the copied header keeps its TYPE and BYTE_ORDER whatever is written, so readers see other numbers",
        "TYPE and BYTE_ORDER are those of what is written",
        "a header file says other ones",
    ),
    Defect(
        "short-file",
        "a float image of between a quarter and all of the pixels is taken, the rest being 0",
        "it is an error",
        "the float image is such a one",
    ),
    Defect(
        "poisson-minus-one",
        "pixels of exactly -1 photon at the start of an image count about a hundred photons",
        "they count none",
        "the first pixels are such ones, and neither flicker nor calibration changes them",
    ),
    Defect(
        "negative-seed",
        "a negative -seed or -calib_seed is not what seeds the generator: all of them give the same noise, or an "
        "unmixed start",
        "it seeds as the positive number does",
        "a noise image uses a negative one",
    ),
    Defect(
        "large-counts",
        "counts of means above a million are no integers",
        "they are the nearest integer",
        "a noise image has such a mean",
    ),
))  # fmt: skip
NAMES = TABLE.names

_PAGE = """\
# Defects of noisify, and `-fix`

<!-- Made by: python -m nanobragg_numba.programs.noisify.defects > docs/noisify-defects.md -->

What the C program does and cannot have meant is reproduced, because the promise is the same bytes. A run that one of
these changes says so on standard error. `-fix NAME[,NAME...]` computes what was meant, `-fix all` all of it, `-fix
list` prints this table. -badpix_seed and -hotpix_seed do nothing in C; there is nothing to mend, so they are warned of.
"""


def page() -> str:
    """The text of docs/noisify-defects.md."""
    return "\n".join([_PAGE.rstrip("\n"), *TABLE.sections()]) + "\n"


if __name__ == "__main__":
    print(page(), end="")
