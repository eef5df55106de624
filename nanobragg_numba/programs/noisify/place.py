"""From what was said to an image: how many pixels it has, where they lie, and what is impossible."""

import dataclasses
import math
import os
from collections.abc import Sequence

from nanobragg_numba.errors import ExperimentError, FormatError
from nanobragg_numba.programs.noisify.header import Header, apply_header, read_header
from nanobragg_numba.programs.noisify.option_values import UNSET_LIMIT, OptionValues
from nanobragg_numba.programs.noisify.parse import parse

_LARGEST = 2147483647
_GEOMETRY = ("xpixels", "ypixels", "pixel", "distance", "wavelength", "Xbeam", "Ybeam")


def take_header(said: OptionValues, argv: Sequence[str]) -> tuple[OptionValues, Header, list[str]]:
    """Read the header file and apply it, after the options or, with -fix header-order, before them.

    Returns
    -------
    said : OptionValues
    header : Header
    defects : list of str
        Names of what the order has changed.
    """
    header = read_header(said.header_file)
    before = OptionValues()
    apply_header(header, before)
    options_win, _ = parse(argv, before)
    if "header-order" in said.fixes:
        options_win.seed = said.seed
        if options_win.xpixels < 1 or options_win.ypixels < 1:
            raise ExperimentError(f"an image of {options_win.xpixels} x {options_win.ypixels} pixels is impossible")
        return options_win, header, []
    header_wins = dataclasses.replace(said)
    apply_header(header, header_wins)
    differ = any(getattr(options_win, name) != getattr(header_wins, name) for name in _GEOMETRY)
    return header_wins, header, ["header-order"] if differ else []


def _guess(pixels: int) -> tuple[int, int]:
    """As near to a square as the number of pixels allows, the shorter side fast."""
    side = math.isqrt(pixels)
    while pixels % side:
        side -= 1
    return side, pixels // side


def _from_size(size: float, pixel: float) -> int:
    count = size / pixel - 0.5
    if not -0.5 <= count <= _LARGEST - 1:
        raise ExperimentError(f"a detector of {size:g} m holds no possible number of pixels of {pixel:g} m")
    return math.ceil(count)


def place(said: OptionValues, file_pixels: int) -> list[str]:
    """Complete counts of pixels and sizes, in place.

    Parameters
    ----------
    said : OptionValues
    file_pixels : int
        Whole numbers in the float image.

    Returns
    -------
    list of str
        Lines of the report.

    Raises
    ------
    NanoBraggError
        An image that cannot be.
    """
    if not said.pixel > 0.0:
        raise ExperimentError(f"a pixel size of {said.pixel * 1000.0:g} mm is impossible")
    if said.xpixels < 0 or said.ypixels < 0:
        raise ExperimentError(f"an image of {said.xpixels} x {said.ypixels} pixels is impossible")
    report = []
    if not said.xpixels and not said.ypixels and "detsize" in said.fixes and said.detsize_said:
        pass
    elif not said.xpixels and not said.ypixels:
        if not file_pixels:
            raise FormatError(f"{said.float_file} holds no pixel")
        report.append("WARNING: guessing xy pixel dimensions.")
        said.xpixels, said.ypixels = _guess(file_pixels)
    elif not said.xpixels:
        said.xpixels = file_pixels // said.ypixels
    elif not said.ypixels:
        said.ypixels = file_pixels // said.xpixels
    for axis in "xy":
        count = getattr(said, f"{axis}pixels")
        if count:
            setattr(said, f"detsize_{axis}", said.pixel * count)
        else:
            setattr(said, f"{axis}pixels", _from_size(getattr(said, f"detsize_{axis}"), said.pixel))
    if said.xpixels * said.ypixels > _LARGEST:
        raise ExperimentError(f"{said.xpixels} x {said.ypixels} pixels are more than can be handled")
    return report


def complete(said: OptionValues) -> None:
    """Fill in what has defaults that depend on the rest, and turn off what the noiseless image has not."""
    if said.Xbeam <= UNSET_LIMIT:
        said.Xbeam = said.detsize_x / 2.0
    if said.Ybeam <= UNSET_LIMIT:
        said.Ybeam = said.detsize_y / 2.0
    if not said.noise:
        said.calibration = said.readout = said.flicker = 0.0
    if "negative-seed" in said.fixes:
        said.seed = -abs(said.seed)


def check(said: OptionValues) -> None:
    """Refuse what cannot be written or spread.

    Raises
    ------
    ExperimentError
    """
    if said.bits not in (16, 32):
        raise ExperimentError(f"-bits {said.bits}: only 16 and 32 can be written")
    if said.psf_radius < 0:
        raise ExperimentError(f"-psf_radius {said.psf_radius} is negative")
    if said.psf and said.psf_fwhm > 0.0 and math.isinf(said.pixel):
        raise ExperimentError("pixels of infinite size have no point spread")
    if said.threads < 0:
        raise ExperimentError("-threads must be at least 1")
    inputs = [name for name in (said.float_file, said.header_file) if name and os.path.exists(name)]
    for name in output_names(said):
        if os.path.exists(name) and any(os.path.samefile(name, each) for each in inputs):
            raise ExperimentError(f"{name} is read, so it cannot be written: give another name")


def output_names(said: OptionValues) -> list[str]:
    """Files that will be written."""
    names = [said.int_file, said.pgm_file if said.pgm else "", said.noise_file if said.noise else ""]
    return [name for name in (*names, said.png_file, said.nexus_file, said.cbf_file) if name]
