"""Rendering: rows in chunks, and the state that passes from pixel to pixel in loop order.

Two things of a run depend on the order of pixels: the first phi sweep finds the crystal at rest, and the
first evaluation outside the range of interpolation turns interpolation off for the rest of the run. Both are
settled here, so the pixels themselves can be rendered in any order on any number of threads.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.kernels import jit
from nanobragg_numba.kernels.loop import parallel as loop_driver
from nanobragg_numba.kernels.loop import pixel_loop
from nanobragg_numba.kernels.loop.fixes import Fixes
from nanobragg_numba.kernels.loop.geometry import solid_angle_in_order
from nanobragg_numba.kernels.loop.taps import Taps, capacity, new_taps
from nanobragg_numba.kernels.row import parallel as row_driver
from nanobragg_numba.kernels.row.guard import premises_hold
from nanobragg_numba.kernels.scene import Scene

ENGINES = ("row", "loop")
"""The guarded row engine and the loop kernel: the same bytes, the first many times faster."""

_CHUNK_SECONDS = 0.15


@dataclass
class Progress:
    """What a render has finished: rows from the top, and where interpolation ended, if it did.

    Attributes
    ----------
    image : (spixels, fpixels) float32
        Photons.
    engine : str
        Which engine is at work.
    omega : float
        Solid angles in force, summed over the finished rows, sr.
    rows : int
        Finished rows.
    start_pixel : int
        slow*fpixels + fast of the pixel with the run's first phi sweep.
    left_range_at : int
        The same for the pixel that left the range of interpolation; -1 while none has.
    recomputed : int
        Pixels that the row engine handed to the loop kernel.
    load_seconds, render_seconds : float
    work : (threads, n) float64
        Room for the row engine.
    fixes : Fixes or None
        Defects that are fixed.
    """

    image: np.ndarray
    engine: str
    omega: float = 0.0
    rows: int = 0
    start_pixel: int = -1
    left_range_at: int = -1
    recomputed: int = 0
    load_seconds: float = 0.0
    render_seconds: float = 0.0
    work: np.ndarray = field(default_factory=row_driver.new_work, repr=False)
    fixes: Fixes | None = None
    notes: list[str] = field(default_factory=list)


@dataclass
class Rows:
    """Consecutive rows and what is found out about each; see `row_driver.render_rows_guarded`."""

    row0: int
    image: np.ndarray
    omega: np.ndarray
    left_range: np.ndarray
    recomputed: np.ndarray

    @classmethod
    def of(cls, image: np.ndarray, row0: int, row1: int) -> "Rows":
        """Rows row0 to row1 of an image, with nothing known yet."""
        count = row1 - row0
        left_range = np.full(count, -1, np.int64)
        return cls(row0, image[row0:row1], np.zeros(count), left_range, np.zeros(count, np.int64))

    def after(self, row: int) -> "Rows":
        """The same rows without the first `row`."""
        return Rows(
            self.row0 + row, self.image[row:], self.omega[row:], self.left_range[row:], self.recomputed[row:]
        )


def start_pixel(scene: Scene) -> int:
    """Flat index of the pixel that makes the run's first phi sweep; -1 where it does not matter."""
    if np.array_equal(scene.abc, scene.abc_first):
        return -1
    if scene.dmin > 0.0 or scene.mask.size:
        return int(pixel_loop.find_start_pixel(scene))
    return scene.roi_ymin * scene.fpixels + scene.roi_xmin


def render(
    scene: Scene,
    threads: int,
    engine: str = "row",
    after_rows: Callable[[Progress], None] | None = None,
    fixes: Fixes | None = None,
) -> Progress:
    """Render an image.

    Parameters
    ----------
    scene : Scene
    threads : int
        At most so many.
    engine : str
        One of ENGINES; where the premises of the row engine do not hold, the loop kernel does all pixels.
    after_rows : callable
        Called with the Progress after each chunk of rows, in order.
    fixes : Fixes, optional
        Defects to be fixed; then the loop kernel does all pixels.

    Returns
    -------
    Progress

    Raises
    ------
    ExperimentError
        Not enough memory for the image; a process that was forked after it had rendered.
    """
    try:
        image = np.zeros((scene.spixels, scene.fpixels), np.float32)
    except MemoryError:
        raise ExperimentError(
            f"not enough memory for an image of {scene.fpixels} x {scene.spixels} pixels"
        ) from None
    try:
        with jit.parallel_region():
            return _render_all(scene, image, jit.set_threads(threads), engine, after_rows, fixes)
    except ChildProcessError as error:
        raise ExperimentError(str(error)) from None


def rendered(scene: Scene, image: np.ndarray, fixes: Fixes | None = None) -> Progress:
    """The Progress of a render that has left this image, for one that was put together from parts.

    Parameters
    ----------
    scene : Scene
    image : (spixels, fpixels) array
        Photons.
    fixes : Fixes, optional
        Defects that are fixed.

    Raises
    ------
    ExperimentError
        An image of another size.
    """
    if image.shape != (scene.spixels, scene.fpixels):
        raise ExperimentError(
            f"the image is an array of shape {image.shape}, the detector has {scene.spixels} x {scene.fpixels} pixels"
        )
    pixels = np.ascontiguousarray(image, np.float32)
    omega = float(solid_angle_in_order(scene))
    return Progress(pixels, engine="none", omega=omega, rows=scene.spixels, start_pixel=start_pixel(scene), fixes=fixes)


def _render_all(
    scene: Scene,
    image: np.ndarray,
    threads: int,
    engine: str,
    after_rows: Callable[[Progress], None] | None,
    fixes: Fixes | None,
) -> Progress:
    """Render chunk after chunk; a chunk is short enough that an interrupt need not wait for the image."""
    progress = Progress(
        image, start_pixel=start_pixel(scene), engine=_engine_for(scene, engine, fixes), fixes=fixes
    )
    began = time.perf_counter()
    _render_chunk(scene, progress, 0, 0)  # compiles or loads the kernel
    progress.load_seconds = time.perf_counter() - began
    rows = threads
    while progress.rows < scene.spixels:
        began = time.perf_counter()
        stop = min(progress.rows + rows, scene.spixels)
        _render_chunk(scene, progress, progress.rows, stop)
        seconds = time.perf_counter() - began
        progress.render_seconds += seconds
        progress.rows = stop
        rows = max(threads, min(int(rows * _CHUNK_SECONDS / max(seconds, 1e-9)), 8 * rows))
        if after_rows is not None:
            after_rows(progress)
    return progress


def _render_chunk(scene: Scene, progress: Progress, row0: int, row1: int) -> None:
    """Render rows row0 to row1; where interpolation ends in them, once more from there on without it."""
    interpolate = bool(scene.interpolate) and progress.left_range_at < 0
    rows = Rows.of(progress.image, row0, row1)
    _render_rows(scene, rows, progress, interpolate)
    offenders = np.flatnonzero(rows.left_range >= 0)
    if interpolate and offenders.size:
        row = int(offenders[0])
        keep = int(rows.left_range[row]) + 1  # up to the pixel in which interpolation ended
        kept = rows.image[row, :keep].copy()
        _render_rows(scene, rows.after(row), progress, False)
        rows.image[row, :keep] = kept
        progress.left_range_at = (row0 + row) * scene.fpixels + keep - 1
    progress.omega = sum(rows.omega.tolist(), progress.omega)
    progress.recomputed += int(rows.recomputed.sum())


def _render_rows(scene: Scene, rows: Rows, progress: Progress, interpolate: bool) -> None:
    kernel, arguments = _call(scene, rows, progress, interpolate)
    kernel(*arguments)


def _call(
    scene: Scene, rows: Rows, progress: Progress, interpolate: bool
) -> tuple[Callable[..., None], tuple[Any, ...]]:
    """The kernel that renders rows, and what it is called with."""
    arguments = (scene, rows.row0, rows.image, rows.omega, progress.start_pixel, interpolate, rows.left_range)
    if progress.engine == "loop":
        return loop_driver.render_rows, (*arguments, progress.fixes)
    return row_driver.render_rows_guarded, (*arguments, rows.recomputed, progress.work)


def _engine_for(scene: Scene, engine: str, fixes: Fixes | None) -> str:
    """The engine that renders a scene where another one is asked for than can."""
    return engine if fixes is None and premises_hold(scene) else "loop"


def is_compiled(scene: Scene, engine: str = "row", fixes: Fixes | None = None) -> bool:
    """Whether the kernel that would render a scene is in the cache; see `render` for the parameters."""
    nothing = np.zeros((0, scene.fpixels), np.float32)
    progress = Progress(nothing, engine=_engine_for(scene, engine, fixes), fixes=fixes)
    return jit.is_cached(*_call(scene, Rows.of(nothing, 0, 0), progress, False))


def tap_pixel(scene: Scene, progress: Progress, spixel: int, fpixel: int, terms: int = 0) -> Taps:
    """Run one pixel once more, with the state that the run had there, and record its inner numbers.

    Parameters
    ----------
    progress : Progress
        A render that has finished this pixel.
    terms : int
        Record up to so many terms of the sum, too.

    Raises
    ------
    ExperimentError
        More was recorded than fits.
    """
    place = spixel * scene.fpixels + fpixel
    first = place == progress.start_pixel
    ended = progress.left_range_at
    interpolate = bool(scene.interpolate) and (ended < 0 or place <= ended)
    records = capacity(scene.thick_steps, scene.oversample, len(scene.phi), len(scene.wavelengths))
    taps = new_taps(records, terms)
    pixel_loop.tapped_pixel(scene, spixel, fpixel, first, interpolate, taps, progress.fixes)
    if taps.count[0] > records:
        raise ExperimentError(f"pixel {spixel} {fpixel}: the trace needs {taps.count[0]} records, not {records}")
    return taps
