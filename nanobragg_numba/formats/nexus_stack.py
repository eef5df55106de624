"""Stacks of shots as NeXus files (NXmx): one detector, and for each frame its own crystal, wavelength and fluence.

The frames are independent stills or rotations; what is true of each stands beside it: `ub_matrix`,
`incident_wavelength`, and in `sample/nanobragg` the fluence, the seeds, the extent and the arguments of the shot. A
file depends on its frames alone, so the time in it is fixed.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from typing import Any

import numpy as np

from nanobragg_numba.errors import FormatError
from nanobragg_numba.formats.nexus import (
    compression,
    new_axis,
    new_entry,
    new_field,
    new_file,
    new_group,
    write_instrument,
)
from nanobragg_numba.geometry.crystal_record import CrystalRecord
from nanobragg_numba.geometry.frames import Geometry, degrees
from nanobragg_numba.geometry.lattice import cell_of, orientation

_TIME = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, eq=False)
class FrameTruth:
    """What is true of a frame.

    Attributes
    ----------
    shot : int
    geometry : Geometry
        In any frame, the same for all.
    crystal : CrystalRecord
        In the frame of the geometry.
    fluence : float
        Photons/m^2.
    seed, mosaic_seed : int
        As the options take them.
    arguments : str
        The shot's own arguments.
    digest : str
        SHA-256 of its pixels.
    """

    shot: int
    geometry: Geometry
    crystal: CrystalRecord
    fluence: float
    seed: int
    mosaic_seed: int
    arguments: str
    digest: str


class _Sink(io.FileIO):
    """A file that takes what it is given: the error that keeps it from being written is kept for who looks at it.

    HDF5 writes when it likes, also while Python collects garbage, where nobody could catch an exception; and it reads
    again what it has written. So what finds no room stays in memory, and is read from there: what is left of a frame
    and the tables behind it, since nobody goes on after an error.
    """

    error: OSError | None = None

    def __init__(self, path: str) -> None:
        super().__init__(path, "w+")
        self._kept: list[tuple[int, bytes]] = []

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        place, done = self.tell(), 0
        while done < len(view) and self.error is None:
            try:
                done += super().write(view[done:]) or 0
            except OSError as error:
                self.error = error
        if done < len(view):
            self._kept.append((place + done, bytes(view[done:])))
            self.seek(place + len(view))
        return len(view)

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        place = self.tell()
        count = super().readinto(view) or 0
        view[count:] = bytes(len(view) - count)  # beyond its end a file is zero
        for start, data in self._kept:
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


class Stack:
    """A file that grows frame by frame.

    Parameters
    ----------
    path : str
    room : int
        Frames at most.
    unit : str
        Of the pixels.
    name : str
        For messages; its path by default.

    Raises
    ------
    FormatError
        It cannot be written; likewise from `add` and `finish`.

    Attributes
    ----------
    truths : list of FrameTruth
        Of the frames so far.
    hidden : (slow, fast) bool
        Pixels that were not rendered; to be set before the end.
    """

    def __init__(self, path: str, room: int, unit: str, name: str = "") -> None:
        self._name = name or path
        try:
            self._sink = _Sink(path)
        except OSError as error:
            raise self._problem(error) from error
        self._file = new_file(self._sink, "a stack of frames")
        self._room, self._unit = room, unit
        self._entry = new_entry(self._file, _TIME)
        self._data: Any = None
        self.truths: list[FrameTruth] = []
        self.hidden = np.zeros((0, 0), bool)

    def add(self, pixels: np.ndarray, truth: FrameTruth) -> None:
        """Append a frame, (slow, fast), of the type of the first one."""
        if self._data is None:
            group = new_group(self._entry, "data", "NXdata")
            group.attrs["signal"] = "data"
            shape = (self._room, *pixels.shape)
            self._data = group.create_dataset("data", shape, pixels.dtype, maxshape=shape, chunks=(1, *pixels.shape),
                                              **compression())  # fmt: skip
            self._data.attrs["units"] = self._unit
        self._data[len(self.truths)] = pixels
        self.truths.append(truth)
        self._check()

    def finish(self) -> None:
        """Write what is true of all frames, and close."""
        truths = self.truths
        self._data.resize(len(truths), axis=0)
        seen = truths[0].geometry.turned(truths[0].geometry.to_nexus)
        wavelengths = np.array([truth.geometry.wavelength for truth in truths])
        write_instrument(self._entry, seen, 1, self.hidden, wavelengths)
        _write_samples(self._entry, seen, truths)
        self._entry["instrument/detector/data"] = self._data
        self._file.close()
        self._check()
        self._sink.close()

    def discard(self) -> None:
        """Close, whatever has become of it."""
        self._file.close()
        self._sink.close()

    def _check(self) -> None:
        if self._sink.error is not None:
            raise self._problem(self._sink.error) from self._sink.error

    def _problem(self, error: OSError) -> FormatError:
        return FormatError(f"cannot write {self._name}: {error.strerror}")


def _write_samples(entry: Any, seen: Geometry, truths: list[FrameTruth]) -> None:
    sample = new_group(entry, "sample", "NXsample")
    new_field(sample, "name", "crystal")
    new_field(sample, "depends_on", "/entry/sample/transformations/phi")
    starts = np.array([degrees(truth.geometry.phi0) for truth in truths])
    widths = np.array([degrees(truth.geometry.oscillation) for truth in truths])
    transformations = new_group(sample, "transformations", "NXtransformations")
    new_axis(transformations, "phi", starts, "deg", "rotation", seen.axis, ".")
    new_field(transformations, "phi_end", starts + widths, "deg")
    real = np.array([truth.crystal.real @ truth.geometry.to_nexus.T for truth in truths])
    reciprocal = np.linalg.inv(real)
    new_field(sample, "unit_cell", np.array([cell_of(each) for each in reciprocal]))
    new_field(sample, "ub_matrix", reciprocal)
    if (np.linalg.det(reciprocal) > 0.0).all():
        new_field(sample, "orientation_matrix", np.array([orientation(each) for each in reciprocal]))
    own = new_group(sample, "nanobragg", "NXcollection")
    new_field(own, "shot", np.array([truth.shot for truth in truths], np.int64))
    new_field(own, "wavelength", np.array([truth.geometry.wavelength for truth in truths]), "angstrom")
    new_field(own, "fluence", np.array([truth.fluence for truth in truths]), "1/m^2")
    new_field(own, "unit_cells", np.array([truth.crystal.cells for truth in truths]))
    new_field(own, "mosaic_spread", np.array([truth.crystal.mosaic for truth in truths]), "rad")
    new_field(own, "seed", np.array([truth.seed for truth in truths], np.int64))
    new_field(own, "mosaic_seed", np.array([truth.mosaic_seed for truth in truths], np.int64))
    for name in ("arguments", "digest"):
        new_field(own, name, np.array([os.fsencode(getattr(truth, name)) for truth in truths]))
