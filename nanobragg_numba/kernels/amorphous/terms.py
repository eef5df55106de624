"""Row engine of amorphous matter: positions, directions, structure factors and terms of a block of pixels.

Positions are C's to the last bit, what follows from them is within the bounds of docs/row_engine.md.
"""

import math

import numpy as np

from nanobragg_numba.kernels.amorphous.slots import (
    D1,
    D2,
    D3,
    F_ERROR,
    FAST,
    INTENSITY,
    INTENSITY_ERROR,
    OMEGA,
    OMEGA_SUM,
    SUM,
    SUM_ERROR,
    F,
    X,
)
from nanobragg_numba.kernels.decorators import inner_kernel
from nanobragg_numba.kernels.loop.geometry import pixel_position
from nanobragg_numba.kernels.row.slots import LANES
from nanobragg_numba.kernels.vector_math import multiply_add, wide_vectors


@inner_kernel
def start_block(w, chunks, first):
    """Set the slots of a block to what a pixel begins with.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    first : int
        Fast index.
    """
    for i in range(chunks * LANES):
        w[FAST + i] = first + i
        w[OMEGA_SUM + i] = 0.0
        w[INTENSITY + i] = 0.0
        w[INTENSITY_ERROR + i] = 0.0


@inner_kernel
def place_pixels(w, chunks, oversample, subF, subpixel_size, Sdet, fdet, sdet, odet, pix0, facing, cubed):
    """Find direction and solid angle of the subpixels (subF, Sdet) of a flat detector.

    Parameters
    ----------
    facing : float
        What stands above the distance, squared or cubed, in the solid angle.
    cubed : float
        1 where it is cubed, as for all pixels that are no points; else 0.
    """
    wide_vectors()
    f1, f2, f3 = fdet[0], fdet[1], fdet[2]
    s1, s2, s3 = Sdet * sdet[0], Sdet * sdet[1], Sdet * sdet[2]
    o1, o2, o3 = 0.0 * odet[0], 0.0 * odet[1], 0.0 * odet[2]
    p1, p2, p3 = pix0[0], pix0[1], pix0[2]
    half = subpixel_size / 2.0
    per_pixel, offset = float(oversample), float(subF)
    uncubed = 1.0 - cubed
    for i in range(chunks * LANES):
        Fdet = subpixel_size * (w[FAST + i] * per_pixel + offset) + half
        pos1 = Fdet * f1 + s1 + o1 + p1
        pos2 = Fdet * f2 + s2 + o2 + p2
        pos3 = Fdet * f3 + s3 + o3 + p3
        per_length = 1.0 / np.sqrt(pos1 * pos1 + pos2 * pos2 + pos3 * pos3)
        omega = facing * per_length * per_length * (cubed * per_length + uncubed)
        w[D1 + i] = pos1 * per_length
        w[D2 + i] = pos2 * per_length
        w[D3 + i] = pos3 * per_length
        w[OMEGA + i] = omega
        w[OMEGA_SUM + i] += omega
        w[SUM + i] = 0.0
        w[SUM_ERROR + i] = 0.0


@inner_kernel
def place_curved_pixels(w, chunks, scene, subF, Sdet, facing, cubed):
    """As `place_pixels`, for the curved detector, with the C library's sines and cosines.

    Parameters
    ----------
    w, chunks, scene, subF, Sdet, facing, cubed
        As for `place_pixels`, the scene for all that is the detector's.
    """
    for i in range(chunks * LANES):
        Fdet = scene.subpixel_size * (w[FAST + i] * scene.oversample + subF) + scene.subpixel_size / 2.0
        pos1, pos2, pos3 = pixel_position(scene, Fdet, Sdet, 0.0)
        per_length = 1.0 / math.sqrt(pos1 * pos1 + pos2 * pos2 + pos3 * pos3)
        omega = facing * per_length * per_length * (cubed * per_length + (1.0 - cubed))
        w[D1 + i] = pos1 * per_length
        w[D2 + i] = pos2 * per_length
        w[D3 + i] = pos3 * per_length
        w[OMEGA + i] = omega
        w[OMEGA_SUM + i] += omega
        w[SUM + i] = 0.0
        w[SUM_ERROR + i] = 0.0


@inner_kernel
def scatter(w, chunks, i1, i2, i3, per_scattering):
    """Find sin(theta)/lambda in cells for one source.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    i1, i2, i3 : float
        Unit vector from the source.
    per_scattering : float
        Cells for a difference of unit vectors of 1.
    """
    wide_vectors()
    for i in range(chunks * LANES):
        q1, q2, q3 = w[D1 + i] - i1, w[D2 + i] - i2, w[D3 + i] - i3
        w[X + i] = np.sqrt(multiply_add(q1, q1, multiply_add(q2, q2, q3 * q3))) * per_scattering


@inner_kernel
def look_up(w, chunks, knots, cubics, F_error):
    """Find F, pixel by pixel: faster than vectors that gather.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    knots : (cells,) float64
        Where the second cubic of each cell begins, in cells.
    cubics : (8 * cells,) float64
        Coefficients, electrons.
    F_error : (2 * cells,) float64
        Bounds, electrons.
    """
    last = knots.shape[0] - 1
    for i in range(chunks * LANES):
        x = w[X + i]
        cell = min(max(np.int64(x), 0), last)
        piece = np.uint64(2 * cell + (x >= knots[np.uint64(cell)]))
        k = np.uint64(4) * piece
        f = x - np.float64(cell)
        high = multiply_add(f, cubics[k + np.uint64(3)], cubics[k + np.uint64(2)])
        w[F + i] = multiply_add(f, multiply_add(f, high, cubics[k + np.uint64(1)]), cubics[k])
        w[F_ERROR + i] = F_error[piece]


@inner_kernel
def add_terms(w, chunks, weight, F_part, I_part):
    """Add one source's terms without polarization.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    weight : float
        Of the source.
    F_part, I_part : float
        Relative bounds of what F's error, and F^2, add.
    """
    wide_vectors()
    size = abs(weight)
    for i in range(chunks * LANES):
        F_here, error = w[F + i], w[F_ERROR + i]
        high = abs(F_here)
        w[SUM + i] += weight * (F_here * high)
        w[SUM_ERROR + i] += size * (F_here * F_here * I_part + (high + high + error) * error * F_part)


@inner_kernel
def add_polarized_terms(w, chunks, weight, F_part, I_part, i1, i2, i3, kahn, planes):
    """Add one source's terms; b and e of `planes` are the directions of the magnetic and the electric field.

    For a unit vector the squares of its components along beam, b and e sum up to 1, so cos(2 psi) sin^2(2 theta) is
    the difference of the last two.

    Parameters
    ----------
    w, chunks, weight, F_part, I_part
        As for `add_terms`.
    i1, i2, i3 : float
        Unit vector from the source.
    kahn : float
        Kahn factor.
    planes : (6,)
        b and e.
    """
    wide_vectors()
    size = abs(weight)
    b1, b2, b3, e1, e2, e3 = planes[0], planes[1], planes[2], planes[3], planes[4], planes[5]
    half, half_kahn = 0.5, 0.5 * kahn
    for i in range(chunks * LANES):
        d1, d2, d3 = w[D1 + i], w[D2 + i], w[D3 + i]
        F_here, error = w[F + i], w[F_ERROR + i]
        high = abs(F_here)
        cos2theta = multiply_add(i1, d1, multiply_add(i2, d2, i3 * d3))
        y = multiply_add(b1, d1, multiply_add(b2, d2, b3 * d3))
        x = multiply_add(e1, d1, multiply_add(e2, d2, e3 * d3))
        polar = multiply_add(half * cos2theta, cos2theta, half) - half_kahn * (x * x - y * y)
        w[SUM + i] += weight * (F_here * high) * polar
        w[SUM_ERROR + i] += size * (F_here * F_here * I_part + (high + high + error) * error * F_part)


@inner_kernel
def add_unpolarized_terms(w, chunks, weight, F_part, I_part, i1, i2, i3):
    """As `add_polarized_terms` for a Kahn factor of 0.

    Parameters
    ----------
    w, chunks, weight, F_part, I_part
        As for `add_terms`.
    i1, i2, i3 : float
        Unit vector from the source.
    """
    wide_vectors()
    size = abs(weight)
    half = 0.5
    for i in range(chunks * LANES):
        F_here, error = w[F + i], w[F_ERROR + i]
        high = abs(F_here)
        cos2theta = multiply_add(i1, w[D1 + i], multiply_add(i2, w[D2 + i], i3 * w[D3 + i]))
        polar = multiply_add(half * cos2theta, cos2theta, half)
        w[SUM + i] += weight * (F_here * high) * polar
        w[SUM_ERROR + i] += size * (F_here * F_here * I_part + (high + high + error) * error * F_part)


@inner_kernel
def end_subpixel(w, chunks):
    """Add what one subpixel has gathered."""
    wide_vectors()
    for i in range(chunks * LANES):
        omega = w[OMEGA + i]
        w[INTENSITY + i] += omega * w[SUM + i]
        w[INTENSITY_ERROR + i] += abs(omega) * w[SUM_ERROR + i]
