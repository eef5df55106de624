"""Rows on several Python threads: kernels let go of the interpreter's lock, so no OpenMP is started."""

import threading
from collections.abc import Callable

_PIECES = 4
"""Pieces that a thread takes of a chunk: rows differ in what they cost."""

_WORTH_A_THREAD = 0.5e-3
"""Seconds of work below which another thread takes longer to start than it saves."""


def threads_for(count: int, most: int, row_seconds: float) -> int:
    """On how many threads so many rows are best spread.

    Parameters
    ----------
    count : int
        Rows.
    most : int
        Threads.
    row_seconds : float
        What a row takes, s.
    """
    return max(1, min(most, count, int(count * row_seconds / _WORTH_A_THREAD)))


def on_threads(count: int, threads: int, do: Callable[[int, int, int], None]) -> None:
    """Let threads take pieces of so many rows; this thread is one of them.

    Parameters
    ----------
    count, threads : int
    do : callable
        Called with the number of the thread, the first row and the one behind the last.

    Raises
    ------
    Exception
        The first of those that `do` has raised.
    """
    size = max(1, -(-count // (threads * _PIECES)))
    pieces = iter(range(0, count, size))  # which gives each number to one thread
    failures: list[Exception] = []

    def take_pieces(thread: int) -> None:
        try:
            for first in pieces:
                do(thread, first, min(first + size, count))
        except Exception as error:
            failures.append(error)

    helpers = [threading.Thread(target=take_pieces, args=(thread,)) for thread in range(1, threads)]
    for helper in helpers:
        helper.start()
    take_pieces(0)
    for helper in helpers:
        helper.join()
    if failures:
        raise failures[0]
