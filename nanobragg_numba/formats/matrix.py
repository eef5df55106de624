"""Orientation matrices as Mosflm writes them: nine numbers, which hold the wavelength that they are meant for.

What follows them is ignored by the C program. A line `# wavelength 1.3` there, as nb-orient writes it, says for which
wavelength (Angstrom) the numbers are: at another one they are another cell.
"""

from __future__ import annotations

import math
import re
from typing import BinaryIO, NamedTuple

import numpy as np

from nanobragg_numba.errors import FormatError
from nanobragg_numba.io.inputs import Path, open_input, read_at_most
from nanobragg_numba.io.numbers import whole_float

_LIMIT = 1 << 16
_SINGULAR = 1e-12
_SAME_WAVELENGTH = 1e-4
_WAVELENGTH = re.compile(rb"^#[ \t]*wavelength[ \t]+([0-9.eE+-]{1,40})[ \t]*$", re.MULTILINE)
_LIST = re.compile(rb"(?:[ \t]*(?:[-+]?[0-9]+[ \t]+){3}[-+.0-9eE]+[ \t]*\r?\n){3}")


class OrientationMatrix(NamedTuple):
    """What an orientation matrix file says.

    Attributes
    ----------
    matrix : (3, 3) float64
        Rows x, y, z; columns a*, b*, c*, times the wavelength.
    wavelength : float or None
        Angstrom, if the file says it.
    is_list : bool
        The file looks like a structure factor list, h k l F a line.
    """

    matrix: np.ndarray
    wavelength: float | None
    is_list: bool = False


def read_matrix(path: Path) -> np.ndarray:
    """Read an orientation matrix.

    Returns
    -------
    float64 array (3, 3)
        Rows x, y, z; columns a*, b*, c*, in units of 1/wavelength (dimensionless).

    Raises
    ------
    FormatError
        If the file cannot be read, does not begin with nine finite numbers, or the three vectors
        lie in a plane.
    """
    return read_orientation(path).matrix


def read_orientation(path: Path) -> OrientationMatrix:
    """Read an orientation matrix, and the wavelength that it is meant for where the file says it.

    Raises
    ------
    FormatError
        As `read_matrix` does.
    """
    with open_input(path, "orientation matrix") as file:
        text = read_at_most(file, _LIMIT)
    fields = [field.decode("latin-1") for field in text.split()[:9]]
    values = []
    for place, field in enumerate(fields, 1):
        value = whole_float(field)
        if value is None or not math.isfinite(value):
            raise FormatError(f"{path}: number {place} of 9 is not a finite number: {field[:40]!r}")
        values.append(value)
    if len(values) < 9:
        raise FormatError(
            f"{path}: an orientation matrix has nine numbers, this one has {len(values)}"
        )
    matrix = np.array(values).reshape(3, 3)
    is_list = bool(_LIST.match(text))
    if _is_singular(matrix):
        raise FormatError(
            f"{path}: the determinant of the orientation matrix is zero: "
            "a*, b* and c* must not lie in a plane" + ("; it looks like a list of h k l F" if is_list else "")
        )
    return OrientationMatrix(matrix, _wavelength_of(text), is_list)


def _wavelength_of(text: bytes) -> float | None:
    """Angstrom; None where no such line is, or no such number."""
    found = _WAVELENGTH.search(text.replace(b"\r\n", b"\n"))
    value = whole_float(found[1].decode("ascii")) if found else None
    return value if value is not None and 0.0 < value < math.inf else None


def matrix_warnings(path: Path, found: OrientationMatrix, used: float) -> list[str]:
    """What to tell who uses a matrix at a wavelength (Angstrom): that it is meant for another, or is a list.

    Parameters
    ----------
    path : path
    found : OrientationMatrix
        What was read there.
    used : float
        Angstrom.
    """
    messages = []
    if found.is_list:
        messages.append(f"{path} looks like a list of h k l F (-hkl), not an orientation matrix")
    if found.wavelength is not None and abs(used / found.wavelength - 1.0) > _SAME_WAVELENGTH:
        messages.append(
            f"{path} was made for a wavelength of {found.wavelength:g} A and is used at {used:g} A: the cell becomes "
            f"{used / found.wavelength:.4g} times as large; nb-orient --mat FILE --wavelength {used:g} makes one of "
            "the same cell"
        )
    return messages


def _is_singular(matrix: np.ndarray) -> bool:
    """Whether the volume that the columns span is lost in rounding, whatever their lengths."""
    unit = []
    for column in matrix.T.tolist():
        length = math.hypot(*column)
        if length == 0.0 or not math.isfinite(length):
            return True
        unit.append([component / length for component in column])
    a, b, c = unit
    volume = (
        a[0] * (b[1] * c[2] - b[2] * c[1])
        + a[1] * (b[2] * c[0] - b[0] * c[2])
        + a[2] * (b[0] * c[1] - b[1] * c[0])
    )
    return abs(volume) < _SINGULAR


def write_matrix(file: BinaryIO, matrix: np.ndarray, wavelength: float | None = None) -> None:
    """Write a matrix so that reading it gives the same numbers.

    Parameters
    ----------
    file : binary file
    matrix : array (3, 3)
    wavelength : float, optional
        Angstrom; noted behind the nine numbers.
    """
    rows = np.asarray(matrix, dtype=np.float64).tolist()
    noted = f"# wavelength {float(wavelength)!r}\n" if wavelength is not None else ""
    file.write(("".join(" ".join(map(repr, row)) + "\n" for row in rows) + noted).encode("ascii"))
