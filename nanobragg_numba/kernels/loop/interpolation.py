"""Structure factors between the grid points: four-point Lagrange interpolation along l, k and h."""

import numpy as np

from nanobragg_numba.kernels.decorators import inner_kernel, kernel


@inner_kernel
def lagrange(x, x0, x1, x2, x3, y0, y1, y2, y3):
    """Value at x of the cubic through four points.

    Parameters
    ----------
    x : float
        Where it is wanted.
    x0, x1, x2, x3 : float
        Abscissae of the points.
    y0, y1, y2, y3 : float
        Their ordinates.

    References
    ----------
    The formula of Lagrange: Press et al., Numerical Recipes in C, 2nd edition (1992), section 3.1.
    """
    return (
        (x - x1) * (x - x2) * (x - x3) * y0 / ((x0 - x1) * (x0 - x2) * (x0 - x3))
        + (x - x0) * (x - x2) * (x - x3) * y1 / ((x1 - x0) * (x1 - x2) * (x1 - x3))
        + (x - x0) * (x - x1) * (x - x3) * y2 / ((x2 - x0) * (x2 - x1) * (x2 - x3))
        + (x - x0) * (x - x1) * (x - x2) * y3 / ((x3 - x0) * (x3 - x1) * (x3 - x2))
    )


@inner_kernel
def reaches_beyond(x, lowest, extent):
    """Whether the four points around x leave the grid that begins at `lowest`; a NaN does.

    Parameters
    ----------
    x : float
        Fractional index.
    lowest, extent : float
        First index of the grid, and how many there are.
    """
    return not (x - lowest + 3.0 <= extent and x - 2.0 >= lowest)


@kernel
def out_of_range(h, k, l, scene):
    """Whether the 4x4x4 neighbourhood of h, k, l is not wholly inside the grid.

    Parameters
    ----------
    h, k, l : float
        Fractional indices.
    scene : Scene
    """
    return (
        reaches_beyond(h, scene.h_min, scene.h_range)
        or reaches_beyond(k, scene.k_min, scene.k_range)
        or reaches_beyond(l, scene.l_min, scene.l_range)
    )


@inner_kernel
def along_l(F, i, j, m, x, x0):
    """Interpolate the four grid values F[i, j, m:m+4] at x, the first of which stands at x0.

    Parameters
    ----------
    F : (nh, nk, nl) float64
        The grid, electrons.
    i, j, m : int
        Place of the first value.
    x : float
        Index l.
    x0 : float
        Index of the first value.
    """
    return lagrange(
        x, x0, x0 + 1.0, x0 + 2.0, x0 + 3.0, F[i, j, m], F[i, j, m + 1], F[i, j, m + 2], F[i, j, m + 3]
    )


@inner_kernel
def along_k(F, i, j, m, k, k0, l, l0):
    """Interpolate along l, then k, in the plane i of the grid.

    Parameters
    ----------
    F : (nh, nk, nl) float64
        The grid, electrons.
    i, j, m : int
        Place of the first of sixteen values.
    k, l : float
        Fractional indices.
    k0, l0 : float
        Indices of the first value.
    """
    return lagrange(
        k,
        k0,
        k0 + 1.0,
        k0 + 2.0,
        k0 + 3.0,
        along_l(F, i, j, m, l, l0),
        along_l(F, i, j + 1, m, l, l0),
        along_l(F, i, j + 2, m, l, l0),
        along_l(F, i, j + 3, m, l, l0),
    )


@kernel
def tricubic(h, k, l, scene):
    """Interpolated structure factor, electrons, at fractional indices that are in range.

    Parameters
    ----------
    h, k, l : float
        Fractional indices.
    scene : Scene

    Notes
    -----
    Cubic interpolation along l in sixteen rows, along k in four, then along h: one axis after the other, as Press et
    al., Numerical Recipes in C, 2nd edition (1992), section 3.6, do it in two dimensions.
    """
    h0 = np.floor(h) - 1.0
    k0 = np.floor(k) - 1.0
    l0 = np.floor(l) - 1.0
    i = int(h0) - scene.h_min
    j = int(k0) - scene.k_min
    m = int(l0) - scene.l_min
    return lagrange(
        h,
        h0,
        h0 + 1.0,
        h0 + 2.0,
        h0 + 3.0,
        along_k(scene.F, i, j, m, k, k0, l, l0),
        along_k(scene.F, i + 1, j, m, k, k0, l, l0),
        along_k(scene.F, i + 2, j, m, k, k0, l, l0),
        along_k(scene.F, i + 3, j, m, k, k0, l, l0),
    )
