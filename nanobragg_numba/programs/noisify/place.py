"""From what was said to an image: how many pixels it has, where they lie, and what is impossible."""

import math
import os
from collections.abc import Sequence

from nanobragg_numba.errors import ExperimentError, FormatError
from nanobragg_numba.programs.noisify.header import Header, apply_header, read_header, with_options
from nanobragg_numba.programs.noisify.option_values import UNSET_LIMIT, OptionValues
from nanobragg_numba.programs.noisify.parse import parse
from nanobragg_numba.records import replace

_LARGEST = 2147483647
_GEOMETRY = ("xpixels", "ypixels", "pixel", "distance", "wavelength", "Xbeam", "Ybeam")


def take_header(options: OptionValues, argv: Sequence[str]) -> tuple[OptionValues, Header, list[str]]:
    """Read the header file and apply it, after the options or, with -fix header-order, before them.

    Returns
    -------
    options : OptionValues
    header : Header
    defects : list of str
        Names of what the order has changed.
    """
    header = read_header(options.header_file)
    before = OptionValues()
    apply_header(header, before)
    options_win, _ = parse(argv, before)
    header_wins = replace(options)
    apply_header(header, header_wins)
    if "header-order" in options.fixes:
        options_win.seed = options.seed
        if options_win.xpixels < 1 or options_win.ypixels < 1:
            raise ExperimentError(f"an image of {options_win.xpixels} x {options_win.ypixels} pixels is impossible")
        return options_win, with_options(header, header_wins, options_win), []
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


def place(options: OptionValues, file_pixels: int) -> list[str]:
    """Complete counts of pixels and sizes, in place.

    Parameters
    ----------
    options : OptionValues
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
    if not options.pixel > 0.0:
        raise ExperimentError(f"a pixel size of {options.pixel * 1000.0:g} mm is impossible")
    if options.xpixels < 0 or options.ypixels < 0:
        raise ExperimentError(f"an image of {options.xpixels} x {options.ypixels} pixels is impossible")
    report = []
    if not options.xpixels and not options.ypixels and "detsize" in options.fixes and options.detsize_given:
        pass
    elif not options.xpixels and not options.ypixels:
        if not file_pixels:
            raise FormatError(f"{options.float_file} holds no pixel")
        report.append("WARNING: guessing xy pixel dimensions.")
        options.xpixels, options.ypixels = _guess(file_pixels)
    elif not options.xpixels:
        options.xpixels = file_pixels // options.ypixels
    elif not options.ypixels:
        options.ypixels = file_pixels // options.xpixels
    for axis in "xy":
        count = getattr(options, f"{axis}pixels")
        if count:
            setattr(options, f"detsize_{axis}", options.pixel * count)
        else:
            setattr(options, f"{axis}pixels", _from_size(getattr(options, f"detsize_{axis}"), options.pixel))
    if options.xpixels * options.ypixels > _LARGEST:
        raise ExperimentError(f"{options.xpixels} x {options.ypixels} pixels are more than can be handled")
    return report


def complete(options: OptionValues) -> None:
    """Fill in what has defaults that depend on the rest, and turn off what the noiseless image has not."""
    if options.Xbeam <= UNSET_LIMIT:
        options.Xbeam = options.detsize_x / 2.0
    if options.Ybeam <= UNSET_LIMIT:
        options.Ybeam = options.detsize_y / 2.0
    if not options.noise:
        options.calibration = options.readout = options.flicker = 0.0
    if "negative-seed" in options.fixes:
        options.seed = -abs(options.seed)


def check(options: OptionValues) -> None:
    """Refuse what cannot be written or spread.

    Raises
    ------
    ExperimentError
    """
    if options.bits not in (16, 32):
        raise ExperimentError(f"-bits {options.bits}: only 16 and 32 can be written")
    if options.psf_radius < 0:
        raise ExperimentError(f"-psf_radius {options.psf_radius} is negative")
    if options.psf and options.psf_fwhm > 0.0 and math.isinf(options.pixel):
        raise ExperimentError("pixels of infinite size have no point spread")
    inputs = [name for name in (options.float_file, options.header_file) if name and os.path.exists(name)]
    for name in output_names(options):
        if os.path.exists(name) and any(os.path.samefile(name, each) for each in inputs):
            raise ExperimentError(f"{name} is read, so it cannot be written: give another name")


def output_names(options: OptionValues) -> list[str]:
    """Files that will be written."""
    names = [options.int_file, options.pgm_file if options.pgm else "", options.noise_file if options.noise else ""]
    return [name for name in (*names, options.png_file, options.nexus_file, options.cbf_file) if name]
