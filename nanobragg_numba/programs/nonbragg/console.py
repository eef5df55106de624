"""The terminal's side of a run: standard output, and what standard error says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nanobragg_numba.command.guard import complain
from nanobragg_numba.command.terminal import announce_compilation, print_now
from nanobragg_numba.engine.amorphous import AmorphousProgress
from nanobragg_numba.programs.nonbragg.report import LoopReport, results_report, setup_report
from nanobragg_numba.programs.nonbragg.run import AmorphousImage, Events, Run


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

    def warned(self, messages: Sequence[str]) -> None:
        for message in messages:
            complain(self._name, f"warning: {message}")

    def ready(self, run: Run) -> Callable[[AmorphousProgress], None]:
        print_now(setup_report(run.resolution, self._banner))
        if not run.is_compiled:
            announce_compilation(self._name)
        loops = LoopReport(run.experiment, run.scene, run.experiment.outputs.progress)

        def after_rows(progress: AmorphousProgress) -> None:
            print_now(loops.after_rows(progress))

        return after_rows

    def written(self, run: Run, result: AmorphousImage) -> None:
        found = result.found.report if result.found else []
        print_now(results_report(run.experiment, result.statistics, result.image.size, found, result.noise))
        if run.options.verbose:
            progress = result.progress
            complain(self._name, f"{progress.load_seconds:8.3f} s  compile or cache load")
            complain(self._name, f"{progress.render_seconds:8.3f} s  render")
            complain(self._name, f"{progress.recomputed} pixels recomputed by the loop kernel")
