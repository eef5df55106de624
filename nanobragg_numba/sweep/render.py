"""The worker's part: shots are rendered one after the other and written, under their names only when complete."""

from __future__ import annotations

import errno
import hashlib
import os
import shlex
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

import numpy as np

from nanobragg_numba.engine.names import ROW
from nanobragg_numba.errors import NanoBraggError
from nanobragg_numba.experiment.experiment import Defects
from nanobragg_numba.formats.nexus.record import FrameRecord, Shot
from nanobragg_numba.formats.nexus.writer import NexusWriter
from nanobragg_numba.formats.suffixes import NEXUS
from nanobragg_numba.geometry.frames import geometry_of
from nanobragg_numba.kernels import ready
from nanobragg_numba.programs.nanobragg.geometry_files import crystal_record, hidden_pixels
from nanobragg_numba.programs.nanobragg.run import Run
from nanobragg_numba.sweep.factors import SharedFactors
from nanobragg_numba.sweep.locks import in_turn, still_wanted
from nanobragg_numba.sweep.plan import FACTORS, digest_of_file, image_stem
from nanobragg_numba.sweep.results import Finished, ShotResult, Task

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}

Maker = Callable[[], tuple[str, str, int]]
"""Makes a shot and returns digest, file and frame."""

_factors: dict[str, SharedFactors] = {}
"""Of each sweep that this process works for."""

_kernels_at_hand: set[tuple[str, Defects]] = set()


class DiskFull(Exception):
    """Nothing more can be written, whichever shot it is."""


class Superseded(Exception):
    """The folder belongs to another sweep by now."""


def run_task(task: Task) -> Finished:
    """Render the shots of a task and write their files."""
    try:
        return _stack(task) if task.plan.stacked else _images(task)
    except DiskFull as error:
        return Finished(disk=str(error))


def run_of_shot(task: Task, shot: int, row: list[str], stem: str) -> Run:
    """The run of a shot's single command: a fresh generator, nothing left from the shot before.

    Parameters
    ----------
    task : Task
    shot : int
        Its number, from 0.
    row : list of str
        Its cells of the table.
    stem : str
        What the names of its files begin with.
    """
    plan = task.plan
    factors = _factors.setdefault(task.folder, SharedFactors(Path(task.folder, FACTORS)))
    return Run([*plan.input_arguments(shot, row), *plan.output_arguments(stem)], factor_cache=factors)


def _check_wanted(task: Task) -> None:
    if not still_wanted(Path(task.folder), task.sweep):
        raise Superseded(f"{task.folder} belongs to another sweep by now")


@contextmanager
def _one_compiles(run: Run) -> Iterator[None]:
    """Where kernels are not compiled yet, one process compiles them and the others wait for what it leaves."""
    kernel = run.options.engine, run.experiment.defects
    if kernel in _kernels_at_hand:
        yield
        return
    with ExitStack() as stack:
        if run.options.engine == ROW:
            ready.prepare()  # which has locks of its own
        if not run.is_compiled:
            from nanobragg_numba.kernels import jit

            stack.enter_context(in_turn(Path(jit.cache_folder()[0]) / "compiling.lock"))
        yield
    _kernels_at_hand.add(kernel)


@contextmanager
def _full_disks() -> Iterator[None]:
    """A disk that is full is no fault of the shot."""
    try:
        yield
    except (NanoBraggError, OSError) as error:
        if _is_full(error):
            raise DiskFull(str(error)) from error
        raise


def _is_full(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        error = error.__cause__ or error.__context__
    return False


def _attempts(task: Task, shot: int, make: Maker) -> ShotResult:
    """Try a shot until it is made or has failed too often."""
    message = ""
    for attempt in range(1, task.retries + 2):
        began = time.perf_counter()
        try:
            digest, file, frame = make()
            return ShotResult(shot, attempt, time.perf_counter() - began, digest, "", file, frame)
        except NanoBraggError as error:
            message = str(error)
        except (MemoryError, OSError, ArithmeticError, ValueError, LookupError, RuntimeError) as error:
            message = f"{type(error).__name__}: {error}"
        seconds = time.perf_counter() - began
    return ShotResult(shot, task.retries + 1, seconds, message=message or "failed")


# Files of their own


def _images(task: Task) -> Finished:
    finished = Finished()
    for shot, row in task.shots:
        names = task.plan.shot_files(shot)

        def make(shot: int = shot, row: list[str] = row, names: list[str] = names) -> tuple[str, str, int]:
            stem = os.path.join(task.folder, image_stem(shot))
            run = run_of_shot(task, shot, row, stem)
            run.resolve()
            run.check_outputs()
            with _one_compiles(run):
                result = run.render(noise=task.plan.noise, threads=task.threads)
            if result.noise is not None:
                result.noise.finish()
            _check_wanted(task)
            with _full_disks():
                os.makedirs(os.path.dirname(stem), exist_ok=True)
                run.write(result)
            digests = [digest_of_file(Path(task.folder, name)) for name in names]
            return ",".join(digests), image_stem(shot), 0

        each = _attempts(task, shot, make)
        finished.shots.append(each)
        if each.done:
            sizes = [os.path.getsize(os.path.join(task.folder, name)) for name in names]
            finished.files.extend(zip(names, sizes, each.digest.split(",")))
    return finished


# Stacks


def frame_record(task: Task, run: Run, shot: int, row: list[str], digest: str) -> FrameRecord:
    """What a stack says of a shot.

    Parameters
    ----------
    task : Task
    run : Run
        Resolved.
    shot : int
        Its number, from 0.
    row : list of str
        Its cells of the table.
    digest : str
        Of its structure factors.
    """
    experiment, options = run.experiment, run.options
    own = [word for name, cell in zip(task.plan.columns, row) for word in (f"-{name}", *cell.split())]
    truth = Shot(shot, experiment.beam.fluence, -options.noise_seed, -options.mosaic_seed, shlex.join(own), digest)
    return FrameRecord(geometry_of(experiment), crystal_record(experiment), truth)


def _stack(task: Task) -> Finished:
    name = f"stacks/{task.name}{NEXUS[0]}"
    target = Path(task.folder, name)
    growing = target.with_name(f".nanobragg-{os.urandom(8).hex()}.part")
    with _full_disks():
        target.parent.mkdir(exist_ok=True)
        unit = "counts" if task.plan.counts else "photons"
        stack = NexusWriter(str(growing), len(task.shots), unit, str(target), packing=task.plan.compression)
    try:
        shots = _frames(task, stack, name)
        if not stack.records:
            return Finished(shots)
        _check_wanted(task)
        with _full_disks():
            stack.finish()
            entry = (name, growing.stat().st_size, digest_of_file(growing))
            growing.replace(target)
        return Finished(shots, [entry])
    finally:
        stack.discard()
        with suppress(OSError):
            growing.unlink(missing_ok=True)


def _frames(task: Task, stack: NexusWriter, name: str) -> list[ShotResult]:
    """Render the shots into a stack; those that fail leave no frame."""
    with _renderers(task) as renderers:
        return [
            _attempts(task, shot, _frame_maker(task, stack, name, shot, row, renderer))
            for (shot, row), renderer in zip(task.shots, renderers)
        ]


Renderer = Callable[[], tuple[Run, np.ndarray, str]]
"""Makes the run of a shot, its pixels and their digest."""


@contextmanager
def _renderers(task: Task) -> Iterator[Iterator[Renderer]]:
    """What makes each shot, in their order; where several are to be made at once, threads are at work on the next ones.

    Only machine code that is ready lets other threads of Python run, and Numba's own threads serve one at a time.
    """
    own = [partial(_rendered, task, shot, row) for shot, row in task.shots]
    if task.at_once < 2 or not ready.prepare():
        yield iter(own)
        return
    from concurrent.futures import ThreadPoolExecutor

    threads = ThreadPoolExecutor(task.at_once)
    try:
        yield _ahead(threads, own, 2 * task.at_once)
    finally:
        threads.shutdown(cancel_futures=True)


def _ahead(threads: Executor, renderers: Sequence[Renderer], most: int) -> Iterator[Renderer]:
    """Renderers that wait for what threads make; at most so many shots are in memory."""
    begun: deque[Future[tuple[Run, np.ndarray, str]]] = deque()
    for i in range(len(renderers)):
        begun.extend(threads.submit(each) for each in renderers[i + len(begun) : i + most])
        future = begun.popleft()
        yield _first_of(future, renderers[i])


def _first_of(future: Future[tuple[Run, np.ndarray, str]], again: Renderer) -> Renderer:
    """The result of a thread; at further attempts the shot is made here."""
    results = iter((future.result,))
    return lambda: next(results, again)()


def _rendered(task: Task, shot: int, row: list[str]) -> tuple[Run, np.ndarray, str]:
    with np.errstate(all="ignore"):  # of this thread
        run = run_of_shot(task, shot, row, "/dev/null")
        run.resolve()
        with _one_compiles(run):
            pixels = run.pixels(task.threads, task.plan.counts)
    return run, pixels, hashlib.sha256(np.ascontiguousarray(pixels).data).hexdigest()


def _frame_maker(task: Task, stack: NexusWriter, name: str, shot: int, row: list[str], renderer: Renderer) -> Maker:
    def make() -> tuple[str, str, int]:
        run, pixels, digest = renderer()
        record = frame_record(task, run, shot, row, digest)
        if not stack.records:
            stack.hidden = hidden_pixels(run.experiment)
        frame = len(stack.records)
        with _full_disks():
            stack.add(pixels, record)
        return digest, name, frame

    return make
