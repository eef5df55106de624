"""The incident beam."""

import numpy as np

from nanobragg_numba.records import dataclass

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Steps:
    """How a range is sampled.

    Attributes
    ----------
    count : int
    range, step : float
        Radians, metres or a fraction of the wavelength; zero for a single step.
    """

    count: int
    range: float
    step: float


@dataclass(frozen=True)
class Beam:
    """What comes in.

    Attributes
    ----------
    wavelength : float
        Metres.
    direction : (3,)
        Unit vector along which photons travel.
    fluence : float
        Photons/m^2.
    flux, exposure, beamsize : float
        Photons/s, s, m: consistent with the fluence, not used further.
    kahn : float
        Polarization factor.
    nopolar : bool
        No polarization correction.
    polarization_axis, vertical : (3,)
        Unit vector of the polarization, and the beam times it.
    dispersion, hdivergence, vdivergence : Steps
        As the sources were made of them.
    """

    wavelength: float
    direction: Vector
    fluence: float
    flux: float
    exposure: float
    beamsize: float
    kahn: float
    nopolar: bool
    polarization_axis: Vector
    vertical: Vector
    dispersion: Steps
    hdivergence: Steps
    vdivergence: Steps


@dataclass(frozen=True)
class Sources:
    """Point sources that together make the beam.

    Attributes
    ----------
    positions : (n, 3) float64
        As printed: ten metres away, or as the file says.
    directions : (n, 3) float64
        The same, normalized: from the sample to the source.
    weights : (n,) float64
        Printed, not used.
    wavelengths : (n,) float64
        Metres.
    divergence_points : tuple of (h, v) or None
        Accepted grid points, radians; None when the sources come from a file.
    grid_wavelengths : tuple of float
        Wavelengths of the dispersion, metres; empty when the sources come from a file.
    """

    positions: np.ndarray
    directions: np.ndarray
    weights: np.ndarray
    wavelengths: np.ndarray
    divergence_points: tuple[tuple[float, float], ...] | None
    grid_wavelengths: tuple[float, ...]
