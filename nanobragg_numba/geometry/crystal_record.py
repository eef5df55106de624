"""The crystal as far as an image file keeps it, and as far as its spots need it."""

from __future__ import annotations

import numpy as np

from nanobragg_numba.records import dataclass


@dataclass(frozen=True, eq=False)
class CrystalRecord:
    """A crystal as far as its spots need it, which NeXus files keep.

    Attributes
    ----------
    real : (3, 3)
        Rows a, b, c, Angstrom, spindle at zero, in the frame of the geometry.
    cells : (3,)
        Unit cells along a, b, c.
    mosaic : float
        Spread, radians.
    """

    real: np.ndarray
    cells: tuple[float, float, float]
    mosaic: float


@dataclass(frozen=True, eq=False)
class RotatedCrystal:
    """A crystal and the orientations that it goes through.

    Attributes
    ----------
    real : (3, 3)
        Rows a, b, c, Angstrom, spindle at zero.
    cells : (3,)
        Unit cells along a, b, c.
    angles : (p,)
        Of the spindle, radians.
    domains : (d, 3, 3)
        Rotations of the mosaic domains, or the identity alone.
    mosaic : float
        Spread of the domains, radians.
    """

    real: np.ndarray
    cells: tuple[float, float, float]
    angles: np.ndarray
    domains: np.ndarray
    mosaic: float
