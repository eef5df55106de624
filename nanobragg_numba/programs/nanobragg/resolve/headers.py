"""Geometry from image headers: the mask's first, then the image's, both before the command line's."""

import numpy as np

from nanobragg_numba.errors import FormatError
from nanobragg_numba.formats.smv import read_smv
from nanobragg_numba.programs.nanobragg.option_values import OptionValues
from nanobragg_numba.programs.shared.files import UNCACHED, Files
from nanobragg_numba.programs.shared.headers import take_header
from nanobragg_numba.programs.shared.notes import Notes
from nanobragg_numba.records import dataclass


@dataclass
class Mask:
    """Pixels of a -mask file: zero ones are not rendered."""

    name: str
    pixels: np.ndarray


def apply_headers(
    mask_file: str, img_file: str, options: OptionValues, notes: Notes, files: Files = UNCACHED
) -> Mask | None:
    """Let the headers of -mask and -img set options.

    Parameters
    ----------
    mask_file, img_file : str
        Empty for none.
    options : OptionValues
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
        take_header(options, image, flip_Ybeam=True)
        mask = Mask(mask_file, image.pixels)
        notes.before_banner.append(f"reading {mask_file}")
    if img_file:
        with notes.reading():
            image = files.read(read_smv, img_file)
        take_header(options, image, flip_Ybeam=False)
        notes.before_banner.append(f"reading {img_file}")
    return mask


def check_mask(mask: Mask | None, spixels: int, fpixels: int) -> None:
    """Refuse a mask that does not fit the detector.

    Parameters
    ----------
    mask : Mask or None
    spixels, fpixels : int
        Slow and fast pixels of the detector.

    Raises
    ------
    FormatError
    """
    if mask is not None and mask.pixels.shape != (spixels, fpixels):
        slow, fast = mask.pixels.shape
        raise FormatError(
            f"{mask.name}: the mask has {fast} x {slow} pixels, the detector {fpixels} x {spixels}"
        )
