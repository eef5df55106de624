"""How many threads compute, and slices of an array on several of them: for kernels that share nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TypeVar

Result = TypeVar("Result")


def thread_count(asked: int) -> int:
    """Threads to use: as asked (above 0), else NUMBA_NUM_THREADS, else OMP_NUM_THREADS, else all processors."""
    if asked > 0:
        return asked
    for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS"):
        text = os.environ.get(name, "").split(",")[0]
        if text.isdigit() and int(text) > 0:
            return int(text)
    return max(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 1)


def slices(count: int, size: int) -> Iterator[tuple[int, int]]:
    """Consecutive ranges of at most `size` that make up `count`."""
    for start in range(0, count, size):
        yield start, min(start + size, count)


def in_slices(threads: int, count: int, size: int, work: Callable[[int, int], Result]) -> Iterator[Result]:
    """Call `work(start, stop)` for consecutive ranges, on several threads, and yield the results in order.

    Parameters
    ----------
    threads : int
    count, size : int
        What is shared out, and the largest range.
    work : callable
        Must not depend on the order of its calls.
    """
    if threads <= 1 or count <= size:
        for start, stop in slices(count, size):
            yield work(start, stop)
        return
    from concurrent.futures import ThreadPoolExecutor  # not needed by a run on one thread

    with ThreadPoolExecutor(threads) as pool:
        pending = [pool.submit(work, start, stop) for start, stop in slices(count, size)]
        try:
            for future in pending:
                yield future.result()
        finally:
            for future in pending:
                future.cancel()
