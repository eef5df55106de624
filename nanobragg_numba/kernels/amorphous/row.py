"""The row engine of amorphous matter: blocks of pixels in vectors, with a bound of what they may differ from C's.

Positions are C's to the last bit. What follows from them is not: directions are products with a reciprocal, F is a
cubic that was expanded before, angles of polarization need no arctangent. A pixel whose float32 the bound leaves
undecided is done again by the loop kernel, so the bytes are C's. The bounds are derived in docs/row_engine.md.
"""

import math

import numpy as np

from nanobragg_numba.kernels.amorphous.pixel_loop import pixel_value
from nanobragg_numba.kernels.amorphous.slots import INTENSITY, INTENSITY_ERROR, OMEGA_SUM, OMEGA_TOTAL, VALUE, X
from nanobragg_numba.kernels.amorphous.terms import (
    add_polarized_terms,
    add_terms,
    add_unpolarized_terms,
    end_subpixel,
    look_up,
    place_curved_pixels,
    place_pixels,
    scatter,
    start_block,
)
from nanobragg_numba.kernels.decorators import inlined_kernel, inner_kernel
from nanobragg_numba.kernels.row.bounds import SUM_FLOOR
from nanobragg_numba.kernels.row.geometry import fill
from nanobragg_numba.kernels.row.slots import BLOCK, LANES
from nanobragg_numba.kernels.vector_math import wide_vectors

EDGE = 1e-12
"""So near to an end of the table, relatively, C's number may lie on the other side of it."""


@inner_kernel
def round_safely(w, chunks, r_e_sqr, fluence, molecules, steps):
    """Turn the sums into float32 photons where both ends of the bound round to the same number, else NaN.

    C's products and its quotient are monotonic, rounding included. Where a bound reaches over zero the sign of a
    zero is not known.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    r_e_sqr, fluence, molecules, steps : float
        What C multiplies by, m^2 and photons/m^2, and divides by.
    """
    wide_vectors()
    for i in range(chunks * LANES):
        intensity, error = w[INTENSITY + i], w[INTENSITY_ERROR + i]
        nothing = (intensity == 0.0) & (error == 0.0)
        spread = 0.0 if nothing else error + SUM_FLOOR
        low, high = intensity - spread, intensity + spread
        first = np.float32(low * r_e_sqr * fluence * molecules / steps)
        last = np.float32(high * r_e_sqr * fluence * molecules / steps)
        decided = (first == last) & ((low > 0.0) | (high < 0.0) | nothing)
        w[VALUE + i] = first + 0.0 if decided else math.nan


@inlined_kernel
def render_block(scene, rows, w, spixel, first, count):
    """Find the photons of `count` pixels from the fast index `first` on; NaN where the loop kernel must decide.

    Parameters
    ----------
    scene : AmorphousScene
    rows : AmorphousRows
        What the engine has prepared.
    w : (AMORPHOUS_SLOTS * BLOCK,) float64
        Work array.
    spixel, first, count : int
        Slow index, first fast index, pixels.
    """
    chunks = (count + LANES - 1) // LANES
    start_block(w, chunks, first)
    cubed = 0.0 if scene.point_pixel else 1.0
    facing = 1.0 if scene.point_pixel else scene.pixel_size * scene.pixel_size * scene.close_distance
    for subS in range(scene.oversample):
        Sdet = scene.subpixel_size * (spixel * scene.oversample + subS) + scene.subpixel_size / 2.0
        for subF in range(scene.oversample):
            if scene.curved:
                place_curved_pixels(w, chunks, scene, subF, Sdet, facing, cubed)
            else:
                place_pixels(
                    w, chunks, scene.oversample, subF, scene.subpixel_size, Sdet, scene.fdet, scene.sdet, scene.odet,
                    scene.pix0, facing, cubed,
                )  # fmt: skip
            for source in range(scene.incident.shape[0]):
                i1, i2, i3 = scene.incident[source, 0], scene.incident[source, 1], scene.incident[source, 2]
                scatter(w, chunks, i1, i2, i3, rows.per_scattering[source])
                look_up(w, chunks, rows.knots, rows.cubics, rows.F_error)
                weight, I_part = scene.weights[source], rows.I_part[source]
                if scene.nopolar:
                    add_terms(w, chunks, weight, rows.F_part, I_part)
                elif scene.kahn == 0.0:
                    add_unpolarized_terms(w, chunks, weight, rows.F_part, I_part, i1, i2, i3)
                else:
                    add_polarized_terms(
                        w, chunks, weight, rows.F_part, I_part, i1, i2, i3, scene.kahn, rows.planes[source]
                    )
            end_subpixel(w, chunks)
    round_safely(w, chunks, scene.r_e_sqr, scene.fluence, scene.molecules, scene.steps)


@inner_kernel
def all_inside(w, count, first_knot, last_knot):
    """Whether the last evaluation of every pixel lay inside the table without doubt.

    Parameters
    ----------
    w : (AMORPHOUS_SLOTS * BLOCK,) float64
        Work array.
    count : int
        Pixels.
    first_knot, last_knot : float
        Ends of the table, in cells.
    """
    low, high = first_knot * (1.0 + EDGE), last_knot * (1.0 - EDGE)
    elsewhere = 0
    for i in range(count):
        elsewhere += (not w[X + i] >= low) | (not w[X + i] < high)
    return elsewhere == 0


@inner_kernel
def leaves_table(w, count, first_knot, last_knot):
    """Whether the last evaluation of any pixel lay beyond the table; where that is doubtful the pixel becomes NaN.

    Parameters
    ----------
    w : (AMORPHOUS_SLOTS * BLOCK,) float64
        Work array.
    count : int
        Pixels.
    first_knot, last_knot : float
        Ends of the table, in cells.
    """
    beyond = 0
    for i in range(count):
        x = w[X + i]
        inside = (x >= first_knot * (1.0 + EDGE)) & (x < last_knot * (1.0 - EDGE))
        outside = (x < first_knot * (1.0 - EDGE)) | (x >= last_knot * (1.0 + EDGE))
        beyond |= outside
        if not (inside | outside):
            w[VALUE + i] = math.nan
    return beyond


@inner_kernel
def is_beyond(scene, bracket):
    """Whether a search that ended at this point of the table was for a place beyond it."""
    return bracket < 2 or bracket >= scene.points - 3


@inner_kernel
def doubtful_pixels(w, count):
    """How many pixels of a block the loop kernel must decide."""
    doubtful = 0
    for i in range(count):
        doubtful += w[VALUE + i] != w[VALUE + i]
    return doubtful


@inner_kernel
def deliver(w, count, image_row, first):
    """Write a block into the image, and its solid angles to their totals.

    Parameters
    ----------
    w : (AMORPHOUS_SLOTS * BLOCK,) float64
        Work array.
    count : int
        Pixels.
    image_row : (fpixels,) float32
        Receives photons.
    first : int
        Fast index.
    """
    start = np.uint64(first)
    for i in range(count):
        image_row[start + np.uint64(i)] = w[VALUE + i]
    for i in range(count):
        w[OMEGA_TOTAL + i] += w[OMEGA_SUM + i]


@inner_kernel
def decide(scene, w, spixel, first, count, image_row, remains):
    """Do the pixels in doubt by the loop kernel; returns how many there were, and whether one lies beyond the table.

    Parameters
    ----------
    scene : AmorphousScene
    w : (AMORPHOUS_SLOTS * BLOCK,) float64
        Work array.
    spixel, first, count : int
        Slow index, first fast index, pixels.
    image_row : (fpixels,) float32
        Receives photons.
    remains : (REMAINS,) float64
        Room for what the loop kernel leaves.
    """
    recomputed = beyond = 0
    for i in range(count):
        if w[VALUE + i] != w[VALUE + i]:
            value, _, bracket = pixel_value(scene, spixel, first + i, np.int64(0), remains, None)
            image_row[first + i] = value
            recomputed += 1
            beyond |= is_beyond(scene, bracket)
    return recomputed, beyond


@inner_kernel
def total_solid_angle(w):
    """Sum of the totals."""
    total = 0.0
    for i in range(BLOCK):
        total += w[OMEGA_TOTAL + i]
    return total


@inner_kernel
def render_row(scene, rows, w, spixel, image_row, remains):
    """Render one row.

    Parameters
    ----------
    scene : AmorphousScene
    rows : AmorphousRows
        What the engine has prepared.
    w : (AMORPHOUS_SLOTS * BLOCK,) float64
        Work array.
    spixel : int
        Slow index.
    image_row : (fpixels,) float32
        Receives photons.
    remains : (REMAINS,) float64
        Room for what the loop kernel leaves.

    Returns
    -------
    omega_sum : float
        Sum of the solid angles, sr.
    recomputed : int
        Pixels that the loop kernel has done.
    beyond : int
        Whether the last evaluation of any pixel lay beyond the table.
    """
    recomputed = beyond = 0
    fill(w, BLOCK // LANES, OMEGA_TOTAL, 0.0)
    for first in range(scene.roi_xmin, scene.roi_xmax + 1, BLOCK):
        count = min(BLOCK, scene.roi_xmax + 1 - first)
        render_block(scene, rows, w, spixel, first, count)
        if not all_inside(w, count, rows.first_knot, rows.last_knot):
            beyond |= leaves_table(w, count, rows.first_knot, rows.last_knot)
        deliver(w, count, image_row, first)
        if doubtful_pixels(w, count) > 0:
            redone, redone_beyond = decide(scene, w, spixel, first, count, image_row, remains)
            recomputed += redone
            beyond |= redone_beyond
    return total_solid_angle(w), recomputed, beyond
