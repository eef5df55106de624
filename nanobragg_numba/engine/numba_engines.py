"""The two engines that Numba compiles: the guarded row engine and the loop kernel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from nanobragg_numba.engine.names import LOOP, ROW
from nanobragg_numba.engine.protocol import Rows
from nanobragg_numba.kernels import jit
from nanobragg_numba.kernels.loop import parallel as loop_driver
from nanobragg_numba.kernels.loop.fixes import Fixes
from nanobragg_numba.kernels.loop.pixel_loop import tapped_pixel
from nanobragg_numba.kernels.loop.taps import Taps
from nanobragg_numba.kernels.row import parallel as row_driver
from nanobragg_numba.kernels.scene import Scene


class LoopEngine:
    """The loop kernel, pixel by pixel; it does every scene and every fix.

    Parameters
    ----------
    scene : Scene
    fixes : Fixes, optional
    """

    name = LOOP
    _kernel: Any = staticmethod(loop_driver.render_rows)

    def __init__(self, scene: Scene, fixes: Fixes | None = None) -> None:
        self.scene, self.fixes = scene, fixes

    def is_ready(self) -> bool:
        """Whether the kernel is in the cache."""
        return jit.is_cached(self._kernel, self._arguments(self._no_rows(), -1, False))

    @contextmanager
    def prepare(self, threads: int) -> Iterator[int]:
        """Load or compile the kernel; see `protocol.Engine`."""
        with jit.parallel_region():
            used = jit.set_threads(threads)
            self.rows(self._no_rows(), -1, False)
            yield used

    def rows(self, rows: Rows, start_pixel: int, interpolate: bool) -> None:
        """Fill consecutive rows; see `protocol.Engine`."""
        self._kernel(*self._arguments(rows, start_pixel, interpolate))

    def first_rows(self, threads: int) -> int:
        """How many rows make a good first chunk: one for each thread."""
        return threads

    def tap(self, spixel: int, fpixel: int, first_sweep: bool, interpolate: bool, taps: Taps) -> None:
        """Record one pixel; see `protocol.Engine`."""
        tapped_pixel(self.scene, spixel, fpixel, first_sweep, interpolate, taps, self.fixes)

    def _no_rows(self) -> Rows:
        return Rows.of(np.zeros((0, self.scene.fpixels), np.float32), 0, 0)

    def _arguments(self, rows: Rows, start_pixel: int, interpolate: bool) -> tuple[Any, ...]:
        return (
            self.scene, rows.row0, rows.image, rows.omega, start_pixel, interpolate, rows.left_range, self.fixes
        )  # fmt: skip


class RowEngine(LoopEngine):
    """Rows in vectors, and pixels in doubt by the loop kernel.

    Parameters
    ----------
    scene : Scene
        One that `engines.row_engine_can_render`.
    """

    name = ROW
    _kernel: Any = staticmethod(row_driver.render_rows_guarded)

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._work = row_driver.new_work()

    def _arguments(self, rows: Rows, start_pixel: int, interpolate: bool) -> tuple[Any, ...]:
        return (
            self.scene, rows.row0, rows.image, rows.omega, start_pixel, interpolate, rows.left_range,
            rows.recomputed, self._work,
        )  # fmt: skip
