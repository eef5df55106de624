"""Crystals in DIALS experiment lists (JSON): read from those that DIALS writes, written as it reads them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from nanobragg_numba.errors import FormatError
from nanobragg_numba.geometry.lattice import canonical_frame
from nanobragg_numba.io.inputs import Path, read_text

_LIMIT = 1 << 28


@dataclass(frozen=True, eq=False)
class FoundCrystal:
    """A crystal of an experiment list.

    Attributes
    ----------
    real : (3, 3)
        Rows a, b, c, Angstrom, in the imgCIF frame (X the rotation axis, Z to the source), spindle at zero.
    wavelength : float or None
        Angstrom.
    """

    real: np.ndarray
    wavelength: float | None


def _model(content: dict[str, Any], experiment: dict[str, Any], name: str) -> dict[str, Any] | None:
    index = experiment.get(name)
    models = content.get(name)
    if not isinstance(index, int) or not isinstance(models, list) or not 0 <= index < len(models):
        return None
    return models[index] if isinstance(models[index], dict) else None


def _vector(model: dict[str, Any], key: str) -> np.ndarray:
    value = np.array(model[key], dtype=float)
    if value.shape != (3,) or not np.isfinite(value).all():
        raise ValueError(f"{key} is no vector")
    return value


def _rotation_axis(goniometer: dict[str, Any] | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Axis in the laboratory, and the fixed and setting rotations of a single-axis goniometer."""
    if goniometer is None:
        return np.array([1.0, 0.0, 0.0]), np.eye(3), np.eye(3)
    if "axes" in goniometer:
        if len(goniometer["axes"]) != 1:
            raise ValueError("a goniometer of several axes; say which orientation is meant with a matrix instead")
        return np.array(goniometer["axes"][0], dtype=float), np.eye(3), np.eye(3)
    matrices = [np.array(goniometer.get(key, np.eye(3).ravel()), dtype=float).reshape(3, 3)
                for key in ("fixed_rotation", "setting_rotation")]  # fmt: skip
    return matrices[1] @ _vector(goniometer, "rotation_axis"), matrices[0], matrices[1]


def read_expt_crystal(path: Path, number: int = 0) -> FoundCrystal:
    """Read the crystal of one experiment of a list.

    Raises
    ------
    FormatError
        It cannot be read, or holds no such experiment, or that has no crystal.
    """
    text = read_text(path, "experiment list", _LIMIT)
    try:
        content = json.loads(text)
        experiments = content["experiment"]
        experiment = experiments[number]
        crystal = _model(content, experiment, "crystal")
        if crystal is None:
            raise FormatError(f"{path}: experiment {number} has no crystal; index it first")
        beam = _model(content, experiment, "beam") or {}
        source = _vector(beam, "direction") if "direction" in beam else np.array([0.0, 0.0, 1.0])
        axis, fixed, setting = _rotation_axis(_model(content, experiment, "goniometer"))
        real = np.array([_vector(crystal, f"real_space_{name}") for name in "abc"])
        wavelength = float(beam["wavelength"]) if beam.get("wavelength") else None
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise FormatError(f"{path}: not a DIALS experiment list with an experiment {number}: {error}") from error
    if not np.linalg.det(real):
        raise FormatError(f"{path}: the cell of experiment {number} has no volume")
    return FoundCrystal(real @ (setting @ fixed).T @ canonical_frame(axis, -source).T, wavelength)


def crystal_model(real: np.ndarray) -> dict[str, Any]:
    """A crystal as DIALS writes it.

    Parameters
    ----------
    real : (3, 3)
        Rows a, b, c, Angstrom, in the frame of the list.
    """
    rows = {f"real_space_{name}": row.tolist() for name, row in zip("abc", real)}
    return {"__id__": "crystal", **rows, "space_group_hall_symbol": " P 1"}


def monochromatic_beam(wavelength: float, direction: np.ndarray, polarization_normal: np.ndarray,
                       polarization_fraction: float) -> dict[str, Any]:  # fmt: skip
    """A beam as DIALS writes it; `direction` points from the sample to the source, `wavelength` is in Angstrom."""
    return {
        "__id__": "monochromatic", "direction": direction.tolist(), "wavelength": wavelength, "divergence": 0.0,
        "sigma_divergence": 0.0, "polarization_normal": polarization_normal.tolist(),
        "polarization_fraction": polarization_fraction, "flux": 0.0, "transmission": 1.0, "probe": "x-ray",
        "sample_to_source_distance": 0.0,
    }  # fmt: skip
