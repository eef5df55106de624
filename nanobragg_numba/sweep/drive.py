"""From a manifest to its last shot, on whatever runs tasks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from nanobragg_numba.errors import NanoBraggError
from nanobragg_numba.sweep.manifest import NAME, Manifest
from nanobragg_numba.sweep.places import own_files
from nanobragg_numba.sweep.plan import FACTORS
from nanobragg_numba.sweep.results import Finished, ShotResult, Task


class Pool(Protocol):
    """What tasks are given to."""

    @property
    def slots(self) -> int:
        """How many tasks it works at at a time."""

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Have a function called."""

    def check(self) -> None:
        """Raise a NanoBraggError where it cannot go on."""

    def close(self) -> None:
        """End it."""


def run_task(task: Task) -> Finished:
    """Render a task, in a worker: only there is the renderer imported."""
    from nanobragg_numba.sweep.render import run_task as run

    return run(task)


def tasks(manifest: Manifest, folder: Path, threads: int, at_once: int, retries: int) -> Iterator[Task]:
    """What is missing, a task a chunk; a part of a chunk gets a stack of its own, named after its first shot.

    Parameters
    ----------
    manifest : Manifest
    folder : Path
        Of the sweep.
    threads, at_once, retries : int
        See `Task`.
    """
    chunk = manifest.plan.chunk
    for shots in manifest.missing():
        first = shots[0][0]
        number = first // chunk
        whole = len(shots) == min(chunk, manifest.plan.count - number * chunk)
        name = f"stack_{number:06d}" if whole else _part_name(number, first)
        yield Task(
            manifest.plan, str(folder.resolve()), name, tuple(shots), threads, at_once, retries, sweep=manifest.sweep
        )  # fmt: skip


def _part_name(number: int, first: int) -> str:
    return f"stack_{number:06d}_{first:07d}"


def drive(pool: Pool, manifest: Manifest, todo: Iterator[Task], seen: Callable[[Finished], None]) -> None:
    """Render tasks until none is left.

    Parameters
    ----------
    pool : Pool
    manifest : Manifest
        Every task is entered as it finishes.
    todo : iterator of Task
        Taken as the pool has room for them.
    seen : callable
        Called with what each task has made.

    Raises
    ------
    NanoBraggError
        A disk is full; the pool is gone.
    """
    again: deque[Task] = deque()
    at_work: dict[Future[Any], Task] = {}
    while True:
        while len(at_work) < 2 * pool.slots:
            task = again.popleft() if again else next(todo, None)
            if task is None:
                break
            at_work[pool.submit(run_task, task)] = task
        if not at_work:
            return
        done, _ = wait(at_work, timeout=1.0, return_when=FIRST_COMPLETED)
        pool.check()
        for future in done:
            task = at_work.pop(future)
            finished = _outcome(future, task, again)
            if finished.disk:
                raise NanoBraggError(f"{finished.disk}; what is complete is kept: make room and run again")
            if finished.shots:
                manifest.record(finished)
                seen(finished)


def _outcome(future: Future[Any], task: Task, again: deque[Task]) -> Finished:
    """What a task has made; one that kills its workers is tried again, then shot by shot."""
    try:
        return future.result()
    except CancelledError:
        raise NanoBraggError("the cluster has let go of its tasks; what is complete is kept, run again") from None
    except Exception as error:
        message = " ".join(f"{error}".split()) or type(error).__name__
    if task.deaths < task.retries:
        again.append(replace(task, deaths=task.deaths + 1))
    elif len(task.shots) > 1:
        chunk = task.plan.chunk
        again.extend(
            replace(task, shots=(each,), deaths=0, name=_part_name(each[0] // chunk, each[0])) for each in task.shots
        )
    else:
        return Finished([ShotResult(task.shots[0][0], task.deaths + 1, message=message)])
    return Finished()


def tidy(folder: Path, manifest: Manifest) -> None:
    """Remove what no worker needs any more: temporary files, shared structure factors, files of no manifest."""
    known = {name for name, _, _ in manifest.files()}
    for path in own_files(folder):
        if str(path.relative_to(folder)) not in known:
            path.unlink(missing_ok=True)
    with suppress(OSError):
        (folder / FACTORS).rmdir()


def clear(folder: Path) -> None:
    """Remove a sweep's files from its folder, and nothing else."""
    for path in [*own_files(folder), *folder.glob(f"{NAME}*")]:
        path.unlink()
