"""Input files read whole, within limits: one clear line for whatever is wrong with the file."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from typing import BinaryIO

from nanobragg_numba.errors import FormatError

Path = str | os.PathLike[str]

_CHUNK = 1 << 22


@contextlib.contextmanager
def open_input(path: Path, what: str) -> Iterator[BinaryIO]:
    """Open a file for reading; anything the system objects to becomes a FormatError.

    So does a file that was changed between the beginning and the end of the block: one that is still being
    written, or cut short, could otherwise pass for a complete one.

    Parameters
    ----------
    path : path
    what : str
        What the file is to the user, such as "structure factor file".
    """
    if "\0" in str(path):
        raise FormatError(f"cannot read the {what} {path!r}: a file name holds no zero character")
    try:
        with open(os.fspath(path), "rb") as file:
            before = _state(file)
            yield file
            if _state(file) != before:
                raise FormatError(f"the {what} {path} changed while it was being read: run again when it is complete")
    except OSError as error:
        raise FormatError(f"cannot read the {what} {path}: {error.strerror}") from error
    except MemoryError as error:
        raise FormatError(f"cannot read the {what} {path}: not enough memory") from error


def _state(file: BinaryIO) -> tuple[int, int] | None:
    """What tells whether a regular file was written to; None for a pipe or a device."""
    status = os.fstat(file.fileno())
    return (status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None


def known_size(file: BinaryIO) -> int | None:
    """Size in bytes of a regular file; None for a pipe or a device."""
    status = os.fstat(file.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def read_at_most(file: BinaryIO, limit: int) -> bytes:
    """Read to the end of the file or to `limit` bytes.

    Memory grows with what is really there, not with what a header promised.
    """
    size = known_size(file)
    chunk = min(size + 1, _CHUNK) if size else _CHUNK  # room that is not used would leave the heap in pieces
    pieces = []
    missing = limit
    while missing > 0:
        piece = file.read(min(missing, chunk))
        if not piece:
            break
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def read_text(path: Path, what: str, limit: int) -> bytes:
    """Read a text file whole.

    Lines end with a newline afterwards, whichever of the three conventions they came in.

    Parameters
    ----------
    path : path-like
    what : str
        What the file is to the user, for messages.
    limit : int
        Most bytes.

    Raises
    ------
    FormatError
        If the file cannot be read, holds a zero byte (so it is no text), is empty or is larger
        than `limit` bytes.
    """
    with open_input(path, what) as file:
        start = file.read(4096)
        if b"\0" not in start:
            start += read_at_most(file, limit + 1 - len(start))
    if b"\0" in start:
        raise FormatError(f"the {what} {path} is not a text file: it holds zero bytes")
    if not start.strip():
        raise FormatError(f"the {what} {path} is empty")
    if len(start) > limit:
        raise FormatError(f"the {what} {path} is larger than {limit} bytes, which is the limit")
    if b"\r" in start:
        start = start.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return start
