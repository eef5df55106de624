"""SMV images: a text header of KEY=value; lines in braces, then unsigned 16-bit pixels."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import BinaryIO

import numpy as np

from nanobragg_numba.errors import FormatError
from nanobragg_numba.io.inputs import Path, known_size, open_input, read_at_most
from nanobragg_numba.io.numbers import leading_float
from nanobragg_numba.records import dataclass

HEADER_BYTES = 512
"""Length of a header that does not say otherwise."""

LONG_HEADER_BYTES = 1024
"""Length of a header whose text does not fit into 512 bytes, where it may say so."""

_MAX_HEADER_BYTES = 1 << 20
_MAX_PIXELS = 1 << 31


@dataclass(frozen=True)
class SmvHeader:
    """The text between the braces, with the look-up rule of the format.

    Attributes
    ----------
    text : str
    source : str
        Name of the file, for error messages.
    """

    text: str
    source: str = "header"

    def value(self, key: str) -> str | None:
        """The text after the first `=` that follows the last occurrence of `key`, or None.

        The key may be part of a longer word: `ORGX` finds `XDS_ORGX=`.
        """
        place = self.text.rfind(key)
        equals = self.text.find("=", place) if place >= 0 else -1
        return self.text[equals + 1 :] if equals >= 0 else None

    def number(self, key: str) -> float | None:
        """The number under `key`, or None where the header has no such key.

        Raises
        ------
        FormatError
            If what stands there is no finite number.
        """
        text = self.value(key)
        if text is None:
            return None
        found = leading_float(text)
        if found is None or not math.isfinite(found[0]):
            shown = text.split("\n")[0].split(";")[0][:40]
            raise FormatError(f"{self.source}: {key} in the header is no finite number: {shown!r}")
        return found[0]


@dataclass(frozen=True, eq=False)
class SmvImage:
    """An SMV file.

    Attributes
    ----------
    header : SmvHeader
    pixels : uint16 array (slow, fast)
    """

    header: SmvHeader
    pixels: np.ndarray


def read_smv(path: Path) -> SmvImage:
    """Read an SMV file.

    The bytes of its pixels are swapped where BYTE_ORDER is not this machine's.

    Raises
    ------
    FormatError
        If the file is missing, is no SMV file, has impossible sizes or is shorter than it says.
    """
    with open_input(path, "SMV file") as file:
        header, header_bytes, start = _read_header(file, str(path))
        fast, slow = (_count(header, key) for key in ("SIZE1", "SIZE2"))
        if fast * slow > _MAX_PIXELS:
            raise FormatError(
                f"{path}: SIZE1={fast} times SIZE2={slow} is more pixels than can be handled"
            )
        needed = header_bytes + 2 * fast * slow
        size = known_size(file)
        if size is None or size >= needed:
            data = start + read_at_most(file, needed - len(start))
            size = len(data)
        if size < needed:
            raise FormatError(
                f"{path}: shorter than its header says: {fast} x {slow} pixels after "
                f"{header_bytes} bytes make {needed} bytes, but there are {size}"
            )
    pixels = np.frombuffer(data, dtype=_pixel_type(header), offset=header_bytes, count=fast * slow)
    return SmvImage(header, pixels.astype(np.uint16).reshape(slow, fast))


def _read_header(file: BinaryIO, source: str) -> tuple[SmvHeader, int, bytes]:
    """The header, its length in bytes, and everything read so far."""
    start = read_at_most(file, HEADER_BYTES)
    if not start.startswith(b"{"):
        raise FormatError(f"{source}: not an SMV file: it does not begin with a brace")
    length = _header_text(start, source).number("HEADER_BYTES")
    header_bytes = HEADER_BYTES if length is None else int(length)
    if header_bytes != (length or header_bytes) or not 1 < header_bytes <= _MAX_HEADER_BYTES:
        raise FormatError(f"{source}: HEADER_BYTES={length:g} is not a possible header length")
    start += read_at_most(file, header_bytes - len(start))
    if len(start) < header_bytes:
        raise FormatError(
            f"{source}: shorter than its header says: HEADER_BYTES={header_bytes}, "
            f"but there are {len(start)} bytes"
        )
    return _header_text(start[:header_bytes], source), header_bytes, start


def _header_text(data: bytes, source: str) -> SmvHeader:
    # Text ends at a zero byte; beyond ASCII any byte is taken as it is.
    return SmvHeader(data.split(b"\0", 1)[0].decode("latin-1"), source)


def _count(header: SmvHeader, key: str) -> int:
    value = header.number(key)
    if value is None:
        raise FormatError(f"{header.source}: not an SMV file: the header has no {key}")
    if value < 1.0 or value != math.floor(value) or value > _MAX_PIXELS:
        raise FormatError(f"{header.source}: {key}={value:g} is not a possible number of pixels")
    return int(value)


def _pixel_type(header: SmvHeader) -> str:
    order = header.value("BYTE_ORDER") or sys.byteorder
    return ">u2" if order.lstrip().startswith("big") else "<u2"


def smv_header_bytes(lines: Sequence[str], length: int = HEADER_BYTES) -> bytes:
    """Build a header.

    Parameters
    ----------
    lines : sequence of str
        Such as `SIZE1=64;`, the first of them `HEADER_BYTES=512;`.
    length : int
        Bytes.

    Returns
    -------
    bytes
        The lines in braces and a form feed, padded with blanks to `length`. Where they are
        longer than that nothing is cut: the pixels then begin later than the header says.
    """
    text = "\n".join(["{", *lines, "}\f"])
    return text.encode("latin-1").ljust(length)


def is_as_long_as_it_says(header: bytes) -> bool:
    """Whether the pixels that follow a header of `smv_header_bytes` begin where its first line says."""
    return header.startswith(b"{\nHEADER_BYTES=%d;\n" % len(header))


def write_smv(file: BinaryIO, header: bytes, pixels: np.ndarray) -> None:
    """Write a header and its pixels, little-endian.

    Parameters
    ----------
    file : binary file
    header : bytes
        As `smv_header_bytes` makes it.
    pixels : uint16 array (slow, fast)
    """
    file.write(header)
    file.write(np.ascontiguousarray(pixels, dtype="<u2").data)
