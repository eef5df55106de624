"""The chain of random numbers that turns photons into counts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nanobragg_numba.engine.threads import slices
from nanobragg_numba.kernels.noise import chain, plain
from nanobragg_numba.kernels.noise.random import Generator
from nanobragg_numba.kernels.noise.streams import new_streams, warm_up

_MODULUS = 2147483647  # a state of it makes nothing but zeros
_SLICE = 1 << 18


class Counting:
    """Random numbers of one image: counts first, normal deviates for the read-out afterwards.

    Parameters
    ----------
    seed, calibration_seed : int
        States of the two streams; see `kernels.noise.random`.
    flicker, calibration : float
        Relative errors, drawn for each pixel where above 0.
    minus_one_is_zero : bool
        A mean of -1 counts nothing, whatever was counted before.
    """

    def __init__(
        self, seed: int, calibration_seed: int, flicker: float, calibration: float, minus_one_is_zero: bool = False,
    ) -> None:  # fmt: skip
        self._flicker, self._calibration = flicker, calibration
        self._memory = plain.new_memory()
        if minus_one_is_zero:
            self._memory[plain.MEAN] = 0.0
        self._generator = Generator(np.zeros(33, np.int64), np.array([seed, calibration_seed], np.int64))
        self.is_plain = _MODULUS in (abs(seed), abs(calibration_seed))
        if self.is_plain:
            return
        self._tables, self._streams = chain.new_tables(self._memory), new_streams(seed, calibration_seed)
        first = plain.CALIBRATION if calibration > 0.0 and not flicker > 0.0 else plain.NOISE
        for stream, state in ((plain.NOISE, seed), (plain.CALIBRATION, calibration_seed)):
            if state <= 0 or stream == first:  # else it goes on from its state, with the table that is there
                warm_up(self._streams, stream)

    def count(self, photons: np.ndarray, after: Callable[[int], None] | None = None) -> None:
        """Replace the photons of each pixel by what is counted.

        Parameters
        ----------
        photons : (n,) float32
        after : callable, optional
            Called now and then with the number of pixels that are done.
        """
        if self.is_plain:
            plain.count_photons(self._generator, self._memory, photons, self._flicker, self._calibration)
            return
        for start, stop in slices(photons.size, _SLICE):
            chain.count_photons(photons, start, stop, self._flicker, self._calibration, self._streams, self._tables)
            if after is not None:
                after(stop)

    def gauss_deviates(self, count: int) -> np.ndarray:
        """The next normal deviates of the noise stream, (count,) float32."""
        out = np.empty(count, np.float32)
        if self.is_plain:
            plain.gauss_deviates(self._generator, self._memory, out)
        else:
            chain.draw_deviates(out, self._streams, self._tables)
        return out
