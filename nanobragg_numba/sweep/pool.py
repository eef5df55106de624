"""A pool of processes of this machine that outlives each of them: another takes the place of a dead one.

The standard library's pool is broken for good when one of its processes dies, and does not say which task it was.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any

_context = multiprocessing.get_context("spawn")  # a forked child of a process that has rendered cannot render


class WorkerDied(Exception):
    """The process that was at a task ended in the middle of it."""


def _work(connection: Connection) -> None:
    """A worker's life: task after task, until the parent closes the connection, or dies."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN if number == signal.SIGINT else signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.modules["scipy.linalg"] = None  # type: ignore[assignment]  # BLAS: much of the start-up, and no kernel uses it
    while True:
        try:
            function, arguments = connection.recv()
        except EOFError:
            return
        try:
            answer = True, function(*arguments)
        except Exception as error:
            answer = False, f"{type(error).__name__}: {error}"
        connection.send(answer)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)


class _Worker:
    """A process and the future that it is at."""

    def __init__(self) -> None:
        self.connection, theirs = _context.Pipe()
        self.process = _context.Process(target=_work, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()
        self.future: Future[Any] | None = None

    def give(self, future: Future[Any], job: tuple[Any, ...]) -> None:
        """Hand over a task; a process that is dead already is found out by its silence."""
        self.future = future
        with suppress(OSError):
            self.connection.send(job)


class LocalPool:
    """Workers on this machine, with the interface of `concurrent.futures` as far as it is needed.

    Parameters
    ----------
    workers : int
    threads : int
        That Numba may use in each.

    Attributes
    ----------
    deaths : int
        Workers that had to be replaced.
    """

    def __init__(self, workers: int, threads: int) -> None:
        self.slots = workers
        self.deaths = 0
        self._queue: queue.SimpleQueue[tuple[Future[Any], tuple[Any, ...]]] = queue.SimpleQueue()
        self._wake, self._woken = _context.Pipe()
        self._ending = False
        self._environment = dict.fromkeys(("NUMBA_NUM_THREADS", "OMP_NUM_THREADS"), str(threads))
        self._environment["OPENBLAS_NUM_THREADS"] = "1"  # NumPy's linear algebra is not used
        self._workers = [self._start() for _ in range(workers)]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _start(self) -> _Worker:
        before = {name: os.environ.get(name) for name in self._environment}
        os.environ.update(self._environment)
        try:
            return _Worker()
        finally:
            for name, value in before.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Have a function called in some worker."""
        future: Future[Any] = Future()
        self._queue.put((future, (function, arguments)))
        self._wake.send(None)
        return future

    def processes(self) -> list[int]:
        """Process ids of the workers."""
        return [worker.process.pid for worker in self._workers if worker.process.pid]

    def check(self) -> None:
        """Nothing can be wrong with the pool itself."""

    def close(self) -> None:
        """End the workers at once, whatever they are at."""
        self._ending = True
        self._wake.send(None)
        self._thread.join()
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()

    def _serve(self) -> None:
        while not self._ending:
            ready = wait([self._woken, *(worker.connection for worker in self._workers)])
            if self._woken in ready:
                self._woken.recv()
            for i, worker in enumerate(self._workers):
                if worker.connection in ready:
                    self._workers[i] = self._answered(worker)
            for worker in self._workers:
                if worker.future is None and not self._queue.empty():
                    worker.give(*self._queue.get())

    def _answered(self, worker: _Worker) -> _Worker:
        """Pass on what a worker says, or what its silence means; returns it or its successor."""
        future, worker.future = worker.future, None
        try:
            good, answer = worker.connection.recv()
        except (EOFError, OSError):
            worker.process.join()
            worker.connection.close()
            self.deaths += 1
            if future is not None:
                future.set_exception(WorkerDied(_cause(worker.process.exitcode)))
            return self._start()
        if future is not None and good:
            future.set_result(answer)
        elif future is not None:
            future.set_exception(RuntimeError(answer))
        return worker


def _cause(code: int | None) -> str:
    if code is not None and code < 0:
        return f"the worker was ended by {signal.Signals(-code).name}"
    return f"the worker ended with exit code {code}"
