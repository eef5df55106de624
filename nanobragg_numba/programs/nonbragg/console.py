"""The terminal's side of a run: standard output, and what standard error says."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from nanobragg_numba.command.guard import complain
from nanobragg_numba.command.terminal import announce_compilation, print_now, progress_bar
from nanobragg_numba.engine.amorphous import GROUPS, AmorphousProgress
from nanobragg_numba.kernels import ready
from nanobragg_numba.programs.nonbragg.image import AmorphousImage
from nanobragg_numba.programs.nonbragg.report import LoopReport, results_report, setup_report
from nanobragg_numba.programs.nonbragg.run import Events, Run


class Console(Events):
    """Prints what the C program prints, and on standard error what it does not.

    Parameters
    ----------
    name : str
        Of the command: its messages begin with it.
    banner : str
        The line that names the program.
    """

    def __init__(self, name: str, banner: str) -> None:
        self._name, self._banner = name, banner
        self._bar: Any = None

    def load_kernels(self) -> None:
        """Have the machine code at hand; Numba is imported only if it must be compiled."""
        ready.prepare(
            GROUPS,
            announce=lambda: announce_compilation(self._name),
            waiting=lambda: complain(self._name, "another run is compiling the kernels: waiting for it"),
        )
        if not ready.is_lasting():
            where = ready.cache_root()
            self.warned([f"no writable cache folder: kernels are compiled for this run only, not kept in {where}"])

    def warned(self, messages: Sequence[str]) -> None:
        for message in messages:
            complain(self._name, f"warning: {message}")

    def ready(self, run: Run) -> Callable[[AmorphousProgress], None]:
        print_now(setup_report(run.resolution, self._banner))
        if not run.render.is_compiled():
            announce_compilation(self._name)
        first, rows = run.scene.roi_ymin, max(run.scene.roi_ymax + 1 - run.scene.roi_ymin, 0)
        self._bar = bar = progress_bar(rows, "row") if run.options.progress else None
        meter = run.experiment.outputs.progress and (bar is None or not sys.stdout.isatty())
        loops = LoopReport(run.experiment, run.scene, meter)

        def after_rows(progress: AmorphousProgress) -> None:
            print_now(loops.after_rows(progress))
            if bar is not None:
                bar.update(min(max(progress.rows - first, 0), rows) - bar.n)

        return after_rows

    def rendered(self) -> None:
        if self._bar is not None:
            self._bar.close()

    def written(self, run: Run, result: AmorphousImage) -> None:
        found = result.found.report if result.found else []
        print_now(results_report(run.experiment, result.statistics, result.image.size, found, result.noise))
        if run.options.verbose:
            progress = result.progress
            complain(self._name, f"{progress.load_seconds:8.3f} s  compile or cache load")
            complain(self._name, f"{progress.render_seconds:8.3f} s  render")
            reason = ready.why_not("amorphous")
            way = f"Numba ({reason})" if reason else "machine code that was ready, without Numba"
            complain(self._name, f"kernels: {way}; the {progress.engine} engine")
            complain(self._name, f"{progress.recomputed} pixels recomputed by the loop kernel")
