"""Rendering of amorphous matter: its scene, its rows, and the state that passes from pixel to pixel in loop order.

Two things of a run depend on the order of pixels: a table whose abscissae do not increase is searched from where the
search before ended, so its pixels are rendered one after the other; and the polarization vector is normalized in place
at every call, so the first calls find other last bits in it than those after, see `polarization_axes`.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from nanobragg_numba.constants import R_E_SQR
from nanobragg_numba.engine.flatten import clipped_window, surface_kind
from nanobragg_numba.engine.names import DEFAULT
from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.experiment.amorphous import AmorphousExperiment, ScatteringTable
from nanobragg_numba.kernels import jit
from nanobragg_numba.kernels.amorphous.parallel import render_rows
from nanobragg_numba.kernels.amorphous.pixel_loop import REMAINS, render_in_order, tapped_pixel
from nanobragg_numba.kernels.amorphous.scene import AmorphousScene
from nanobragg_numba.kernels.amorphous.table import BEHIND, FRONT
from nanobragg_numba.kernels.decorators import uncompiled
from nanobragg_numba.kernels.loop.taps import Taps, new_taps
from nanobragg_numba.kernels.vectors import unit
from nanobragg_numba.kernels.window import Window
from nanobragg_numba.records import dataclass, field

_CHUNK_SECONDS = 0.15
_MOST_CALLS = 1 << 24
_RECORDS_PER_SUBPIXEL, _RECORDS_PER_PIXEL = 19, 11


def polarization_axes(vector: tuple[float, ...], calls: int) -> tuple[np.ndarray, int]:
    """The polarization vector in the first calls of a run that normalize it in place, until it repeats.

    Most vectors come to rest after a few calls; about 1 in 175 ends in a cycle of two, and a few creep by a last bit
    for hundreds or millions of calls.

    Parameters
    ----------
    vector : (3,)
        As the set-up has left it.
    calls : int
        How many there will be.

    Returns
    -------
    axes : (n, 3) float64
        What each call finds after its own normalization.
    repeat : int
        So many of the last ones, 1 or 2, are repeated for ever.

    Raises
    ------
    ExperimentError
        A vector that creeps for more calls than memory is made for.
    """
    normalize = uncompiled(unit)
    axes = [normalize(*vector)[:3]]
    while len(axes) < calls:
        following = normalize(*axes[-1])[:3]
        if following == axes[-1]:
            return np.array(axes), 1
        if len(axes) > 1 and following == axes[-2]:
            return np.array(axes), 2
        if len(axes) == _MOST_CALLS:
            raise ExperimentError("-polar_vector does not come to rest: change it in its last digit")
        axes.append(following)
    return np.array(axes), 1


def _padded(values: np.ndarray) -> np.ndarray:
    padded = np.full(FRONT + len(values) + BEHIND, np.nan)
    padded[FRONT : FRONT + len(values)] = values
    return padded


def _denominators(table: ScatteringTable) -> np.ndarray:
    """Of the four terms of the interpolation, for each interval; see `kernels.amorphous.table.lagrange`."""
    t = _padded(table.stol)
    made = np.full((len(t), 4), np.nan)
    t0, t1, t2, t3 = t[:-3], t[1:-2], t[2:-1], t[3:]
    made[1:-2, 0] = (t0 - t1) * (t0 - t2) * (t0 - t3)
    made[1:-2, 1] = (t1 - t0) * (t1 - t2) * (t1 - t3)
    made[1:-2, 2] = (t2 - t0) * (t2 - t1) * (t2 - t3)
    made[1:-2, 3] = (t3 - t0) * (t3 - t1) * (t3 - t2)
    return made


def _hints(table: ScatteringTable) -> tuple[np.ndarray, float]:
    """For each cell of a grid over stol the last point that is not above its lower edge; and cells per 1/m."""
    rows = table.stol[2:-2]
    if not table.is_increasing or rows[-1] <= 0.0:
        return np.full(1, FRONT), 0.0
    narrowest = float(np.diff(rows).min()) if len(rows) > 1 else float(rows[-1])
    cells = int(min(max(rows[-1] / narrowest, 16.0), 1 << 16)) + 2
    per_stol = (cells - 1) / float(rows[-1])
    edges = np.arange(cells + 1) / per_stol
    return np.maximum(np.searchsorted(table.stol, edges * (1.0 - 1e-12), side="right") - 2, 1) + FRONT, per_stol


def _axes_of(experiment: AmorphousExperiment, window: Window) -> tuple[np.ndarray, int]:
    """The polarization vector in every call of a run; see `polarization_axes`."""
    beam = experiment.beam
    width, height = window.roi_xmax - window.roi_xmin + 1, window.roi_ymax - window.roi_ymin + 1
    steps = experiment.oversample * experiment.oversample * len(experiment.sources.weights)
    without_influence = beam.nopolar or beam.kahn == 0.0
    return polarization_axes(beam.polarization_axis, 1 if without_influence else max(width, 0) * max(height, 0) * steps)


def _panel_fields(experiment: AmorphousExperiment) -> dict[str, Any]:
    panel, centres, oversample = experiment.detector.panel, experiment.detector.centres, experiment.oversample
    return dict(
        pixel_size=panel.pixel_size, subpixel_size=panel.pixel_size / oversample, oversample=oversample,
        fdet=np.array(panel.fdet), sdet=np.array(panel.sdet), odet=np.array(panel.odet), pix0=np.array(panel.pix0),
        beam=np.array(experiment.beam.direction), distance=centres.distance, close_distance=centres.close_distance,
        curved=surface_kind(experiment.detector, experiment.defects), Fbeam=centres.Fbeam, Sbeam=centres.Sbeam,
        point_pixel=int(panel.point_pixel),
    )  # fmt: skip


def _table_fields(table: ScatteringTable) -> dict[str, Any]:
    hints, per_stol = _hints(table)
    return dict(
        stol=_padded(table.stol), F=_padded(table.F), denominators=_denominators(table), hints=hints,
        cells_per_stol=per_stol, points=len(table.stol), increasing=int(table.is_increasing),
        end_values=int(table.end_values),
    )  # fmt: skip


def flatten_amorphous(experiment: AmorphousExperiment) -> AmorphousScene:
    """Lay an experiment out for the kernels."""
    beam, sources = experiment.beam, experiment.sources
    normalize = uncompiled(unit)
    incident = np.array([normalize(*(-position))[:3] for position in sources.positions])
    window = clipped_window(experiment.detector)
    axes, repeat = _axes_of(experiment, window)
    return AmorphousScene(
        **window._asdict(),
        **_panel_fields(experiment),
        incident=incident,
        incident_again=np.array([normalize(*direction)[:3] for direction in incident]),
        wavelengths=sources.wavelengths,
        weights=sources.weights,
        nopolar=int(beam.nopolar),
        kahn=beam.kahn,
        axes=axes,
        axes_repeat=repeat,
        fluence=beam.fluence,
        r_e_sqr=R_E_SQR,
        molecules=experiment.sample.molecules,
        steps=float(len(incident) * experiment.oversample * experiment.oversample),
        **_table_fields(experiment.table),
        Fmap=int(experiment.Fmap),
        means=int("last-sample" in experiment.defects.fixed),
    )


@dataclass
class AmorphousProgress:
    """What a render has finished.

    Attributes
    ----------
    image : (spixels, fpixels) float32
        Photons or, for an F map, electrons.
    brackets : (spixels, fpixels) int32
        Point of the table where each pixel's last search ended.
    remains : (spixels, fpixels or 1, REMAINS) float64
        See `kernels.amorphous.pixel_loop`; the pixels of a row share one where nothing is found from an image.
    omega : float
        Solid angles of the subpixels, summed row by row, sr.
    rows : int
        Finished rows.
    recomputed : int
        Pixels that the row engine handed to the loop kernel.
    load_seconds, render_seconds : float
    """

    image: np.ndarray
    brackets: np.ndarray = field(repr=False)
    remains: np.ndarray = field(repr=False)
    omega: float = 0.0
    rows: int = 0
    recomputed: int = 0
    load_seconds: float = 0.0
    render_seconds: float = 0.0


def _new_progress(scene: AmorphousScene, keep: bool) -> AmorphousProgress:
    shape = (scene.spixels, scene.fpixels)
    try:
        remains = np.zeros((scene.spixels, scene.fpixels if keep else 1, REMAINS))
        return AmorphousProgress(np.zeros(shape, np.float32), np.zeros(shape, np.int32), remains)
    except MemoryError:
        raise ExperimentError(f"not enough memory for an image of {scene.fpixels} x {scene.spixels} pixels") from None


def render_amorphous(
    scene: AmorphousScene, threads: int, engine: str = DEFAULT, keep: bool = False,
    after_rows: Callable[[AmorphousProgress], None] | None = None,
) -> AmorphousProgress:  # fmt: skip
    """Render an image.

    Parameters
    ----------
    scene : AmorphousScene
    threads : int
        At most so many.
    engine : str
        `row` or `loop`: the same bytes.
    keep : bool
        Keep what F is found from.
    after_rows : callable
        Called with the progress after each chunk of rows, in order.

    Raises
    ------
    ExperimentError
        Not enough memory; a process that was forked after it had rendered.
    """
    progress = _new_progress(scene, keep)
    try:
        with jit.parallel_region():
            _render_all(scene, progress, jit.set_threads(threads), after_rows)
    except ChildProcessError as error:
        raise ExperimentError(str(error)) from None
    return progress


def is_compiled(scene: AmorphousScene, keep: bool = False) -> bool:
    """Whether the machine code for a scene is at hand; `keep` as for `render_amorphous`."""
    kernel = render_rows if scene.increasing else render_in_order
    no_rows = np.zeros((0, scene.fpixels if keep else 1, REMAINS))
    image, brackets = (np.zeros((0, scene.fpixels), kind) for kind in (np.float32, np.int32))
    return jit.is_cached(kernel, (scene, 0, image, np.zeros(0), brackets, no_rows))


def _render_all(
    scene: AmorphousScene, progress: AmorphousProgress, threads: int,
    after_rows: Callable[[AmorphousProgress], None] | None,
) -> None:  # fmt: skip
    """Render chunk after chunk; a chunk is short enough that an interrupt need not wait for the image."""
    began = time.perf_counter()
    _render_rows(scene, progress, 0, 0)  # compiles or loads the kernel
    progress.load_seconds = time.perf_counter() - began
    rows = threads
    while progress.rows < scene.spixels:
        began = time.perf_counter()
        stop = min(progress.rows + rows, scene.spixels)
        progress.omega = sum(_render_rows(scene, progress, progress.rows, stop).tolist(), progress.omega)
        seconds = time.perf_counter() - began
        progress.render_seconds += seconds
        progress.rows = stop
        rows = max(threads, min(int(rows * _CHUNK_SECONDS / max(seconds, 1e-9)), 8 * rows))
        if after_rows is not None:
            after_rows(progress)


def _render_rows(scene: AmorphousScene, progress: AmorphousProgress, row0: int, row1: int) -> np.ndarray:
    """Render some rows; returns the solid angle of each."""
    omega = np.zeros(row1 - row0)
    brackets = progress.brackets[row0:row1]
    arguments = (scene, row0, progress.image[row0:row1], omega, brackets, progress.remains[row0:row1])
    if scene.increasing:
        render_rows(*arguments)
    elif row1 > row0:
        brackets[0, 0] = _bracket_before(scene, progress, row0)
        render_in_order(*arguments)
    return omega


def _bracket_before(scene: AmorphousScene, progress: AmorphousProgress, row: int) -> int:
    """Where the search ended that came before the first pixel of a row."""
    if row <= scene.roi_ymin or scene.roi_xmax < scene.roi_xmin:
        return 0
    return int(progress.brackets[row - 1, scene.roi_xmax])


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
    if fpixel > scene.roi_xmin:
        bracket = int(progress.brackets[spixel, fpixel - 1])
    else:
        bracket = _bracket_before(scene, progress, spixel)
    tapped_pixel(scene, spixel, fpixel, bracket, np.zeros(REMAINS), taps)
    return taps

