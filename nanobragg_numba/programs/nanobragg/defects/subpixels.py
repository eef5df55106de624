"""How far the first subpixel, layer and source of a pixel are from a fair sample of it."""

import math

import numpy as np

from nanobragg_numba.kernels.decorators import uncompiled
from nanobragg_numba.kernels.loop.geometry import pixel_position, solid_angle
from nanobragg_numba.kernels.scene import FLAT, Scene

FIRST_SUBPIXEL_THRESHOLD = 1e-3
"""Relative error of a corner pixel from which `first-subpixel` counts as a change."""

_MOST_SOURCES = 1000


def first_subpixel_error(scene: Scene) -> float:
    """Largest relative error of a corner pixel from the one solid angle and polarization that stand for all.

    The mean over subpixels and layers is taken at the centre of the pixel in the middle of the sensor: solid
    angle and polarization are so nearly linear within a pixel that the difference is second order, below
    (pixel/distance)^2. Of more than a thousand sources every so many are taken.
    """
    if scene.oversample == 1 and scene.thick_steps == 1 and len(scene.wavelengths) == 1:
        return 0.0
    half = scene.subpixel_size / 2.0
    middle = scene.pixel_size / 2.0
    depth = (scene.thick_steps - 1) * scene.thickstep / 2.0
    error = 0.0
    for spixel in (scene.roi_ymin, scene.roi_ymax):
        for fpixel in (scene.roi_xmin, scene.roi_xmax):
            corner = fpixel * scene.pixel_size, spixel * scene.pixel_size
            first = _factors(scene, corner[0] + half, corner[1] + half, 0.0, 1)
            mean = _factors(scene, corner[0] + middle, corner[1] + middle, depth, _MOST_SOURCES)
            if mean != 0.0 and math.isfinite(first / mean):
                error = max(error, abs(first / mean - 1.0))
    return error


def _factors(scene: Scene, Fdet: float, Sdet: float, Odet: float, sources: int) -> float:
    """Solid angle times the mean polarization of some sources at a point, without what options take care of.

    Parameters
    ----------
    scene : Scene
    Fdet, Sdet, Odet : float
        Place on the detector, m along its axes.
    sources : int
        Of so many at most the polarization is averaged.

    Returns
    -------
    float
        sr.
    """
    # Set-up code stays with the machine's uncompiled arithmetic: loading one kernel takes longer than this.
    position = _position(scene, Fdet, Sdet, Odet)
    airpath = float(np.linalg.norm(position))
    if airpath == 0.0:
        return 0.0
    omega = 1.0 if scene.oversample_omega else uncompiled(solid_angle)(scene, airpath)
    if scene.oversample_polar or scene.nopolar:
        return omega
    every = -(-len(scene.wavelengths) // sources)
    incident = scene.incident[::every]
    return omega * float(np.mean(_polarization(scene, incident, position / airpath)))


def _position(scene: Scene, Fdet: float, Sdet: float, Odet: float) -> np.ndarray:
    """Where a place of the detector is in the laboratory, (3,) m.

    Parameters
    ----------
    scene : Scene
    Fdet, Sdet, Odet : float
        m along the axes of the detector.
    """
    if scene.curved == FLAT:
        return Fdet * scene.fdet + Sdet * scene.sdet + Odet * scene.odet + scene.pix0
    return np.array(pixel_position(scene, Fdet, Sdet, Odet))


def _polarization(scene: Scene, incident: np.ndarray, diffracted: np.ndarray) -> np.ndarray:
    """The polarization factor of Kahn et al. (1982), see `kernels.loop.polarization`.

    Parameters
    ----------
    scene : Scene
    incident : (n, 3)
        Unit vectors from the sources.
    diffracted : (3,)
        Unit vector to a place of the detector.

    Returns
    -------
    (n,) float64
    """
    cosine = incident @ diffracted
    B = np.cross(scene.polar_axes[:3], incident)
    B /= np.linalg.norm(B, axis=1)[:, None]
    E = np.cross(incident, B)
    psi = -np.arctan2(B @ diffracted, E @ diffracted)
    return 0.5 * (1.0 + cosine**2 - scene.kahn * np.cos(2.0 * psi) * (1.0 - cosine**2))
