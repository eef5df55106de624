"""Rendering of amorphous matter: rows in chunks on Python threads, and the state that passes from pixel to pixel.

A table whose abscissae do not increase is searched from where the search before ended, so its pixels are rendered one
after the other, in loop order.
"""

import time
from collections.abc import Callable
from functools import cached_property

import numpy as np

from nanobragg_numba.engine.amorphous_rows import amorphous_rows, no_rows
from nanobragg_numba.engine.amorphous_scene import flatten_amorphous
from nanobragg_numba.engine.names import DEFAULT, LOOP, ROW
from nanobragg_numba.engine.pieces import on_threads, threads_for
from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.experiment.amorphous import AmorphousExperiment
from nanobragg_numba.kernels import ready
from nanobragg_numba.kernels.amorphous.pieces import render_amorphous_piece
from nanobragg_numba.kernels.amorphous.pixel_loop import REMAINS, tapped_amorphous_pixel
from nanobragg_numba.kernels.amorphous.scene import AmorphousRows, AmorphousScene
from nanobragg_numba.kernels.amorphous.slots import AMORPHOUS_SLOTS
from nanobragg_numba.kernels.loop.taps import Taps, new_taps
from nanobragg_numba.kernels.row.slots import BLOCK
from nanobragg_numba.native.calls import Packed
from nanobragg_numba.records import dataclass, field

GROUPS = ("amorphous", "kernels")
"""Groups of machine code that a run needs; see `kernels.ready`."""

_CHUNK_SECONDS = 0.15
_FIRST_CHUNK = 2e-3
_RECORDS_PER_SUBPIXEL, _RECORDS_PER_PIXEL = 19, 11


@dataclass
class AmorphousProgress:
    """What a render has finished.

    Attributes
    ----------
    image : (spixels, fpixels) float32
        Photons or, for an F map, electrons.
    brackets : (spixels, fpixels or 1) int32
        Point of the table where each pixel's last search ended; the pixels of a row share one where nothing is found
        from an image and the search has no memory.
    remains : (spixels, fpixels or 1, REMAINS) float64
        See `kernels.amorphous.pixel_loop`; the pixels of a row share one where nothing is found from an image.
    engine : str
        The one at work.
    omega : float
        Solid angles of the subpixels, summed row by row, sr.
    rows : int
        Finished rows.
    recomputed : int
        Pixels that the row engine handed to the loop kernel.
    beyond : bool
        Whether the last evaluation of some pixel lay beyond the table.
    load_seconds, render_seconds : float
    """

    image: np.ndarray
    brackets: np.ndarray = field(repr=False)
    remains: np.ndarray = field(repr=False)
    engine: str = DEFAULT
    omega: float = 0.0
    rows: int = 0
    recomputed: int = 0
    beyond: bool = False
    load_seconds: float = 0.0
    render_seconds: float = 0.0


class AmorphousRender:
    """The kernels' side of one render.

    Parameters
    ----------
    experiment : AmorphousExperiment
    engine : str
        `row` or `loop`: the same bytes.

    Attributes
    ----------
    scene : AmorphousScene
    """

    def __init__(self, experiment: AmorphousExperiment, engine: str = DEFAULT) -> None:
        self.scene = flatten_amorphous(experiment)
        self.keep = experiment.image is not None
        wanted = engine == ROW and not self.keep
        self._rows = amorphous_rows(self.scene, experiment.table) if wanted else no_rows()

    @property
    def engine(self) -> str:
        """The engine that can do it."""
        return ROW if self._rows.suits else LOOP

    @property
    def row_seconds(self) -> float:
        """About how long a row takes on one thread, within a factor of three."""
        evaluations = self.scene.steps * max(self.scene.roi_xmax + 1 - self.scene.roi_xmin, 0)
        return max(evaluations * (10e-9 if self._rows.suits else 150e-9), 1e-9)

    def new_progress(self) -> AmorphousProgress:
        """Nothing is finished yet.

        Raises
        ------
        ExperimentError
            Not enough memory.
        """
        spixels, fpixels = self.scene.spixels, self.scene.fpixels
        kept = fpixels if self.keep else 1
        searched = fpixels if self.keep or not self.scene.increasing else 1
        try:
            return AmorphousProgress(
                np.zeros((spixels, fpixels), np.float32), np.zeros((spixels, searched), np.int32),
                np.zeros((spixels, kept, REMAINS)), self.engine,
            )  # fmt: skip
        except MemoryError:
            raise ExperimentError(f"not enough memory for an image of {fpixels} x {spixels} pixels") from None

    @cached_property
    def _records(self) -> tuple[AmorphousScene | Packed, AmorphousRows | Packed]:
        """The scene and what belongs to it, laid out for machine code that is ready if there is such."""
        if render_amorphous_piece.native is None:
            return self.scene, self._rows
        return Packed(AmorphousScene, self.scene), Packed(AmorphousRows, self._rows)

    def is_compiled(self) -> bool:
        """Whether the machine code of the loops is at hand, if only for Numba."""
        if render_amorphous_piece.native is not None:
            return True
        from nanobragg_numba.kernels import jit

        arrays = (np.zeros((0, 1), np.float32), np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64),
                  np.zeros((0, 1), np.int32), np.zeros((0, 1, REMAINS)), np.zeros(0))  # fmt: skip
        return jit.is_cached(render_amorphous_piece, (self.scene, self._rows, True, 0, 0, 0, 0, *arrays))

    def rows(self, progress: AmorphousProgress, row1: int, threads: int) -> None:
        """Render the rows from those that are finished up to `row1`.

        Parameters
        ----------
        progress : AmorphousProgress
            Changed.
        row1 : int
            Behind the last row.
        threads : int
            At most so many.
        """
        row0 = progress.rows
        count = row1 - row0
        omega, recomputed, beyond = np.zeros(count), np.zeros(count, np.int64), np.zeros(count, np.int64)
        used = threads_for(count, threads if self.scene.increasing else 1, self.row_seconds)
        work = [np.empty(AMORPHOUS_SLOTS * BLOCK) for _ in range(used)]
        bracket = bracket_before(self.scene, progress, row0)
        arrays = (progress.image[row0:row1], omega, recomputed, beyond, progress.brackets[row0:row1],
                  progress.remains[row0:row1])  # fmt: skip

        def do(thread: int, first: int, stop: int) -> None:
            nonlocal bracket
            bracket = render_amorphous_piece(
                *self._records, bool(self._rows.suits), row0, first, stop, bracket, *arrays, work[thread]
            )

        on_threads(count, used, do)
        progress.omega = sum(omega.tolist(), progress.omega)
        progress.recomputed += int(recomputed.sum())
        progress.beyond |= bool(beyond.any())
        progress.rows = row1

    def run(
        self, threads: int, after_rows: Callable[[AmorphousProgress], None] | None = None
    ) -> AmorphousProgress:
        """Render an image.

        Parameters
        ----------
        threads : int
            At most so many.
        after_rows : callable
            Called with the progress after each chunk of rows, in order.

        Raises
        ------
        ExperimentError
            Not enough memory.
        """
        progress = self.new_progress()
        began = time.perf_counter()
        ready.prepare(GROUPS)
        if render_amorphous_piece.native is None:
            self.rows(progress, 0, 1)  # Numba compiles or loads the kernel
        progress.load_seconds = time.perf_counter() - began
        rows = max(threads, int(_FIRST_CHUNK * threads / self.row_seconds))
        while progress.rows < self.scene.spixels:
            began = time.perf_counter()
            self.rows(progress, min(progress.rows + rows, self.scene.spixels), threads)
            seconds = time.perf_counter() - began
            progress.render_seconds += seconds
            rows = max(threads, min(int(rows * _CHUNK_SECONDS / max(seconds, 1e-9)), 8 * rows))
            if after_rows is not None:
                after_rows(progress)
        return progress


def bracket_before(scene: AmorphousScene, progress: AmorphousProgress, row: int) -> int:
    """Where the search ended that came before the first pixel of a row; 0 where the search has no memory.

    Parameters
    ----------
    scene : AmorphousScene
    progress : AmorphousProgress
    row : int
        Slow index.
    """
    if scene.increasing or row <= scene.roi_ymin or scene.roi_xmax < scene.roi_xmin:
        return 0
    return int(progress.brackets[min(row - 1, scene.roi_ymax), scene.roi_xmax])


def tap_amorphous(scene: AmorphousScene, progress: AmorphousProgress, spixel: int, fpixel: int) -> Taps:
    """Run one pixel once more, with the state that the run had there, and record its inner numbers.

    Parameters
    ----------
    scene : AmorphousScene
    progress : AmorphousProgress
        Of a finished render.
    spixel, fpixel : int
        Slow and fast index of the pixel.
    """
    taps = new_taps(scene.oversample * scene.oversample * _RECORDS_PER_SUBPIXEL + _RECORDS_PER_PIXEL)
    if not scene.increasing and fpixel > scene.roi_xmin:
        bracket = int(progress.brackets[spixel, fpixel - 1])
    else:
        bracket = bracket_before(scene, progress, spixel)
    tapped_amorphous_pixel(scene, spixel, fpixel, bracket, np.zeros(REMAINS), taps)
    return taps
