"""Structure factor lists: one `h k l F` a line, P1, no symmetry implied."""

from __future__ import annotations

import io
import math
import re
from typing import BinaryIO

import numpy as np

from nanobragg_numba.errors import FormatError
from nanobragg_numba.formats.grid import HklGrid, HklRanges
from nanobragg_numba.io.inputs import Path, read_text
from nanobragg_numba.io.numbers import whole_float
from nanobragg_numba.kernels.ready import Failed, Mismatch
from nanobragg_numba.kernels.text import FAULT, read_reflections
from nanobragg_numba.records import dataclass

_MAX_BYTES = 1 << 29
_MAX_INDEX = 2**31 - 1
_FREE_CELLS = 1 << 25
_CELLS_PER_REFLECTION = 4096
_COMMENT = re.compile(rb"#[^\n]*")
_PLAIN = bytes(range(32, 127)) + b"\t\n"


@dataclass(frozen=True, eq=False)
class HklTable:
    """The lines of a structure factor list, repeats included, in their order.

    Attributes
    ----------
    h, k, l : int64 arrays (n_lines,)
    F : float64 array (n_lines,)
        Electrons.
    note : str or None
        What the user should be told about the file.
    source : str
        Name of the file, for error messages.
    """

    h: np.ndarray
    k: np.ndarray
    l: np.ndarray
    F: np.ndarray
    note: str | None = None
    source: str = "structure factors"

    @property
    def n_lines(self) -> int:
        """How many reflections were read, repeats counted."""
        return len(self.F)

    def ranges(self) -> HklRanges:
        """Smallest and largest index along each axis."""
        ends = (f(axis) for axis in (self.h, self.k, self.l) for f in (np.min, np.max))
        return HklRanges(*(int(end) for end in ends))


def read_hkl(path: Path) -> HklTable:
    """Read a structure factor list.

    The first four columns count; blank lines and `#` comments are skipped.

    Raises
    ------
    FormatError
        If the file cannot be read, holds no reflection, or has a line that is not three integers
        and a finite number; that names the line.
    """
    data = read_text(path, "structure factor file", _MAX_BYTES)
    if b"#" in data:
        data = _COMMENT.sub(b"", data)
    found = _read_natively(data)
    if found is None:
        columns = _read_at_once(data)
        if columns is None:
            columns = _read_line_by_line(data, str(path))
        found = columns, len(data.split()) > columns.size
    columns, more = found
    if not columns.size:
        raise FormatError(f"{path}: no reflection in the file")
    note = None
    if more:
        note = f"{path}: only the first four columns (h k l F) are used"
    h, k, l = (columns[:, axis].astype(np.int64) for axis in range(3))
    return HklTable(h, k, l, columns[:, 3].copy(), note, str(path))


def _read_natively(data: bytes) -> tuple[np.ndarray, bool] | None:
    """The first four columns of a plain list and whether there are more; None where it needs another look."""
    read = read_reflections.native
    if read is None or not data:
        return None
    lines = data.count(b"\n") + 1
    rows, inexact = np.empty((lines, 4)), np.empty((lines, 3), np.int64)
    try:
        count, n_inexact, more = read(np.frombuffer(data, np.uint8), rows, inexact)
    except (Failed, Mismatch):
        return None
    if count == FAULT or n_inexact > lines // 8:  # then NumPy is as quick
        return None
    for row, start, stop in inexact[:n_inexact].tolist():
        rows[row, 3] = float(data[start:stop])
    return (rows[:count], more) if np.isfinite(rows[:count, 3]).all() else None


def _read_at_once(data: bytes) -> np.ndarray | None:
    """The first four columns of a list without a fault, or None."""
    if data.translate(None, _PLAIN) or not data.strip():
        return None
    try:
        columns = np.loadtxt(io.BytesIO(data), ndmin=2, usecols=range(4), comments=None)
    except ValueError:
        return None
    indices = columns[:, :3]
    if not np.isfinite(columns).all() or (np.abs(indices) > _MAX_INDEX).any():
        return None
    return columns if (indices == np.floor(indices)).all() else None


def _read_line_by_line(data: bytes, source: str) -> np.ndarray:
    """The first four columns; slow, but names the line that is wrong."""
    rows = []
    for number, line in enumerate(data.split(b"\n"), 1):
        fields = [field.decode("latin-1") for field in line.split()]
        if fields:
            rows.append(_reflection(fields, f"{source}, line {number}"))
    return np.array(rows).reshape(len(rows), 4)


def _reflection(fields: list[str], place: str) -> list[float]:
    if len(fields) < 4:
        raise FormatError(f"{place}: expected h k l F, found {len(fields)} column(s)")
    values = []
    for name, field in zip("hklF", fields, strict=False):
        value = whole_float(field)
        if value is None or not math.isfinite(value):
            raise FormatError(f"{place}: {name} is not a finite number: {field[:40]!r}")
        if name != "F" and value != math.floor(value):
            raise FormatError(f"{place}: the index {name} is not an integer: {field[:40]!r}")
        if name != "F" and abs(value) > _MAX_INDEX:
            raise FormatError(f"{place}: the index {name} is too large: {field[:40]!r}")
        values.append(value)
    return values


def write_hkl(file: BinaryIO, table: HklTable) -> None:
    """Write a list so that reading it gives the same numbers.

    Parameters
    ----------
    file : binary file
    table : HklTable
    """
    rows = zip(table.h.tolist(), table.k.tolist(), table.l.tolist(), table.F.tolist(), strict=True)
    file.write("".join(f"{h} {k} {l} {F!r}\n" for h, k, l, F in rows).encode("ascii"))


def grid(table: HklTable, default_F: float = 0.0) -> HklGrid:
    """Spread a list over a grid.

    Parameters
    ----------
    table : HklTable
        Where an index is repeated the later line wins.
    default_F : float
        Structure factor of the indices that are not in the list, electrons.

    Raises
    ------
    FormatError
        If the grid that the indices ask for is absurdly large, larger than the memory, or takes more
        than 256 MiB and next to nothing of it is in the list.
    """
    ranges = table.ranges()
    ranges.check(table.source)
    cells = math.prod(ranges.shape)
    if cells > max(_FREE_CELLS, _CELLS_PER_REFLECTION * table.n_lines):
        raise FormatError(
            f"{table.source}: {table.n_lines} reflections spread over indices that need a grid of "
            f"{cells / (1 << 27):.1f} GiB, {tuple(ranges)}; check the indices"
        )
    F = ranges.zeros(table.source)
    if default_F != 0.0:
        F[:-1, :-1, :-1] = default_F
    F[table.h - ranges.h_min, table.k - ranges.k_min, table.l - ranges.l_min] = table.F
    return HklGrid(F, ranges)
