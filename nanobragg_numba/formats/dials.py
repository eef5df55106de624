"""DIALS experiment lists (.expt): beam, detector, goniometer, scan and crystal in the imgCIF frame."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from nanobragg_numba.formats.dials_crystal import crystal_model, monochromatic_beam
from nanobragg_numba.geometry.frames import Geometry, degrees


def expt_text(geometry: Geometry, real: np.ndarray | None, image_file: str, frames: int) -> str:
    """The list for a geometry in any frame.

    Parameters
    ----------
    real : (3, 3) or None
        Rows a, b, c of the crystal, Angstrom, in the frame of the geometry.
    image_file : str
        What holds the pixels; empty if nothing that DIALS reads.
    frames : int
        How many images it holds.

    Raises
    ------
    ExperimentError
        The detector's axes are not perpendicular.
    """
    geometry.require_rectangular("a DIALS experiment list")
    to_imgcif = geometry.to_imgcif
    seen = geometry.turned(to_imgcif)
    turns = geometry.oscillation != 0.0  # DIALS takes what has no scan for a still
    parts = ["beam", "detector", *(["goniometer", "scan"] if turns else [])]
    experiment: dict[str, Any] = {"__id__": "Experiment", "identifier": "", **dict.fromkeys(parts, 0)}
    if real is not None:
        experiment["crystal"] = 0
    if image_file:
        experiment["imageset"] = 0
    normal = np.cross(-seen.beam, seen.polarization)
    normal /= np.linalg.norm(normal) or 1.0
    content = {
        "__id__": "ExperimentList",
        "experiment": [experiment],
        "imageset": [_imageset(image_file, frames, turns)] if image_file else [],
        "beam": [monochromatic_beam(seen.wavelength, -seen.beam, normal, 0.5 * (1.0 + seen.polarization_degree))],
        "detector": [{"panels": [_panel(seen)], "hierarchy": _hierarchy()}],
        "goniometer": [_goniometer(seen)] if turns else [],
        "scan": [_scan(seen, frames)] if turns else [],
        "crystal": [crystal_model(real @ to_imgcif.T)] if real is not None else [],
        "profile": [],
        "scaling_model": [],
    }
    return json.dumps(content, indent=2) + "\n"


def _imageset(image_file: str, frames: int, turns: bool) -> dict[str, Any]:
    files: dict[str, Any] = {"__id__": "ImageSet", "images": [image_file]}
    if turns:
        files = {"__id__": "ImageSequence", "template": image_file}
    return {
        **files, "mask": None, "gain": None, "pedestal": None, "dx": None,
        "dy": None, "single_file_indices": list(range(frames)),
    }  # fmt: skip


def _panel(seen: Geometry) -> dict[str, Any]:
    slow, fast = seen.shape
    size = seen.pixel * 1000.0
    return {
        "name": "Panel", "type": "SENSOR_PAD", "fast_axis": seen.fast.tolist(), "slow_axis": seen.slow.tolist(),
        "origin": (seen.origin * 1000.0).tolist(), "raw_image_offset": [0, 0], "image_size": [fast, slow],
        "pixel_size": [size, size], "trusted_range": [0.0, 4294967295.0], "thickness": seen.thickness * 1000.0,
        "material": "Si" if seen.thickness else "", "mu": 0.0, "identifier": "", "mask": [], "gain": 1.0,
        "pedestal": 0.0, "px_mm_strategy": {"type": "SimplePxMmStrategy"},
    }  # fmt: skip


def _hierarchy() -> dict[str, Any]:
    return {
        "name": "", "type": "", "fast_axis": [1.0, 0.0, 0.0], "slow_axis": [0.0, 1.0, 0.0], "origin": [0.0, 0.0, 0.0],
        "raw_image_offset": [0, 0], "image_size": [0, 0], "pixel_size": [0.0, 0.0], "trusted_range": [0.0, 0.0],
        "thickness": 0.0, "material": "", "mu": 0.0, "identifier": "", "mask": [], "gain": 1.0, "pedestal": 0.0,
        "px_mm_strategy": {"type": "SimplePxMmStrategy"}, "children": [{"panel": 0}],
    }  # fmt: skip


def _goniometer(seen: Geometry) -> dict[str, Any]:
    still = np.eye(3).ravel().tolist()
    return {"rotation_axis": seen.axis.tolist(), "fixed_rotation": still, "setting_rotation": still}


def _scan(seen: Geometry, frames: int) -> dict[str, Any]:
    each = seen.exposure / frames
    return {
        "image_range": [1, frames], "batch_offset": 0,
        "oscillation": [degrees(seen.phi0), degrees(seen.oscillation / frames)],
        "exposure_time": [each] * frames, "epochs": [each * i for i in range(frames)], "valid_image_ranges": {},
    }  # fmt: skip
