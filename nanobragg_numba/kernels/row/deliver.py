"""From a block of the row engine to the image; pixels in doubt are done by the loop kernel."""

import numpy as np

from nanobragg_numba.kernels.decorators import inlined_kernel, inner_kernel
from nanobragg_numba.kernels.loop.pixel_loop import pixel_value
from nanobragg_numba.kernels.loop.polar_axis import after_pixels, drift_of_row
from nanobragg_numba.kernels.row.guard import doubtful_pixels
from nanobragg_numba.kernels.row.slots import (
    AXIS,
    OMEGA_SUM,
    VALUE,
)
from nanobragg_numba.kernels.window import is_rendered


@inner_kernel
def deliver_all(w, first, count, image_row, omega_sum):
    """Write a block without a mask or a doubt into the image; returns the sum of solid angles, the block's added.

    Parameters
    ----------
    w : (SLOTS * BLOCK,) float64
        Work array.
    first, count : int
        First fast index, pixels.
    image_row : (fpixels,) float32
        Receives photons.
    omega_sum : float
        Solid angles of the row so far, sr.
    """
    start = np.uint64(first)
    for i in range(count):
        image_row[start + np.uint64(i)] = w[VALUE + i]
    for i in range(count):
        omega_sum += w[OMEGA_SUM + i]
    return omega_sum


@inner_kernel
def remember_axis(w, fpixel, axis):
    """Keep the polarization axis that a pixel finds.

    Parameters
    ----------
    w : (SLOTS * BLOCK,) float64
        Work array.
    fpixel : int
        Fast index.
    axis : (3,)
        Polarization vector.
    """
    w[AXIS + 3] = fpixel
    for n in range(3):
        w[AXIS + n] = axis[n]


@inner_kernel
def known_axis(scene, w, spixel, fpixel):
    """The polarization axis that a pixel finds, three numbers, counted from the pixel it was last known for.

    Parameters
    ----------
    scene : Scene
    w : (SLOTS * BLOCK,) float64
        Work array.
    spixel, fpixel : int
        Slow and fast index.
    """
    axis = w[AXIS], w[AXIS + 1], w[AXIS + 2]
    if drift_of_row(scene, spixel) > 0.0:
        axis, _ = after_pixels(scene, spixel, int(w[AXIS + 3]), fpixel, axis)
    return axis


@inner_kernel
def deliver_one_by_one(scene, w, spixel, first, count, start_pixel, interpolate, image_row, omega_sum):
    """Write a block into the image, with the pixels in doubt done by the loop kernel.

    Parameters
    ----------
    scene : Scene
    w : (SLOTS * BLOCK,) float64
        Work array.
    spixel, first, count : int
        Slow index, first fast index, pixels.
    start_pixel : int
        Flat index of the pixel that makes the run's first phi sweep, or -1.
    interpolate : bool
        Interpolation is on.
    image_row : (fpixels,) float32
        Receives photons.
    omega_sum : float
        Solid angles of the row so far, sr.

    Returns
    -------
    omega_sum : float
        Solid angles in force, those of the rendered pixels added.
    recomputed : int
    left : int
        The first pixel that left the range of interpolation, or -1.
    """
    recomputed = 0
    left = -1
    for i in range(count):
        fpixel = first + i
        if not is_rendered(scene, spixel, fpixel):
            continue
        value = w[VALUE + i]
        starts = spixel * scene.fpixels + fpixel == start_pixel
        if value != value or starts:
            axis = known_axis(scene, w, spixel, fpixel)
            value, _, _, still, axis = pixel_value(scene, spixel, fpixel, starts, interpolate, axis, None)
            remember_axis(w, fpixel + 1, axis)
            recomputed += 1
            if interpolate and not still and left < 0:
                left = fpixel
        image_row[fpixel] = value
        omega_sum += w[OMEGA_SUM + i]
    return omega_sum, recomputed, left


@inlined_kernel
def deliver_block(scene, w, spixel, first, count, start_pixel, interpolate, image_row, omega_sum):
    """Write a block into the image.

    Parameters
    ----------
    scene, w, spixel, first, count, start_pixel, interpolate, image_row, omega_sum
        As for `deliver_one_by_one`.

    Returns
    -------
    omega_sum, recomputed, left
        Likewise.
    """
    start = start_pixel - spixel * scene.fpixels - first
    if scene.mask.shape[0] > 0 or 0 <= start < count or doubtful_pixels(w, count) > 0:
        return deliver_one_by_one(scene, w, spixel, first, count, start_pixel, interpolate, image_row, omega_sum)
    return deliver_all(w, first, count, image_row, omega_sum), 0, -1
