"""Defects of the reading of options, of the set-up and of what is written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nanobragg_numba.programs.nanobragg.defects.base import NanoBraggDefect
from nanobragg_numba.records import replace

if TYPE_CHECKING:
    from nanobragg_numba.programs.nanobragg.option_values import OptionValues

_ROUNDING = 1e-12  # two sines of the same angle, computed in two ways, differ by some 1e-16


def _decisive(options: OptionValues) -> tuple[Any, ...]:
    """Orientation and detector arm, as far as they decide an image."""
    angles = (options.misset_x, options.misset_y, options.misset_z) if options.misset == "explicit" else (0.0, 0.0, 0.0)
    pivot = options.pivot if options.convention == "custom" else ""
    return options.misset == "random", angles, options.twotheta, pivot


def _read_differs(argv: Sequence[str], start: OptionValues, options: OptionValues) -> bool:
    """Whether an argument list means something else from another start; `start` is read into."""
    from nanobragg_numba.programs.nanobragg.parse import parse

    parse(argv, start)
    return _decisive(start) != _decisive(options)


def _overreads(name: str, option: str, argv: Sequence[str], before: OptionValues, options: OptionValues) -> bool:
    """Whether it matters that an option is also read as another one."""
    if not any(option in argument for argument in argv):
        return False
    return _read_differs(argv, replace(before, fixes=before.fixes | {name}), options)


class Cell(NanoBraggDefect):
    """The cell is another one; the stage that makes it asks `changes` and `third_component`, and names it."""

    name = "cell"
    does = (
        "c* has a wrong third component, so the image is that of a crystal with other cell angles than -cell asked"
        " for"
    )
    fixed = "the crystal has the cell that was asked for"
    when = "the cell of -cell has sin(gamma*) other than sin(gamma), and no matrix file replaces it"
    place = "programs/nanobragg/defects/setup.py"

    @staticmethod
    def changes(sin_gamma: float, sin_gamma_star: float) -> bool:
        """Whether C's c* is another one, beyond rounding: c* . c = 1 asks for 1/c, which it has where these agree."""
        return abs(sin_gamma / sin_gamma_star - 1.0) > _ROUNDING

    @staticmethod
    def third_component(c: float) -> float:
        """Component of c* along z, 1/Angstrom, for an edge c along z, Angstrom."""
        return 1.0 / c


class MissetSeed(NanoBraggDefect):
    """An option is also read as another one."""

    name = "misset-seed"
    does = (
        "the number after -misset_seed and the two arguments after it are also read as -misset angles, so the "
        "crystal is turned by them"
    )
    fixed = "-misset_seed is a seed alone"
    when = "the orientation of the crystal is another one for it"
    place = "programs/nanobragg/option_rows.py"

    def in_options(self, argv: Sequence[str], before: OptionValues, options: OptionValues) -> bool:
        return _overreads(self.name, "-misset_seed", argv, before, options)


class TwothetaAxis(NanoBraggDefect):
    """An option is also read as another one."""

    name = "twotheta-axis"
    does = (
        "the first number after -twotheta_axis is also read as the -twotheta angle, and the detector pivots about "
        "the sample for it"
    )
    fixed = "-twotheta_axis sets the axis alone"
    when = "the angle or the pivot is another one for it"
    place = "programs/shared/option_rows.py"

    def in_options(self, argv: Sequence[str], before: OptionValues, options: OptionValues) -> bool:
        return _overreads(self.name, "-twotheta_axis", argv, before, options)


class Pix0(NanoBraggDefect):
    """A position is not used."""

    name = "pix0"
    does = "the position after -pix0_vector is not used: the detector stands where distance and beam centre put it"
    fixed = (
        "the first pixel's corner stands there, in metres (in millimetres after -pix0_vector_mm), tilts and "
        "twotheta included"
    )
    when = "-pix0_vector is given and no named convention follows it"
    place = "programs/shared/placement.py"

    def in_options(self, argv: Sequence[str], before: OptionValues, options: OptionValues) -> bool:
        return options.convention == "custom" and not math.isnan(options.pix0_x)


class SmvHeader(NanoBraggDefect):
    """A header is longer than it says; whoever writes it names it."""

    name = "smv-header"
    does = "the header of the SMV images is longer than the 512 bytes that it says, so readers see shifted pixels"
    fixed = "such a header says HEADER_BYTES=1024 and is padded to it"
    when = "the header is longer than 512 bytes"
    place = "formats/smv_header.py"


class HeaderTwotheta(NanoBraggDefect):
    """An angle is dropped."""

    name = "header-twotheta"
    does = "the TWOTHETA in the header of the -img or -mask file is dropped, so the detector is not turned"
    fixed = "it is the detector's twotheta; the pivot is left as it is, and -twotheta wins"
    when = "the header has one that is not 0, and the command line has none"
    place = "programs/shared/headers.py"

    def in_options(self, argv: Sequence[str], before: OptionValues, options: OptionValues) -> bool:
        angle = before.header_twotheta
        return angle != 0.0 and _read_differs(argv, replace(before, twotheta=angle), options)
