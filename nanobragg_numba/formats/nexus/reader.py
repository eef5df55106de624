"""Reading NeXus files that anybody may have made: HDF5 works in a process apart, where it can crash or never end."""

from __future__ import annotations

import os
import signal

import numpy as np

from nanobragg_numba.errors import FormatError
from nanobragg_numba.formats.nexus.contents import NexusContents
from nanobragg_numba.formats.nexus.record import FrameRecord
from nanobragg_numba.geometry.frames import Geometry
from nanobragg_numba.io.apart import Apart, Died
from nanobragg_numba.io.extras import extra, have
from nanobragg_numba.io.inputs import Path

_SAME = 1e-9
_LIMIT_S = 10


class NexusReader:
    """An open file; used as a context manager.

    Attributes
    ----------
    count : int
        Frames.
    shape : (slow, fast)
        Pixels.
    unit : str
        Of the pixels.

    Raises
    ------
    FormatError
        Not an NXmx file that can be read; likewise from all methods.
    """

    def __init__(self, path: Path) -> None:
        self._path = os.fspath(path)
        for name in ("h5py", *(["hdf5plugin"] if have("hdf5plugin") else [])):
            extra(name, f"reading {self._path}")  # here, so that the process of the next file has it, too
        self._contents = Apart(lambda: NexusContents(self._path), _LIMIT_S)
        try:
            self.count, self.shape, self.unit = self._ask("summary")
        except BaseException:
            self._contents.close()
            raise

    def __enter__(self) -> NexusReader:
        return self

    def __exit__(self, *what: object) -> None:
        self._contents.close()

    def _ask(self, method: str, *arguments: object):  # type: ignore[no-untyped-def]
        try:
            return self._contents.ask(method, *arguments)
        except Died as died:
            how = "does not come to an end with it" if died.signal == signal.SIGXCPU else f"crashes on it ({died})"
            raise FormatError(f"{self._path}: not an NXmx file that can be read: HDF5 {how}") from None

    def pixels(self, frame: int) -> np.ndarray:
        """A frame, (slow, fast), of the type that the file has."""
        return self._ask("pixels", frame)

    def mask(self) -> np.ndarray:
        """True for each pixel that is not to be used, (slow, fast)."""
        return self._ask("mask")

    def record(self, frame: int) -> FrameRecord:
        """What is true of a frame, in the frame of NeXus."""
        return self._ask("record", frame)

    def is_run(self) -> bool:
        """Whether the frames follow each other in one rotation of one crystal, so that their sum has a meaning."""
        if self._ask("has_shots"):
            return False
        before = self.record(0).geometry
        for frame in range(1, self.count):
            geometry = self.record(frame).geometry
            if not _follows(before, geometry):
                return False
            before = geometry
        return True

    def run(self) -> FrameRecord:
        """What is true of all frames together; see `is_run`."""
        first = self.record(0)
        return FrameRecord(first.geometry.joined(self.count), first.crystal)


def _follows(first: Geometry, second: Geometry) -> bool:
    """Whether one frame begins where the other ends, and nothing else is different."""
    end = first.phi0 + first.oscillation
    return first.wavelength == second.wavelength and first.oscillation != 0.0 and abs(second.phi0 - end) < _SAME
