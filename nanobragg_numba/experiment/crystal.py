"""The crystal: its cell, orientation, size, mosaicity and structure factors."""

import numpy as np

from nanobragg_numba.experiment.beam import Vector
from nanobragg_numba.records import dataclass, field


@dataclass(frozen=True)
class Crystal:
    """A small perfect crystal.

    Attributes
    ----------
    a, b, c : (3,)
        Real-space cell vectors at phi = 0, metres.
    a_star, b_star, c_star : (3,)
        Reciprocal cell vectors at phi = 0, 1/Angstrom.
    lengths : (3,)
        |a|, |b|, |c| in metres.
    Na, Nb, Nc : float
        Unit cells along a, b, c.
    shape : str
        square, round, gauss or tophat.
    fudge : float
        Spot size factor.
    spindle : (3,)
        Unit vector of the phi rotation.
    """

    a: Vector
    b: Vector
    c: Vector
    a_star: Vector
    b_star: Vector
    c_star: Vector
    lengths: Vector
    Na: float
    Nb: float
    Nc: float
    shape: str
    fudge: float
    spindle: Vector


@dataclass(frozen=True)
class Mosaic:
    """Mosaic domains.

    Attributes
    ----------
    spread : float
        Radians.
    rotations : (n, 9) float64
        Matrices, row by row; the first is the identity.
    """

    spread: float
    rotations: np.ndarray = field(repr=False, compare=False)


@dataclass(frozen=True)
class StructureFactors:
    """Amplitudes in electrons on a grid of indices.

    Attributes
    ----------
    default_F : float
        For every reflection outside the grid.
    grid : (nh+1, nk+1, nl+1) float64 or None
        Element [h - h_min, k - k_min, l - l_min]; the plane at each upper end is zero.
    h_min, h_max, k_min, k_max, l_min, l_max : int
    initialized : int
        Reflections read, repeats counted.
    interpolate : bool
        Tricubic interpolation between the grid points.
    """

    default_F: float
    grid: np.ndarray | None = field(repr=False, compare=False)
    h_min: int = 0
    h_max: int = 0
    k_min: int = 0
    k_max: int = 0
    l_min: int = 0
    l_max: int = 0
    initialized: int = 0
    interpolate: bool = False
