"""Background tables: sin(theta)/lambda and a structure factor on each line."""

from __future__ import annotations

import math
import re
from typing import BinaryIO

import numpy as np

from nanobragg_numba.errors import FormatError
from nanobragg_numba.io.inputs import Path, read_text
from nanobragg_numba.io.numbers import leading_float, whole_float

_LIMIT = 1 << 26
_SEPARATORS = re.compile(r"[ \t,;:!]+")


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


def read_scattering(path: Path, comments: bool = False) -> np.ndarray:
    """Read a table as nonBragg does: words of a line are numbers as far as they begin like one.

    Columns beyond the second are ignored. A line that begins with `#` is a point at 0.

    Parameters
    ----------
    path : path
    comments : bool
        Skip those lines instead.

    Returns
    -------
    float64 array (n, 2)
        What the first column has, and F in electrons, nan where it is missing.

    Raises
    ------
    FormatError
        If the file cannot be read, has no point or no F, or a line begins with something that is no finite number.
    """
    data = read_text(path, "table of structure factors", _LIMIT)
    rows = []
    for number, line in enumerate(data.decode("latin-1").split("\n"), 1):
        words = [word for word in _SEPARATORS.split(line) if word]
        if not words or (comments and words[0].startswith("#")):
            continue
        found = leading_float(words[0]) or ((0.0, "") if words[0].startswith("#") else None)
        if found is None or not math.isfinite(found[0]):
            raise FormatError(f"{path}, line {number}: no finite number at its start: {words[0][:40]!r}")
        rows.append((found[0], _leading_or_zero(words[1]) if len(words) > 1 else math.nan))
    if not rows or all(math.isnan(F) for _, F in rows):
        raise FormatError(f"{path}: no {'structure factor' if rows else 'point'} in the table")
    return np.array(rows)


def _leading_or_zero(word: str) -> float:
    found = leading_float(word)
    return 0.0 if found is None else found[0]
