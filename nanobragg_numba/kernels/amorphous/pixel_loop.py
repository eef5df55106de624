"""The loops of one pixel of amorphous matter: subpixels and sources, in the order and with the rounding of C.

It carries the taps; with `taps=None` the compiler leaves them out.
"""

import math

import numpy as np

from nanobragg_numba.kernels.amorphous.scene import AmorphousScene
from nanobragg_numba.kernels.amorphous.table import structure_factor
from nanobragg_numba.kernels.decorators import entry_kernel, inner_kernel
from nanobragg_numba.kernels.loop import taps as slot
from nanobragg_numba.kernels.loop.geometry import pixel_position, solid_angle
from nanobragg_numba.kernels.loop.polarization import polarization_factor
from nanobragg_numba.kernels.loop.records import keep3
from nanobragg_numba.kernels.loop.taps import Taps, tap1, tap3
from nanobragg_numba.kernels.vectors import dot, length, unit

STOL = 0
POLAR = 1
OMEGA = 2
FOUND_F = 3
REMAINS = 4
"""What a pixel leaves, for F to be found from an image: stol in 1/m, polarization, solid angle, F."""


@inner_kernel
def axis_of_call(scene, call):
    """Row of `scene.axes` that the call of this number in the run finds as its polarization vector.

    It is normalized again in every call, and comes to rest, or to a cycle of two, after a few; see `engine.amorphous`.
    """
    known = scene.axes.shape[0]
    if call >= known:
        call = known - scene.axes_repeat + (call - known) % scene.axes_repeat
    return call


@inner_kernel
def first_call(scene, spixel, fpixel):
    """How many polarization factors were computed before this pixel.

    Parameters
    ----------
    scene : AmorphousScene
    spixel, fpixel : int
        Slow and fast index.
    """
    width = scene.roi_xmax - scene.roi_xmin + 1
    pixels = np.int64(spixel - scene.roi_ymin) * width + (fpixel - scene.roi_xmin)
    return pixels * (scene.oversample * scene.oversample * scene.incident.shape[0])


@inner_kernel
def pixel_value(scene, spixel, fpixel, bracket, remains, taps):
    """Photons of one pixel.

    Parameters
    ----------
    scene : AmorphousScene
    spixel, fpixel : int
    bracket : int
        Point of the table where the search of the evaluation before ended.
    remains : (REMAINS,) float64
        Receives what stands for the pixel when F is found from an image.
    taps : Taps or None
        Where the inner numbers are recorded.

    Returns
    -------
    value : float
        Photons or, for an F map, electrons; not rounded yet.
    omega_sum : float
        Solid angles of the subpixels, sr.
    bracket : int
    """
    I = omega_sum = 0.0
    F = stol = polar = omega = weight = 0.0
    mean_F = mean_stol = mean_polar = mean_omega = 0.0
    pos1 = pos2 = pos3 = d1 = d2 = d3 = i1 = i2 = i3 = 0.0
    call = first_call(scene, spixel, fpixel)
    for subS in range(scene.oversample):
        for subF in range(scene.oversample):
            Fdet = scene.subpixel_size * (fpixel * scene.oversample + subF) + scene.subpixel_size / 2.0
            Sdet = scene.subpixel_size * (spixel * scene.oversample + subS) + scene.subpixel_size / 2.0
            pos1, pos2, pos3 = pixel_position(scene, Fdet, Sdet, 0.0)
            d1, d2, d3, airpath = unit(pos1, pos2, pos3)
            omega = solid_angle(scene, airpath)
            omega_sum += omega
            for source in range(scene.incident.shape[0]):
                i1, i2, i3 = scene.incident[source, 0], scene.incident[source, 1], scene.incident[source, 2]
                lambda_s, weight = scene.wavelengths[source], scene.weights[source]
                q1, q2, q3 = (d1 - i1) / lambda_s, (d2 - i2) / lambda_s, (d3 - i3) / lambda_s
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
                stol = 0.5 * length(q1, q2, q3)
                F, bracket = structure_factor(scene, bracket, stol)
                polar = 1.0
                if not scene.nopolar:
                    i1, i2, i3 = (
                        scene.incident_again[source, 0], scene.incident_again[source, 1],
                        scene.incident_again[source, 2],
                    )  # fmt: skip
                    d1, d2, d3, _ = unit(d1, d2, d3)
                    axis = scene.axes[axis_of_call(scene, call)]
                    polar = polarization_factor(scene.kahn, i1, i2, i3, d1, d2, d3, axis)
                    call += 1
                sign = -1.0 if F < 0.0 else 1.0
                term = sign * F * F * polar * omega * weight
                if taps is not None and source == 0:
                    tap1(taps, slot.STOL_PER_METER, stol)
                    tap1(taps, slot.TABLE_BRACKET, bracket)
                    tap1(taps, slot.F_AMORPHOUS, F)
                    tap1(taps, slot.SOURCE_POLAR, polar)
                    tap1(taps, slot.SOURCE_WEIGHT, weight)
                    tap1(taps, slot.I_TERM, term)
                I += term
                mean_F += F
                mean_stol += stol
                mean_polar += polar
                mean_omega += omega

    if scene.means:
        steps = scene.steps
        F, stol, polar, omega = mean_F / steps, mean_stol / steps, mean_polar / steps, mean_omega / steps
    value = I * scene.r_e_sqr * scene.fluence * scene.molecules / scene.steps
    remains[STOL], remains[POLAR], remains[OMEGA], remains[FOUND_F] = stol, polar, omega, F
    if taps is not None:
        tap1(taps, slot.I_BEFORE_SCALING, I)
        tap1(taps, slot.R_E_METERS, math.sqrt(scene.r_e_sqr))
        tap1(taps, slot.R_E_SQUARED, scene.r_e_sqr)
        tap1(taps, slot.FLUENCE, scene.fluence)
        tap1(taps, slot.MOLECULES, scene.molecules)
        tap1(taps, slot.STEPS, scene.steps)
        tap1(taps, slot.POLAR, polar)
        tap1(taps, slot.OMEGA_PIXEL, omega)
        tap1(taps, slot.COS_2THETA, dot(i1, i2, i3, d1, d2, d3))
        tap1(taps, slot.I_PIXEL_FINAL, value)
        tap1(taps, slot.FLOATIMAGE_ACCUMULATED, np.float32(F if scene.Fmap else value))
        keep3(taps, slot.LAST_POSITION, pos1, pos2, pos3)
        taps.last[slot.LAST_STOL] = stol
        taps.last[slot.LAST_I] = I
        taps.last[slot.LAST_F_CELL] = F
        taps.last[slot.LAST_POLAR] = polar
        taps.last[slot.LAST_OMEGA] = omega
    if scene.Fmap:
        value = F
    return value, omega_sum, bracket


@entry_kernel(
    AmorphousScene, "int", "int", "int", "float64[1]", Taps, results=("float", "float", "int"), group="amorphous"
)
def tapped_amorphous_pixel(scene, spixel, fpixel, bracket, remains, taps):
    """One pixel with its taps recorded.

    Parameters
    ----------
    scene : AmorphousScene
    spixel, fpixel : int
        Slow and fast index.
    bracket : int
        Where the search before ended.
    remains : (REMAINS,) float64
        Receives what F is found from.
    taps : Taps
        Filled.

    Returns
    -------
    As `pixel_value`.
    """
    return pixel_value(scene, spixel, fpixel, np.int64(bracket), remains, taps)
