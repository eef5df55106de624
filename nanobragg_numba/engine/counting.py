"""The chain of random numbers that turns photons into counts: prepared on one thread, used on another."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from nanobragg_numba.kernels.noise import chain, plain, streams
from nanobragg_numba.kernels.noise.random import Generator
from nanobragg_numba.kernels.noise.streams import PART, PARTS

_MODULUS = 2147483647  # a state of it makes nothing but zeros


class _Source:
    """One stream: what is prepared of it, and how far."""

    def __init__(self, state: int, is_used: bool) -> None:
        self.ring = streams.new_ring() if is_used else streams.new_entries(1)
        self.is_used = is_used
        self._state = state
        self._part = 0
        self._pending: Future[int] | None = None

    def prepare(self, prepared: np.ndarray, used: int, stream: int, pool: ThreadPoolExecutor | None) -> None:
        """Take over what has been prepared, and begin the next part if there is room for it.

        Parameters
        ----------
        prepared : (streams,) int64
            Deviates that are ready, for each stream; changed in place.
        used : int
            Deviates that have been taken.
        stream : int
            Its own.
        pool : ThreadPoolExecutor or None
            Where the next part is made meanwhile.
        """
        if not self.is_used:
            return
        if self._pending is not None:
            self._state = self._pending.result()
            self._pending = None
            prepared[stream] += PART
        while prepared[stream] - used < 2 * PART:  # so that a whole part can be used meanwhile
            self._state = int(streams.prepare(self.ring, self._state, self._next()))
            prepared[stream] += PART
        if pool is not None and prepared[stream] - used <= (PARTS - 1) * PART:
            self._pending = pool.submit(self._ahead, self._state, self._next())

    def _ahead(self, state: int, part: int) -> int:
        return int(streams.prepare(self.ring, state, part))

    def _next(self) -> int:
        part = self._part
        self._part = (part + 1) % PARTS
        return part


class Counting:
    """Random numbers of one image: counts first, normal deviates for the read-out afterwards.

    Used as a context manager, because it may keep a thread.

    Parameters
    ----------
    seed, calibration_seed : int
        States of the two streams; see `kernels.noise.random`.
    flicker, calibration : float
        Relative errors, drawn for each pixel where above 0.
    threads : int
        With two or more the numbers are prepared on a thread of its own.
    minus_one_is_zero : bool
        A mean of -1 counts nothing, whatever was counted before.
    """

    def __init__(
        self, seed: int, calibration_seed: int, flicker: float, calibration: float, threads: int = 1,
        minus_one_is_zero: bool = False,
    ) -> None:  # fmt: skip
        self._flicker, self._calibration = flicker, calibration
        self._memory = plain.new_memory()
        if minus_one_is_zero:
            self._memory[plain.MEAN] = 0.0
        uses_errors = calibration > 0.0
        self._generator = Generator(np.zeros(33, np.int64), np.array([seed, calibration_seed], np.int64))
        self.is_plain = _MODULUS in (abs(seed), abs(calibration_seed))
        self._pool = ThreadPoolExecutor(1) if threads > 1 and not self.is_plain else None
        if self.is_plain:
            return
        self._factorials = chain.new_factorials()
        self._table = streams.new_table()
        self._used, self._prepared = np.zeros(3, np.int64), np.full(2, 1 << 62)
        self._begun = np.ones(2, np.int64)
        first = plain.CALIBRATION if uses_errors and not flicker > 0.0 else plain.NOISE
        self._seeding, states = [], []
        for stream, state in ((plain.NOISE, seed), (plain.CALIBRATION, calibration_seed)):
            seeding = streams.new_seeding()
            if state <= 0 or stream == first:  # else it goes on from its state, with the table that is there
                state = int(streams.warm_up(state, seeding))
                self._begun[stream] = 0
            self._seeding.append(seeding)
            states.append(state)
        self._sources = [_Source(states[0], True), _Source(states[1], uses_errors)]
        for stream, source in enumerate(self._sources):
            if source.is_used:
                self._prepared[stream] = 0
        self._prepare()

    def __enter__(self) -> Counting:
        return self

    def __exit__(self, *failure: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _prepare(self) -> None:
        for stream, source in enumerate(self._sources):
            source.prepare(self._prepared, int(self._used[stream]), stream, self._pool)

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
        done = 0
        while done < photons.size:
            done = int(chain.count_photons(
                photons, done, photons.size, self._flicker, self._calibration, self._table,
                (self._sources[0].ring, self._sources[1].ring), self._prepared,
                (self._seeding[0], self._seeding[1]), self._begun, self._used, self._memory, self._factorials,
            ))  # fmt: skip
            self._prepare()
            if after is not None:
                after(done)

    def gauss_deviates(self, count: int) -> np.ndarray:
        """The next normal deviates of the noise stream, (count,) float32."""
        out = np.empty(count, np.float32)
        if self.is_plain:
            plain.gauss_deviates(self._generator, self._memory, out)
            return out
        done = 0
        while done < count:
            done = int(chain.gauss_deviates(
                out, done, self._table, self._sources[0].ring, self._prepared, (self._seeding[0], self._seeding[1]),
                self._begun, self._used, self._memory,
            ))  # fmt: skip
            self._prepare()
        return out
