"""Orientation matrices as Mosflm writes them: nine numbers, whatever follows ignored."""

from __future__ import annotations

import math
from typing import BinaryIO

import numpy as np

from nanobragg_numba.errors import FormatError
from nanobragg_numba.io.inputs import Path, open_input, read_at_most
from nanobragg_numba.io.numbers import whole_float

_LIMIT = 1 << 16
_SINGULAR = 1e-12


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
    with open_input(path, "orientation matrix") as file:
        fields = [field.decode("latin-1") for field in read_at_most(file, _LIMIT).split()[:9]]
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
    if _is_singular(matrix):
        raise FormatError(
            f"{path}: the determinant of the orientation matrix is zero: "
            "a*, b* and c* must not lie in a plane"
        )
    return matrix


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


def write_matrix(file: BinaryIO, matrix: np.ndarray) -> None:
    """Write a matrix so that reading it gives the same numbers.

    Parameters
    ----------
    file : binary file
    matrix : array (3, 3)
    """
    rows = np.asarray(matrix, dtype=np.float64).tolist()
    file.write("".join(" ".join(map(repr, row)) + "\n" for row in rows).encode("ascii"))
