"""Set-up arithmetic with the C program's order of operations and its answers to division by zero."""

import math

from nanobragg_numba.experiment.beam import Vector
from nanobragg_numba.kernels import vectors
from nanobragg_numba.kernels.decorators import uncompiled

# Compiled and uncompiled code call the same C library, so set-up spares itself the loading of kernels.
dot3 = uncompiled(vectors.dot)
length3 = uncompiled(vectors.length)
cross3 = uncompiled(vectors.cross)
rotate_axis3 = uncompiled(vectors.rotate_axis)
rotate_xyz3 = uncompiled(vectors.rotate_xyz)
unit3 = uncompiled(vectors.unit)


def divide(numerator: float, denominator: float) -> float:
    """Quotient as IEEE arithmetic has it: infinite or nan where Python raises."""
    if denominator != 0.0:
        return numerator / denominator
    if numerator == 0.0 or math.isnan(numerator):
        return math.nan
    return math.copysign(math.inf, numerator) * math.copysign(1.0, denominator)


def dot(x: Vector, y: Vector) -> float:
    """Scalar product."""
    return dot3(*x, *y)


def cross(x: Vector, y: Vector) -> Vector:
    """Vector product."""
    return cross3(*x, *y)


def length(x: Vector) -> float:
    """Euclidean length."""
    return length3(*x)


def unit(x: Vector) -> Vector:
    """Vector of length 1 along x; zero stays zero."""
    return unit3(*x)[:3]


def scaled(x: Vector, factor: float) -> Vector:
    """Each component times a factor."""
    return (x[0] * factor, x[1] * factor, x[2] * factor)


def rotate_axis(v: Vector, axis: Vector, angle: float) -> Vector:
    """Turn v about a unit axis by radians.

    Parameters
    ----------
    v : (3,)
    axis : (3,)
        Unit vector.
    angle : float
        rad, right-handed.
    """
    return rotate_axis3(*v, *axis, angle)


def rotate_xyz(v: Vector, angles: Vector) -> Vector:
    """Turn v about x, then y, then z by radians."""
    return rotate_xyz3(*v, *angles)
