"""CBF images: 32-bit integers with their geometry.

A detector across the beam with its rows along the rotation axis has the short header that PILATUS detectors made
common, and the exact axes beside it. That header knows no other detector, so others have a full imgCIF header.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
from typing import BinaryIO

import numpy as np

from nanobragg_numba.errors import FormatError
from nanobragg_numba.formats.byte_offset import compress, decompress
from nanobragg_numba.formats.imgcif import axis_tables, digits, full_header, read_tables, table_geometry
from nanobragg_numba.geometry.frames import Geometry, degrees, plain_geometry
from nanobragg_numba.io.inputs import Path, open_input, read_at_most

_START = b"\x0c\x1a\x04\xd5"
_BOUNDARY = "--CIF-BINARY-FORMAT-SECTION--"
_PADDING = 4095
_LIMIT = 1 << 33
_PILATUS = {(195, 487), (619, 487), (1043, 981), (1679, 1475), (2527, 2463), (5071, 2463)}
_UPRIGHT = 1e-9


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
    seen = geometry.turned(geometry.to_imgcif)
    header = _short_header(seen, count_cutoff) if is_upright(seen) else _full_header(seen, count_cutoff)
    text = "\r\n".join([
        "###CBF: VERSION 1.5, nanobragg_numba", "", "data_image", "", *header, ";", _BOUNDARY,
        "Content-Type: application/octet-stream;", '     conversions="x-CBF_BYTE_OFFSET"',
        "Content-Transfer-Encoding: BINARY", f"X-Binary-Size: {len(data)}", "X-Binary-ID: 1",
        'X-Binary-Element-Type: "signed 32-bit integer"', "X-Binary-Element-Byte-Order: LITTLE_ENDIAN",
        f"Content-MD5: {base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()}",
        f"X-Binary-Number-of-Elements: {slow * fast}", f"X-Binary-Size-Fastest-Dimension: {fast}",
        f"X-Binary-Size-Second-Dimension: {slow}", f"X-Binary-Size-Padding: {_PADDING}", "", "",
    ])  # fmt: skip
    file.write(text.encode("ascii") + _START + data + bytes(_PADDING))
    file.write(f"\r\n{_BOUNDARY}--\r\n;\r\n".encode("ascii"))


def is_upright(seen: Geometry) -> bool:
    """Whether a detector stands across the beam, fast along the rotation axis, which is across the beam, slow down.

    Parameters
    ----------
    seen : Geometry
        In the imgCIF frame.
    """
    pairs = (seen.fast, [1, 0, 0]), (seen.slow, [0, -1, 0]), (seen.axis, [1, 0, 0])
    return all(np.allclose(vector, expected, rtol=0.0, atol=_UPRIGHT) for vector, expected in pairs)


def _full_header(seen: Geometry, count_cutoff: int) -> list[str]:
    """All of imgCIF; the thickness of a sensor, for which it has no item, in a remark."""
    remark = f"# Silicon sensor, thickness {seen.thickness:.9g} m, attenuation {seen.mu:.9g} 1/m"
    return [*([remark, ""] if seen.thickness else []), *full_header(seen, count_cutoff),
            "_array_data.array_id ARRAY1", "_array_data.binary_id 1", "_array_data.data"]  # fmt: skip


def _short_header(seen: Geometry, count_cutoff: int) -> list[str]:
    convention = "PILATUS_1.2" if seen.shape in _PILATUS else "GENERIC_MINI"
    return [
        *axis_tables(seen), f"_diffrn_radiation_wavelength.wavelength {digits(seen.wavelength)}", "",
        f'_array_data.header_convention "{convention}"', "_array_data.header_contents", ";",
        *_remarks(seen, count_cutoff), ";", "", "_array_data.data",
    ]  # fmt: skip


def _remarks(seen: Geometry, count_cutoff: int) -> list[str]:
    slow, fast = seen.beam_centre
    distance = float(np.linalg.norm(seen.positions(np.array([slow]), np.array([fast])))) if slow == slow else 0.0
    width = degrees(seen.oscillation)
    sensor = f"# Silicon sensor, thickness {seen.thickness:.9f} m"  # readers stop at a thickness of 0
    return [
        "# Detector: simulated, S/N 00-0000",
        f"# Pixel_size {seen.pixel:.15g} m x {seen.pixel:.15g} m",
        *([sensor, f"# Sensor_attenuation {digits(seen.mu)} 1/m"] if seen.thickness else []),
        f"# Exposure_time {seen.exposure:.7f} s",
        f"# Exposure_period {seen.exposure:.7f} s",
        f"# Count_cutoff {count_cutoff} counts",
        f"# Wavelength {digits(seen.wavelength)} A",
        f"# Detector_distance {digits(distance)} m",
        f"# Beam_xy ({digits(fast)}, {digits(slow)}) pixels",
        f"# Start_angle {degrees(seen.phi0):.7f} deg.",
        f"# Angle_increment {width:.7f} deg.",
        f"# Detector_2theta {degrees(seen.twotheta):.7f} deg.",
        f"# Polarization {seen.polarization_fraction:.6g}",
        "# Oscillation_axis X.CW" if width else "# Oscillation_axis none",
    ]


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


_REMARKS = {
    "pixel": r"# Pixel_size ([-+\d.eE]+)", "wavelength": r"# Wavelength ([-+\d.eE]+)",
    "distance": r"# Detector_distance ([-+\d.eE]+)", "x": r"# Beam_xy \(([-+\d.eE]+)",
    "y": r"# Beam_xy \([^,]*, *([-+\d.eE]+)", "phi": r"# Start_angle ([-+\d.eE]+)",
    "width": r"# Angle_increment ([-+\d.eE]+)", "exposure": r"# Exposure_time ([-+\d.eE]+)",
    "thickness": r"# Silicon sensor, thickness ([-+\d.eE]+)", "mu": r"(?:# Sensor_|, )attenuation ([-+\d.eE]+)",
    "fraction": r"# Polarization ([-+\d.eE]+)",
}  # fmt: skip


def cbf_geometry(header: str, shape: tuple[int, ...], source: str) -> Geometry | None:
    """Geometry of a CBF header, in the imgCIF frame: from its tables, else from its remarks; None without.

    Parameters
    ----------
    header : str
        Text of the file before its pixels.
    shape : (int, int)
        Slow and fast pixels.
    source : str
        Name of the file, for messages.

    Raises
    ------
    FormatError
        A table that cannot be read.
    """
    size = (shape[0], shape[1])
    try:
        remarks = {key: float(found[1]) for key, pattern in _REMARKS.items() if (found := re.search(pattern, header))}
        geometry = table_geometry(read_tables(header), size, remarks)
    except (ValueError, LookupError, ArithmeticError, TypeError, RecursionError, np.linalg.LinAlgError) as error:
        raise FormatError(f"{source}: its header: {error}") from error
    if geometry is not None or not {"pixel", "wavelength", "distance", "x", "y"} <= remarks.keys():
        return geometry
    origin = (-remarks["x"] * remarks["pixel"], remarks["y"] * remarks["pixel"], -remarks["distance"])
    turn = math.radians(remarks.get("phi", 0.0)), math.radians(remarks.get("width", 0.0))
    return plain_geometry((1, 0, 0), (0, -1, 0), origin, remarks["pixel"], size, (0, 0, -1), remarks["wavelength"],
                          (1, 0, 0), *turn)  # fmt: skip
