"""Row engine: the terms of the sum, one phi step and mosaic domain at a time for a whole block of pixels.

Miller indices, their nearest integers, the grid value and the tophat are exact, as in `row_geometry`. The other
shape transforms are approximations with a bound (see `guard`).
"""

import math

import numpy as np

from nanobragg_numba.kernels.decorators import inner_kernel
from nanobragg_numba.kernels.row.bounds import SINC3_ERROR, SMALLEST_FACTOR, SMALLEST_SAFE
from nanobragg_numba.kernels.row.slots import (
    CAPTURE,
    F_CELL,
    F_LATT,
    F_LATT_ERROR,
    INDEX,
    INTENSITY,
    INTENSITY_ERROR,
    LANES,
    LIVE,
    OMEGA,
    POLAR,
    POLAR_ERROR,
    Q1,
    Q2,
    Q3,
    H,
    K,
    L,
)
from nanobragg_numba.kernels.vector_math import exponential, unsigned_sinc3, unsigned_sincg, wide_vectors


@inner_kernel
def miller_indices(w, chunks, a1, a2, a3, b1, b2, b3, c1, c2, c3):
    """Find the fractional indices from the real-space axes, m.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    a1, a2, a3, b1, b2, b3, c1, c2, c3 : float
        Real-space axes, m.
    """
    wide_vectors()
    for i in range(chunks * LANES):
        q1, q2, q3 = w[Q1 + i], w[Q2 + i], w[Q3 + i]
        w[H + i] = a1 * q1 + a2 * q2 + a3 * q3
        w[K + i] = b1 * q1 + b2 * q2 + b3 * q3
        w[L + i] = c1 * q1 + c2 * q2 + c3 * q3


@inner_kernel
def square_lattice(w, chunks, Na, Nb, Nc):
    """F_latt, up to its sign, of a parallelepiped; with N = 1 an axis gives exactly 1.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    Na, Nb, Nc : float
        Unit cells along each axis.
    """
    wide_vectors()
    for i in range(chunks * LANES):
        w[F_LATT + i] = unsigned_sincg(w[H + i], Na) * unsigned_sincg(w[K + i], Nb) * unsigned_sincg(w[L + i], Nc)


@inner_kernel
def round_lattice(w, chunks, Na, Nb, Nc, fudge):
    """F_latt, up to its sign, of an ellipsoid, and the absolute part of its bound.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    Na, Nb, Nc : float
        Unit cells along each axis.
    fudge : float
        Scale of the squared distance.
    """
    wide_vectors()
    scale = Na * Nb * Nc * 0.723601254558268
    for i in range(chunks * LANES):
        h, k, l = w[H + i], w[K + i], w[L + i]
        dh, dk, dl = h - np.ceil(h - 0.5), k - np.ceil(k - 0.5), l - np.ceil(l - 0.5)
        q = dh * dh * Na * Na + dk * dk * Nb * Nb + dl * dl * Nc * Nc
        x = math.pi * np.sqrt(q * fudge)
        error = scale * SINC3_ERROR / (x * x)
        w[F_LATT + i] = scale * unsigned_sinc3(x)
        w[F_LATT_ERROR + i] = 0.0 if x == 0.0 else error


@inner_kernel
def squared_radii(w, chunks, a_star, b_star, c_star, Na, Nb, Nc):
    """Squared distance from the reflection as `lattice.radius_squared` has it, left in F_LATT.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    a_star, b_star, c_star : (3,)
        Reciprocal cell, 1/Angstrom.
    Na, Nb, Nc : float
        Unit cells along each axis.
    """
    wide_vectors()
    a1, a2, a3 = a_star[0], a_star[1], a_star[2]
    b1, b2, b3 = b_star[0], b_star[1], b_star[2]
    c1, c2, c3 = c_star[0], c_star[1], c_star[2]
    for i in range(chunks * LANES):
        h, k, l = w[H + i], w[K + i], w[L + i]
        dh, dk, dl = h - np.ceil(h - 0.5), k - np.ceil(k - 0.5), l - np.ceil(l - 0.5)
        d1 = dh * a1 + dk * b1 + dl * c1
        d2 = dh * a2 + dk * b2 + dl * c2
        d3 = dh * a3 + dk * b3 + dl * c3
        w[F_LATT + i] = (d1 * d1 + d2 * d2 + d3 * d3) * Na * Na * Nb * Nb * Nc * Nc


@inner_kernel
def gauss_lattice(w, chunks, Na, Nb, Nc, fudge, zero_matters):
    """F_latt of a Gaussian spot, from the squared radii.

    Beyond exp(-700) a term is zero whatever F_latt is. If it matters whether F_latt itself is zero, pixels
    where that is not certain are handed to the loop kernel.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    Na, Nb, Nc : float
        Unit cells along each axis.
    fudge : float
        Scale of the squared distance.
    zero_matters : bool
        What follows depends on whether it is exactly 0.
    """
    wide_vectors()
    size = Na * Nb * Nc
    doubtful = math.nan if zero_matters else 0.0
    for i in range(chunks * LANES):
        z = w[F_LATT + i] / 0.63 * fudge
        value = size * exponential(-z)
        far = 0.0 if z > 750.0 else doubtful
        w[F_LATT + i] = value if (z <= 700.0) & (z >= -700.0) else far if z > 700.0 else math.nan


@inner_kernel
def tophat_lattice(w, chunks, Na, Nb, Nc, fudge):
    """F_latt of a spot with a sharp edge, from the squared radii; exact.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    Na, Nb, Nc : float
        Unit cells along each axis.
    fudge : float
        Scale of the squared distance.
    """
    wide_vectors()
    inside, outside = Na * Nb * Nc * 1.0, Na * Nb * Nc * 0.0
    for i in range(chunks * LANES):
        w[F_LATT + i] = inside if w[F_LATT + i] * fudge < 0.3969 else outside


@inner_kernel
def grid_indices(w, chunks, h_min, h_max, k_min, k_max, l_min, l_max, nk, nl):
    """Find where the nearest indices stand in the flat grid; -1 outside the list.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    h_min, h_max, k_min, k_max, l_min, l_max : float
        First and last index along each axis.
    nk, nl : float
        Lengths of the grid.
    """
    wide_vectors()
    for i in range(chunks * LANES):
        h0, k0, l0 = np.ceil(w[H + i] - 0.5), np.ceil(w[K + i] - 0.5), np.ceil(w[L + i] - 0.5)
        inside = (h0 >= h_min) & (h0 <= h_max) & (k0 >= k_min) & (k0 <= k_max) & (l0 >= l_min) & (l0 <= l_max)
        index = ((h0 - h_min) * nk + (k0 - k_min)) * nl + (l0 - l_min)
        w[INDEX + i] = index if inside else -1.0


@inner_kernel
def grid_values(w, chunks, F, default_F):
    """Fetch the structure factors; F is the flat grid.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    F : (n,) float64
        The grid, flat, electrons.
    default_F : float
        Outside the list.
    """
    for i in range(chunks * LANES):
        index = int(w[INDEX + i])
        value = F[max(index, 0)]
        w[F_CELL + i] = default_F if index < 0 else value


@inner_kernel
def add_terms(w, chunks):
    """Add the terms to the sums: the plain case."""
    wide_vectors()
    for i in range(chunks * LANES):
        F_cell, F_latt = w[F_CELL + i], w[F_LATT + i]
        w[INTENSITY + i] += F_cell * F_cell * F_latt * F_latt


@inner_kernel
def add_terms_with_care(w, chunks, thick, polar, omega, dry):
    """Add the terms to the sums where -dmin, the -oversample_ products or absolute errors play a part.

    Parameters
    ----------
    thick, polar, omega : bool
        Which factors multiply the running sum at every step.
    dry : bool
        There is no water background, so C skips a step whose F_latt is zero, products included.
    """
    wide_vectors()
    products = thick | polar | omega
    for i in range(chunks * LANES):
        F_cell, F_latt, error = w[F_CELL + i], w[F_LATT + i], w[F_LATT_ERROR + i]
        old, old_error = w[INTENSITY + i], w[INTENSITY_ERROR + i]
        before = old + F_cell * F_cell * F_latt * F_latt
        spread = old_error + F_cell * F_cell * (2.0 * abs(F_latt) + error) * error
        capture_factor = w[CAPTURE + i] if thick else 1.0
        polar_factor = w[POLAR + i] if polar else 1.0
        polar_error = w[POLAR_ERROR + i] if polar else 0.0
        omega_factor = w[OMEGA + i] if omega else 1.0
        after = before * capture_factor * polar_factor * omega_factor
        spread = (spread * (polar_factor + polar_error) + before * polar_error) * capture_factor * omega_factor
        nothing = (capture_factor == 0.0) | (polar_factor == 0.0) | (omega_factor == 0.0)
        lost = products & (before != 0.0) & (not after >= SMALLEST_SAFE) & (not nothing)
        lost |= products & (F_cell != 0.0) & (abs(F_cell) < SMALLEST_FACTOR)
        lost |= (error > 0.0) & (abs(F_latt) <= error)
        skipped = (w[LIVE + i] == 0.0) | (dry & (F_latt == 0.0) & (error == 0.0))
        w[INTENSITY + i] = old if skipped else (math.nan if lost else after)
        w[INTENSITY_ERROR + i] = old_error if skipped else spread
