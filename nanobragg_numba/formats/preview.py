"""Preview pictures: an 8-bit PNG, white with dark spots, on a scale that shows the spots."""

from __future__ import annotations

import io
import math
from typing import BinaryIO

import numpy as np

LONGEST_SIDE = 2048
"""Larger images are binned until they fit, pixels."""

# A log scale is taken where strong pixels stand more than this far above the ordinary ones; it
# spans at least and at most so many decades, which is what an eye can tell apart.
_LOG_FROM_RATIO = 100.0
_DECADES = (2.5, 3.0)
# The direct beam may outshine everything: so many of the brightest pixels decide nothing, and
# this share of the picture may be plain black.
_OUTLIERS = 3
_BLACK_SHARE = 2e-3


def write_preview(file: BinaryIO, image: np.ndarray) -> str:
    """Write a preview picture, PNG.

    Parameters
    ----------
    file : binary file
    image : float32 array (slow, fast)
        Photons. Row 0 is the top of the picture.

    Returns
    -------
    str
        The scale that was chosen, in words.
    """
    from PIL import Image

    pixels, scale = preview_pixels(image)
    encoded = io.BytesIO()
    Image.fromarray(pixels).save(encoded, format="png", compress_level=4)
    file.write(encoded.getvalue())
    return scale


def preview_pixels(image: np.ndarray) -> tuple[np.ndarray, str]:
    """Grey levels of a preview.

    Parameters
    ----------
    image : float32 array (slow, fast)
        Photons; what is negative or not a number counts as 0.

    Returns
    -------
    pixels : uint8 array, at most LONGEST_SIDE a side
        255 is white, few photons; 0 is black, many.
    scale : str
        The scale in words.
    """
    limit = float(np.finfo(np.float32).max)
    photons = np.clip(np.nan_to_num(image, nan=0.0, posinf=limit, neginf=0.0), 0.0, limit)
    photons, binning = _bin(photons)
    low, high, logarithmic = _scale(photons)
    if high <= 0.0:
        return np.full(photons.shape, 255, dtype=np.uint8), "no photons: an empty picture"
    if logarithmic:
        darkness = np.log(np.maximum(photons, low) / low) / math.log(high / low)
    else:
        darkness = (photons - low) / (high - low)
    pixels = np.rint(255.0 * (1.0 - np.clip(darkness, 0.0, 1.0))).astype(np.uint8)
    kind = "logarithmic" if logarithmic else "linear"
    scale = f"{kind} scale, white at {low:.3g} photons and black from {high:.3g}"
    if binning > 1:
        scale += f", the brightest of each {binning} x {binning} pixels"
    return pixels, scale


def display_range(image: np.ndarray) -> tuple[float, float, bool]:
    """What a preview shows white, what black, and whether its scale is logarithmic.

    Parameters
    ----------
    image : float32 array (slow, fast)
    """
    limit = float(np.finfo(np.float32).max)
    return _scale(_bin(np.clip(np.nan_to_num(image, nan=0.0, posinf=limit, neginf=0.0), 0.0, limit))[0])


def binned(image: np.ndarray) -> tuple[np.ndarray, int]:
    """The image as a preview bins it: the maximum of squares of pixels, float64, and the side of a square."""
    return _bin(image)


def _bin(photons: np.ndarray) -> tuple[np.ndarray, int]:
    """The maximum of each square of pixels, and the side of a square; it keeps narrow spots."""
    binning = -(-max(photons.shape) // LONGEST_SIDE)
    if binning > 1:
        for axis in (0, 1):
            starts = np.arange(0, photons.shape[axis], binning)
            photons = np.maximum.reduceat(photons, starts, axis=axis)
    return photons.astype(np.float64), binning


def _scale(photons: np.ndarray) -> tuple[float, float, bool]:
    """What is white, what is black, and whether the scale between them is logarithmic."""
    positive = np.sort(photons[photons > 0.0])
    if not positive.size:
        return 0.0, 0.0, False
    strongest = float(positive[max(-1 - _OUTLIERS, -positive.size)])
    black = max(_OUTLIERS, int(_BLACK_SHARE * photons.size))
    strong = float(positive[-1 - black]) if black < positive.size else strongest
    # Three pixels in four are ordinary: background, or the skirts of spots.
    ordinary = float(np.quantile(photons, 0.75))
    if strongest > _LOG_FROM_RATIO * ordinary:
        high = min(strongest, max(strong, ordinary * 10.0 ** _DECADES[0]))
        return max(ordinary, high / 10.0 ** _DECADES[1]), high, True
    low = float(np.quantile(photons, 0.02))
    return (low if low < strong else 0.0), strong, False
