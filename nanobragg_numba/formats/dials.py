"""DIALS experiment lists (.expt): beam, detector, goniometer, scan and crystal in the imgCIF frame."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from nanobragg_numba.formats.dials_crystal import crystal_model, monochromatic_beam
from nanobragg_numba.formats.nexus.record import FrameRecord
from nanobragg_numba.geometry.frames import Geometry, degrees
from nanobragg_numba.geometry.lattice import rotation_about

_MM = 1000.0  # in a metre
_UNDERLOAD = -1  # the trusted range begins above it


def expt_text(records: Sequence[FrameRecord], image_file: str, saturation: int, first: int = 0) -> str:
    """The list for the frames of a file.

    Frames that follow each other in a rotation are one experiment; others have one each, with their own crystal and
    beam. What does not rotate has no goniometer, and its crystal is the one that stands there.

    Parameters
    ----------
    records : sequence of FrameRecord
    image_file : str
        What holds the pixels; empty if nothing that DIALS reads.
    saturation : int
        The largest value of a pixel that is one.
    first : int
        Where in the file the first of them is, from 0.

    Raises
    ------
    ExperimentError
        The detector's axes are not perpendicular.
    """
    geometry = records[0].geometry
    geometry.require_rectangular("a DIALS experiment list")
    content: dict[str, Any] = {name: [] for name in ("imageset", "beam", "detector", "goniometer", "scan", "crystal")}
    content["detector"].append({"panels": [_panel(_seen(geometry), saturation)], "hierarchy": _hierarchy()})
    sequence = geometry.oscillation != 0.0 and all(record.shot is None for record in records)
    groups = [list(records)] if sequence else [[record] for record in records]
    experiments = []
    for group in groups:
        experiments.append(_experiment(content, group, image_file, first))
        first += len(group)
    whole = {"__id__": "ExperimentList", "experiment": experiments, **content, "profile": [], "scaling_model": []}
    return json.dumps(whole, indent=2) + "\n"


def _seen(geometry: Geometry) -> Geometry:
    return geometry.turned(geometry.to_imgcif)


def _experiment(content: dict[str, Any], group: list[FrameRecord], image_file: str, first: int) -> dict[str, Any]:
    """One experiment, whose models are added to the content, the detector apart."""
    geometry, crystal = group[0].geometry, group[0].crystal
    seen, turns = _seen(geometry), geometry.oscillation != 0.0  # DIALS takes what has no scan for a still
    normal = np.cross(-seen.beam, seen.polarization)
    normal /= np.linalg.norm(normal) or 1.0
    models = {"beam": monochromatic_beam(seen.wavelength, -seen.beam, normal, seen.polarization_fraction)}
    if turns:
        models["goniometer"], models["scan"] = _goniometer(seen), _scan(seen, len(group))
    if crystal is not None:
        stands = np.eye(3) if turns else rotation_about(geometry.axis, geometry.phi0)
        models["crystal"] = crystal_model(crystal.real @ (geometry.to_imgcif @ stands).T)
    if image_file:
        models["imageset"] = _imageset(image_file, list(range(first, first + len(group))), turns)
    places = {"detector": 0}
    for name, model in models.items():
        places[name] = len(content[name])
        content[name].append(model)
    return {"__id__": "Experiment", "identifier": "", **places}


def _imageset(image_file: str, indices: list[int], turns: bool) -> dict[str, Any]:
    files: dict[str, Any] = {"__id__": "ImageSet", "images": [image_file] * len(indices)}
    if turns:
        files = {"__id__": "ImageSequence", "template": image_file}
    return {
        **files, "mask": None, "gain": None, "pedestal": None, "dx": None,
        "dy": None, "single_file_indices": indices,
    }  # fmt: skip


def _panel(seen: Geometry, saturation: int) -> dict[str, Any]:
    slow, fast = seen.shape
    size = seen.pixel * _MM
    strategy = "ParallaxCorrectedPxMmStrategy" if seen.thickness else "SimplePxMmStrategy"
    return {
        "name": "Panel", "type": "SENSOR_PAD", "fast_axis": seen.fast.tolist(), "slow_axis": seen.slow.tolist(),
        "origin": (seen.origin * _MM).tolist(), "raw_image_offset": [0, 0], "image_size": [fast, slow],
        "pixel_size": [size, size], "trusted_range": [_UNDERLOAD, saturation], "thickness": seen.thickness * _MM,
        "material": "Si" if seen.thickness else "", "mu": seen.mu / _MM, "identifier": "", "mask": [], "gain": 1.0,
        "pedestal": 0.0, "px_mm_strategy": {"type": strategy},
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
    return {
        "image_range": [1, frames], "batch_offset": 0, "oscillation": [degrees(seen.phi0), degrees(seen.oscillation)],
        "exposure_time": [seen.exposure] * frames, "epochs": [seen.exposure * i for i in range(frames)],
        "valid_image_ranges": {},
    }  # fmt: skip
