"""Geometry files of pyFAI (.poni, version 2.1)."""

from __future__ import annotations

import json
import math

import numpy as np

from nanobragg_numba.geometry.frames import Geometry

# pyFAI counts detector positions from the corner at the bottom right of a detector seen from the sample (3); of the
# other three, the one at the top right (2) counts its slow axis backwards, which mirrors the detector.
_PLAIN, _SLOW_REVERSED = 3, 2


def poni_angles(rotation: np.ndarray) -> tuple[float, float, float]:
    """rot1, rot2, rot3 (radians) of R = R3 R2 R1, where R1 and R2 are left-handed and R3 right-handed."""
    cosine = math.hypot(rotation[2, 1], rotation[2, 2])
    rot2 = math.atan2(rotation[2, 0], cosine)
    if cosine < 1e-14:
        return math.atan2(math.copysign(1.0, rotation[2, 0]) * rotation[0, 1], rotation[1, 1]), rot2, 0.0
    rot1 = math.atan2(-rotation[2, 1], rotation[2, 2])
    return rot1, rot2, math.atan2(rotation[1, 0], rotation[0, 0])


def poni_text(geometry: Geometry) -> str:
    """The file for a geometry in any frame.

    Raises
    ------
    ExperimentError
        The detector's axes are not perpendicular.
    """
    geometry.require_rectangular("a .poni file")
    seen = geometry.turned(geometry.to_pyfai)
    first, second, origin = seen.slow, seen.fast, seen.origin
    plain = np.cross(first, second) @ origin > 0.0
    if not plain:
        origin = origin + seen.shape[0] * seen.pixel * seen.slow
        first = -first
    third = np.cross(first, second)
    rot1, rot2, rot3 = poni_angles(np.stack([first, second, third], axis=1))
    config = {
        "pixel1": seen.pixel, "pixel2": seen.pixel, "max_shape": list(seen.shape),
        "orientation": _PLAIN if plain else _SLOW_REVERSED,
    }  # fmt: skip
    lines = [
        "# Axis 1 is up (rotation axis x beam), axis 2 along the rotation axis, axis 3 along the beam",
        "poni_version: 2.1",
        "Detector: Detector",
        f"Detector_config: {json.dumps(config)}",
        f"Distance: {float(origin @ third)!r}",
        f"Poni1: {float(-origin @ first)!r}",
        f"Poni2: {float(-origin @ second)!r}",
        f"Rot1: {rot1!r}",
        f"Rot2: {rot2!r}",
        f"Rot3: {rot3!r}",
        f"Wavelength: {geometry.wavelength * 1e-10!r}",
    ]
    return "\n".join(lines) + "\n"
