"""The guarded row engine: `pixel_loop` for blocks of pixels, its innermost loop over pixels instead of domains.

Every pixel meets its terms in the order of the loop kernel, so each sum rounds as C's does. What is not bit for
bit the C library's has a bound, and a pixel that the bound leaves undecided is done again by the loop kernel.
Read docs/row_engine.md beside it.
"""

import numpy as np

from nanobragg_numba.kernels.decorators import inlined_kernel, inner_kernel
from nanobragg_numba.kernels.loop.polar_axis import axis_of_row
from nanobragg_numba.kernels.row.block import light_block, place_block, start_block
from nanobragg_numba.kernels.row.deliver import deliver_block, remember_axis
from nanobragg_numba.kernels.row.guard import relative_bound, round_safely
from nanobragg_numba.kernels.row.interpolation import first_corners, interpolated_values
from nanobragg_numba.kernels.row.slots import (
    BLOCK,
    LANES,
)
from nanobragg_numba.kernels.row.terms import (
    add_terms,
    add_terms_with_care,
    gauss_lattice,
    grid_indices,
    grid_values,
    miller_indices,
    round_lattice,
    square_lattice,
    squared_radii,
    tophat_lattice,
)
from nanobragg_numba.kernels.scene import GAUSS, ROUND, SQUARE
from nanobragg_numba.kernels.vector_math import LARGEST_ARGUMENT
from nanobragg_numba.kernels.vectors import length


@inner_kernel
def largest_scattering(scene):
    """Square of the longest scattering vector, 1/m^2, at which sines keep their bounds.

    Their arguments are at most pi |a| |q| N. Only square crystals have arguments that grow with the scattering vector.
    """
    longest = 0.0
    if scene.shape == SQUARE:
        abc = scene.abc
        for phi_tic in range(abc.shape[0]):
            for domain in range(abc.shape[1]):
                m = abc[phi_tic, domain]
                longest = max(longest, length(m[0], m[1], m[2]) * max(scene.Na, 1.0))
                longest = max(longest, length(m[3], m[4], m[5]) * max(scene.Nb, 1.0))
                longest = max(longest, length(m[6], m[7], m[8]) * max(scene.Nc, 1.0))
    if longest == 0.0:
        return np.inf
    reach = LARGEST_ARGUMENT / (4.0 * longest)
    return reach * reach


@inlined_kernel
def find_lattice(scene, w, chunks, zero_matters):
    """F_latt of whatever shape.

    Parameters
    ----------
    scene : Scene
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    zero_matters : bool
        What follows depends on whether it is exactly 0.
    """
    Na, Nb, Nc, fudge = scene.Na, scene.Nb, scene.Nc, scene.fudge
    if scene.shape == SQUARE:
        square_lattice(w, chunks, max(Na, 1.0), max(Nb, 1.0), max(Nc, 1.0))
    elif scene.shape == ROUND:
        round_lattice(w, chunks, Na, Nb, Nc, fudge)
    else:
        squared_radii(w, chunks, scene.a_star, scene.b_star, scene.c_star, Na, Nb, Nc)
        if scene.shape == GAUSS:
            gauss_lattice(w, chunks, Na, Nb, Nc, fudge, zero_matters)
        else:
            tophat_lattice(w, chunks, Na, Nb, Nc, fudge)


@inlined_kernel
def find_structure_factors(scene, F, w, chunks, interpolate):
    """F_cell at fractional or nearest indices; without a list it stays the default.

    Parameters
    ----------
    scene : Scene
    F : (n,) float64
        The grid, flat, electrons.
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    interpolate : bool
        Interpolation is on.
    """
    h_min, k_min, l_min = float(scene.h_min), float(scene.k_min), float(scene.l_min)
    nk, nl = scene.F.shape[1], scene.F.shape[2]
    if interpolate:
        h_range, k_range, l_range = float(scene.h_range), float(scene.k_range), float(scene.l_range)
        first_corners(w, chunks, h_min, h_range, k_min, k_range, l_min, l_range, float(nk), float(nl))
        interpolated_values(w, chunks, F, nk, nl)
    elif scene.has_F:
        h_max, k_max, l_max = float(scene.h_max), float(scene.k_max), float(scene.l_max)
        grid_indices(w, chunks, h_min, h_max, k_min, k_max, l_min, l_max, float(nk), float(nl))
        grid_values(w, chunks, F, scene.default_F)


@inlined_kernel
def sweep_block(scene, F, w, chunks, interpolate):
    """Add the terms of all phi steps and domains of one source and subpixel.

    Parameters
    ----------
    scene : Scene
    F : (n,) float64
        The grid, flat, electrons.
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    interpolate : bool
        Interpolation is on.
    """
    thick, polar, omega = scene.oversample_thick != 0, scene.oversample_polar != 0, scene.oversample_omega != 0
    zero_matters = thick or polar or omega or interpolate
    careful = zero_matters or scene.dmin > 0.0 or scene.shape == ROUND
    dry = scene.water_size == 0.0
    abc = scene.abc
    for phi_tic in range(abc.shape[0]):
        for domain in range(abc.shape[1]):
            m = abc[phi_tic, domain]
            miller_indices(w, chunks, m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7], m[8])
            find_lattice(scene, w, chunks, zero_matters)
            find_structure_factors(scene, F, w, chunks, interpolate)
            if careful:
                add_terms_with_care(w, chunks, thick, polar, omega, dry)
            else:
                add_terms(w, chunks)


@inlined_kernel
def render_block(scene, F, w, spixel, first, count, largest_q_sqr, interpolate):
    """Find the photons of `count` pixels from the fast index `first` on; NaN where the loop kernel must decide.

    Parameters
    ----------
    scene : Scene
    F : (n,) float64
        The grid, flat, electrons.
    w : (SLOTS * BLOCK,) float64
        Work array.
    spixel, first, count : int
        Slow index, first fast index, pixels.
    largest_q_sqr : float
        Of `largest_scattering`, 1/m^2.
    interpolate : bool
        Interpolation is on.
    """
    chunks = (count + LANES - 1) // LANES
    start_block(scene, w, chunks, first)
    n_sources, subpixels = scene.incident.shape[0], scene.oversample * scene.oversample
    for layer in range(scene.thick_steps):
        for sub in range(subpixels):
            place_block(scene, w, chunks, count, spixel, layer, sub)
            for source in range(n_sources):
                light_block(scene, w, chunks, spixel, source, largest_q_sqr)
                sweep_block(scene, F, w, chunks, interpolate)
    terms = scene.thick_steps * subpixels * n_sources * scene.abc.shape[0] * scene.abc.shape[1]
    factors = (scene.oversample_thick != 0) + (scene.oversample_polar != 0) + (scene.oversample_omega != 0)
    round_safely(
        w, chunks, scene.r_e_sqr * scene.fluence, scene.steps, relative_bound(terms, factors),
        scene.oversample_thick == 0, scene.oversample_polar == 0, scene.oversample_omega == 0,
    )  # fmt: skip


@inner_kernel
def render_row(scene, F, w, spixel, start_pixel, interpolate, image_row):
    """Render one row; returns the sum of solid angles, the pixels recomputed and the first that left the range.

    Parameters
    ----------
    scene : Scene
    F : (n,) float64
        The grid, flat, electrons.
    w : (SLOTS * BLOCK,) float64
        Work array.
    spixel : int
        Slow index.
    start_pixel : int
        Flat index of the pixel that makes the run's first phi sweep, or -1.
    interpolate : bool
        Interpolation is on.
    image_row : (fpixels,) float32
        Receives photons.
    """
    omega_sum = 0.0
    recomputed = 0
    left = -1
    if spixel < scene.roi_ymin or spixel > scene.roi_ymax:
        return omega_sum, recomputed, left
    largest_q_sqr = largest_scattering(scene)
    remember_axis(w, scene.roi_xmin, axis_of_row(scene, spixel))
    for first in range(scene.roi_xmin, scene.roi_xmax + 1, BLOCK):
        count = min(BLOCK, scene.roi_xmax + 1 - first)
        render_block(scene, F, w, spixel, first, count, largest_q_sqr, interpolate)
        omega_sum, redone, left_here = deliver_block(
            scene, w, spixel, first, count, start_pixel, interpolate, image_row, omega_sum
        )
        recomputed += redone
        left = left_here if left < 0 else left
    return omega_sum, recomputed, left
