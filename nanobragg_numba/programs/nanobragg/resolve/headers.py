"""Geometry from image headers: the mask's first, then the image's, both before the command line's."""

from dataclasses import dataclass

import numpy as np

from nanobragg_numba.constants import DEGREES_PER_RADIAN
from nanobragg_numba.errors import FormatError
from nanobragg_numba.formats.smv import SmvHeader, read_smv
from nanobragg_numba.programs.nanobragg.resolve.files import EACH_TIME, Files
from nanobragg_numba.programs.nanobragg.resolve.notes import Notes
from nanobragg_numba.programs.nanobragg.said import Said

_PLAIN = (
    # key, field, divided by
    ("DISTANCE", "distance", 1000.0),
    ("CLOSE_DISTANCE", "close_distance", 1000.0),
    ("WAVELENGTH", "wavelength", 1e10),
    ("BEAM_CENTER_X", "Xbeam", 1000.0),
    ("BEAM_CENTER_Y", "Ybeam", 1000.0),
    ("ORGX", "ORGX", 1.0),
    ("ORGY", "ORGY", 1.0),
    ("PHI", "phi0", DEGREES_PER_RADIAN),
    ("OSC_RANGE", "osc", DEGREES_PER_RADIAN),
)


@dataclass
class Mask:
    """Pixels of a -mask file: zero ones are not rendered."""

    name: str
    pixels: np.ndarray


def _take(said: Said, header: SmvHeader, shape: tuple[int, int]) -> None:
    said.spixels, said.fpixels = shape
    pixel_size = header.number("PIXEL_SIZE")
    if pixel_size is not None:
        said.pixel = pixel_size / 1000.0
    said.detsize_f = said.pixel * said.fpixels
    said.detsize_s = said.pixel * said.spixels
    for key, name, divisor in _PLAIN:
        value = header.number(key)
        if value is not None:
            setattr(said, name, value / divisor)
    _take_twotheta(said, header)


def _take_twotheta(said: Said, header: SmvHeader) -> None:
    """Keep the angle that C drops; use it only where that is fixed, and only then refuse what is no angle."""
    try:
        twotheta = header.number("TWOTHETA")
    except FormatError:
        if "header-twotheta" in said.fixes:
            raise
        return
    if twotheta is not None:
        said.header_twotheta = twotheta / DEGREES_PER_RADIAN
        if "header-twotheta" in said.fixes:
            said.twotheta = said.header_twotheta


def apply_headers(
    mask_file: str, img_file: str, said: Said, notes: Notes, files: Files = EACH_TIME
) -> Mask | None:
    """Let the headers of -mask and -img set options.

    Parameters
    ----------
    mask_file, img_file : str
        Empty for none.
    said : Said
        Changed in place.
    notes : Notes
    files : Files

    Returns
    -------
    Mask or None

    Raises
    ------
    FormatError
        A file that is no SMV image.
    """
    mask = None
    if mask_file:
        with notes.reading():
            image = files.read(read_smv, mask_file)
        _take(said, image.header, image.pixels.shape)
        centre = image.header.number("BEAM_CENTER_Y")
        if centre is not None:
            said.Ybeam = said.detsize_s - centre / 1000.0
        mask = Mask(mask_file, image.pixels)
        notes.before_banner.append(f"reading {mask_file}")
    if img_file:
        with notes.reading():
            image = files.read(read_smv, img_file)
        _take(said, image.header, image.pixels.shape)
        notes.before_banner.append(f"reading {img_file}")
    return mask


def check_mask(mask: Mask | None, spixels: int, fpixels: int) -> None:
    """Refuse a mask that does not fit the detector."""
    if mask is not None and mask.pixels.shape != (spixels, fpixels):
        slow, fast = mask.pixels.shape
        raise FormatError(
            f"{mask.name}: the mask has {fast} x {slow} pixels, the detector {fpixels} x {spixels}"
        )
