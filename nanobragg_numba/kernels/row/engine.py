"""The guarded row engine: `pixel_loop` for blocks of pixels, its innermost loop over pixels instead of domains.

Every pixel meets its terms in the order of the loop kernel, so each sum rounds as C's does. What is not bit for
bit the C library's has a bound, and a pixel that the bound leaves undecided is done again by the loop kernel.
Read docs/row_engine.md beside it.
"""

import numpy as np

from nanobragg_numba.kernels.decorators import inlined_kernel, inner_kernel
from nanobragg_numba.kernels.loop.pixel_loop import pixel_value
from nanobragg_numba.kernels.loop.polar_axis import after_pixels, axis_of_row, drift_of_row, normalized
from nanobragg_numba.kernels.row.geometry import (
    add_solid_angles,
    any_zero,
    captures,
    cut_resolution,
    fill,
    number_pixels,
    place_curved_pixels,
    place_pixels,
    polarize_unpolarized,
    polarize_within_bound,
    scatter,
    solid_angles,
)
from nanobragg_numba.kernels.row.guard import doubtful_pixels, relative_bound, round_safely
from nanobragg_numba.kernels.row.interpolation import first_corners, interpolated_values
from nanobragg_numba.kernels.row.slots import (
    AXIS,
    BLOCK,
    CAPTURE,
    F_CELL,
    F_LATT_ERROR,
    INTENSITY,
    INTENSITY_ERROR,
    LANES,
    LIVE,
    OMEGA,
    OMEGA_SUM,
    POLAR,
    POLAR_ERROR,
    VALUE,
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
from nanobragg_numba.kernels.window import is_rendered


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
def start_block(scene, w, chunks, first):
    """Set the slots of a block to what a pixel begins with."""
    number_pixels(w, chunks, first)
    fill(w, chunks, OMEGA, 0.0)
    fill(w, chunks, OMEGA_SUM, 0.0)
    fill(w, chunks, POLAR, 1.0 if scene.nopolar else 0.0)
    fill(w, chunks, POLAR_ERROR, 0.0)
    fill(w, chunks, LIVE, 1.0)
    fill(w, chunks, F_CELL, scene.default_F)
    fill(w, chunks, F_LATT_ERROR, 0.0)
    fill(w, chunks, INTENSITY, scene.I_bg)
    fill(w, chunks, INTENSITY_ERROR, 0.0)


@inlined_kernel
def place_block(scene, w, chunks, count, spixel, layer, sub):
    """Find the positions of one subpixel of every pixel in one layer, and what depends on the position alone."""
    subS, subF = sub // scene.oversample, sub % scene.oversample
    Odet = layer * scene.thickstep
    Sdet = scene.subpixel_size * (spixel * scene.oversample + subS) + scene.subpixel_size / 2.0
    if scene.curved:
        place_curved_pixels(w, count, scene, subF, Sdet, Odet)
    else:
        place_pixels(
            w, chunks, scene.oversample, subF, scene.subpixel_size, Sdet, Odet,
            scene.fdet, scene.sdet, scene.odet, scene.pix0,
        )  # fmt: skip
    if scene.oversample_omega or any_zero(w, chunks, OMEGA):
        solid_angles(w, chunks, scene.pixel_size, scene.close_distance, scene.point_pixel, scene.oversample_omega != 0)
    add_solid_angles(w, chunks)
    if sub == 0:
        fill(w, chunks, CAPTURE, 1.0 if scene.thickness == 0.0 else 0.0)
    if scene.oversample_thick or (layer == scene.thick_steps - 1 and any_zero(w, chunks, CAPTURE)):
        captures(w, count, scene, layer, scene.oversample_thick != 0)


@inlined_kernel
def light_block(scene, w, chunks, spixel, source, largest_q_sqr):
    """Find the scattering vectors and polarization factors that one source makes."""
    i1, i2, i3 = scene.incident[source, 0], scene.incident[source, 1], scene.incident[source, 2]
    scatter(w, chunks, i1, i2, i3, scene.wavelengths[source], largest_q_sqr)
    if scene.dmin > 0.0:
        cut_resolution(w, chunks, scene.dmin)
    always = scene.oversample_polar != 0
    if always or any_zero(w, chunks, POLAR):
        if scene.kahn == 0.0:
            polarize_unpolarized(w, chunks, i1, i2, i3, always)
        else:
            axis, drift = normalized(axis_of_row(scene, spixel)), drift_of_row(scene, spixel)
            polarize_within_bound(w, chunks, i1, i2, i3, scene.kahn, axis, drift, always)


@inlined_kernel
def find_lattice(scene, w, chunks, zero_matters):
    """F_latt of whatever shape."""
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
    """F_cell at fractional or nearest indices; without a list it stays the default."""
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
    """Add the terms of all phi steps and domains of one source and subpixel."""
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
    """Find the photons of `count` pixels from the fast index `first` on; NaN where the loop kernel must decide."""
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
def deliver_all(w, first, count, image_row, omega_sum):
    """Write a block without a mask or a doubt into the image; returns the sum of solid angles, the block's added."""
    start = np.uint64(first)
    for i in range(count):
        image_row[start + np.uint64(i)] = w[VALUE + i]
    for i in range(count):
        omega_sum += w[OMEGA_SUM + i]
    return omega_sum


@inner_kernel
def remember_axis(w, fpixel, axis):
    """Keep the polarization axis that a pixel finds."""
    w[AXIS + 3] = fpixel
    for n in range(3):
        w[AXIS + n] = axis[n]


@inner_kernel
def known_axis(scene, w, spixel, fpixel):
    """The polarization axis that a pixel finds, three numbers, counted from the pixel it was last known for."""
    axis = w[AXIS], w[AXIS + 1], w[AXIS + 2]
    if drift_of_row(scene, spixel) > 0.0:
        axis, _ = after_pixels(scene, spixel, int(w[AXIS + 3]), fpixel, axis)
    return axis


@inner_kernel
def deliver_one_by_one(scene, w, spixel, first, count, start_pixel, interpolate, image_row, omega_sum):
    """Write a block into the image, with the pixels in doubt done by the loop kernel.

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
    """Write a block into the image; see `deliver_one_by_one`."""
    start = start_pixel - spixel * scene.fpixels - first
    if scene.mask.shape[0] > 0 or 0 <= start < count or doubtful_pixels(w, count) > 0:
        return deliver_one_by_one(scene, w, spixel, first, count, start_pixel, interpolate, image_row, omega_sum)
    return deliver_all(w, first, count, image_row, omega_sum), 0, -1


@inner_kernel
def render_row(scene, F, w, spixel, start_pixel, interpolate, image_row):
    """Render one row; returns the sum of solid angles, the pixels recomputed and the first that left the range."""
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
