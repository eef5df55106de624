"""Crystals in DIALS experiment lists (JSON): read from those that DIALS writes, written as it reads them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from nanobragg_numba.errors import FormatError
from nanobragg_numba.geometry.lattice import canonical_frame, rotation_about
from nanobragg_numba.io.inputs import Path, read_text

_LIMIT = 1 << 28
_ACROSS = 0.01  # degrees
_MOST_NAMED = 8


@dataclass(frozen=True, eq=False)
class FoundCrystal:
    """A crystal of an experiment list.

    Attributes
    ----------
    real : (3, 3)
        Rows a, b, c, Angstrom, in the imgCIF frame (X the rotation axis, Z to the source), spindle at zero.
    wavelength : float or None
        Angstrom.
    notes : tuple of str
        What nanoBragg's one axis across the beam cannot say of the goniometer.
    """

    real: np.ndarray
    wavelength: float | None
    notes: tuple[str, ...] = ()


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


def _direction(model: dict[str, Any], key: str) -> np.ndarray:
    value = _vector(model, key)
    if not 1e-100 < np.abs(value).max() < 1e100:
        raise ValueError(f"{key} points nowhere")
    return value


class _Turntable(NamedTuple):
    """A goniometer: its axis in the laboratory, what turns the crystal before and after it, and what is lost."""

    axis: np.ndarray
    fixed: np.ndarray
    setting: np.ndarray
    notes: tuple[str, ...] = ()


def _goniometer(model: dict[str, Any] | None) -> _Turntable:
    if model is None:
        return _Turntable(np.array([1.0, 0.0, 0.0]), np.eye(3), np.eye(3))
    if "axes" in model:
        return _of_several_axes(model)
    fixed, setting = (np.array(model.get(key, np.eye(3).ravel()), dtype=float).reshape(3, 3)
                      for key in ("fixed_rotation", "setting_rotation"))  # fmt: skip
    return _Turntable(setting @ _direction(model, "rotation_axis"), fixed, setting)


def _of_several_axes(model: dict[str, Any]) -> _Turntable:
    """A goniometer whose axes are listed from the crystal outwards, one of which is scanned."""
    axes, angles = np.array(model["axes"], dtype=float), np.array(model["angles"], dtype=float)
    names, scanned = [str(name) for name in model["names"]], int(model["scan_axis"])
    if axes.shape != (len(names), 3) or angles.shape != (len(names),) or not 0 <= scanned < len(names):
        raise ValueError("axes, angles, names and scan_axis of its goniometer do not fit together")
    if not (np.isfinite(axes).all() and np.isfinite(angles).all() and np.linalg.norm(axes, axis=1).all()):
        raise ValueError("an axis of its goniometer is no direction")
    turns = [rotation_about(axis / np.linalg.norm(axis), np.radians(angle)) for axis, angle in zip(axes, angles)]
    fixed, setting = np.eye(3), np.eye(3)
    for turn in turns[:scanned]:
        fixed = turn @ fixed
    for turn in turns[scanned + 1 :]:
        setting = turn @ setting
    others = ", ".join(f"{name} at {angle:g}" for name, angle in zip(names, angles) if name != names[scanned])
    note = (
        f"a goniometer of {len(names)} axes: the crystal is taken as {others} degrees leave it, {names[scanned]} at 0; "
        "nanoBragg knows no axis but that one"
    )
    return _Turntable(setting @ axes[scanned], fixed, setting, (note,) if others else ())


def _tilt_note(axis: np.ndarray, source: np.ndarray) -> tuple[str, ...]:
    """What is lost where the rotation axis does not stand across the beam."""
    cosine = abs(float(axis @ source)) / float(np.linalg.norm(axis) * np.linalg.norm(source))
    off = float(np.degrees(np.arcsin(min(cosine, 1.0))))
    if off <= _ACROSS:
        return ()
    return (
        f"the rotation axis stands {90.0 - off:.2f} degrees from the beam, not 90: the orientation is right with the "
        "spindle at zero, but nanoBragg's spindle stands across the beam and turns the crystal about another axis",
    )


def _models(experiment: Any) -> tuple[Any, ...]:
    """What decides an orientation."""
    return tuple(experiment.get(name) for name in ("crystal", "beam", "goniometer"))


def _choose(path: Path, content: dict[str, Any], number: int | None) -> int:
    """The experiment that is meant.

    Raises
    ------
    FormatError
        None is named, and the list has several crystals, or one on several goniometers or in several beams.
    """
    if number is not None:
        if not 0 <= number < len(content["experiment"]):
            raise FormatError(f"{path}: not a DIALS experiment list with an experiment {number}")
        return number
    first: dict[tuple[Any, ...], int] = {}
    for i, experiment in enumerate(content["experiment"]):
        first.setdefault(_models(experiment), i)
    if len(first) > 1:
        named = [f"{i} ({_cell_text(_model(content, content['experiment'][i], 'crystal'))})" for i in first.values()]
        shown = "; ".join(named[:_MOST_NAMED]) + ("; ..." if len(named) > _MOST_NAMED else "")
        raise FormatError(f"{path}: {len(named)} crystals in it; choose one with --experiment N: {shown}")
    return 0


def _cell_text(crystal: dict[str, Any] | None) -> str:
    """Edges of a crystal, to know it by."""
    if crystal is None:
        return "no crystal"
    edges = [float(np.linalg.norm(_vector(crystal, f"real_space_{name}"))) for name in "abc"]
    return "cell " + " ".join(f"{edge:.4g}" for edge in edges)


def read_expt_crystal(path: Path, number: int | None = None) -> FoundCrystal:
    """Read the crystal of one experiment of a list.

    Parameters
    ----------
    number : int, optional
        Which experiment, from 0; needed where there are several crystals.

    Raises
    ------
    FormatError
        It cannot be read, or holds no such experiment, or that has no crystal; several crystals and no number.
    """
    text = read_text(path, "experiment list", _LIMIT)
    try:
        content = json.loads(text)
        number = _choose(path, content, number)
        experiment = content["experiment"][number]
        crystal = _model(content, experiment, "crystal")
        if crystal is None:
            raise FormatError(f"{path}: experiment {number} has no crystal; index it first")
        beam = _model(content, experiment, "beam") or {}
        source = _direction(beam, "direction") if "direction" in beam else np.array([0.0, 0.0, 1.0])
        stand = _goniometer(_model(content, experiment, "goniometer"))
        real = np.array([_vector(crystal, f"real_space_{name}") for name in "abc"])
        wavelength = float(beam["wavelength"]) if beam.get("wavelength") else None
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        which = "a crystal" if number is None else f"an experiment {number}"
        raise FormatError(f"{path}: not a DIALS experiment list with {which}: {error}") from error
    if not np.linalg.det(real):
        raise FormatError(f"{path}: the cell of experiment {number} has no volume")
    turned = real @ (stand.setting @ stand.fixed).T @ canonical_frame(stand.axis, -source).T
    return FoundCrystal(turned, wavelength, stand.notes + _tilt_note(stand.axis, source))


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
    """A beam as DIALS writes it.

    Parameters
    ----------
    wavelength : float
        Angstrom.
    direction : (3,)
        Unit vector from the sample to the source.
    polarization_normal : (3,)
        Unit vector, normal to the plane of polarization.
    polarization_fraction : float
        Part of the intensity that is polarized in that plane, 0.5 to 1.
    """
    return {
        "__id__": "monochromatic", "direction": direction.tolist(), "wavelength": wavelength, "divergence": 0.0,
        "sigma_divergence": 0.0, "polarization_normal": polarization_normal.tolist(),
        "polarization_fraction": polarization_fraction, "flux": 0.0, "transmission": 1.0, "probe": "x-ray",
        "sample_to_source_distance": 0.0,
    }  # fmt: skip
