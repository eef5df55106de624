"""The noise image: a serial chain of random numbers that follows the render on a thread of its own."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from nanobragg_numba.kernels.noise.photon_noise import noise_pixels
from nanobragg_numba.kernels.noise.poisson import new_draws
from nanobragg_numba.kernels.noise.random import Generator
from nanobragg_numba.kernels.window import Window


class NoiseImage:
    """Photon-counting noise of an image that is still being rendered.

    Parameters
    ----------
    window : Window
        Size of the image, and which of its pixels count.
    generator : Generator
        Used up by this image.
    adc : float
        Offset of every pixel.
    clip : bool
        Negative sums are 0, not wrapped.

    Attributes
    ----------
    pixels : (spixels, fpixels) uint16
    photons : float
    overloads : int
    seconds : float
        Time at work. Valid, like the three above, after `finish`.
    """

    def __init__(self, window: Window, generator: Generator, adc: float, clip: bool = False) -> None:
        self.pixels = np.zeros((window.spixels, window.fpixels), np.uint16)
        self.photons = 0.0
        self.overloads = 0
        self.seconds = 0.0
        self._window, self._generator, self._adc, self._clip = window, generator, adc, clip
        self._draws = new_draws()
        import queue  # late: most runs make no noise image or are over before it is needed

        self._finished: queue.SimpleQueue[tuple[np.ndarray, int] | None] = queue.SimpleQueue()
        self._error: BaseException | None = None
        self._abandoned = False
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def rows_finished(self, image: np.ndarray, rows: int) -> None:
        """Rows up to `rows` of the float32 image will not change any more."""
        self._finished.put((image, rows))

    def finish(self) -> None:
        """Wait for the last row."""
        self._finished.put(None)
        self._thread.join()
        if self._error is not None:
            raise self._error

    def abandon(self) -> None:
        """Nobody wants the image any more: the thread ends, and lets go of the memory, with the rows it is at."""
        self._abandoned = True
        self._finished.put(None)

    def _follow(self) -> None:
        done = 0
        try:
            while (task := self._finished.get()) is not None and not self._abandoned:
                began = time.perf_counter()
                image, rows = task
                photons, overloads = noise_pixels(
                    self._window, self._generator, self._draws, image, done, rows, self._adc, self._clip, self.photons,
                    self.pixels,
                )
                self.photons = photons
                self.overloads += overloads
                done = rows
                self.seconds += time.perf_counter() - began
        except BaseException as error:  # handed to the thread that waits
            self._error = error


@contextmanager
def abandoned_on_failure(noise: NoiseImage | None) -> Iterator[None]:
    """A block after whose failure no thread goes on with this noise image."""
    try:
        yield
    except BaseException:
        if noise is not None:
            noise.abandon()
        raise
