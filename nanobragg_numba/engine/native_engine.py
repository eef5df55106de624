"""The row engine without Numba: machine code that is ready, on Python's threads, each in a kernel that lets others run.

It is the same kernel as `numba_engines.RowEngine` drives. Where its machine code is not to be had, that one does the
rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from nanobragg_numba.engine.names import ROW
from nanobragg_numba.engine.pieces import on_threads, threads_for
from nanobragg_numba.engine.protocol import Engine, Rows
from nanobragg_numba.kernels import ready
from nanobragg_numba.kernels.loop.fixes import Fixes
from nanobragg_numba.kernels.loop.pixel_loop import tapped_pixel
from nanobragg_numba.kernels.loop.taps import Taps
from nanobragg_numba.kernels.row.pieces import render_piece
from nanobragg_numba.kernels.row.slots import BLOCK, SLOTS
from nanobragg_numba.kernels.scene import Scene
from nanobragg_numba.native.calls import Packed

_FIRST_CHUNK = 2e-3
"""Seconds that the first chunk takes, so that the noise can begin early."""


def seconds_for(scene: Scene) -> float:
    """About how long a row takes on one thread, within a factor of three."""
    columns = max(scene.roi_xmax + 1 - scene.roi_xmin, 0)
    subpixels = scene.thick_steps * scene.oversample * scene.oversample
    terms = subpixels * len(scene.wavelengths) * scene.abc.shape[0] * scene.abc.shape[1]
    slower = 12.0 if scene.interpolate else 1.0
    return columns * (10e-9 + 15e-9 * subpixels * len(scene.wavelengths) + 6e-9 * slower * terms)


class NativeRowEngine:
    """Rows in vectors, and pixels in doubt by the loop kernel.

    Parameters
    ----------
    scene : Scene
        One that `engines.row_engine_can_render`.
    """

    name = ROW
    fixes: Fixes | None = None

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.instead: Engine | None = None
        self._row_seconds = max(seconds_for(scene), 1e-9)
        self._work: list[np.ndarray] = []

    def is_ready(self) -> bool:
        """Whether the machine code is in the cache."""
        return ready.library("rows") is not None

    @contextmanager
    def prepare(self, threads: int) -> Iterator[int]:
        """Load or compile the machine code; see `protocol.Engine`."""
        call = render_piece.native if ready.prepare() else None
        try:
            if call is None:
                raise ready.Mismatch("no machine code")
            self._call, self._packed = call, Packed(Scene, self.scene)
        except ready.Mismatch:
            with self._other().prepare(threads) as used:
                yield used
            return
        self._threads = threads
        self._F = self.scene.F.reshape(-1)
        yield threads

    def first_rows(self, threads: int) -> int:
        """How many rows make a good first chunk."""
        return max(threads, int(_FIRST_CHUNK * threads / self._row_seconds)) if self.instead is None else threads

    def rows(self, rows: Rows, start_pixel: int, interpolate: bool) -> None:
        """Fill consecutive rows; see `protocol.Engine`."""
        if self.instead is None:
            try:
                self._on_threads(rows, start_pixel, interpolate)
                return
            except (ready.Mismatch, ready.Failed):
                with self._other().prepare(self._threads):
                    self._other().rows(rows, start_pixel, interpolate)
                return
        self.instead.rows(rows, start_pixel, interpolate)

    def tap(self, spixel: int, fpixel: int, first_sweep: bool, interpolate: bool, taps: Taps) -> None:
        """Record one pixel; see `protocol.Engine`."""
        ready.prepare(["taps"])
        tapped_pixel(self.scene, spixel, fpixel, first_sweep, interpolate, taps, None)

    def _other(self) -> Engine:
        from nanobragg_numba.engine.numba_engines import RowEngine

        self.instead = self.instead or RowEngine(self.scene)
        return self.instead

    def _on_threads(self, rows: Rows, start_pixel: int, interpolate: bool) -> None:
        """Let threads take pieces of the rows, where each has enough to do; this thread is one of them."""
        count = len(rows.image)
        threads = threads_for(count, self._threads, self._row_seconds)
        self._work += [np.empty(SLOTS * BLOCK) for _ in range(threads - len(self._work))]

        def do(thread: int, first: int, stop: int) -> None:
            self._call(
                self._packed, self._F, rows.row0, first, stop, rows.image, rows.omega, start_pixel, interpolate,
                rows.left_range, rows.recomputed, self._work[thread],
            )  # fmt: skip

        on_threads(count, threads, do)
