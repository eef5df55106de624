"""imgCIF tables of a detector, beam and rotation: the full header of a CBF image, and reading them back.

Names and frame (X along the rotation axis, Z against the beam) are those of the imgCIF dictionary: International Tables
for Crystallography G (2005), chapter 4.6.
"""

from __future__ import annotations

import dataclasses
import math
import re
from typing import Any

import numpy as np

from nanobragg_numba.geometry.frames import Geometry, degrees, plain_geometry

_MM = 1000.0  # in a metre
_ZERO = "0 0 0"
_PHI, _CORNER, _FAST, _SLOW = "GONIOMETER_PHI", "DETECTOR_CORNER", "ELEMENT_FAST", "ELEMENT_SLOW"
_DETECTOR = (_CORNER, _SLOW, _FAST)
_TOKEN = re.compile(r"'[^']*'|\"[^\"]*\"|\S+")


def digits(value: float) -> str:
    """A number with all its digits."""
    return repr(float(value))


def _vector(vector: np.ndarray) -> str:
    return " ".join(digits(value) for value in vector)


def _loop(category: str, names: str, rows: list[str]) -> list[str]:
    return ["loop_", *(f"_{category}.{name}" for name in names.split()), *rows, ""]


def _one(category: str, **values: object) -> list[str]:
    return [*(f"_{category}.{name} {value}" for name, value in values.items()), ""]


def axis_tables(seen: Geometry) -> list[str]:
    """Where the axes stand, and where the pixels lie along them, mm.

    Displacements are those of corners, as DIALS reads them and as its own writer means them.

    Parameters
    ----------
    seen : Geometry
        In the imgCIF frame.
    """
    slow, fast = seen.shape
    size, corner = digits(seen.pixel * _MM), seen.origin * _MM
    names = "id type equipment depends_on " + " ".join(f"{n}[{i}]" for n in ("vector", "offset") for i in (1, 2, 3))
    return [
        *_loop("axis", names, [
            f"{_PHI} rotation goniometer . {_vector(seen.axis)} {_ZERO}",
            f"SOURCE general source . {_vector(-seen.beam)} {_ZERO}",
            f"AXIS_GRAVITY general gravity . 0 -1 0 {_ZERO}",
            f"{_CORNER} translation detector . 1 0 0 {_vector(corner)}",
            f"{_SLOW} translation detector {_CORNER} {_vector(seen.slow)} {_ZERO}",
            f"{_FAST} translation detector {_SLOW} {_vector(seen.fast)} {_ZERO}",
        ]),
        *_loop("array_structure_list", "array_id index dimension precedence direction axis_set_id", [
            f"ARRAY1 1 {fast} 1 increasing {_FAST}", f"ARRAY1 2 {slow} 2 increasing {_SLOW}",
        ]),
        *_loop("array_structure_list_axis", "axis_set_id axis_id displacement displacement_increment", [
            f"{axis} {axis} 0 {size}" for axis in (_FAST, _SLOW)
        ]),
    ]  # fmt: skip


def full_header(seen: Geometry, overload: int) -> list[str]:
    """Every category that a reader needs to build detector, beam, goniometer and scan.

    Parameters
    ----------
    seen : Geometry
        In the imgCIF frame.
    overload : int
        Largest value that is a count.
    """
    # The normal of the plane of polarization, from Y towards X. The ratio is what DIALS takes it for, the share of the
    # plane in all light; the dictionary's is twice that less 1.
    normal = np.cross(-seen.beam, seen.polarization)
    angle = math.degrees(math.atan2(normal[0], normal[1]))
    start, width = degrees(seen.phi0), degrees(seen.oscillation)
    return [
        *_one("diffrn", id="DIFFRN1", crystal_id="CRYSTAL1"),
        *_one("diffrn_source", diffrn_id="DIFFRN1", source="simulation", type="nanobragg_numba"),
        *_one("diffrn_radiation", diffrn_id="DIFFRN1", wavelength_id="WAVELENGTH1", monochromator="none",
              polarizn_source_ratio=digits(seen.polarization_fraction), polarizn_source_norm=digits(angle)),
        *_one("diffrn_radiation_wavelength", id="WAVELENGTH1", wavelength=digits(seen.wavelength), wt="1.0"),
        *_one("diffrn_detector", diffrn_id="DIFFRN1", id="DETECTOR1", type="simulated", number_of_axes="1"),
        *_one("diffrn_detector_axis", detector_id="DETECTOR1", axis_id=_CORNER),
        *_one("diffrn_detector_element", id="ELEMENT1", detector_id="DETECTOR1"),
        *_one("diffrn_data_frame", id="FRAME1", detector_element_id="ELEMENT1", array_id="ARRAY1", binary_id="1"),
        *_one("diffrn_measurement", diffrn_id="DIFFRN1", id="GONIOMETER", number_of_axes="1", method="rotation"),
        *_one("diffrn_measurement_axis", measurement_id="GONIOMETER", axis_id=_PHI),
        *_one("diffrn_scan", id="SCAN1", frame_id_start="FRAME1", frame_id_end="FRAME1", frames="1"),
        *_loop("diffrn_scan_axis", "scan_id axis_id angle_start angle_range angle_increment displacement_start "
               "displacement_range displacement_increment",
               [f"SCAN1 {_PHI} {start!r} {width!r} {width!r} 0 0 0",
                *(f"SCAN1 {axis} 0 0 0 0 0 0" for axis in _DETECTOR)]),
        *_one("diffrn_scan_frame", frame_id="FRAME1", frame_number="1", integration_time=digits(seen.exposure),
              scan_id="SCAN1", date="1970-01-01T00:00:00"),
        *_loop("diffrn_scan_frame_axis", "frame_id axis_id angle displacement",
               [f"FRAME1 {_PHI} {start!r} 0", *(f"FRAME1 {axis} 0 0" for axis in _DETECTOR)]),
        *axis_tables(seen),
        *_one("array_structure", id="ARRAY1", encoding_type='"signed 32-bit integer"',
              compression_type="byte_offset", byte_order="little_endian"),
        *_one("array_intensities", array_id="ARRAY1", binary_id="1", linearity="linear", gain="1.0", gain_esd="0.0",
              overload=overload, undefined_value="-1"),
    ]  # fmt: skip


def read_tables(header: str) -> dict[str, list[str]]:
    """Items of a header, each with its values, row by row; text between semicolons is left out."""
    header = re.sub(r"(?ms)^;.*?^;", " ? ", header.replace("\r\n", "\n"))
    found: dict[str, list[str]] = {}
    names: list[str] = []
    loop, place = False, 0
    for token in _TOKEN.findall(re.sub(r"(?m)^#.*$", "", header)):
        if token == "loop_":
            names, loop, place = [], True, 0
        elif token.startswith("_"):
            if place or not loop:
                names, loop, place = [], False, 0
            names.append(token[1:])
            found[token[1:]] = []
        elif names:
            found[names[place % len(names)]].append(token.strip("'\""))
            place += 1
    return found


def table_geometry(tables: dict[str, list[str]], shape: tuple[int, int], remarks: dict[str, float]) -> Geometry | None:
    """Geometry of the tables that this package writes; None if they do not say enough.

    Parameters
    ----------
    tables : dict
        As `read_tables` returns them.
    shape : (slow, fast)
        Pixels.
    remarks : dict of str to float
        What remarks of the header add: phi, width (degrees), exposure, thickness, mu, fraction.

    Raises
    ------
    ValueError
        Something in them is no number.
    """
    names, wavelengths = tables.get("axis.id", []), tables.get("diffrn_radiation_wavelength.wavelength", [])
    if not {_PHI, _FAST, _SLOW} <= set(names) or not wavelengths:
        return None
    vector, offset = ({name: _row(tables, f"axis.{kind}", i) for i, name in enumerate(names)}
                      for kind in ("vector", "offset"))  # fmt: skip
    corner = sum((offset[name] for name in (_CORNER, _SLOW, _FAST) if name in offset), np.zeros(3))
    steps = tables["array_structure_list_axis.displacement_increment"]
    geometry = plain_geometry(
        vector[_FAST], vector[_SLOW], corner / _MM, float(steps[0]) / _MM, shape, (0, 0, -1), float(wavelengths[0]),
        vector[_PHI], math.radians(remarks.get("phi", 0.0)), math.radians(remarks.get("width", 0.0)),
    )  # fmt: skip
    more: dict[str, Any] = {key: remarks[key] for key in ("exposure", "thickness", "mu") if key in remarks}
    fraction = remarks.get("fraction", 0.5)
    if "diffrn_scan_axis.axis_id" in tables:
        row = tables["diffrn_scan_axis.axis_id"].index(_PHI)
        start, width = (float(tables[f"diffrn_scan_axis.angle_{name}"][row]) for name in ("start", "increment"))
        more |= {"phi0": math.radians(start), "oscillation": math.radians(width),
                 "exposure": float(tables["diffrn_scan_frame.integration_time"][0])}  # fmt: skip
    if "diffrn_radiation.polarizn_source_ratio" in tables:
        fraction = float(tables["diffrn_radiation.polarizn_source_ratio"][0])
        angle = math.radians(float(tables["diffrn_radiation.polarizn_source_norm"][0]))
        more["polarization"] = np.array([math.cos(angle), -math.sin(angle), 0.0])
    return dataclasses.replace(geometry, polarization_degree=2.0 * fraction - 1.0, **more)


def _row(tables: dict[str, list[str]], item: str, row: int) -> np.ndarray:
    values = np.array([float(tables[f"{item}[{i}]"][row]) for i in (1, 2, 3)])
    if not np.isfinite(values).all():
        raise ValueError(f"a row of {item} is no vector")
    return values
