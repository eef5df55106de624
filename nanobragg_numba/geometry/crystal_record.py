"""The crystal as far as an image file keeps it."""

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
