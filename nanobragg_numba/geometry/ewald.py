"""The Ewald sphere: how far reflections are from it, how wide they are, and when a rotation takes them through it."""

from __future__ import annotations

import math

import numpy as np

from nanobragg_numba.geometry.crystal_record import RotatedCrystal
from nanobragg_numba.geometry.frames import Geometry
from nanobragg_numba.geometry.lattice import rotation_about

# Random rotations of a mosaic spread turn by spread*(1-u^2)^(1/3), u uniform: the mean square about one axis.
_MOSAIC_VARIANCE = 0.2464


def covariance(turned: RotatedCrystal, r: np.ndarray, widths: np.ndarray, mosaic: bool) -> np.ndarray:
    """Spread of reflections in reciprocal space, crystal frame, (n, 3, 3), 1/Angstrom^2.

    Parameters
    ----------
    turned : RotatedCrystal
    r : (n, 3)
        Reciprocal lattice points, crystal frame, 1/Angstrom.
    widths : (3,)
        Standard deviations of the indices h, k and l.
    mosaic : bool
        With the spread of the mosaic domains.
    """
    reciprocal = np.linalg.inv(turned.real)
    lattice = reciprocal @ np.diag(widths**2) @ reciprocal.T
    if not mosaic or not turned.mosaic:
        return np.repeat(lattice[None], len(r), axis=0)
    square = np.einsum("ni,ni->n", r, r)[:, None, None] * np.eye(3)
    return lattice + _MOSAIC_VARIANCE * turned.mosaic**2 * (square - np.einsum("ni,nj->nij", r, r))


def excitation(s0: np.ndarray, r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance of points r (n, 3) from the Ewald sphere, outward, and the unit vectors across it."""
    s1 = s0 + r
    length = np.linalg.norm(s1, axis=1)
    return length - np.linalg.norm(s0), s1 / length[:, None]


def tangents(s1: np.ndarray) -> np.ndarray:
    """Two unit vectors across each of (n, 3) vectors, (n, 2, 3)."""
    unit = s1 / np.linalg.norm(s1, axis=1, keepdims=True)
    other = np.eye(3)[np.argmin(np.abs(unit), axis=1)]
    first = np.cross(unit, other)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    return np.stack([first, np.cross(unit, first)], axis=1)


def rocking(
    geometry: Geometry, r: np.ndarray, spread: np.ndarray, near: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Angle (radians) at which each reflection crosses the sphere, and its share inside the oscillation.

    Parameters
    ----------
    geometry : Geometry
    r : (n, 3)
        Reciprocal lattice points, crystal frame, 1/Angstrom.
    spread : (n, 3, 3)
        Their covariance, 1/Angstrom^2.
    near : (n,)
        Angles to start from, rad.
    """
    s0 = geometry.beam / geometry.wavelength
    phi = near.copy()
    for _ in range(8):
        position = np.array([rotation_about(geometry.axis, float(angle)) for angle in phi]).reshape(-1, 3, 3)
        point = np.einsum("nij,nj->ni", position, r)
        epsilon, across = excitation(s0, point)
        speed = np.einsum("ni,ni->n", across, np.cross(geometry.axis, point))
        step = np.divide(-epsilon, speed, out=np.zeros_like(epsilon), where=np.abs(speed) > 1e-9)
        phi = phi + np.clip(step, -0.05, 0.05)
    seen = np.einsum("nij,ni->nj", position, across)
    width = np.sqrt(np.einsum("ni,nij,nj->n", seen, spread, seen)) / np.maximum(np.abs(speed), 1e-9)
    erf = np.vectorize(math.erf, otypes=[float])
    ends = [erf((angle - phi) / width / math.sqrt(2.0))
            for angle in (geometry.phi0, geometry.phi0 + geometry.oscillation)]  # fmt: skip
    return phi, 0.5 * np.abs(ends[1] - ends[0])
