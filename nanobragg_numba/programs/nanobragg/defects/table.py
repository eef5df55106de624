"""The defects of the C program: what each does to an image, and what `-fix NAME` computes instead.

They are reproduced unless fixed, because the promise is the same bytes. This table is the only one: `-fix list`,
the warnings on standard error, the help and docs/defects.md are made from it, and what a run triggers and fixes.
"""

from nanobragg_numba.programs.nanobragg.defects.base import NanoBraggDefect
from nanobragg_numba.programs.nanobragg.defects.loops import (
    CurvedDetector,
    FirstSubpixel,
    Interpolation,
    OversampleProduct,
    PhiZero,
    SourceWeights,
    SpotOrientation,
    Thickness,
)
from nanobragg_numba.programs.nanobragg.defects.setup import (
    Cell,
    HeaderTwotheta,
    MissetSeed,
    Pix0,
    SmvHeader,
    TwothetaAxis,
)
from nanobragg_numba.programs.shared.defects import DefectTable

DEFECTS: tuple[NanoBraggDefect, ...] = (
    PhiZero(),
    Interpolation(),
    Thickness(),
    OversampleProduct(),
    FirstSubpixel(),
    SourceWeights(),
    SpotOrientation(),
    Cell(),
    MissetSeed(),
    TwothetaAxis(),
    Pix0(),
    CurvedDetector(),
    SmvHeader(),
    HeaderTwotheta(),
)

TABLE = DefectTable(DEFECTS)
NAMES = TABLE.names
in_order, sentences, listing = TABLE.in_order, TABLE.sentences, TABLE.listing


_PAGE = """\
# Defects of the C program, and `-fix`

<!-- Made by: python -m nanobragg_numba.programs.nanobragg.defects.table > docs/defects.md -->

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
