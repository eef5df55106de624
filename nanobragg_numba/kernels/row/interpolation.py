"""Row engine: structure factors between the grid points; exact, the sums of `interpolation.lagrange` term by term.

With the grid points at distance 1 the denominators of the four terms are -6, 2, -2 and 6. An evaluation out of
range makes its structure factor NaN, which hands the pixel to the loop kernel, and that decides what follows.
"""

import math

import numpy as np

from nanobragg_numba.kernels.decorators import inner_kernel
from nanobragg_numba.kernels.row.slots import (
    ALONG_K,
    BLOCK,
    CORNER,
    F_CELL,
    INDEX,
    LANES,
    WEIGHT,
    WEIGHT_H,
    WEIGHT_K,
    WEIGHT_L,
    H,
    K,
    L,
)
from nanobragg_numba.kernels.vector_math import wide_vectors


@inner_kernel
def differences(x):
    """Products of the differences from three of the four points around x, for each left out in turn."""
    x0 = np.floor(x) - 1.0
    t0, t1, t2, t3 = x - x0, x - (x0 + 1.0), x - (x0 + 2.0), x - (x0 + 3.0)
    return t1 * t2 * t3, t0 * t2 * t3, t0 * t1 * t3, t0 * t1 * t2


@inner_kernel
def weights_h(w, chunks):
    """Fill WEIGHT_H."""
    wide_vectors()
    for i in range(chunks * LANES):
        p0, p1, p2, p3 = differences(w[H + i])
        w[WEIGHT_H + i], w[WEIGHT_H + BLOCK + i] = p0, p1
        w[WEIGHT_H + 2 * BLOCK + i], w[WEIGHT_H + 3 * BLOCK + i] = p2, p3


@inner_kernel
def weights_k(w, chunks):
    """Fill WEIGHT_K."""
    wide_vectors()
    for i in range(chunks * LANES):
        p0, p1, p2, p3 = differences(w[K + i])
        w[WEIGHT_K + i], w[WEIGHT_K + BLOCK + i] = p0, p1
        w[WEIGHT_K + 2 * BLOCK + i], w[WEIGHT_K + 3 * BLOCK + i] = p2, p3


@inner_kernel
def weights_l(w, chunks):
    """Fill WEIGHT_L."""
    wide_vectors()
    for i in range(chunks * LANES):
        p0, p1, p2, p3 = differences(w[L + i])
        w[WEIGHT_L + i], w[WEIGHT_L + BLOCK + i] = p0, p1
        w[WEIGHT_L + 2 * BLOCK + i], w[WEIGHT_L + 3 * BLOCK + i] = p2, p3


@inner_kernel
def first_corners(w, chunks, h_min, h_range, k_min, k_range, l_min, l_range, nk, nl):
    """Find where the 4x4x4 neighbourhood begins in the flat grid; -1 where it is not wholly inside.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    h_min, k_min, l_min : float
        First index along each axis.
    h_range, k_range, l_range : float
        How many indices.
    nk, nl : float
        Lengths of the grid.
    """
    wide_vectors()
    for i in range(chunks * LANES):
        h, k, l = w[H + i], w[K + i], w[L + i]
        inside = (h - h_min + 3.0 <= h_range) & (h - 2.0 >= h_min)
        inside &= (k - k_min + 3.0 <= k_range) & (k - 2.0 >= k_min)
        inside &= (l - l_min + 3.0 <= l_range) & (l - 2.0 >= l_min)
        row = (np.floor(h) - 1.0 - h_min) * nk + (np.floor(k) - 1.0 - k_min)
        w[INDEX + i] = row * nl + (np.floor(l) - 1.0 - l_min) if inside else -1.0


@inner_kernel
def fetch_corners(w, chunks, F, offset, j):
    """Fetch four grid values along l and a weight along k.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    F : (n,) float64
        The grid, flat, electrons.
    offset : int
        From the first corner.
    j : int
        Which weight.
    """
    weight = np.uint64(WEIGHT_K + j * BLOCK)  # indices without a sign need no test for counting from the end
    for i in range(chunks * LANES):
        start = np.uint64(max(int(w[INDEX + i]), 0) + offset)
        w[CORNER + i] = F[start]
        w[CORNER + BLOCK + i] = F[start + np.uint64(1)]
        w[CORNER + 2 * BLOCK + i] = F[start + np.uint64(2)]
        w[CORNER + 3 * BLOCK + i] = F[start + np.uint64(3)]
        w[WEIGHT + i] = w[weight + np.uint64(i)]


@inner_kernel
def fetch_weight_h(w, chunks, j):
    """Fetch a weight along h.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    j : int
        Which one.
    """
    weight = np.uint64(WEIGHT_H + j * BLOCK)
    for i in range(chunks * LANES):
        w[WEIGHT + i] = w[weight + np.uint64(i)]


@inner_kernel
def add_along_k(w, chunks, denominator, first):
    """Interpolate along l and add the result to the sum along k.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    denominator : float
        Of the weight at hand.
    first : bool
        The sum begins.
    """
    wide_vectors()
    for i in range(chunks * LANES):
        along_l = (
            w[WEIGHT_L + i] * w[CORNER + i] / -6.0
            + w[WEIGHT_L + BLOCK + i] * w[CORNER + BLOCK + i] / 2.0
            + w[WEIGHT_L + 2 * BLOCK + i] * w[CORNER + 2 * BLOCK + i] / -2.0
            + w[WEIGHT_L + 3 * BLOCK + i] * w[CORNER + 3 * BLOCK + i] / 6.0
        )
        term = w[WEIGHT + i] * along_l / denominator
        w[ALONG_K + i] = term if first else w[ALONG_K + i] + term


@inner_kernel
def add_along_h(w, chunks, denominator, first):
    """Add what was interpolated along l and k to the sum along h.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    denominator : float
        Of the weight at hand.
    first : bool
        The sum begins.
    """
    wide_vectors()
    for i in range(chunks * LANES):
        term = w[WEIGHT + i] * w[ALONG_K + i] / denominator
        w[F_CELL + i] = term if first else w[F_CELL + i] + term


@inner_kernel
def drop_outside(w, chunks):
    """Make the structure factors of evaluations out of range NaN."""
    wide_vectors()
    for i in range(chunks * LANES):
        w[F_CELL + i] = math.nan if w[INDEX + i] < 0.0 else w[F_CELL + i]


@inner_kernel
def interpolated_values(w, chunks, F, nk, nl):
    """Interpolate the structure factors, as `loop.interpolation.tricubic`; `first_corners` has been called.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    F : (n,) float64
        The grid, flat, electrons.
    nk, nl : int
        Lengths of the grid.
    """
    weights_h(w, chunks)
    weights_k(w, chunks)
    weights_l(w, chunks)
    for i in range(4):
        for j in range(4):
            fetch_corners(w, chunks, F, (i * nk + j) * nl, j)
            add_along_k(w, chunks, denominator_of(j), j == 0)
        fetch_weight_h(w, chunks, i)
        add_along_h(w, chunks, denominator_of(i), i == 0)
    drop_outside(w, chunks)


@inner_kernel
def denominator_of(i):
    """Product of the differences between point i and the other three of four points."""
    return (-6.0, 2.0, -2.0, 6.0)[i]
