"""What is true of a frame of a NeXus file."""

from __future__ import annotations

from dataclasses import dataclass

from nanobragg_numba.constants import LARGEST_COUNT
from nanobragg_numba.geometry.crystal_record import CrystalRecord
from nanobragg_numba.geometry.frames import Geometry

LARGEST = {"counts": LARGEST_COUNT, "photons": 2**32 - 1}
"""By unit, the largest value that is one; of photons that is no bound, but some readers want an integer."""


@dataclass(frozen=True)
class Shot:
    """Which shot of a sweep a frame is.

    Attributes
    ----------
    number : int
    fluence : float
        Photons/m^2.
    seed, mosaic_seed : int
        As the options take them.
    arguments : str
        The shot's own arguments.
    digest : str
        SHA-256 of its pixels.
    """

    number: int
    fluence: float
    seed: int
    mosaic_seed: int
    arguments: str
    digest: str


@dataclass(frozen=True, eq=False)
class FrameRecord:
    """What is true of a frame.

    Attributes
    ----------
    geometry : Geometry
        In any frame; the detector is the same for all frames of a file. Rotation and exposure are those of the frame.
    crystal : CrystalRecord or None
        In the frame of the geometry.
    shot : Shot or None
        None for the frames of a run.
    """

    geometry: Geometry
    crystal: CrystalRecord | None
    shot: Shot | None = None


def run_records(geometry: Geometry, crystal: CrystalRecord | None, count: int) -> list[FrameRecord]:
    """The frames of a run: they share its oscillation and its exposure evenly.

    Parameters
    ----------
    geometry : Geometry
        Of the whole run.
    crystal : CrystalRecord or None
        None where it is not known.
    count : int
        Frames.
    """
    return [FrameRecord(geometry.part(i, count), crystal) for i in range(count)]
