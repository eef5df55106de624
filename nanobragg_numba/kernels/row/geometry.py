"""Row engine: where the pixels of a block are and what reaches them, with the very expressions of the loop kernel.

Sums, products, quotients and square roots are correctly rounded, in vectors too, so everything here is exact:
equal to what `pixel_loop` computes, bit for bit. Sines, exponentials and arctangents are left to the C library.
"""

import math

import numpy as np

from nanobragg_numba.kernels.decorators import inner_kernel
from nanobragg_numba.kernels.loop.geometry import layer_capture, pixel_position
from nanobragg_numba.kernels.row.slots import (
    AIRPATH,
    CAPTURE,
    D1,
    D2,
    D3,
    FAST,
    INTENSITY,
    LANES,
    LIVE,
    OMEGA,
    OMEGA_SUM,
    Q1,
    Q2,
    Q3,
)
from nanobragg_numba.kernels.vector_math import wide_vectors
from nanobragg_numba.kernels.vectors import dot, length


@inner_kernel
def fill(w, chunks, slot, value):
    """Set a slot to one value.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    slot : int
        Its place in the work array.
    value : float
    """
    start = np.uint64(slot)  # an index without a sign needs no test for counting from the end
    for i in range(chunks * LANES):
        w[start + np.uint64(i)] = value


@inner_kernel
def number_pixels(w, chunks, first):
    """Set the fast indices of a block that begins at the pixel `first`.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    first : int
        Fast index.
    """
    for i in range(chunks * LANES):
        w[FAST + i] = first + i


@inner_kernel
def any_zero(w, chunks, slot):
    """Whether any number of a slot is zero.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    slot : int
        Its place in the work array.
    """
    start = np.uint64(slot)
    zeros = 0
    for i in range(chunks * LANES):
        zeros += w[start + np.uint64(i)] == 0.0
    return zeros > 0


@inner_kernel
def place_pixels(w, chunks, oversample, subF, subpixel_size, Sdet, Odet, fdet, sdet, odet, pix0):
    """Find distance and direction of the subpixels of a flat detector.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    oversample, subF : int
        Subpixels along a pixel, and which of them.
    subpixel_size, Sdet, Odet : float
        Size, place along the slow axis and depth, m.
    fdet, sdet, odet : (3,)
        Axes of the detector.
    pix0 : (3,)
        Its corner, m.
    """
    wide_vectors()
    f1, f2, f3 = fdet[0], fdet[1], fdet[2]
    s1, s2, s3 = Sdet * sdet[0], Sdet * sdet[1], Sdet * sdet[2]
    o1, o2, o3 = Odet * odet[0], Odet * odet[1], Odet * odet[2]
    p1, p2, p3 = pix0[0], pix0[1], pix0[2]
    half = subpixel_size / 2.0
    per_pixel, offset = float(oversample), float(subF)
    for i in range(chunks * LANES):
        Fdet = subpixel_size * (w[FAST + i] * per_pixel + offset) + half
        pos1 = Fdet * f1 + s1 + o1 + p1
        pos2 = Fdet * f2 + s2 + o2 + p2
        pos3 = Fdet * f3 + s3 + o3 + p3
        airpath = np.sqrt(pos1 * pos1 + pos2 * pos2 + pos3 * pos3)
        w[AIRPATH + i] = airpath
        w[D1 + i] = pos1 / airpath
        w[D2 + i] = pos2 / airpath
        w[D3 + i] = pos3 / airpath


@inner_kernel
def place_curved_pixels(w, count, scene, subF, Sdet, Odet):
    """As `place_pixels`, for the curved detector, pixel by pixel.

    Parameters
    ----------
    w : (SLOTS * BLOCK,) float64
        Work array.
    count : int
        Pixels.
    scene : Scene
    subF : int
        Which subpixel.
    Sdet, Odet : float
        Place along the slow axis and depth, m.
    """
    for i in range(count):
        Fdet = scene.subpixel_size * (w[FAST + i] * scene.oversample + subF) + scene.subpixel_size / 2.0
        pos1, pos2, pos3 = pixel_position(scene, Fdet, Sdet, Odet)
        airpath = length(pos1, pos2, pos3)
        w[AIRPATH + i] = airpath
        w[D1 + i] = pos1 / airpath
        w[D2 + i] = pos2 / airpath
        w[D3 + i] = pos3 / airpath


@inner_kernel
def solid_angles(w, chunks, pixel_size, close_distance, point_pixel, always):
    """Set the solid angles that are still zero.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    pixel_size, close_distance : float
        m.
    point_pixel : int
        Not 0: a pixel is seen head-on from everywhere.
    always : bool
        Set all of them.
    """
    wide_vectors()
    keep = not always
    if point_pixel:
        for i in range(chunks * LANES):
            airpath = w[AIRPATH + i]
            omega = 1.0 / airpath / airpath
            old = w[OMEGA + i]
            w[OMEGA + i] = old if keep & (old != 0.0) else omega
    else:
        for i in range(chunks * LANES):
            airpath = w[AIRPATH + i]
            omega = pixel_size * pixel_size / airpath / airpath * close_distance / airpath
            old = w[OMEGA + i]
            w[OMEGA + i] = old if keep & (old != 0.0) else omega


@inner_kernel
def add_solid_angles(w, chunks):
    """Add the solid angles in force to their sums."""
    for i in range(chunks * LANES):
        w[OMEGA_SUM + i] += w[OMEGA + i]


@inner_kernel
def captures(w, count, scene, layer, always):
    """Set the captured fractions that are still zero.

    Parameters
    ----------
    w : (SLOTS * BLOCK,) float64
        Work array.
    count : int
        Pixels.
    scene : Scene
    layer : int
        Of the sensor.
    always : bool
        Set all of them.
    """
    odet = scene.odet
    for i in range(count):
        if always or w[CAPTURE + i] == 0.0:
            parallax = dot(w[D1 + i], w[D2 + i], w[D3 + i], odet[0], odet[1], odet[2])
            w[CAPTURE + i] = layer_capture(scene, layer, parallax)


@inner_kernel
def scatter(w, chunks, i1, i2, i3, wavelength, largest_q_sqr):
    """Find the scattering vectors of one source.

    A pixel whose squared length is above `largest_q_sqr`, in 1/m^2, where the vectorized functions lose their
    bounds, is handed to the loop kernel; so is a NaN.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    i1, i2, i3 : float
        Unit vector from the source.
    wavelength : float
        m.
    largest_q_sqr : float
        1/m^2.
    """
    wide_vectors()
    for i in range(chunks * LANES):
        q1 = (w[D1 + i] - i1) / wavelength
        q2 = (w[D2 + i] - i2) / wavelength
        q3 = (w[D3 + i] - i3) / wavelength
        w[Q1 + i] = q1
        w[Q2 + i] = q2
        w[Q3 + i] = q3
        q_sqr = q1 * q1 + q2 * q2 + q3 * q3
        intensity = w[INTENSITY + i]
        w[INTENSITY + i] = intensity if q_sqr <= largest_q_sqr else math.nan


@inner_kernel
def cut_resolution(w, chunks, dmin):
    """Mark the pixels that -dmin does not skip for the source at hand.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    dmin : float
        m.
    """
    wide_vectors()
    for i in range(chunks * LANES):
        q1, q2, q3 = w[Q1 + i], w[Q2 + i], w[Q3 + i]
        stol = 0.5 * np.sqrt(q1 * q1 + q2 * q2 + q3 * q3)
        w[LIVE + i] = 0.0 if (stol > 0.0) & (dmin > 0.5 / stol) else 1.0
