"""Background tables: sin(theta)/lambda and a structure factor on each line."""

from __future__ import annotations

import math
from typing import BinaryIO

import numpy as np

from nanobragg_numba.errors import FormatError
from nanobragg_numba.io.inputs import Path, read_text
from nanobragg_numba.io.numbers import whole_float

_LIMIT = 1 << 26


def read_stol(path: Path) -> np.ndarray:
    """Read a background table.

    Blank lines and `#` comments are skipped, columns beyond the second are ignored.

    Returns
    -------
    float64 array (n, 2)
        sin(theta)/lambda in 1/Angstrom (or what the option says) and F in electrons.

    Raises
    ------
    FormatError
        If the file cannot be read, is empty, or a line does not begin with two finite numbers.
    """
    data = read_text(path, "background table", _LIMIT)
    rows = []
    for number, line in enumerate(data.split(b"\n"), 1):
        fields = [field.decode("latin-1") for field in line.split(b"#", 1)[0].split()]
        if not fields:
            continue
        row = [whole_float(field) for field in fields[:2]]
        if len(row) < 2 or any(value is None or not math.isfinite(value) for value in row):
            raise FormatError(
                f"{path}, line {number}: expected two finite numbers: {' '.join(fields)[:60]!r}"
            )
        rows.append(row)
    if not rows:
        raise FormatError(f"{path}: no line with numbers in the background table")
    return np.array(rows, dtype=np.float64)


def write_stol(file: BinaryIO, table: np.ndarray) -> None:
    """Write a table so that reading it gives the same numbers.

    Parameters
    ----------
    file : binary file
    table : array (n, 2)
    """
    rows = np.asarray(table, dtype=np.float64).tolist()
    file.write("".join(f"{stol!r} {F!r}\n" for stol, F in rows).encode("ascii"))
