"""The terminal's side of a run: standard output, warnings, the progress bar, and where the time went."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from nanobragg_numba.command.guard import complain
from nanobragg_numba.command.terminal import announce_compilation, print_now, progress_bar
from nanobragg_numba.engine.names import ROW
from nanobragg_numba.engine.run import Progress
from nanobragg_numba.kernels import ready
from nanobragg_numba.programs.nanobragg.report.loops import LoopReport
from nanobragg_numba.programs.nanobragg.report.results import results_report
from nanobragg_numba.programs.nanobragg.report.setup import setup_report
from nanobragg_numba.programs.nanobragg.run import Events, Run
from nanobragg_numba.programs.nanobragg.simulation import Simulation


class Console(Events):
    """Prints what the C program prints, and on standard error what it does not.

    Parameters
    ----------
    name : str
        Of the command: its messages begin with it.
    banner : str
        The line that names the program.
    began : float
        When the command began, by time.perf_counter; until now modules were loaded.
    """

    def __init__(self, name: str, banner: str, began: float) -> None:
        self._name, self._banner = name, banner
        self._clock = Clock(began)
        self._clock.lap("imports")
        self._bar: Any = None

    def warned(self, messages: Sequence[str]) -> None:
        for message in messages:
            complain(self._name, f"warning: {message}")

    def load_kernels(self, run: Run) -> None:
        """Have the row engine's machine code at hand; Numba is imported only if it must be compiled."""
        self._clock.lap("arguments")
        if run.options.engine == ROW:
            ready.prepare(
                announce=lambda: announce_compilation(self._name),
                waiting=lambda: complain(self._name, "another run is compiling the kernels: waiting for it"),
            )
        if not ready.is_lasting():
            where = ready.cache_root()
            self.warned([f"no writable cache folder: kernels are compiled for this run only, not kept in {where}"])
        self._clock.lap("kernels")

    def resolved(self, run: Run) -> None:
        print_now(setup_report(run.resolution, self._banner))

    def ready(self, run: Run) -> Callable[[Progress], None]:
        self._clock.lap("setup")
        self._announce_compilation(run)
        self._bar = bar = _progress_bar(run)
        meter = run.experiment.outputs.progress and (bar is None or not sys.stdout.isatty())
        loops = LoopReport(run.experiment, run.scene, meter)

        def after_rows(progress: Progress) -> None:
            print_now(loops.after_rows(progress))
            if bar is not None:
                bar.update(min(max(progress.rows - run.scene.roi_ymin, 0), bar.total) - bar.n)

        return after_rows

    def rendered(self, run: Run, result: Simulation) -> None:
        if self._bar is not None:
            self._bar.close()
        self._clock.lap("render")

    def written(self, run: Run, result: Simulation) -> None:
        self._clock.lap("writing")
        print_now(results_report(run.experiment.outputs, result.statistics, result.image.size, result.noise))
        if run.notes.ignored:
            plural = "arguments were" if run.notes.ignored > 1 else "argument was"
            self.warned([f"{run.notes.ignored} {plural} ignored, see above"])
        if run.options.verbose:
            for line in _times(self._clock, result, run.notes.reading_seconds):
                complain(self._name, line)

    def _announce_compilation(self, run: Run) -> None:
        """Say so when the kernels are not in the cache yet, or cannot be kept there."""
        if run.is_compiled:
            return
        from nanobragg_numba.kernels import jit

        folder, temporary = jit.cache_folder()
        if temporary:
            lasting = jit.lasting_cache_folder()
            reason = f" ({lasting} is somebody else's, or open to others)" if jit.is_distrusted() else ""
            self.warned([f"no writable cache folder{reason}: kernels are compiled for this run only, in {folder}"])
        announce_compilation(self._name)


def _progress_bar(run: Run) -> Any:
    """A bar on a terminal, else None; it counts the rows of the region of interest: the others take no time."""
    return progress_bar(max(run.scene.roi_ymax + 1 - run.scene.roi_ymin, 0), "row") if run.options.progress else None


class Clock:
    """Laps of wall-clock time, by name; the first began when time.perf_counter said `began`."""

    def __init__(self, began: float) -> None:
        self.laps: dict[str, float] = {}
        self._last = began

    def lap(self, name: str, *inside: float) -> None:
        """End a lap; `inside` are seconds in it that are reported elsewhere."""
        now = time.perf_counter()
        self.laps[name] = now - self._last - sum(inside)
        self._last = now


def _times(clock: Clock, result: Simulation, reading_seconds: float) -> list[str]:
    """Where the time went, a line each.

    Parameters
    ----------
    clock : Clock
    result : Simulation
    reading_seconds : float
        Of input files, s.
    """
    progress, loading = result.progress, result.progress.load_seconds
    rows = [
        ("imports", clock.laps["imports"]),
        ("reading", reading_seconds),
        ("setup", clock.laps["arguments"] + clock.laps["setup"] - reading_seconds),
        ("compile or cache load", clock.laps["kernels"] + loading),
        ("render", progress.render_seconds),
        ("statistics and text", clock.laps["render"] - loading - progress.render_seconds),
        ("writing, and waiting for the noise", clock.laps["writing"]),
    ]
    if result.noise is not None:
        rows.append(("noise, beside the others", result.noise.seconds))
    lines = [f"{seconds:8.3f} s  {name}" for name, seconds in rows]
    native = progress.engine.name == ROW and progress.engine.fixes is None and ready.library("rows") is not None
    reason = ready.why_not("rows") or f"the {progress.engine.name} engine"
    way = "machine code that was ready, without Numba" if native else f"Numba ({reason})"
    return [*lines, f"kernels: {way}", f"{progress.recomputed} pixels recomputed by the loop kernel"]
