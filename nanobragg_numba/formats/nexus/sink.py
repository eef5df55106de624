"""Where HDF5 writes a file that may not fit on its disk."""

from __future__ import annotations

import io
from typing import Any


class Sink(io.FileIO):
    """A file that takes what it is given: the error that keeps it from being written is kept for who looks at it.

    HDF5 writes when it likes, also while Python collects garbage, where nobody could catch an exception; and it reads
    again what it has written. So what finds no room stays in memory, and is read from there: what is left of a frame
    and the tables behind it, since nobody goes on after an error.
    """

    error: OSError | None = None

    def __init__(self, path: str) -> None:
        super().__init__(path, "w+")
        self._unwritten: list[tuple[int, bytes]] = []

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        place, done = self.tell(), 0
        while done < len(view) and self.error is None:
            try:
                done += super().write(view[done:]) or 0
            except OSError as error:
                self.error = error
        if done < len(view):
            self._unwritten.append((place + done, bytes(view[done:])))
            self.seek(place + len(view))
        return len(view)

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        place = self.tell()
        count = super().readinto(view) or 0
        view[count:] = bytes(len(view) - count)  # beyond its end a file is zero
        for start, data in self._unwritten:
            first, last = max(start, place), min(start + len(data), place + len(view))
            if first < last:
                view[first - place : last - place] = data[first - start : last - start]
        self.seek(place + len(view))
        return len(view)

    def truncate(self, size: int | None = None) -> int:
        try:
            return super().truncate(size) if self.error is None else self.tell()
        except OSError as error:
            self.error = error
        return self.tell()
