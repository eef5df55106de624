"""Lists of X-ray sources: `X Y Z weight lambda` a line, all but the first optional."""

from __future__ import annotations

import math
import re
from typing import BinaryIO

from nanobragg_numba.errors import FormatError
from nanobragg_numba.io.inputs import Path, read_text
from nanobragg_numba.io.numbers import whole_float

_LIMIT = 1 << 26
_COLUMNS = ("X", "Y", "Z", "weight", "lambda")
_SEPARATORS = re.compile(r"[ \t\v\f,;:!]+")

SourceRow = tuple[float | None, float | None, float | None, float | None, float | None]


def read_sources(path: Path) -> list[SourceRow]:
    """Read a source list.

    Returns
    -------
    list of (X, Y, Z, weight, lambda)
        One for each line that is not blank, None for a value that is missing. Position in m,
        wavelength in m. What follows a `#` is a remark, and what follows five numbers is not read.

    Raises
    ------
    FormatError
        If the file cannot be read, is empty, or a line has something that is no finite number.
    """
    data = read_text(path, "source file", _LIMIT)
    rows = []
    for number, line in enumerate(data.decode("latin-1").split("\n"), 1):
        fields = [field for field in _SEPARATORS.split(line.partition("#")[0]) if field]
        if fields:
            rows.append(_row(fields, f"{path}, line {number}"))
    if not rows:
        raise FormatError(f"{path}: no source in the file")
    return rows


def _row(fields: list[str], place: str) -> SourceRow:
    values: list[float | None] = []
    for name, field in zip(_COLUMNS, fields, strict=False):
        value = whole_float(field)
        if value is None or not math.isfinite(value):
            raise FormatError(f"{place}: {name} is not a finite number: {field[:40]!r}")
        values.append(value)
    values += [None] * (len(_COLUMNS) - len(values))
    return values[0], values[1], values[2], values[3], values[4]


def write_sources(file: BinaryIO, rows: list[SourceRow]) -> None:
    """Write a list so that reading it gives the same numbers.

    Parameters
    ----------
    file : binary file
    rows : list of (X, Y, Z, weight, lambda)
        At least X must be there, and None only at the end.
    """
    for row in rows:
        present = [repr(float(value)) for value in row if value is not None]
        file.write((" ".join(present) + "\n").encode("ascii"))
