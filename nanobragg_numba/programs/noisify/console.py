"""The terminal's side of a run: standard output, warnings, a progress bar, and where the time went."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence

from nanobragg_numba.command.guard import complain
from nanobragg_numba.command.terminal import announce_compilation, print_now, progress_bar
from nanobragg_numba.kernels import ready
from nanobragg_numba.programs.noisify.defects import TABLE
from nanobragg_numba.programs.noisify.run import Events, Run


class Console(Events):
    """Prints what the C program prints, and on standard error what it does not.

    Parameters
    ----------
    name : str
        Of the command: its messages begin with it.
    banner : str
        The line that names the program.
    began : float
        When the command began, by time.perf_counter, seconds; until now modules were loaded.
    """

    def __init__(self, name: str, banner: str, began: float) -> None:
        self._name, self._banner, self._began = name, banner, began
        self._with_bar = True

    def warned(self, messages: Sequence[str]) -> None:
        for message in messages:
            complain(self._name, f"warning: {message}")

    def printed(self, text: str) -> None:
        sys.stdout.write(text)

    def began(self, stage: str, total: int) -> Callable[[int], None] | None:
        sys.stdout.flush()
        bar = progress_bar(total, "row" if stage == "spreading" else "pixel", stage) if self._with_bar else None
        if bar is None:
            return None

        def done(count: int) -> None:
            bar.update(count - bar.n)
            if count >= total:
                bar.close()

        return done

    def execute(self, run: Run) -> None:
        """Go through a run, from the line that names the program to the times of -verbose."""
        self._with_bar = run.options.progress
        self.printed(run.scan_report + self._banner + _fixes(run.options.fixes) + "\n")
        imported = time.perf_counter()
        self._load_kernels()
        run.execute()
        print_now("")
        if run.options.verbose:
            now = time.perf_counter()
            laps = (("imports", imported - self._began), ("reading, computing and writing", now - imported))
            for name, seconds in laps:
                complain(self._name, f"{seconds:8.3f} s  {name}")

    def _load_kernels(self) -> None:
        """Have the machine code at hand; Numba is imported only if it must be compiled."""
        ready.prepare(
            ["noisify"],
            announce=lambda: announce_compilation(self._name),
            waiting=lambda: complain(self._name, "another run is compiling the kernels: waiting for it"),
        )
        if not ready.is_lasting():
            where = ready.cache_root()
            self.warned([f"no writable cache folder: kernels are compiled for this run only, not kept in {where}"])


def _fixes(names: frozenset[str]) -> str:
    return f"\nfixes: {' '.join(TABLE.in_order(names))}" if names else ""
