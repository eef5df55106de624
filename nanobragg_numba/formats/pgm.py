"""PGM pictures: a short text header that notes the scale, then one byte a pixel."""

from __future__ import annotations

import re
from typing import BinaryIO

import numpy as np

from nanobragg_numba.errors import FormatError
from nanobragg_numba.io.inputs import Path, known_size, open_input, read_at_most
from nanobragg_numba.io.numbers import c_format, leading_float
from nanobragg_numba.records import dataclass

_HEADER = re.compile(
    rb"P5\s+(?:#[^\n]*\n\s*)*(\d{1,10})\s+(\d{1,10})\s+(?P<notes>(?:#[^\n]*\n\s*)*)(\d{1,5})\s"
)
_SCALE = re.compile(r"# pixels scaled by (.*)")
_HEADER_LIMIT = 4096


@dataclass(frozen=True, eq=False)
class PgmImage:
    """A PGM picture.

    Attributes
    ----------
    pixels : uint8 array (slow, fast)
    scale : float or None
        What the photons of a pixel were multiplied by, where the file says so.
    """

    pixels: np.ndarray
    scale: float | None


def write_pgm(file: BinaryIO, scale: float, pixels: np.ndarray) -> None:
    """Write a picture.

    Parameters
    ----------
    file : binary file
    scale : float
        What the photons of a pixel were multiplied by; it is noted in the header.
    pixels : uint8 array (slow, fast)
    """
    slow, fast = pixels.shape
    header = c_format("P5\n%d %d\n# pixels scaled by %g\n255\n", fast, slow, scale)
    file.write(header.encode("ascii"))
    file.write(np.ascontiguousarray(pixels, dtype=np.uint8).data)


def read_pgm(path: Path) -> PgmImage:
    """Read a picture of one byte a pixel.

    Raises
    ------
    FormatError
        If the file cannot be read, is no such picture or is shorter than its header says.
    """
    with open_input(path, "PGM picture") as file:
        start = read_at_most(file, _HEADER_LIMIT)
        match = _HEADER.match(start)
        if match is None:
            raise FormatError(f"{path}: not a PGM picture of the binary kind (P5)")
        fast, slow, largest = (int(match[group]) for group in (1, 2, 4))
        if not 0 < largest < 256 or not 0 < fast * slow <= 1 << 32:
            raise FormatError(f"{path}: {fast} x {slow} pixels up to {largest} cannot be read")
        needed = match.end() + fast * slow
        size = known_size(file)
        if size is None or size >= needed:
            data = start + read_at_most(file, needed - len(start))
            size = len(data)
    if size < needed:
        raise FormatError(
            f"{path}: shorter than its header says: {needed} bytes, but there are {size}"
        )
    pixels = np.frombuffer(data, dtype=np.uint8, offset=match.end(), count=fast * slow)
    return PgmImage(pixels.reshape(slow, fast).copy(), _scale(match["notes"]))


def _scale(notes: bytes) -> float | None:
    found = _SCALE.search(notes.decode("latin-1"))
    number = leading_float(found[1]) if found else None
    return number[0] if number else None
