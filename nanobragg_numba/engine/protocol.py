"""What an engine is: one way to fill the rows of an image with photons.

An engine belongs to one scene and to the defects that are fixed in it. The run (`engine.run`) knows nothing else of it:

    engine = engines.engine_for(name, scene, fixes)     # the asked one, or one that suits where that does not
    engine.is_ready()                                   # may be asked before: need its kernels be compiled first?
    with engine.prepare(threads) as used:               # load or compile, start threads
        engine.rows(rows, start_pixel, interpolate)     # chunk after chunk, from the thread that prepared
    engine.tap(spixel, fpixel, first, interpolate, taps)   # one pixel once more, with its inner numbers

Every engine makes the same bytes. The two things of a run that depend on the order of its pixels, the pixel with the
first phi sweep and the end of interpolation, are the run's: it tells `rows` of the first and hears of the second by
`Rows.left_range`. So rows may be filled in any order on any number of threads.

To add an engine: a class with these methods, in a module that `engines.engine_for` imports when it is needed (loading
Numba, or a device, is felt at every start), and its name in `engine.names` where users choose it. An engine that finds
out while it works that it cannot go on has another one do the rows (`numba_engines.LoopEngine` does every scene).
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

import numpy as np

from nanobragg_numba.records import dataclass

if TYPE_CHECKING:
    from nanobragg_numba.kernels.loop.fixes import Fixes
    from nanobragg_numba.kernels.loop.taps import Taps
    from nanobragg_numba.kernels.scene import Scene


@dataclass
class Rows:
    """Consecutive rows and what is found out about each.

    Attributes
    ----------
    row0 : int
        Slow index of the first.
    image : (n_rows, fpixels) float32
        Receives photons; pixels that are not rendered are left as they are.
    omega : (n_rows,) float64
        Receives the solid angles in force, summed over the row, sr.
    left_range : (n_rows,) int64
        Receives the fast index of the first pixel that left the range of interpolation, or -1.
    recomputed : (n_rows,) int64
        Receives how many pixels the loop kernel did for an engine that is another one.
    """

    row0: int
    image: np.ndarray
    omega: np.ndarray
    left_range: np.ndarray
    recomputed: np.ndarray

    @classmethod
    def of(cls, image: np.ndarray, row0: int, row1: int) -> Rows:
        """Rows row0 to row1 of an image, with nothing known yet.

        Parameters
        ----------
        image : (spixels, fpixels) float32
            Photons.
        row0, row1 : int
            Slow index of the first row, and behind the last.
        """
        count = row1 - row0
        left_range = np.full(count, -1, np.int64)
        return cls(row0, image[row0:row1], np.zeros(count), left_range, np.zeros(count, np.int64))

    def after(self, row: int) -> Rows:
        """The same rows without the first `row`."""
        return Rows(
            self.row0 + row, self.image[row:], self.omega[row:], self.left_range[row:], self.recomputed[row:]
        )


class Engine(Protocol):
    """One way to fill the rows of an image; see the head of this module.

    Attributes
    ----------
    name : str
        Of `engine.names`.
    scene : Scene
    fixes : Fixes or None
        Defects that are fixed.
    """

    name: str
    scene: Scene
    fixes: Fixes | None

    def is_ready(self) -> bool:
        """Whether the machine code is there and need not be compiled first."""

    def prepare(self, threads: int) -> AbstractContextManager[int]:
        """Make ready to fill rows on at most so many threads; inside, how many are used.

        Raises
        ------
        ChildProcessError
            In a process that was forked from one that has rendered.
        """

    def first_rows(self, threads: int) -> int:
        """How many rows make a good first chunk: one for each thread, or more where a row takes next to no time."""

    def rows(self, rows: Rows, start_pixel: int, interpolate: bool) -> None:
        """Fill consecutive rows.

        Parameters
        ----------
        rows : Rows
            Changed in place.
        start_pixel : int
            slow*fpixels + fast of the pixel that makes the run's first phi sweep; -1 where that does not matter.
        interpolate : bool
            Interpolation is still on.
        """

    def tap(self, spixel: int, fpixel: int, first_sweep: bool, interpolate: bool, taps: Taps) -> None:
        """Run one pixel once more and record its inner numbers.

        Parameters
        ----------
        spixel, fpixel : int
        first_sweep : bool
            It makes the run's first phi sweep.
        interpolate : bool
            Interpolation was still on when the run came to it.
        taps : Taps
            Filled.
        """
