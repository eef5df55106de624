"""Where reflections appear on the detector, and how much of each.

A reflection is a Gaussian in reciprocal space, as wide as the interference function of the crystal's unit cells
makes it: exp(-(pi N dh)^2/3) along each index. A spot is where the Ewald sphere cuts the sum of these over all
orientations that the run passes through (phi steps, mosaic domains), at the place where that sum is largest.
Divergence and dispersion of the beam are not taken into account. The construction is that of Ewald, P. P. (1913). Phys.
Z. 14, 465-472.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nanobragg_numba.experiment.experiment import Experiment
from nanobragg_numba.geometry.crystal_record import CrystalRecord, RotatedCrystal
from nanobragg_numba.geometry.ewald import covariance, excitation, rocking, tangents
from nanobragg_numba.geometry.frames import Geometry, real_cell
from nanobragg_numba.geometry.lattice import rotation_about

_INDEX_SIGMA = math.sqrt(1.5) / math.pi  # times 1/N: the width of exp(-(pi N dh)^2/3)
_NEAR = 3.0  # widths within which the sphere must pass
_ITERATIONS = 40
_MOST_ORIENTATIONS = 256  # that a single spot is made of
_CHUNK = 1 << 20
_FINE_STEP = math.radians(0.1)


@dataclass(frozen=True, eq=False)
class Spots:
    """Predicted reflections.

    Attributes
    ----------
    hkl : (n, 3) int64
    x, y : (n,)
        Fractional fast and slow pixel: the centre of the first pixel is (0.5, 0.5).
    phi : (n,)
        Degrees: where the reflection stands on the Ewald sphere, for a still the setting of the spindle.
    F : (n,)
        Electrons; not a number where no structure factors are known.
    partiality : (n,)
        Share of the reflection that the rotation records; for a still its intensity relative to its maximum.
    """

    hkl: np.ndarray
    x: np.ndarray
    y: np.ndarray
    phi: np.ndarray
    F: np.ndarray
    partiality: np.ndarray

    def chosen(self, keep: np.ndarray) -> Spots:
        """Some of them, by index or flag."""
        return Spots(*(values[keep] for values in (self.hkl, self.x, self.y, self.phi, self.F, self.partiality)))


def rotated_crystal_of(experiment: Experiment) -> RotatedCrystal:
    """The phi steps and mosaic domains that the render goes through."""
    crystal, phi = experiment.crystal, experiment.sampling.phi
    angles = experiment.sampling.phi0 + phi.step * np.arange(phi.count)
    spread = max(experiment.mosaic.spread, 0.0)
    domains = experiment.mosaic.rotations.reshape(-1, 3, 3) if spread else np.eye(3)[None]
    return RotatedCrystal(real_cell(experiment), (crystal.Na, crystal.Nb, crystal.Nc), angles, domains, spread)


def rotated_crystal_from_record(crystal: CrystalRecord, geometry: Geometry) -> RotatedCrystal:
    """The rotation that an image file tells of, in fine steps, with the domains as a spread."""
    steps = math.ceil(abs(geometry.oscillation) / _FINE_STEP)
    angles = geometry.phi0 + geometry.oscillation * np.linspace(0.0, 1.0, steps + 1)
    return RotatedCrystal(crystal.real, crystal.cells, angles, np.eye(3)[None], crystal.mosaic)


def candidates(real: np.ndarray, dmin: float) -> np.ndarray:
    """Every index triple but 0 0 0 to a resolution (Angstrom), (n, 3) int64."""
    most = np.floor(np.linalg.norm(real, axis=1) / dmin).astype(int)
    grids = np.meshgrid(*(np.arange(-n, n + 1) for n in most), indexing="ij")
    hkl = np.stack([grid.ravel() for grid in grids], axis=1)
    length = np.linalg.norm(hkl @ np.linalg.inv(real).T, axis=1)
    return hkl[(length > 0.0) & (length <= 1.0 / dmin)]


def predict(geometry: Geometry, turned: RotatedCrystal, dmin: float) -> Spots:
    """Reflections that the sphere passes within three widths and whose spots are on the detector.

    A reflection that crosses the sphere twice in a wide rotation is listed twice.

    Parameters
    ----------
    geometry : Geometry
        In the frame of the crystal.
    dmin : float
        Angstrom.
    """
    hkl = candidates(turned.real, dmin)
    widths = _INDEX_SIGMA / np.maximum(np.array(turned.cells), 1.0)
    hkl, step = crossings(geometry, turned, hkl, widths)
    r = hkl @ np.linalg.inv(turned.real).T
    sampled = len(turned.domains) > 1
    peaks, closeness = _peaks(geometry, turned, r, covariance(turned, r, widths, not sampled), step)
    place = geometry.project(peaks)
    y, x = place[:, 0], place[:, 1]
    slow, fast = geometry.shape
    on = (x >= 0.0) & (x < fast) & (y >= 0.0) & (y < slow)
    if geometry.oscillation == 0.0:
        phi, partiality = np.full(len(hkl), geometry.phi0), closeness
    else:
        phi, partiality = rocking(geometry, r, covariance(turned, r, widths, True), turned.angles[step])
    return Spots(hkl, x, y, np.degrees(phi), np.full(len(hkl), np.nan), partiality).chosen(on)


def crossings(
    geometry: Geometry, turned: RotatedCrystal, hkl: np.ndarray, widths: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Reflections (n, 3) that come near the sphere, once for each time, and the phi step (n,) of the nearest point.

    Parameters
    ----------
    geometry : Geometry
    turned : RotatedCrystal
        The crystal and the angles through which it goes.
    hkl : (n, 3) int
        Candidates.
    widths : (3,)
        Standard deviations of a spot along a*, b* and c*, as parts of these vectors.

    Returns
    -------
    hkl : (m, 3) int
    step : (m,) int
        Index into `turned.angles` of the nearest point.

    Notes
    -----
    The Ewald construction: a reflection r is excited where |s0 + r| = |s0| = 1/lambda. The distance from that sphere is
    weighed by the width of the spot across it.
    """
    r = hkl @ np.linalg.inv(turned.real).T
    s0 = geometry.beam / geometry.wavelength
    spread = covariance(turned, r, widths, True)
    inside = np.zeros(len(hkl), bool)  # of a passage
    least, nearest = np.zeros(len(hkl)), np.zeros(len(hkl), np.int64)
    found: list[tuple[np.ndarray, np.ndarray]] = []
    for i, angle in enumerate(turned.angles):
        rotation = rotation_about(geometry.axis, float(angle))
        epsilon, across = excitation(s0, r @ rotation.T)
        seen = across @ rotation
        q = epsilon**2 / np.einsum("ni,nij,nj->n", seen, spread, seen)
        near = q < _NEAR**2
        left = inside & ~near
        found.append((hkl[left], nearest[left]))
        better = near & (~inside | (q < least))
        least[better], nearest[better] = q[better], i
        inside = near
    found.append((hkl[inside], nearest[inside]))
    return np.concatenate([pair[0] for pair in found]), np.concatenate([pair[1] for pair in found])


def _peaks(
    geometry: Geometry, turned: RotatedCrystal, r: np.ndarray, spread: np.ndarray, step: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Diffracted wave vectors (n, 3) at which the sum over orientations is largest, and its largest term (n,).

    Parameters
    ----------
    geometry : Geometry
    turned : RotatedCrystal
    r : (n, 3)
        Reciprocal lattice points, crystal frame, 1/Angstrom.
    spread : (n, 3, 3)
        Their covariance, 1/Angstrom^2.
    step : (n,) int
        Index into `turned.angles` where each is nearest to the sphere.
    """
    peaks, closeness = np.empty((len(r), 3)), np.empty(len(r))
    steps = min(len(turned.angles), max(1, _MOST_ORIENTATIONS // len(turned.domains)))
    first = np.clip(step - steps // 2, 0, len(turned.angles) - steps)
    turns = np.array([rotation_about(geometry.axis, float(angle)) for angle in turned.angles])
    size = max(1, _CHUNK // (9 * steps * len(turned.domains)))
    for start in range(0, len(r), size):
        part = slice(start, start + size)
        window = turns[first[part, None] + np.arange(steps)]
        orientations = np.einsum("dij,npjk->npdik", turned.domains, window).reshape(len(window), -1, 3, 3)
        begin = np.einsum("nij,nj->ni", turns[step[part]], r[part])
        peaks[part], closeness[part] = _climb(geometry, orientations, r[part], np.linalg.inv(spread[part]), begin)
    return peaks, closeness


def _climb(
    geometry: Geometry, orientations: np.ndarray, r: np.ndarray, precision: np.ndarray, begin: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Climb a sum of Gaussians on the sphere: each step goes to the top of their mean, weighted by their values.

    Parameters
    ----------
    orientations : (n, o, 3, 3)
    r : (n, 3)
        Reciprocal lattice points, crystal frame.
    precision : (n, 3, 3)
        Inverse of their spread, crystal frame.
    begin : (n, 3)
        Points in the laboratory to start from.
    """
    s0 = geometry.beam / geometry.wavelength
    radius = np.linalg.norm(s0)
    metric = orientations @ precision[:, None] @ orientations.transpose(0, 1, 3, 2)
    centre = s0 + np.einsum("noij,nj->noi", orientations, r)
    s1 = s0 + begin
    for _ in range(_ITERATIONS):
        s1 = s1 * (radius / np.linalg.norm(s1, axis=1, keepdims=True))
        miss = centre - s1[:, None]
        pull = np.einsum("noij,noj->noi", metric, miss)
        q = np.einsum("noi,noi->no", miss, pull)
        weight = np.exp(-0.5 * (q - q.min(axis=1, keepdims=True)))
        weight /= weight.sum(axis=1, keepdims=True)
        force = np.einsum("no,noi->ni", weight, pull)
        curvature = np.einsum("no,noij->nij", weight, metric)
        plane = tangents(s1)
        across = plane.transpose(0, 2, 1)
        step = np.linalg.solve(plane @ curvature @ across, plane @ force[..., None])
        s1 = s1 + (across @ step)[..., 0]
    return s1, np.exp(-0.5 * q.min(axis=1))


def with_factors(spots: Spots, grid: np.ndarray, low: tuple[int, int, int], default_F: float) -> Spots:
    """The same with the structure factors of a grid.

    Parameters
    ----------
    grid : (nh, nk, nl)
        Element [h - low h, ...]; an index outside has the default.
    """
    place = spots.hkl - np.array(low)
    inside = ((place >= 0) & (place < np.array(grid.shape))).all(axis=1)
    F = np.full(len(place), default_F)
    h, k, l = place[inside].T
    F[inside] = grid[h, k, l]
    return Spots(spots.hkl, spots.x, spots.y, spots.phi, F, spots.partiality)
