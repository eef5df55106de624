"""What the pixel loop records of a pixel, place by place; each is called where taps are wanted, and only there.

The lines of a trace follow the order of the calls below. Vectors come as tuples of three.
"""

import math

import numpy as np

from nanobragg_numba.constants import DEGREES_PER_RADIAN
from nanobragg_numba.kernels.decorators import inlined_kernel, kernel
from nanobragg_numba.kernels.loop import taps as slot
from nanobragg_numba.kernels.loop.taps import tap1, tap3, tap5, tap6, tap_term
from nanobragg_numba.kernels.scene import SQUARE


@kernel
def keep3(taps, place, v0, v1, v2):
    """Leave three values in `Taps.last`, from an index on.

    Parameters
    ----------
    taps : Taps
    place : int
        The index.
    v0, v1, v2 : float
    """
    taps.last[place] = v0
    taps.last[place + 1] = v1
    taps.last[place + 2] = v2


@inlined_kernel
def record_subpixel(taps, scene, position, airpath, omega, diffracted, incident, wavelength, q):
    """Record a subpixel in a layer, seen from source 0.

    Parameters
    ----------
    taps : Taps
    scene : Scene
    position : (3,)
        Of the subpixel, m.
    airpath : float
        m.
    omega : float
        Solid angle in force, sr.
    diffracted, incident : (3,)
        Unit vectors.
    wavelength : float
        m.
    q : (3,)
        Scattering vector, 1/m.
    """
    tap3(taps, slot.PIX0_VECTOR, scene.pix0[0], scene.pix0[1], scene.pix0[2])
    tap3(taps, slot.FDET_VEC, scene.fdet[0], scene.fdet[1], scene.fdet[2])
    tap3(taps, slot.SDET_VEC, scene.sdet[0], scene.sdet[1], scene.sdet[2])
    tap3(taps, slot.PIXEL_POS, position[0], position[1], position[2])
    tap1(taps, slot.R_DISTANCE, airpath)
    tap1(taps, slot.OMEGA_PIXEL_SR, omega)
    tap1(taps, slot.CLOSE_DISTANCE, scene.close_distance)
    tap1(taps, slot.OBLIQUITY_FACTOR, scene.close_distance / airpath)
    tap3(taps, slot.DIFFRACTED_VEC, diffracted[0], diffracted[1], diffracted[2])
    tap3(taps, slot.INCIDENT_VEC, incident[0], incident[1], incident[2])
    tap1(taps, slot.LAMBDA_METERS, wavelength)
    tap1(taps, slot.LAMBDA_ANGSTROMS, wavelength * 1e10)
    tap3(taps, slot.SCATTERING_VEC, q[0], q[1], q[2])


@inlined_kernel
def keep_cell(taps, m):
    """Leave the cell vectors, (9,) in metres, of the phi step and domain."""
    for i in range(9):
        taps.last[slot.LAST_ABC + i] = m[i]


@inlined_kernel
def record_lattice(taps, scene, source, phi_tic, domain, m, stars, hkl, hkl0, factors, F_latt):
    """Record indices and lattice factor of a phi step and domain, in full for the first of source 0.

    Parameters
    ----------
    taps : Taps
    scene : Scene
    source, phi_tic, domain : int
    m : (9,)
        Cell vectors, m.
    stars : three of (3,)
        Reciprocal vectors, 1/Angstrom.
    hkl, hkl0 : (3,)
        Fractional and nearest indices.
    factors : (3,)
        Lattice factors along a, b, c; of square crystals.
    F_latt : float
    """
    keep3(taps, slot.LAST_HKL, hkl[0], hkl[1], hkl[2])
    keep3(taps, slot.LAST_HKL0, hkl0[0], hkl0[1], hkl0[2])
    taps.last[slot.LAST_F_LATT] = F_latt
    if source != 0 or domain != 0:
        return
    if phi_tic == 0:
        a_star, b_star, c_star = stars
        tap3(taps, slot.ROT_A, m[0] * 1e10, m[1] * 1e10, m[2] * 1e10)
        tap3(taps, slot.ROT_B, m[3] * 1e10, m[4] * 1e10, m[5] * 1e10)
        tap3(taps, slot.ROT_C, m[6] * 1e10, m[7] * 1e10, m[8] * 1e10)
        tap3(taps, slot.ROT_A_STAR, a_star[0], a_star[1], a_star[2])
        tap3(taps, slot.ROT_B_STAR, b_star[0], b_star[1], b_star[2])
        tap3(taps, slot.ROT_C_STAR, c_star[0], c_star[1], c_star[2])
        tap3(taps, slot.HKL_FRAC, hkl[0], hkl[1], hkl[2])
        tap3(taps, slot.HKL_ROUNDED, hkl0[0], hkl0[1], hkl0[2])
    if scene.shape == SQUARE:
        if phi_tic == 0:
            tap1(taps, slot.F_LATT_A, factors[0])
            tap1(taps, slot.F_LATT_B, factors[1])
            tap1(taps, slot.F_LATT_C, factors[2])
            tap1(taps, slot.F_LATT, F_latt)
        tap5(taps, slot.PHI_STEP, phi_tic, scene.phi[phi_tic] * DEGREES_PER_RADIAN, hkl[1], factors[1], F_latt)


@inlined_kernel
def record_warning(taps, h, k, l, h0, k0, l0):
    """Record the evaluation that ends interpolation.

    Parameters
    ----------
    taps : Taps
    h, k, l : float
        Fractional indices.
    h0, k0, l0 : float
        The nearest ones.
    """
    tap6(taps, slot.INTERPOLATION_WARNING, h, k, l, h0, k0, l0)


@inlined_kernel
def record_structure_factor(taps, source, F_cell, F_latt, polar, cos2theta, wavelength):
    """Record the first phi step and domain of source 0, and of source 2 with its term.

    Parameters
    ----------
    taps : Taps
    source : int
    F_cell, F_latt : float
        Electrons; 1.
    polar : float
        Polarization factor in force.
    cos2theta : float
        Of source 2.
    wavelength : float
        m.
    """
    if source == 0:
        tap1(taps, slot.F_CELL, F_cell)
    if source == 2:
        tap1(taps, slot.SOURCE2_F_CELL, F_cell)
        tap1(taps, slot.SOURCE2_F_LATT, F_latt)
        tap1(taps, slot.SOURCE2_F_CELL_SQUARED, F_cell * F_cell)
        tap1(taps, slot.SOURCE2_F_LATT_SQUARED, F_latt * F_latt)
        tap1(taps, slot.SOURCE2_I_CONTRIBUTION, F_cell * F_cell * F_latt * F_latt)
        tap1(taps, slot.SOURCE2_POLAR, polar)
        tap1(taps, slot.SOURCE2_COS2THETA, cos2theta)
        tap1(taps, slot.SOURCE2_LAMBDA_ANGSTROMS, wavelength * 1e10)
        tap1(taps, slot.SOURCE2_SOURCE_INDEX, source)


@inlined_kernel
def record_term(taps, subpixel, h0, k0, l0, F_cell, F_latt, running_I):
    """Record a term of the sum.

    Parameters
    ----------
    taps : Taps
    subpixel : int
        Its number in the pixel.
    h0, k0, l0 : float
        Nearest indices.
    F_cell, F_latt : float
        Structure factor, electrons, and interference of the lattice.
    running_I : float
        The sum, this term added.
    """
    taps.last[slot.LAST_F_CELL] = F_cell
    tap_term(taps, subpixel, h0, k0, l0, F_cell, F_latt, running_I)


@inlined_kernel
def record_pixel(taps, scene, position, stol, I, capture, polar, omega, cos2theta, value):
    """Record what a pixel comes to, and leave what the loops ended with.

    Parameters
    ----------
    taps : Taps
    scene : Scene
    position : (3,)
        Of the last subpixel, m.
    stol : float
        sin(theta)/lambda of the last source, 1/m.
    I : float
        The sum.
    capture, polar, omega : float
        Factors in force.
    cos2theta : float
        Of the last source.
    value : float
        Photons.
    """
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
    tap1(taps, slot.COS_2THETA, cos2theta)
    tap1(taps, slot.I_PIXEL_FINAL, value)
    tap1(taps, slot.FLOATIMAGE_ACCUMULATED, np.float32(value))
    keep3(taps, slot.LAST_POSITION, position[0], position[1], position[2])
    last = taps.last
    last[slot.LAST_STOL] = stol
    last[slot.LAST_I] = I
    last[slot.LAST_POLAR] = polar
    last[slot.LAST_OMEGA] = omega
    last[slot.LAST_CAPTURE] = capture
