"""Where everything stands, derived once from an experiment: every writer turns this into the frame of its format.

Frames. imgCIF: X along the rotation axis, Z to the source (against the beam), Y = Z x X. NeXus: Z along the beam,
Y up as imgCIF's, X = Y x Z, so X and Z are those of imgCIF turned round. pyFAI: axis 1 is imgCIF's Y, axis 2 its X,
axis 3 points along the beam.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nanobragg_numba import records
from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.experiment.experiment import Experiment
from nanobragg_numba.geometry.lattice import canonical_frame
from nanobragg_numba.records import dataclass

_PERPENDICULAR = 1e-9
_FARTHEST = 1e30  # m; squares of it are still numbers


@dataclass(frozen=True, eq=False)
class Geometry:
    """Detector, beam and rotation axis in one frame; lengths in metres, angles in radians.

    Attributes
    ----------
    origin : (3,)
        Corner of the first pixel.
    fast, slow : (3,)
        Unit vectors along which pixels are counted.
    pixel : float
    shape : (slow, fast)
        Pixels.
    beam : (3,)
        Unit vector along which photons travel.
    wavelength : float
        Angstrom.
    axis : (3,)
        Unit vector of the rotation, right-handed.
    polarization : (3,)
        Unit vector of the electric field.
    polarization_degree : float
        1 for light that is polarized along that vector, 0 for none.
    twotheta_axis : (3,)
        Unit vector; already applied to the vectors above.
    twotheta : float
    phi0, oscillation : float
        Rotation at the start, and over the whole run.
    exposure : float
        Seconds.
    thickness : float
        Of the sensor; 0 where photons are counted on its surface.
    mu : float
        Its attenuation coefficient, 1/m; 0 without a sensor.
    """

    origin: np.ndarray
    fast: np.ndarray
    slow: np.ndarray
    pixel: float
    shape: tuple[int, int]
    beam: np.ndarray
    wavelength: float
    axis: np.ndarray
    polarization: np.ndarray
    polarization_degree: float
    twotheta_axis: np.ndarray
    twotheta: float
    phi0: float
    oscillation: float
    exposure: float
    thickness: float
    mu: float

    @property
    def polarization_fraction(self) -> float:
        """Share of the light that is polarized along that vector: 1 for all, 0.5 where none is preferred."""
        return 0.5 * (1.0 + self.polarization_degree)

    def positions(self, slow: np.ndarray, fast: np.ndarray) -> np.ndarray:
        """Points (n, 3), m, at fractional pixels: pixel (0, 0) reaches from 0 to 1, its centre is (0.5, 0.5)."""
        return (
            self.origin
            + np.multiply.outer(np.asarray(fast, float) * self.pixel, self.fast)
            + np.multiply.outer(np.asarray(slow, float) * self.pixel, self.slow)
        )

    def turned(self, rotation: np.ndarray) -> Geometry:
        """The same seen from a frame that `rotation` (3, 3) leads to."""
        vectors = ("origin", "fast", "slow", "beam", "axis", "polarization", "twotheta_axis")
        return records.replace(self, **{name: rotation @ getattr(self, name) for name in vectors})

    def part(self, index: int, count: int) -> Geometry:
        """One of `count` parts of the rotation, which share its exposure evenly."""
        width = self.oscillation / count
        return records.replace(
            self, phi0=self.phi0 + width * index, oscillation=width, exposure=self.exposure / count
        )

    def joined(self, count: int) -> Geometry:
        """So many frames together, of which this is the first."""
        return records.replace(self, oscillation=self.oscillation * count, exposure=self.exposure * count)

    @property
    def to_imgcif(self) -> np.ndarray:
        """Rotation from this frame into that of imgCIF (and of DIALS), (3, 3)."""
        return canonical_frame(self.axis, self.beam)

    @property
    def to_nexus(self) -> np.ndarray:
        """Rotation from this frame into that of NeXus, (3, 3)."""
        return np.diag([-1.0, 1.0, -1.0]) @ self.to_imgcif

    @property
    def to_pyfai(self) -> np.ndarray:
        """Rotation from this frame into pyFAI's, whose components are axes 1, 2, 3, (3, 3)."""
        x, y, z = self.to_imgcif
        return np.array([y, x, -z])

    @property
    def normal(self) -> np.ndarray:
        """Unit vector across the detector, pointing away from the sample."""
        across = np.cross(self.fast, self.slow)
        across /= np.linalg.norm(across)
        return across if across @ self.origin >= 0.0 else -across

    @property
    def close_distance(self) -> float:
        """Sample to the nearest point of the detector plane, m."""
        return float(self.origin @ self.normal)

    def project(self, directions: np.ndarray) -> np.ndarray:
        """Where rays from the sample meet the detector plane.

        Parameters
        ----------
        directions : (n, 3)
            Of any length.

        Returns
        -------
        (n, 2) float64
            Fractional slow and fast pixel; not a number for a ray that does not meet it.
        """
        along = directions @ self.normal
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = np.where(along > 0.0, self.close_distance / along, np.nan)
        offset = directions * reach[:, None] - self.origin
        axes = np.stack([self.slow, self.fast])
        return np.linalg.solve(axes @ axes.T * self.pixel, axes @ offset.T).T

    @property
    def beam_centre(self) -> tuple[float, float]:
        """Fractional slow and fast pixel where the direct beam meets the detector plane; nan if it does not."""
        slow, fast = self.project(self.beam[None, :])[0].tolist()
        return slow, fast

    def resolution(self, slow: np.ndarray, fast: np.ndarray) -> np.ndarray:
        """Lattice spacing d, Angstrom, that scatters into fractional pixels; infinite at the direct beam."""
        directions = self.positions(slow, fast)
        directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
        stol = 0.5 * np.linalg.norm(directions - self.beam, axis=-1) / self.wavelength
        with np.errstate(divide="ignore"):
            return 0.5 / stol

    def require_plane(self) -> None:
        """Refuse a detector whose pixels cannot be told apart by their places.

        Raises
        ------
        ExperimentError
        """
        with np.errstate(all="ignore"):
            numbers = np.concatenate([self.origin, self.fast * self.pixel, self.slow * self.pixel])
            across = np.linalg.norm(np.cross(self.fast, self.slow))
            lengths = np.linalg.norm(self.fast) * np.linalg.norm(self.slow)
        if not (np.abs(numbers) < _FARTHEST).all() or not across > _PERPENDICULAR * lengths:
            raise ExperimentError(
                "no image format with a geometry can describe this detector: its fast and slow axes are parallel, or "
                "it is too far away; check the vectors and distances"
            )

    def require_rectangular(self, what: str) -> None:
        """Refuse a detector whose axes are not perpendicular unit vectors.

        Raises
        ------
        ExperimentError
        """
        gram = [abs(self.fast @ self.slow), abs(self.fast @ self.fast - 1.0), abs(self.slow @ self.slow - 1.0)]
        if max(gram) > _PERPENDICULAR:
            raise ExperimentError(f"{what} describes detectors with perpendicular axes only; these are skew")


def geometry_of(experiment: Experiment) -> Geometry:
    """Geometry of an experiment in its own laboratory frame.

    Raises
    ------
    ExperimentError
        A curved detector, which no format describes, or one whose pixels do not lie in a plane of their own.
    """
    detector, beam, sampling = experiment.detector, experiment.beam, experiment.sampling
    panel, placement = detector.panel, detector.placement
    if panel.curved:
        raise ExperimentError("-curved_det: image formats with a geometry describe flat detectors only")
    twotheta_axis = np.array(placement.twotheta_axis)
    length = float(np.linalg.norm(twotheta_axis))
    arm = abs(length - 1.0) < _PERPENDICULAR  # C does not normalize this axis; another length is no rotation
    sensor = detector.sensor
    geometry = Geometry(
        origin=np.array(panel.pix0), fast=np.array(panel.fdet), slow=np.array(panel.sdet),
        pixel=panel.pixel_size, shape=(panel.spixels, panel.fpixels), beam=np.array(beam.direction),
        wavelength=beam.wavelength * 1e10, axis=np.array(experiment.crystal.spindle),
        polarization=np.array(beam.polarization_axis), polarization_degree=0.0 if beam.nopolar else beam.kahn,
        twotheta_axis=twotheta_axis if arm else np.array(experiment.crystal.spindle),
        twotheta=placement.twotheta if arm else 0.0, phi0=sampling.phi0,
        oscillation=sampling.phi.range if sampling.phi.count > 1 or sampling.phi.range else 0.0,
        exposure=beam.exposure, thickness=sensor.thickness if sensor.mu > 0.0 else 0.0,
        mu=sensor.mu if sensor.thickness > 0.0 and sensor.mu > 0.0 else 0.0,
    )  # fmt: skip
    geometry.require_plane()
    return geometry


def plain_geometry(fast: Any, slow: Any, origin: Any, pixel: float, shape: tuple[int, int], beam: Any,
                   wavelength: float, axis: Any, phi0: float, oscillation: float) -> Geometry:  # fmt: skip
    """A geometry of what every image header tells; polarization, arm, exposure and sensor it does not.

    Parameters
    ----------
    fast, slow : (3,)
        Unit vectors along the axes of the detector.
    origin : (3,)
        Corner of the first pixel, m.
    pixel : float
        Size, m.
    shape : (int, int)
        Slow and fast pixels.
    beam : (3,)
        Along the beam, of any length.
    wavelength : float
        m.
    axis : (3,)
        Unit vector of the rotation; stands in for polarization and arm, too.
    phi0, oscillation : float
        Start and range of the rotation, rad.
    """
    direction = np.array(beam, float)
    turning = np.array(axis, float)
    return Geometry(
        origin=np.array(origin, float), fast=np.array(fast, float), slow=np.array(slow, float), pixel=pixel,
        shape=shape, beam=direction / np.linalg.norm(direction), wavelength=wavelength, axis=turning,
        polarization=turning, polarization_degree=0.0, twotheta_axis=turning, twotheta=0.0, phi0=phi0,
        oscillation=oscillation, exposure=1.0, thickness=0.0, mu=0.0,
    )  # fmt: skip


def real_cell(experiment: Experiment) -> np.ndarray:
    """Rows a, b, c, Angstrom, laboratory frame, spindle at zero, (3, 3).

    Raises
    ------
    ExperimentError
        A cell without volume, or with one that no number holds.
    """
    crystal = experiment.crystal
    real = np.array([crystal.a, crystal.b, crystal.c]) * 1e10
    with np.errstate(all="ignore"):
        volume = abs(np.linalg.det(real))
        largest = np.prod(np.linalg.norm(real, axis=1))
    if not (np.abs(real) < _FARTHEST).all() or not volume > _PERPENDICULAR * largest > 0.0:
        raise ExperimentError("no image format with a geometry can describe this crystal: its cell has no volume")
    return real


def degrees(angle: float) -> float:
    """Degrees of an angle in radians, with the digits that an option gave it."""
    return float(f"{math.degrees(angle):.12g}")
