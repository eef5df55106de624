"""The loop-for-loop kernel: what one pixel adds up, in the order and with the rounding of the C program.

Read it beside the formulas: layers, subpixels, sources, phi steps, mosaic domains. It carries the taps and the
fixes of defects; with `taps=None` and `fixes=None` the compiler leaves them out. State that outlives a loop is
part of the result: omega and polar of the first subpixel and source, the capture of the last layer, the rotation
that a phi step of zero finds, the polarization axis.
"""

import math

import numpy as np

from nanobragg_numba.kernels.decorators import entry_kernel, inner_kernel
from nanobragg_numba.kernels.loop.fixes import background_share, own_factors
from nanobragg_numba.kernels.loop.geometry import layer_capture, skipped_by_resolution, solid_angle, subpixel_position
from nanobragg_numba.kernels.loop.interpolation import out_of_range, tricubic
from nanobragg_numba.kernels.loop.lattice import gauss_crystal, radius_squared, round_crystal, sincg, tophat_crystal
from nanobragg_numba.kernels.loop.polar_axis import axis_before, normalized
from nanobragg_numba.kernels.loop.polarization import polarization_factor
from nanobragg_numba.kernels.loop.records import (
    keep_cell,
    record_lattice,
    record_pixel,
    record_structure_factor,
    record_subpixel,
    record_term,
    record_warning,
)
from nanobragg_numba.kernels.loop.taps import Taps
from nanobragg_numba.kernels.scene import GAUSS, ROUND, SQUARE, Scene
from nanobragg_numba.kernels.vectors import dot, length, unit
from nanobragg_numba.kernels.window import is_rendered


@inner_kernel
def grid_value(scene, h0, k0, l0):
    """Structure factor at the nearest indices, electrons; the default one outside the list.

    Parameters
    ----------
    scene : Scene
    h0, k0, l0 : float
        Whole numbers.
    """
    if (
        scene.has_F
        and h0 >= scene.h_min
        and h0 <= scene.h_max
        and k0 >= scene.k_min
        and k0 <= scene.k_max
        and l0 >= scene.l_min
        and l0 <= scene.l_max
    ):
        return scene.F[int(h0) - scene.h_min, int(k0) - scene.k_min, int(l0) - scene.l_min]
    return scene.default_F


@inner_kernel
def pixel_value(scene, spixel, fpixel, first_sweep, interpolate, axis, taps, fixes=None):
    """Add up one pixel.

    Parameters
    ----------
    scene : Scene
    spixel, fpixel : int
        Slow and fast index.
    first_sweep : bool
        No phi sweep has been done in the run so far (it finds the unrotated crystal at phi 0).
    interpolate : bool
        Interpolation is still on.
    axis : three numbers
        Polarization axis, as the pixels before have left it.
    taps : Taps or None
        Where to record the inner numbers.
    fixes : Fixes or None
        What to compute as it was meant instead of as C does.

    Returns
    -------
    value : float
        Photons, to be rounded to float32.
    omega_sum : float
        The solid angles in force, summed over layers and subpixels, sr.
    first_sweep, interpolate : bool
        As they are after this pixel.
    axis : three numbers
        Likewise.
    """
    I = scene.I_bg
    polar = 1.0 if scene.nopolar else 0.0
    omega = 0.0
    omega_sum = 0.0
    capture = 0.0
    stol = cos2theta = 0.0
    pos1 = pos2 = pos3 = i1 = i2 = i3 = 0.0
    Na, Nb, Nc, fudge = scene.Na, scene.Nb, scene.Nc, scene.fudge
    abc = scene.abc_first if first_sweep else scene.abc
    n_sources, n_phi, n_domains = scene.incident.shape[0], abc.shape[0], abc.shape[1]
    a_star, b_star, c_star = scene.a_star, scene.b_star, scene.c_star
    own_capture = own_polar = own_omega = False
    share = 0.0
    if fixes is not None:
        stars = fixes.stars_first if first_sweep else fixes.stars
        own_capture, own_polar, own_omega = own_factors(scene, fixes)
        if own_capture or own_polar or own_omega:
            I = 0.0
            share = background_share(scene, own_capture)

    for layer in range(scene.thick_steps):
        capture = 1.0 if scene.thickness == 0.0 else 0.0
        for subS in range(scene.oversample):
            for subF in range(scene.oversample):
                pos1, pos2, pos3 = subpixel_position(scene, spixel, fpixel, layer, subS, subF)
                d1, d2, d3, airpath = unit(pos1, pos2, pos3)
                if omega == 0.0 or scene.oversample_omega or own_omega:
                    omega = solid_angle(scene, airpath)
                omega_sum += omega
                if capture == 0.0 or scene.oversample_thick or own_capture:
                    parallax = dot(d1, d2, d3, scene.odet[0], scene.odet[1], scene.odet[2])
                    capture = layer_capture(scene, layer, parallax)
                    if own_capture and scene.thickness == 0.0:
                        capture = 1.0

                for source in range(n_sources):
                    i1, i2, i3 = scene.incident[source, 0], scene.incident[source, 1], scene.incident[source, 2]
                    lambda_s = scene.wavelengths[source]
                    q1, q2, q3 = (d1 - i1) / lambda_s, (d2 - i2) / lambda_s, (d3 - i3) / lambda_s
                    stol = 0.5 * length(q1, q2, q3)
                    if taps is not None and source == 0:
                        record_subpixel(
                            taps, scene, (pos1, pos2, pos3), airpath, omega, (d1, d2, d3), (i1, i2, i3), lambda_s,
                            (q1, q2, q3),
                        )  # fmt: skip
                    if skipped_by_resolution(scene, stol):
                        continue
                    if polar == 0.0 or scene.oversample_polar or (own_polar and not scene.nopolar):
                        # in place, as in C: later sources see the diffracted vector normalized once more
                        i1, i2, i3, _ = unit(i1, i2, i3)
                        d1, d2, d3, _ = unit(d1, d2, d3)
                        if fixes is None or not fixes.first_subpixel:  # with that fix the number of calls is not C's
                            axis = normalized(axis)
                        polar = polarization_factor(scene.kahn, i1, i2, i3, d1, d2, d3, axis)

                    if fixes is not None:
                        factor = fixes.weights[source]
                        factor *= capture if own_capture else 1.0
                        factor *= polar if own_polar else 1.0
                        factor *= omega if own_omega else 1.0
                        I += share * factor

                    for phi_tic in range(n_phi):
                        for domain in range(n_domains):
                            m = abc[phi_tic, domain]
                            if fixes is not None:
                                star = stars[phi_tic, domain]
                                a_star, b_star, c_star = star[0:3], star[3:6], star[6:9]
                            if taps is not None:
                                keep_cell(taps, m)
                            h = dot(m[0], m[1], m[2], q1, q2, q3)
                            k = dot(m[3], m[4], m[5], q1, q2, q3)
                            l = dot(m[6], m[7], m[8], q1, q2, q3)
                            h0, k0, l0 = np.ceil(h - 0.5), np.ceil(k - 0.5), np.ceil(l - 0.5)

                            F_latt = F_latt_a = F_latt_b = F_latt_c = 1.0
                            if scene.shape == SQUARE:
                                if Na > 1.0:
                                    F_latt_a = sincg(math.pi * h, Na)
                                    F_latt *= F_latt_a
                                if Nb > 1.0:
                                    F_latt_b = sincg(math.pi * k, Nb)
                                    F_latt *= F_latt_b
                                if Nc > 1.0:
                                    F_latt_c = sincg(math.pi * l, Nc)
                                    F_latt *= F_latt_c
                            elif scene.shape == ROUND:
                                F_latt = round_crystal(h - h0, k - k0, l - l0, Na, Nb, Nc, fudge)
                            else:
                                r2 = radius_squared(
                                    h - h0, k - k0, l - l0, a_star, b_star, c_star, Na, Nb, Nc
                                )
                                if scene.shape == GAUSS:
                                    F_latt = gauss_crystal(r2, Na, Nb, Nc, fudge)
                                else:
                                    F_latt = tophat_crystal(r2, Na, Nb, Nc, fudge)

                            if taps is not None:
                                record_lattice(
                                    taps, scene, source, phi_tic, domain, m, (a_star, b_star, c_star), (h, k, l),
                                    (h0, k0, l0), (F_latt_a, F_latt_b, F_latt_c), F_latt,
                                )  # fmt: skip

                            if F_latt == 0.0 and scene.water_size == 0.0:
                                continue

                            in_range = interpolate
                            if interpolate and out_of_range(h, k, l, scene):
                                in_range = False
                                if fixes is None or not fixes.interpolation:
                                    interpolate = False  # for good
                                    if taps is not None:
                                        record_warning(taps, h, k, l, h0, k0, l0)
                            if in_range:
                                F_cell = tricubic(h, k, l, scene)
                            else:
                                F_cell = grid_value(scene, h0, k0, l0)

                            if taps is not None and phi_tic == 0 and domain == 0:
                                if source == 2:
                                    cos2theta = dot(i1, i2, i3, d1, d2, d3)
                                record_structure_factor(taps, source, F_cell, F_latt, polar, cos2theta, lambda_s)

                            if fixes is None:
                                I += F_cell * F_cell * F_latt * F_latt
                            else:
                                I += F_cell * F_cell * F_latt * F_latt * factor
                            if scene.oversample_thick and not own_capture:
                                I *= capture
                            if scene.oversample_polar and not own_polar:
                                I *= polar
                            if scene.oversample_omega and not own_omega:
                                I *= omega
                            if taps is not None:
                                subpixel = (layer * scene.oversample + subS) * scene.oversample + subF
                                record_term(taps, subpixel, h0, k0, l0, F_cell, F_latt, I)

                    first_sweep = False
                    abc = scene.abc
                    if fixes is not None:
                        stars = fixes.stars

    value = scene.r_e_sqr * scene.fluence * I / scene.steps
    if not (scene.oversample_thick or own_capture):
        value *= capture
    if not (scene.oversample_polar or own_polar):
        value *= polar
    if not (scene.oversample_omega or own_omega):
        value *= omega

    if taps is not None:
        cos2theta = dot(i1, i2, i3, d1, d2, d3)
        record_pixel(taps, scene, (pos1, pos2, pos3), stol, I, capture, polar, omega, cos2theta, value)
    return 0.0 + value, omega_sum, first_sweep, interpolate, axis  # added to an empty pixel: never -0.0


@inner_kernel
def sweeps_at_all(scene, spixel, fpixel):
    """Whether any source of any subpixel of this pixel passes the resolution cut-off.

    Parameters
    ----------
    scene : Scene
    spixel, fpixel : int
        Slow and fast index.
    """
    for layer in range(scene.thick_steps):
        for sub in range(scene.oversample * scene.oversample):
            subS, subF = sub // scene.oversample, sub % scene.oversample
            pos1, pos2, pos3 = subpixel_position(scene, spixel, fpixel, layer, subS, subF)
            d1, d2, d3, _ = unit(pos1, pos2, pos3)
            for source in range(scene.incident.shape[0]):
                i = scene.incident[source]
                lambda_s = scene.wavelengths[source]
                q1, q2, q3 = (d1 - i[0]) / lambda_s, (d2 - i[1]) / lambda_s, (d3 - i[2]) / lambda_s
                if not skipped_by_resolution(scene, 0.5 * length(q1, q2, q3)):
                    return True
    return False


@entry_kernel(Scene, results=("int",))
def find_start_pixel(scene):
    """Flat index of the first pixel, in loop order, that makes a phi sweep; -1 if none does."""
    for spixel in range(scene.spixels):
        for fpixel in range(scene.fpixels):
            if is_rendered(scene, spixel, fpixel) and sweeps_at_all(scene, spixel, fpixel):
                return spixel * scene.fpixels + fpixel
    return -1


@entry_kernel(
    Scene, "int", "int", "bool", "bool", Taps, results=("float", "float", "bool", "bool"), group="taps"
)
def tapped_pixel(scene, spixel, fpixel, first_sweep, interpolate, taps, fixes=None):
    """One pixel with its taps recorded.

    Parameters
    ----------
    scene : Scene
    spixel, fpixel : int
        Slow and fast index.
    first_sweep : bool
        It makes the run's first phi sweep.
    interpolate : bool
        Interpolation is still on.
    taps : Taps
        Filled.
    fixes : Fixes, optional

    Returns
    -------
    As `pixel_value`, without the axis.
    """
    axis = axis_before(scene, spixel, fpixel)
    value, omega_sum, first_sweep, interpolate, _ = pixel_value(
        scene, spixel, fpixel, first_sweep, interpolate, axis, taps, fixes
    )
    return value, omega_sum, first_sweep, interpolate
