"""The byte-offset compression of CBF images: differences of neighbours, one byte each where they fit."""

from __future__ import annotations

import numpy as np

from nanobragg_numba.errors import FormatError

_ONE, _TWO = 127, 32767  # largest differences that fit into one and two bytes
_MARK, _MARK_TWO = 0x80, b"\x00\x80"  # what says that a longer one follows


def compress(pixels: np.ndarray) -> bytes:
    """Compress.

    Parameters
    ----------
    pixels : integer array
        Values that fit into 32 bits, in the order of the array.
    """
    values = np.ascontiguousarray(pixels, np.int64).ravel()
    steps = np.diff(values, prepend=np.int64(0))
    size = np.abs(steps)
    lengths = np.where(size <= _ONE, 1, np.where(size <= _TWO, 3, 7))
    starts = np.cumsum(lengths) - lengths
    packed = np.zeros(int(lengths.sum()), np.uint8)
    low = steps.astype(np.uint64)
    short = lengths == 1
    packed[starts[short]] = low[short] & 0xFF
    packed[starts[~short]] = _MARK
    middle = lengths == 3
    for byte in range(2):
        packed[starts[middle] + 1 + byte] = (low[middle] >> np.uint64(8 * byte)) & 0xFF
    long = lengths == 7
    packed[starts[long] + 2] = _MARK
    for byte in range(4):
        packed[starts[long] + 3 + byte] = (low[long] >> np.uint64(8 * byte)) & 0xFF
    return packed.tobytes()


def decompress(data: bytes, count: int, source: str) -> np.ndarray:
    """Decompress to (count,) int32.

    Parameters
    ----------
    data : bytes
        As `compress` makes them: differences of a byte, or of 2, 4 or 8 behind a mark.
    count : int
        Pixels.
    source : str
        Name of the file, for messages.

    Raises
    ------
    FormatError
        The data end too early.

    References
    ----------
    The compression x-CBF_BYTE_OFFSET of CBF/imgCIF: International Tables for Crystallography G (2005), which specifies
    the format in chapter 2.3.
    """
    if count > len(data):  # each pixel takes a byte at least: no memory for what cannot be there
        raise FormatError(f"{source}: its {len(data)} bytes of pixels are too few for {count} pixels")
    steps = np.zeros(count, np.int64)
    place = done = 0
    while done < count:
        mark = data.find(_MARK, place)
        stop = min(len(data) if mark < 0 else mark, place + count - done)
        steps[done : done + stop - place] = np.frombuffer(data, np.int8, stop - place, place)
        done += stop - place
        if done == count:
            break
        place, width = stop + 1, 2
        if data[place : place + 2] == _MARK_TWO:
            place, width = place + 2, 4
        if mark < 0 or len(data) < place + width:
            raise FormatError(f"{source}: the compressed image ends after {done} of {count} pixels")
        steps[done] = int.from_bytes(data[place : place + width], "little", signed=True)
        place += width
        done += 1
    return np.cumsum(steps).astype(np.int32)
