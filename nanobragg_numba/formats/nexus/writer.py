"""Writing NeXus files: frame by frame, of a run or of a stack of shots.

They follow the application definition NXmx: Bernstein, H. J. et al. (2020). IUCrJ 7, 784-792.
"""

from __future__ import annotations

import datetime
import io
import os
from collections.abc import Iterable
from typing import Any

import numpy as np

from nanobragg_numba.errors import FormatError
from nanobragg_numba.formats.nexus.fields import compression, new_file, new_group
from nanobragg_numba.formats.nexus.parts import new_entry, write_instrument, write_sample
from nanobragg_numba.formats.nexus.record import FrameRecord
from nanobragg_numba.formats.nexus.sink import Sink

FIXED_TIME = "1970-01-01T00:00:00Z"
"""Of files that depend on their frames alone."""


class NexusWriter:
    """A file that grows frame by frame.

    Parameters
    ----------
    target : str or binary file
    room : int
        Frames at most.
    unit : str
        Of the pixels: photons or counts.
    name : str
        For messages; its path by default.
    time : str
        Of writing.
    packing : str
        How pixels are compressed, one of `fields.COMPRESSIONS`.

    Raises
    ------
    NanoBraggError
        It cannot be written, or a package is missing; likewise from `add` and `finish`.

    Attributes
    ----------
    records : list of FrameRecord
        Of the frames so far.
    hidden : (slow, fast) bool
        Pixels that were not rendered; to be set before the end.
    """

    def __init__(self, target: str | io.BytesIO, room: int, unit: str, name: str = "", time: str = FIXED_TIME,
                 packing: str = "gzip") -> None:  # fmt: skip
        self._name = name or str(target)
        self._packing = compression(packing)
        try:
            self._sink = Sink(target) if isinstance(target, str) else target
        except OSError as error:
            raise self._problem(error) from error
        self._file = new_file(self._sink, "writing a NeXus file")
        self._room, self._unit = room, unit
        self._entry = new_entry(self._file, time)
        self._data: Any = None
        self.records: list[FrameRecord] = []
        self.hidden = np.zeros((0, 0), bool)

    def add(self, pixels: np.ndarray, record: FrameRecord) -> None:
        """Append a frame, (slow, fast), of the type of the first one."""
        if self._data is None:
            self._begin_data(pixels)
        self._data[len(self.records)] = pixels
        self.records.append(record)
        self._check()

    def _begin_data(self, pixels: np.ndarray) -> None:
        shape = (self._room, *pixels.shape)
        group = new_group(self._entry, "data", "NXdata")
        try:
            data = group.create_dataset("data", shape, pixels.dtype, maxshape=shape, chunks=(1, *pixels.shape),
                                        **self._packing)  # fmt: skip
        except (OSError, ValueError, RuntimeError) as error:
            del self._entry["data"]  # so that the next attempt finds none of it
            raise FormatError(f"cannot write {self._name}: HDF5 says {error}") from error
        group.attrs["signal"] = "data"
        data.attrs["units"] = self._unit
        self._data = data

    def finish(self) -> None:
        """Write what is true of all frames, and close."""
        self._data.resize(len(self.records), axis=0)
        write_instrument(self._entry, self.records, self.hidden, self._unit)
        write_sample(self._entry, self.records)
        self._entry["instrument/detector/data"] = self._data
        self._file.close()
        self._check()
        if isinstance(self._sink, Sink):
            self._sink.close()

    def discard(self) -> None:
        """Close, whatever has become of it."""
        self._file.close()
        self._sink.close()

    def _check(self) -> None:
        if isinstance(self._sink, Sink) and self._sink.error is not None:
            raise self._problem(self._sink.error) from self._sink.error

    def _problem(self, error: OSError) -> FormatError:
        return FormatError(f"cannot write {self._name}: {error.strerror}")


def nexus_bytes(
    frames: Iterable[np.ndarray],
    records: list[FrameRecord],
    mask: np.ndarray,
    unit: str = "photons",
    packing: str = "gzip",
) -> bytes:
    """A whole file.

    Parameters
    ----------
    frames : iterable of (slow, fast) array
    records : list of FrameRecord
        As many.
    mask : (slow, fast) bool
        True where a pixel was not rendered.
    unit : str
        Of the pixels: photons or counts.
    packing : str
        How pixels are compressed, one of `fields.COMPRESSIONS`.

    Raises
    ------
    NanoBraggError
        A package is missing.
    """
    buffer = io.BytesIO()
    writer = NexusWriter(buffer, len(records), unit, "a NeXus file", time_of_writing(), packing)
    writer.hidden = mask
    for frame, record in zip(frames, records, strict=True):
        writer.add(frame, record)
    writer.finish()
    return buffer.getvalue()


def time_of_writing() -> str:
    """Now; SOURCE_DATE_EPOCH makes files reproducible."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.datetime.now(datetime.UTC)
    if epoch.isdigit():
        now = datetime.datetime.fromtimestamp(int(epoch), datetime.UTC)
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")
