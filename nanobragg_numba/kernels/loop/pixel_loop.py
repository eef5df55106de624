"""The loop-for-loop kernel: what one pixel adds up, in the order and with the rounding of the C program.

Read it beside the formulas: layers, subpixels, sources, phi steps, mosaic domains. It carries the taps and the
fixes of defects; with `taps=None` and `fixes=None` the compiler leaves them out. State that outlives a loop is
part of the result: omega and polar of the first subpixel and source, the capture of the last layer, the rotation
that a phi step of zero finds.
"""

import math

import numpy as np

from nanobragg_numba.constants import DEGREES_PER_RADIAN
from nanobragg_numba.kernels.decorators import inner_kernel, kernel
from nanobragg_numba.kernels.loop import taps as slot
from nanobragg_numba.kernels.loop.fixes import background_share, own_factors
from nanobragg_numba.kernels.loop.geometry import layer_capture, solid_angle, subpixel_position
from nanobragg_numba.kernels.loop.interpolation import out_of_range, tricubic
from nanobragg_numba.kernels.loop.lattice import gauss_crystal, radius_squared, round_crystal, sincg, tophat_crystal
from nanobragg_numba.kernels.loop.polarization import polarization_factor
from nanobragg_numba.kernels.loop.taps import keep3, tap1, tap3, tap5, tap6, tap_term
from nanobragg_numba.kernels.scene import GAUSS, ROUND, SQUARE
from nanobragg_numba.kernels.vectors import dot, length, unit
from nanobragg_numba.kernels.window import is_rendered


@inner_kernel
def skipped_by_resolution(scene, stol):
    """Whether -dmin cuts this scattering vector off; stol is sin(theta)/lambda in 1/m."""
    return scene.dmin > 0.0 and stol > 0.0 and scene.dmin > 0.5 / stol


@inner_kernel
def grid_value(scene, h0, k0, l0):
    """Structure factor at the nearest indices, the default one outside the list."""
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
def pixel_value(scene, spixel, fpixel, first_sweep, interpolate, taps, fixes=None):
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
                        tap3(taps, slot.PIX0_VECTOR, scene.pix0[0], scene.pix0[1], scene.pix0[2])
                        tap3(taps, slot.FDET_VEC, scene.fdet[0], scene.fdet[1], scene.fdet[2])
                        tap3(taps, slot.SDET_VEC, scene.sdet[0], scene.sdet[1], scene.sdet[2])
                        tap3(taps, slot.PIXEL_POS, pos1, pos2, pos3)
                        tap1(taps, slot.R_DISTANCE, airpath)
                        tap1(taps, slot.OMEGA_PIXEL_SR, omega)
                        tap1(taps, slot.CLOSE_DISTANCE, scene.close_distance)
                        tap1(taps, slot.OBLIQUITY_FACTOR, scene.close_distance / airpath)
                        tap3(taps, slot.DIFFRACTED_VEC, d1, d2, d3)
                        tap3(taps, slot.INCIDENT_VEC, i1, i2, i3)
                        tap1(taps, slot.LAMBDA_METERS, lambda_s)
                        tap1(taps, slot.LAMBDA_ANGSTROMS, lambda_s * 1e10)
                        tap3(taps, slot.SCATTERING_VEC, q1, q2, q3)
                    if skipped_by_resolution(scene, stol):
                        continue
                    if polar == 0.0 or scene.oversample_polar or (own_polar and not scene.nopolar):
                        # in place, as in C: later sources see the diffracted vector normalized once more
                        i1, i2, i3, _ = unit(i1, i2, i3)
                        d1, d2, d3, _ = unit(d1, d2, d3)
                        polar = polarization_factor(scene.kahn, i1, i2, i3, d1, d2, d3, scene.polar_axis)

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
                                for i in range(9):
                                    taps.last[slot.LAST_ABC + i] = m[i]
                            h = dot(m[0], m[1], m[2], q1, q2, q3)
                            k = dot(m[3], m[4], m[5], q1, q2, q3)
                            l = dot(m[6], m[7], m[8], q1, q2, q3)
                            h0, k0, l0 = np.ceil(h - 0.5), np.ceil(k - 0.5), np.ceil(l - 0.5)

                            F_latt = 1.0
                            if scene.shape == SQUARE:
                                F_latt_a = F_latt_b = F_latt_c = 1.0
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
                                keep3(taps, slot.LAST_HKL, h, k, l)
                                keep3(taps, slot.LAST_HKL0, h0, k0, l0)
                                taps.last[slot.LAST_F_LATT] = F_latt
                            if taps is not None and source == 0 and domain == 0:
                                if phi_tic == 0:
                                    tap3(taps, slot.ROT_A, m[0] * 1e10, m[1] * 1e10, m[2] * 1e10)
                                    tap3(taps, slot.ROT_B, m[3] * 1e10, m[4] * 1e10, m[5] * 1e10)
                                    tap3(taps, slot.ROT_C, m[6] * 1e10, m[7] * 1e10, m[8] * 1e10)
                                    tap3(taps, slot.ROT_A_STAR, a_star[0], a_star[1], a_star[2])
                                    tap3(taps, slot.ROT_B_STAR, b_star[0], b_star[1], b_star[2])
                                    tap3(taps, slot.ROT_C_STAR, c_star[0], c_star[1], c_star[2])
                                    tap3(taps, slot.HKL_FRAC, h, k, l)
                                    tap3(taps, slot.HKL_ROUNDED, h0, k0, l0)
                                if scene.shape == SQUARE:
                                    if phi_tic == 0:
                                        tap1(taps, slot.F_LATT_A, F_latt_a)
                                        tap1(taps, slot.F_LATT_B, F_latt_b)
                                        tap1(taps, slot.F_LATT_C, F_latt_c)
                                        tap1(taps, slot.F_LATT, F_latt)
                                    degrees = scene.phi[phi_tic] * DEGREES_PER_RADIAN
                                    tap5(taps, slot.PHI_STEP, phi_tic, degrees, k, F_latt_b, F_latt)

                            if F_latt == 0.0 and scene.water_size == 0.0:
                                continue

                            in_range = interpolate
                            if interpolate and out_of_range(h, k, l, scene):
                                in_range = False
                                if fixes is None or not fixes.interpolation:
                                    interpolate = False  # for good
                                    if taps is not None:
                                        tap6(taps, slot.INTERPOLATION_WARNING, h, k, l, h0, k0, l0)
                            if in_range:
                                F_cell = tricubic(h, k, l, scene)
                            else:
                                F_cell = grid_value(scene, h0, k0, l0)

                            if taps is not None and phi_tic == 0 and domain == 0:
                                if source == 0:
                                    tap1(taps, slot.F_CELL, F_cell)
                                if source == 2:
                                    cos2theta = dot(i1, i2, i3, d1, d2, d3)
                                    tap1(taps, slot.SOURCE2_F_CELL, F_cell)
                                    tap1(taps, slot.SOURCE2_F_LATT, F_latt)
                                    tap1(taps, slot.SOURCE2_F_CELL_SQUARED, F_cell * F_cell)
                                    tap1(taps, slot.SOURCE2_F_LATT_SQUARED, F_latt * F_latt)
                                    tap1(taps, slot.SOURCE2_I_CONTRIBUTION, F_cell * F_cell * F_latt * F_latt)
                                    tap1(taps, slot.SOURCE2_POLAR, polar)
                                    tap1(taps, slot.SOURCE2_COS2THETA, cos2theta)
                                    tap1(taps, slot.SOURCE2_LAMBDA_ANGSTROMS, lambda_s * 1e10)
                                    tap1(taps, slot.SOURCE2_SOURCE_INDEX, source)

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
                                taps.last[slot.LAST_F_CELL] = F_cell
                                subpixel = (layer * scene.oversample + subS) * scene.oversample + subF
                                tap_term(taps, subpixel, h0, k0, l0, F_cell, F_latt, I)

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
        tap1(taps, slot.I_BEFORE_SCALING, I)
        tap1(taps, slot.R_E_METERS, math.sqrt(scene.r_e_sqr))
        tap1(taps, slot.R_E_SQUARED, scene.r_e_sqr)
        tap1(taps, slot.FLUENCE, scene.fluence)
        tap1(taps, slot.STEPS, scene.steps)
        tap1(taps, slot.OVERSAMPLE_THICK, scene.oversample_thick)
        tap1(taps, slot.OVERSAMPLE_POLAR, scene.oversample_polar)
        tap1(taps, slot.OVERSAMPLE_OMEGA, scene.oversample_omega)
        tap1(taps, slot.CAPTURE_FRACTION, capture)
        tap1(taps, slot.POLAR, polar)
        tap1(taps, slot.OMEGA_PIXEL, omega)
        tap1(taps, slot.COS_2THETA, dot(i1, i2, i3, d1, d2, d3))
        tap1(taps, slot.I_PIXEL_FINAL, value)
        tap1(taps, slot.FLOATIMAGE_ACCUMULATED, np.float32(value))
        keep3(taps, slot.LAST_POSITION, pos1, pos2, pos3)
        last = taps.last
        last[slot.LAST_STOL] = stol
        last[slot.LAST_I] = I
        last[slot.LAST_POLAR] = polar
        last[slot.LAST_OMEGA] = omega
        last[slot.LAST_CAPTURE] = capture
    return 0.0 + value, omega_sum, first_sweep, interpolate  # added to an empty pixel: never -0.0


@inner_kernel
def sweeps_at_all(scene, spixel, fpixel):
    """Whether any source of any subpixel of this pixel passes the resolution cut-off."""
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


@kernel
def find_start_pixel(scene):
    """Flat index of the first pixel, in loop order, that makes a phi sweep; -1 if none does."""
    for spixel in range(scene.spixels):
        for fpixel in range(scene.fpixels):
            if is_rendered(scene, spixel, fpixel) and sweeps_at_all(scene, spixel, fpixel):
                return spixel * scene.fpixels + fpixel
    return -1


@kernel
def tapped_pixel(scene, spixel, fpixel, first_sweep, interpolate, taps, fixes=None):
    """One pixel with its taps recorded; see `pixel_value`."""
    return pixel_value(scene, spixel, fpixel, first_sweep, interpolate, taps, fixes)
