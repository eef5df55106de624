"""A panel before it is placed: its pixels, axes and beam centre."""

import math

from nanobragg_numba.experiment.beam import Vector
from nanobragg_numba.experiment.detector import BeamCentre, PixelGrid, Roi
from nanobragg_numba.programs.shared.option_values import CommonOptionValues
from nanobragg_numba.records import dataclass


@dataclass(frozen=True)
class Axes:
    """The vectors that a placement starts from."""

    beam: Vector
    fdet: Vector
    sdet: Vector
    odet: Vector
    twotheta_axis: Vector
    polar_axis: Vector
    spindle: Vector


@dataclass(frozen=True)
class Frame:
    """A panel that is not placed yet.

    Attributes
    ----------
    grid : PixelGrid
    convention, pivot : str
    axes : Axes
        Unit vectors (the twotheta axis as given).
    vertical : (3,)
        Beam times polarization, unit.
    centre : BeamCentre
    """

    grid: PixelGrid
    convention: str
    pivot: str
    axes: Axes
    vertical: Vector
    centre: BeamCentre


def given(value: float, otherwise: float) -> float:
    """A number, or another one where it was not said (nan)."""
    return otherwise if math.isnan(value) else value


def roi_of(options: CommonOptionValues, grid: PixelGrid) -> Roi:
    """Region of interest; a negative bound is the edge of the detector."""
    return Roi(
        max(options.roi_xmin, 0),
        grid.fpixels if options.roi_xmax < 0 else options.roi_xmax,
        max(options.roi_ymin, 0),
        grid.spixels if options.roi_ymax < 0 else options.roi_ymax,
    )
