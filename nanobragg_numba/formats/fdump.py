"""Dump files: a grid of structure factors as a line of index ranges and native doubles."""

from __future__ import annotations

import re
from typing import BinaryIO

import numpy as np

from nanobragg_numba.errors import FormatError
from nanobragg_numba.formats.grid import HklGrid, HklRanges
from nanobragg_numba.io.inputs import Path, known_size, open_input, read_at_most

_SPACES = rb"[ \t-\r]"
_HEADER = re.compile(_SPACES + rb"{0,99}" + (_SPACES + rb"{1,99}").join([rb"([+-]?\d{1,10})"] * 6))
_SEPARATOR = b"\n\f"
_HEADER_LIMIT = 1024
_WHITE_LIMIT = 99
"""Most white space between the header and the numbers."""


def write_fdump(file: BinaryIO, grid: HklGrid) -> None:
    """Write a grid.

    Parameters
    ----------
    file : binary file
    grid : HklGrid
    """
    file.write(" ".join(str(end) for end in grid.ranges).encode("ascii") + _SEPARATOR)
    file.write(np.ascontiguousarray(grid.F, dtype=np.float64).data)


def _possible_begins(data: bytes, end: int) -> set[int]:
    """Where the numbers may begin behind a header: where C ends its search for white space, or behind what it writes.

    Those are two places where the first number looks like white space; any other place belongs to a file that was cut.
    """
    white = data[end : end + _WHITE_LIMIT]
    searched = end + len(white) - len(white.lstrip())
    return {searched, end + len(_SEPARATOR)} if white.startswith(_SEPARATOR) else {searched}


def read_fdump(path: Path) -> HklGrid:
    """Read a grid.

    Raises
    ------
    FormatError
        If the file cannot be read, does not begin with six index limits, has another size than
        they ask for, or holds a number that is not finite.
    """
    with open_input(path, "structure factor dump") as file:
        start = read_at_most(file, _HEADER_LIMIT)
        match = _HEADER.match(start)
        if match is None:
            raise FormatError(
                f"{path}: not a structure factor dump: it does not begin with six index limits"
            )
        ranges = HklRanges(*(int(text) for text in match.groups()))
        ranges.check(str(path))
        h_cells, k_cells, l_cells = ranges.shape
        n_bytes = 8 * h_cells * k_cells * l_cells
        least, most = match.end() + n_bytes, match.end() + n_bytes + _WHITE_LIMIT
        size = known_size(file)
        if size is None or least <= size <= most:
            # One byte more than is needed shows that a pipe goes on.
            data = start + read_at_most(file, most + 1 - len(start))
            size = len(data)
    begin = size - n_bytes
    if not least <= size <= most or begin not in _possible_begins(data, match.end()):
        raise FormatError(
            f"{path}: its index limits ask for {n_bytes} bytes behind them and white space, but it has "
            f"{size - match.end()} (or more, if it is not a regular file); delete it or give -hkl"
        )
    F = np.frombuffer(data, dtype=np.float64, offset=begin).reshape(ranges.shape).copy()
    if not np.isfinite(F).all():
        raise FormatError(f"{path}: holds structure factors that are not finite")
    return HklGrid(F, ranges)
