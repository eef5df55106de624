"""CBF images: 32-bit integers with the header of a PILATUS, and the exact geometry in imgCIF axes.

The PILATUS header knows a detector across the beam only; the `_axis` table beside it holds what is really there, in
the imgCIF frame: X along the rotation axis, Z against the beam.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import BinaryIO

import numpy as np

from nanobragg_numba.errors import FormatError
from nanobragg_numba.formats.byte_offset import compress, decompress
from nanobragg_numba.geometry.frames import Geometry, degrees
from nanobragg_numba.io.inputs import Path, open_input, read_at_most

_START = b"\x0c\x1a\x04\xd5"
_BOUNDARY = "--CIF-BINARY-FORMAT-SECTION--"
_PADDING = 4095
_LIMIT = 1 << 33
_DISTANCE = 1000.0  # mm in a metre


def write_cbf(file: BinaryIO, geometry: Geometry, pixels: np.ndarray, count_cutoff: int) -> None:
    """Write an image.

    Parameters
    ----------
    geometry : Geometry
        In any frame.
    pixels : (slow, fast) integers
    count_cutoff : int
        Largest value that is a count.
    """
    data = compress(pixels)
    slow, fast = pixels.shape
    text = "\r\n".join([
        "###CBF: VERSION 1.5, nanobragg_numba", "", "data_image", "",
        *_axis_table(geometry.turned(geometry.to_imgcif)),
        '_array_data.header_convention "PILATUS_1.2"', "_array_data.header_contents", ";",
        *_pilatus_header(geometry, count_cutoff), ";", "", "_array_data.data", ";", _BOUNDARY,
        "Content-Type: application/octet-stream;", '     conversions="x-CBF_BYTE_OFFSET"',
        "Content-Transfer-Encoding: BINARY", f"X-Binary-Size: {len(data)}", "X-Binary-ID: 1",
        'X-Binary-Element-Type: "signed 32-bit integer"', "X-Binary-Element-Byte-Order: LITTLE_ENDIAN",
        f"Content-MD5: {base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()}",
        f"X-Binary-Number-of-Elements: {slow * fast}", f"X-Binary-Size-Fastest-Dimension: {fast}",
        f"X-Binary-Size-Second-Dimension: {slow}", f"X-Binary-Size-Padding: {_PADDING}", "", "",
    ])  # fmt: skip
    file.write(text.encode("ascii") + _START + data + bytes(_PADDING))
    file.write(f"\r\n{_BOUNDARY}--\r\n;\r\n".encode("ascii"))


def _pilatus_header(geometry: Geometry, count_cutoff: int) -> list[str]:
    slow, fast = geometry.beam_centre
    size = f"{geometry.pixel:.9g} m x {geometry.pixel:.9g} m"
    distance = np.linalg.norm(geometry.positions(np.array([slow]), np.array([fast]))) if slow == slow else 0.0
    width = degrees(geometry.oscillation)
    return [
        "# Detector: simulated, S/N 00-0000",
        f"# Pixel_size {size}",
        f"# Silicon sensor, thickness {geometry.thickness:.6f} m",
        f"# Exposure_time {geometry.exposure:.7f} s",
        f"# Exposure_period {geometry.exposure:.7f} s",
        f"# Count_cutoff {count_cutoff} counts",
        f"# Wavelength {geometry.wavelength:.10g} A",
        f"# Detector_distance {distance:.9g} m",
        f"# Beam_xy ({fast:.6f}, {slow:.6f}) pixels",
        f"# Start_angle {degrees(geometry.phi0):.7f} deg.",
        f"# Angle_increment {width:.7f} deg.",
        f"# Detector_2theta {degrees(geometry.twotheta):.7f} deg.",
        f"# Polarization {0.5 * (1.0 + geometry.polarization_degree):.6g}",
        "# Oscillation_axis X.CW" if width else "# Oscillation_axis none",
    ]


def _vector(vector: np.ndarray) -> str:
    return " ".join(repr(float(value)) for value in vector)


def _axis_table(seen: Geometry) -> list[str]:
    """imgCIF's categories for axes, and for the pixels along them, mm."""
    zero = "0 0 0"
    slow, fast = seen.shape
    size = repr(seen.pixel * _DISTANCE)
    half = repr(0.5 * seen.pixel * _DISTANCE)
    rows = [
        ("GONIOMETER_PHI", "rotation", "goniometer", ".", _vector(seen.axis), zero),
        ("SOURCE", "general", "source", ".", _vector(-seen.beam), zero),
        ("ELEMENT_SLOW", "translation", "detector", ".", _vector(seen.slow), _vector(seen.origin * _DISTANCE)),
        ("ELEMENT_FAST", "translation", "detector", "ELEMENT_SLOW", _vector(seen.fast), zero),
    ]
    columns = ["id", "type", "equipment", "depends_on"]
    columns += [f"{name}[{i}]" for name in ("vector", "offset") for i in (1, 2, 3)]
    lines = ["loop_", *(f"_axis.{name}" for name in columns), *(" ".join(row) for row in rows), ""]
    names = ["array_id", "index", "dimension", "precedence", "direction", "axis_set_id"]
    lines += ["loop_", *(f"_array_structure_list.{name}" for name in names)]
    lines += [f"ARRAY1 1 {fast} 1 increasing ELEMENT_FAST", f"ARRAY1 2 {slow} 2 increasing ELEMENT_SLOW", ""]
    names = ["axis_set_id", "axis_id", "displacement", "displacement_increment"]
    lines += ["loop_", *(f"_array_structure_list_axis.{name}" for name in names)]
    lines += [f"{axis} {axis} {half} {size}" for axis in ("ELEMENT_FAST", "ELEMENT_SLOW")]
    return [*lines, "", f"_diffrn_radiation_wavelength.wavelength {seen.wavelength!r}", ""]


def read_cbf(path: Path) -> tuple[np.ndarray, str]:
    """Read an image of byte-offset integers.

    Returns
    -------
    pixels : (slow, fast) int32
    header : str
        The text before the pixels.

    Raises
    ------
    FormatError
    """
    with open_input(path, "CBF file") as file:
        content = read_at_most(file, _LIMIT)
    begin = content.find(_START)
    if not content.startswith(b"###CBF") or begin < 0:
        raise FormatError(f"{path}: not a CBF image: no CBF header or no binary section")
    header = content[:begin].decode("latin-1")
    if "x-CBF_BYTE_OFFSET" not in header:
        raise FormatError(f"{path}: its compression is not byte offset, the only one that is read")
    sizes = []
    for name in ("Fastest", "Second"):
        found = re.search(rf"X-Binary-Size-{name}-Dimension:\s*(\d+)", header)
        if found is None or not 0 < int(found[1]) < 1 << 20:
            raise FormatError(f"{path}: the header does not say the size of the image")
        sizes.append(int(found[1]))
    fast, slow = sizes
    return decompress(content[begin + 4 :], slow * fast, str(path)).reshape(slow, fast), header
