"""The order of measurements of nb-bench, and what is kept of them."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from nanobragg_numba.engine.names import LOOP, ROW
from nanobragg_numba.tools.bench.measure import AnyKernel, Commands, Kernel, Side, Timed, kernel_of, parity
from nanobragg_numba.tools.bench.workloads import Workload

ONE_PIXEL = ("-roi", "0", "0", "0", "0")
COLD = "-cell 100 100 100 90 90 90 -default_F 100 -N 5 -lambda 6.2 -detpixels 64 -noprogress -seed 1"
TRACED = (
    "-cell 100 100 100 90 90 90 -default_F 100 -N 5 -lambda 6.2 -detpixels 1024 -nonoise -nopgm -noprogress -seed 1"
)
_TRACED_PIXEL = ("500", "500")
_TAPPED_PIXELS = 32
_TRACED_RUNS = 3
_LONG_ENOUGH = 0.1  # s; shorter measurements are repeated within their turn, at most so often
_MOST_REPEATS = 8


@dataclass
class Plan:
    """What is measured, and with what.

    Attributes
    ----------
    engines : list of str
        Of loop, row and c.
    threads : list of int
    iterations : int
    c_threaded : bool
        Whether the C program can use more than one thread.
    artifacts : Path or None
        Where images and standard output are kept.
    """

    engines: Sequence[str]
    threads: Sequence[int]
    iterations: int
    c_threaded: bool = True
    artifacts: Path | None = None
    say: Callable[[str], None] = field(default=lambda line: print(line, file=sys.stderr, flush=True))

    @property
    def ours(self) -> list[str]:
        return [engine for engine in self.engines if engine != "c"]

    @property
    def sides(self) -> list[Side]:
        """Every engine with every number of threads, in the order in which they take turns."""
        return [Side(e, n) for n in self.threads for e in self.engines if e != "c" or self.c_threaded or n == 1]

    def of(self, workload: Workload) -> Plan:
        """The same for a workload: the C program of nonBragg has one thread."""
        return replace(self, c_threaded=False) if workload.program == "nonBragg" else self

    @property
    def most(self) -> list[Side]:
        """Every engine with as many threads as there are."""
        return [Side(e, max(self.threads) if e != "c" or self.c_threaded else 1) for e in self.engines]


def measure_workload(workload: Workload, plan: Plan, commands: Commands) -> dict[str, Any]:
    """Measure one workload.

    Parameters
    ----------
    workload : Workload
    plan : Plan
    commands : Commands

    Returns
    -------
    dict
        For results.json: name, about, args, family, pixels, evaluations, kernel, command, parity.
    """
    kernel = kernel_of(workload, commands.folder)
    commands, plan = commands.of(workload.program), plan.of(workload)
    row: dict[str, Any] = {"name": workload.name, "about": workload.about, "args": workload.args}
    row |= {"family": workload.family, "pixels": kernel.pixels, "evaluations": kernel.evaluations}
    first, images = _first_runs(workload, plan, commands)
    times: dict[Side, list[float]] = {side: [] for side in plan.sides}
    empty: list[float] = []
    whole: dict[Side, list[Timed]] = {side: [] for side in first}
    counts: dict[Side, int] = {}
    if workload.kernel:
        for engine in plan.ours:
            kernel.warm_up(engine)
            if engine not in images:
                images[engine] = kernel.run(Side(engine, max(plan.threads))).image.ravel()
    c = images.pop("c", None)
    row["parity"] = {} if c is None else {engine: parity(c, image) for engine, image in sorted(images.items())}
    for _ in range(plan.iterations):
        if workload.kernel:
            for side in plan.sides:
                _kernel_turn(side, kernel, workload, commands, times, counts, whole)
            if "c" in plan.engines:
                empty.append(_one_pixel(workload, commands))
        if workload.command:
            for side in whole:
                if side.engine != "c" or not workload.kernel:  # C's whole commands were timed above
                    whole[side].append(commands.run(side, workload.args.split()))
    if workload.kernel:
        row["kernel"] = [_kernel_row(side, times[side], min(empty, default=0.0), row, counts) for side in plan.sides]
    for side, run in first.items():
        whole[side] = whole[side] or [run]
    row["command"] = [_command_row(side, runs, first[side].peak_mib) for side, runs in whole.items()]
    return row


def _kernel_turn(
    side: Side, kernel: AnyKernel, workload: Workload, commands: Commands, times: dict[Side, list[float]],
    counts: dict[Side, int], whole: dict[Side, list[Timed]],
) -> None:  # fmt: skip
    """One measurement of the loops; for C of the whole command, from which files and start are taken off later."""
    if side.engine == "c":
        run = _quickest(lambda: commands.run(side, workload.args.split()), _whole)
        times[side].append(run.seconds)
        if side in whole:
            whole[side].append(run)
        return
    progress = _quickest(lambda: kernel.run(side), lambda done: done.render_seconds)
    times[side].append(progress.render_seconds)
    counts[side] = int(progress.recomputed)


def _one_pixel(workload: Workload, commands: Commands) -> float:
    """Seconds of C's start, text and files, with hardly a pixel computed."""
    arguments = [*workload.args.split(), *ONE_PIXEL]
    return _quickest(lambda: commands.run(Side("c", 1), arguments), _whole).seconds


def _whole(run: Timed) -> float:
    return run.seconds


def _quickest(measure: Callable[[], Any], seconds: Callable[[Any], float]) -> Any:
    """Measure once, or several times where that is short, so that a passing disturbance does not decide."""
    runs = [measure()]
    while len(runs) < _MOST_REPEATS and sum(map(seconds, runs)) < _LONG_ENOUGH:
        runs.append(measure())
    return min(runs, key=seconds)


def _first_runs(
    workload: Workload, plan: Plan, commands: Commands
) -> tuple[dict[Side, Timed], dict[str, np.ndarray]]:
    """Run commands once, untimed: loads caches, tells peak memory, and gives images to compare.

    Where whole commands are not measured, the loop engine's is left out: its image comes from this process.
    """
    runs, images = {}, {}
    for side in plan.most:
        if side.engine == LOOP and not workload.command and len(plan.ours) > 1:
            continue
        runs[side] = commands.run(side, workload.args.split())
        images[side.engine] = commands.image()
        if plan.artifacts is not None:
            _keep(commands.folder, plan.artifacts / workload.name / side.engine)
    return runs, images


def _keep(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for path in source.iterdir():
        if path.is_file() and path.suffix != ".hkl":
            shutil.copy2(path, target / path.name)


def _kernel_row(
    side: Side, seconds: list[float], empty: float, row: dict[str, Any], counts: dict[Side, int]
) -> dict[str, Any]:
    """The results of the loops of one side.

    Parameters
    ----------
    side : Side
    seconds : list of float
        Of whole commands for C, else of the loops.
    empty : float
        Seconds of C's command with one pixel.
    row : dict
    counts : dict of Side to int
        Pixels that the loop kernel recomputed.
    """
    if side.engine == "c":
        # Where the loops take no longer than the spread of a start, nothing is left to report.
        seconds = [max(each - empty, 1e-9) for each in seconds]
    best = min(seconds)
    found = {
        "engine": side.engine, "threads": side.threads, "seconds": seconds, "best": best, "spread": max(seconds) - best,
        "ns_per_evaluation": best / row["evaluations"] * 1e9, "pixels_per_second": row["pixels"] / best,
    }  # fmt: skip
    if side in counts:
        found["recomputed"] = counts[side]
    return found


def _command_row(side: Side, runs: list[Timed], first_peak: float) -> dict[str, Any]:
    """The results of the whole command of one side.

    Parameters
    ----------
    side : Side
    runs : list of Timed
    first_peak : float
        Memory of the first run, MiB.
    """
    best = min(runs, key=lambda run: run.seconds)
    seconds = [run.seconds for run in runs]
    return {
        "engine": side.engine, "threads": side.threads, "seconds": seconds, "best": best.seconds,
        "spread": max(seconds) - best.seconds, "peak_mib": max([first_peak, *(run.peak_mib for run in runs)]),
        "phases": best.phases,
    }  # fmt: skip


def measure_cold(plan: Plan, commands: Commands) -> dict[str, float]:
    """Seconds of the first run on a machine, compilation included, with the engine that is the default."""
    engine = ROW if ROW in plan.ours else plan.ours[0]
    return {engine: commands.cold(engine, COLD.split())}


def measure_tracing(plan: Plan, commands: Commands) -> dict[str, Any]:
    """Whether asking for a trace slows the other pixels: the loop engine without and with a traced pixel.

    Returns
    -------
    dict
        untapped, with_one_traced: ns per evaluation of the render, best; spread of the first;
        tapped: ns per evaluation of a pixel that records.
    """
    side = Side(LOOP, 1)
    kernel = Kernel(Workload("traced", "", TRACED), commands.folder)
    times: dict[str, list[float]] = {"untapped": [], "with_one_traced": []}
    commands.run(side, TRACED.split())
    for _ in range(max(plan.iterations, _TRACED_RUNS)):
        for name, more in (("untapped", []), ("with_one_traced", ["-trace_pixel", *_TRACED_PIXEL])):
            times[name].append(commands.run(side, [*TRACED.split(), *more]).phases["render"])
    per = {name: min(each) / kernel.evaluations * 1e9 for name, each in times.items()}
    spread = (max(times["untapped"]) - min(times["untapped"])) / kernel.evaluations * 1e9
    deep = Kernel(Workload("deep", "", _deep()), commands.folder)
    tapped = deep.tapped_seconds(_TAPPED_PIXELS) / (deep.evaluations / deep.pixels) * 1e9
    return {**per, "spread": spread, "tapped": tapped}


def _deep() -> str:
    return TRACED.replace("-detpixels 1024", "-detpixels 16 -mosaic 0.5 -mosaic_domains 1000")


def run_all(
    workloads: Sequence[Workload], plan: Plan, commands: Commands, results: dict[str, Any], save: Callable[[], None]
) -> None:
    """Measure everything, and save after each piece.

    Parameters
    ----------
    workloads : sequence of Workload
    plan : Plan
    commands : Commands
    results : dict
        Filled in place.
    save : callable
        Writes the results as they are.
    """
    began = time.perf_counter()

    def done(what: str) -> None:
        results["seconds"] = time.perf_counter() - began
        save()
        plan.say(f"nb-bench: {results['seconds']:6.1f} s  {what}")

    if plan.ours:
        results["cold_seconds"] = measure_cold(plan, commands)
        done("compilation")
    for workload in workloads:
        results["workloads"].append(measure_workload(workload, plan, commands))
        done(workload.name)
    if LOOP in plan.engines:
        results["tracing"] = measure_tracing(plan, commands)
        done("tracing")
