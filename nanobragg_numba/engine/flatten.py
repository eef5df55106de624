"""From an Experiment to the plain numbers of the kernels: the only place that knows both."""

import numpy as np

from nanobragg_numba.constants import AVOGADRO, R_E_SQR
from nanobragg_numba.experiment.beam import Vector
from nanobragg_numba.experiment.defects import Defects
from nanobragg_numba.experiment.detector import Detector
from nanobragg_numba.experiment.experiment import Experiment
from nanobragg_numba.kernels import scene as scenes
from nanobragg_numba.kernels.decorators import uncompiled
from nanobragg_numba.kernels.loop.polar_axis import follow_axis
from nanobragg_numba.kernels.scene import Scene
from nanobragg_numba.kernels.vectors import rotate_axis, unit
from nanobragg_numba.kernels.window import Window

SHAPES = {
    "square": scenes.SQUARE,
    "round": scenes.ROUND,
    "gauss": scenes.GAUSS,
    "tophat": scenes.TOPHAT,
}


Cell = tuple[Vector, Vector, Vector]
"""Three vectors of a cell, real or reciprocal."""


def _array(vector: tuple[float, ...]) -> np.ndarray:
    return np.array(vector, dtype=np.float64)


def phi_angles(experiment: Experiment) -> np.ndarray:
    """Spindle angle of each phi step, radians."""
    sampling = experiment.sampling
    return np.array([sampling.phi0 + sampling.phi.step * i for i in range(sampling.phi.count)])


def _spindle_rotations(experiment: Experiment, vectors: Cell, before: np.ndarray | None) -> np.ndarray:
    """Cell vectors (n_phi, 9) of one sweep; a step at exactly 0 keeps what it finds, at first `before`.

    Parameters
    ----------
    experiment : Experiment
    vectors : three (3,) arrays
        Of the crystal at rest, m or 1/m.
    before : (9,) or None
        What the sweep before has left; None: the crystal at rest.
    """
    turn = uncompiled(rotate_axis)
    resting = np.concatenate(vectors)
    current = resting if before is None else before
    rows = []
    for phi in phi_angles(experiment):
        if phi != 0.0:
            current = np.concatenate([turn(*v, *experiment.crystal.spindle, float(phi)) for v in vectors])
        elif "phi-zero" in experiment.defects.fixed:
            current = resting
        rows.append(current)
    return np.array(rows)


def _domain_rotations(experiment: Experiment, sweep: np.ndarray) -> np.ndarray:
    """Cell vectors (n_phi, n_domains, 9) of a sweep, turned by each mosaic domain."""
    mosaic = experiment.mosaic
    if mosaic.spread <= 0.0:
        return np.repeat(sweep[:, None, :], len(mosaic.rotations), axis=1)
    turned = np.empty((len(sweep), len(mosaic.rotations), 9))
    for i in range(3):
        v = sweep[:, None, 3 * i : 3 * i + 3]
        for row in range(3):
            u = mosaic.rotations[None, :, 3 * row : 3 * row + 3]
            # left to right, for all steps and domains at once
            turned[:, :, 3 * i + row] = u[..., 0] * v[..., 0] + u[..., 1] * v[..., 1] + u[..., 2] * v[..., 2]
    return turned


def rotations(experiment: Experiment, vectors: Cell) -> tuple[np.ndarray, np.ndarray]:
    """Three vectors of the cell in every sweep and in the run's first, each (n_phi, n_domains, 9).

    Unless that is fixed, a phi step of exactly zero does not turn the crystal back: it uses what the step before
    it left, at the start of a sweep what the sweep before left. Only the first sweep of the run finds the crystal
    at rest.
    """
    first = _spindle_rotations(experiment, vectors, None)
    later = _spindle_rotations(experiment, vectors, first[-1])
    return _domain_rotations(experiment, later), _domain_rotations(experiment, first)


def surface_kind(detector: Detector, defects: Defects) -> int:
    """How a panel is bent, if it is."""
    if not detector.panel.curved:
        return scenes.FLAT
    return scenes.CURVED if "curved-detector" in defects.fixed else scenes.CURVED_AS_IN_C


def with_axis_followed(scene: Scene) -> Scene:
    """Find out what becomes of the polarization axis, which the loops normalize at every use.

    Parameters
    ----------
    scene : Scene
        With the axis before the first use.

    Returns
    -------
    Scene
        The same one where the axis has settled, or has no effect.
    """
    normalize = uncompiled(unit)
    first = normalize(*scene.polar_axes)[:3]
    unused = scene.kahn == 0.0 or (scene.nopolar and not scene.oversample_polar)
    if unused or normalize(*first)[:3] == first:
        return scene
    axes, drift = np.zeros(3 * scene.spixels), np.zeros(scene.spixels)
    follow_axis(scene, axes, drift)
    return scene._replace(polar_axes=axes, polar_drift=drift)


def clipped_window(detector: Detector) -> Window:
    """Which pixels of a detector are rendered, its region of interest clipped to the panel."""
    panel, roi, mask = detector.panel, detector.window.roi, detector.window.mask
    return Window(
        fpixels=panel.fpixels,
        spixels=panel.spixels,
        roi_xmin=max(roi.xmin, 0),
        roi_xmax=min(roi.xmax, panel.fpixels - 1),
        roi_ymin=max(roi.ymin, 0),
        roi_ymax=min(roi.ymax, panel.spixels - 1),
        mask=np.zeros((0, 0), np.uint16) if mask is None else np.ascontiguousarray(mask, np.uint16),
    )


def background(fluence: float, water_size: float) -> float:
    """What a water droplet adds to every pixel, before scaling: its molecules scatter alike in all directions.

    By J. J. Thomson's formula n molecules of F electrons scatter fluence * r_e^2 * n F^2 photons into a steradian; F is
    2.57 and a cubic metre holds 1e6 g of water, as in the C program.

    Parameters
    ----------
    fluence : float
        photons/m^2.
    water_size : float
        Side of the droplet, m.
    """
    w = water_size
    return 2.57 * 2.57 * R_E_SQR * fluence * w * w * w * 1e6 * AVOGADRO / 18.0


def flatten(experiment: Experiment) -> Scene:
    """Lay an experiment out for the kernels.

    Parameters
    ----------
    experiment : Experiment

    Returns
    -------
    Scene
    """
    beam, sources, detector = experiment.beam, experiment.sources, experiment.detector
    panel, sensor, centres = detector.panel, detector.sensor, detector.centres
    crystal, factors, sampling = experiment.crystal, experiment.structure_factors, experiment.sampling
    abc, abc_first = rotations(experiment, (crystal.a, crystal.b, crystal.c))
    F = factors.grid
    oversample = sampling.oversample
    steps = len(sources.wavelengths) * abc.shape[0] * abc.shape[1] * oversample * oversample
    scene = Scene(
        **clipped_window(detector)._asdict(),
        pixel_size=panel.pixel_size,
        subpixel_size=panel.pixel_size / oversample,
        oversample=oversample,
        fdet=_array(panel.fdet),
        sdet=_array(panel.sdet),
        odet=_array(panel.odet),
        pix0=_array(panel.pix0),
        beam=_array(beam.direction),
        distance=float(centres.distance),
        close_distance=float(centres.close_distance),
        curved=surface_kind(detector, experiment.defects),
        Fbeam=float(centres.Fbeam),
        Sbeam=float(centres.Sbeam),
        point_pixel=int(panel.point_pixel),
        thick_steps=sensor.thick_steps,
        thickstep=float(sensor.thickstep),
        thickness=float(sensor.thickness),
        mu=float(sensor.mu),
        incident=np.ascontiguousarray(-sources.directions),
        wavelengths=np.ascontiguousarray(sources.wavelengths, np.float64),
        nopolar=int(beam.nopolar),
        kahn=float(beam.kahn),
        polar_axes=_array(beam.polarization_axis),
        polar_drift=np.zeros(1),
        dmin=float(sampling.dmin),
        fluence=float(beam.fluence),
        r_e_sqr=R_E_SQR,
        phi=phi_angles(experiment),
        steps=float(steps),
        oversample_thick=int(sampling.oversample_thick),
        oversample_polar=int(sampling.oversample_polar),
        oversample_omega=int(sampling.oversample_omega),
        abc=abc,
        abc_first=abc_first,
        Na=float(crystal.Na),
        Nb=float(crystal.Nb),
        Nc=float(crystal.Nc),
        shape=SHAPES[crystal.shape],
        fudge=float(crystal.fudge),
        a_star=_array(crystal.a_star),
        b_star=_array(crystal.b_star),
        c_star=_array(crystal.c_star),
        has_F=int(F is not None),
        F=np.zeros((1, 1, 1)) if F is None else np.ascontiguousarray(F, np.float64),
        h_min=factors.h_min,
        h_max=factors.h_max,
        h_range=factors.h_max - factors.h_min + 1,
        k_min=factors.k_min,
        k_max=factors.k_max,
        k_range=factors.k_max - factors.k_min + 1,
        l_min=factors.l_min,
        l_max=factors.l_max,
        l_range=factors.l_max - factors.l_min + 1,
        default_F=float(factors.default_F),
        interpolate=int(factors.interpolate and F is not None),
        I_bg=background(float(beam.fluence), float(sampling.water_size)),
        water_size=float(sampling.water_size),
    )
    return with_axis_followed(scene)
