"""Standard input, output and error of a process, as they have to be before the first file is opened."""

from __future__ import annotations

import codecs
import io
import os
import sys
from typing import TextIO

_UNDECODABLE_AS_BYTES = "nanobragg_numba.undecodable_as_bytes"


def prepare_streams() -> None:
    """Open what is closed, and keep output from failing for reasons that are none.

    A stream that was closed (`>&-`) becomes /dev/null: else the first file that is opened would get its number, and
    what is printed would end in that file. A reader that has seen enough (`| head`) is no error: what it does not take
    is thrown away, the work goes on and the files are written. A letter that the encoding of a stream lacks is written
    as an escape; file names that could not be decoded are written as they came.
    """
    for number in (0, 1, 2):
        _open_if_closed(number)
    codecs.register_error(_UNDECODABLE_AS_BYTES, _undecodable_as_bytes)
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False)
    sys.stdout = _text(1, sys.stdout, line_buffering=os.isatty(1))
    sys.stderr = _text(2, sys.stderr, line_buffering=True)


def _open_if_closed(number: int) -> None:
    try:
        os.fstat(number)
    except OSError:
        opened = os.open(os.devnull, os.O_RDWR)
        if opened != number:
            os.dup2(opened, number)
            os.close(opened)
        os.set_inheritable(number, True)


def _text(number: int, before: TextIO | None, line_buffering: bool) -> TextIO:
    if before is not None:
        before.flush()
    encoding = getattr(before, "encoding", None) or "utf-8"
    buffered = io.BufferedWriter(_WriterWithoutReader(number, "wb", closefd=False))
    return io.TextIOWrapper(buffered, encoding, errors=_UNDECODABLE_AS_BYTES, line_buffering=line_buffering)


class _WriterWithoutReader(io.FileIO):
    """A descriptor that goes on as /dev/null when its reader has left."""

    def write(self, data) -> int:  # type: ignore[no-untyped-def, override]
        try:
            return super().write(data)
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            return len(data)


def _undecodable_as_bytes(error: UnicodeError) -> tuple[str | bytes, int]:
    """An error handler of codecs: bytes that Python could not decode are themselves again, letters become escapes."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    found = error.object[error.start : error.end]
    pieces = [_byte(letter) or letter.encode("ascii", "backslashreplace") for letter in found]
    return b"".join(pieces), error.end


def _byte(letter: str) -> bytes:
    return bytes([ord(letter) - 0xDC00]) if 0xDC80 <= ord(letter) <= 0xDCFF else b""
