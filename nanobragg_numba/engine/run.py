"""Rendering: rows in chunks, and the state that passes from pixel to pixel in loop order.

Two things of a run depend on the order of pixels: the first phi sweep finds the crystal at rest, and the
first evaluation outside the range of interpolation turns interpolation off for the rest of the run. Both are
settled here, so the pixels themselves can be rendered in any order on any number of threads.
"""

import time
from collections.abc import Callable

import numpy as np

from nanobragg_numba.engine.engines import engine_for
from nanobragg_numba.engine.names import DEFAULT, LOOP
from nanobragg_numba.engine.protocol import Engine, Rows
from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.kernels.loop import pixel_loop
from nanobragg_numba.kernels.loop.fixes import Fixes
from nanobragg_numba.kernels.loop.geometry import solid_angle_in_order
from nanobragg_numba.kernels.loop.taps import Taps, capacity, new_taps
from nanobragg_numba.kernels.scene import Scene
from nanobragg_numba.records import dataclass

_CHUNK_SECONDS = 0.15


@dataclass
class Progress:
    """What a render has finished: rows from the top, and where interpolation ended, if it did.

    Attributes
    ----------
    image : (spixels, fpixels) float32
        Photons.
    engine : Engine
        Which engine is at work, with its scene and the defects that it fixes.
    omega : float
        Solid angles in force, summed over the finished rows, sr.
    rows : int
        Finished rows.
    start_pixel : int
        slow*fpixels + fast of the pixel with the run's first phi sweep.
    left_range_at : int
        The same for the pixel that left the range of interpolation; -1 while none has.
    recomputed : int
        Pixels that another engine handed to the loop kernel.
    load_seconds, render_seconds : float
    """

    image: np.ndarray
    engine: Engine
    omega: float = 0.0
    rows: int = 0
    start_pixel: int = -1
    left_range_at: int = -1
    recomputed: int = 0
    load_seconds: float = 0.0
    render_seconds: float = 0.0


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
    engine: str = DEFAULT,
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
        One of `names.ENGINES`; where it cannot do the scene, the loop kernel does all pixels.
    after_rows : callable
        Called with the Progress after each chunk of rows, in order.
    fixes : Fixes, optional
        Defects to be fixed.

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
    progress = Progress(image, engine_for(scene, engine, fixes), start_pixel=start_pixel(scene))
    began = time.perf_counter()
    try:
        with progress.engine.prepare(threads) as used:
            progress.load_seconds = time.perf_counter() - began
            _render_all(progress, progress.engine.first_rows(used), after_rows)
    except ChildProcessError as error:
        raise ExperimentError(str(error)) from None
    return progress


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
    engine = engine_for(scene, LOOP, fixes)
    return Progress(pixels, engine, omega=omega, rows=scene.spixels, start_pixel=start_pixel(scene))


def _render_all(progress: Progress, fewest: int, after_rows: Callable[[Progress], None] | None) -> None:
    """Render chunk after chunk; a chunk is short enough that an interrupt need not wait for the image."""
    spixels = progress.engine.scene.spixels
    rows = fewest
    while progress.rows < spixels:
        began = time.perf_counter()
        stop = min(progress.rows + rows, spixels)
        _render_chunk(progress, progress.rows, stop)
        seconds = time.perf_counter() - began
        progress.render_seconds += seconds
        progress.rows = stop
        rows = max(fewest, min(int(rows * _CHUNK_SECONDS / max(seconds, 1e-9)), 8 * rows))
        if after_rows is not None:
            after_rows(progress)


def _render_chunk(progress: Progress, row0: int, row1: int) -> None:
    """Render rows row0 to row1; where interpolation ends in them, once more from there on without it."""
    engine, start = progress.engine, progress.start_pixel
    interpolate = bool(engine.scene.interpolate) and progress.left_range_at < 0
    rows = Rows.of(progress.image, row0, row1)
    engine.rows(rows, start, interpolate)
    offenders = np.flatnonzero(rows.left_range >= 0)
    if interpolate and offenders.size:
        row = int(offenders[0])
        keep = int(rows.left_range[row]) + 1  # up to the pixel in which interpolation ended
        kept = rows.image[row, :keep].copy()
        engine.rows(rows.after(row), start, False)
        rows.image[row, :keep] = kept
        progress.left_range_at = (row0 + row) * engine.scene.fpixels + keep - 1
    progress.omega = sum(rows.omega.tolist(), progress.omega)
    progress.recomputed += int(rows.recomputed.sum())


def is_compiled(scene: Scene, engine: str = DEFAULT, fixes: Fixes | None = None) -> bool:
    """Whether what would render a scene need not be compiled first.

    Parameters
    ----------
    scene : Scene
    engine : str
        One of `names.ENGINES`.
    fixes : Fixes, optional
        Defects to be fixed.
    """
    return engine_for(scene, engine, fixes).is_ready()


def tap_pixel(progress: Progress, spixel: int, fpixel: int, terms: int = 0) -> Taps:
    """Run one pixel once more, with the state that the run had there, and record its inner numbers.

    Parameters
    ----------
    progress : Progress
        A render that has finished this pixel.
    spixel, fpixel : int
    terms : int
        Record up to so many terms of the sum, too.

    Raises
    ------
    ExperimentError
        More was recorded than fits.
    """
    scene = progress.engine.scene
    place = spixel * scene.fpixels + fpixel
    first = place == progress.start_pixel
    ended = progress.left_range_at
    interpolate = bool(scene.interpolate) and (ended < 0 or place <= ended)
    records = capacity(scene.thick_steps, scene.oversample, len(scene.phi), len(scene.wavelengths))
    taps = new_taps(records, terms)
    progress.engine.tap(spixel, fpixel, first, interpolate, taps)
    if taps.count[0] > records:
        raise ExperimentError(f"pixel {spixel} {fpixel}: the trace needs {taps.count[0]} records, not {records}")
    return taps
