"""The command: from argv to exit code, reading top to bottom."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nanobragg_numba.command.guard import complain, guarded
from nanobragg_numba.errors import OptionError
from nanobragg_numba.version import VERSION_LINE, __version__

if TYPE_CHECKING:
    from nanobragg_numba.engine.run import Progress
    from nanobragg_numba.experiment.experiment import Experiment
    from nanobragg_numba.kernels.scene import Scene
    from nanobragg_numba.programs.nanobragg.run import Prepared, Simulation
    from nanobragg_numba.programs.nanobragg.said import Said

BANNER = f"nanobragg_numba {__version__}: diffraction images of nanocrystals, after nanoBragg by Holton and Frankel"
NAME = "nanoBragg"
NOTHING_TO_RENDER = 9


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program's name. By default those of the process, which then is this command's
        own: signals end it at once.

    Returns
    -------
    int
        Exit code: 0 done, 1 something is wrong, 2 bad usage, 9 nothing to render, 130 interrupted.
    """
    if argv is None:
        # Numba is kept from loading SciPy's BLAS, a quarter of the start-up, which no kernel uses.
        sys.modules["scipy.linalg"] = None  # type: ignore[assignment]
    return guarded(NAME, _command, argv, kernels=True)


def _command(argv: list[str]) -> int:
    from nanobragg_numba.programs.nanobragg.parse import parse

    said, _ = parse(argv)
    if said.help or said.version or said.list_fixes:
        return _describe(said)
    if said.threads < 0:
        raise OptionError("-threads must be at least 1")
    if said.threads and "numba" not in sys.modules:
        os.environ["NUMBA_NUM_THREADS"] = str(said.threads)  # more than the cores, if someone wants that
    clock = Clock()
    import numpy as np

    with np.errstate(all="ignore"):  # what is wrong with a number is said in our own words
        return _simulate(argv, clock)


def _describe(said: Said) -> int:
    if said.help:
        from nanobragg_numba.programs.nanobragg.help import usage

        print(usage(), end="")
    elif said.list_fixes:
        from nanobragg_numba.programs.nanobragg.defects import listing

        print(listing(), end="")
    else:
        print(VERSION_LINE)
    return 0


def _simulate(argv: list[str], clock: Clock) -> int:
    from nanobragg_numba.engine.defects import triggered_defects
    from nanobragg_numba.engine.flatten import flatten
    from nanobragg_numba.options.environment import edge_pixels
    from nanobragg_numba.programs.nanobragg.defects import sentences
    from nanobragg_numba.programs.nanobragg.report.loops import LoopReport
    from nanobragg_numba.programs.nanobragg.report.results import results_report
    from nanobragg_numba.programs.nanobragg.report.setup import setup_report
    from nanobragg_numba.programs.nanobragg.resolve.pipeline import lacks_input, resolve
    from nanobragg_numba.programs.nanobragg.run import frames_of, prepare, render_experiment
    from nanobragg_numba.programs.nanobragg.writing import check_outputs, write_outputs

    clock.lap("imports")
    prepared = prepare(argv)
    prepared.said.trace_pixels += edge_pixels()
    _warn(prepared.notes.warnings)
    if lacks_input(prepared.said):
        return _nothing_to_render()
    known = len(prepared.notes.warnings)
    resolved = resolve(prepared.said, prepared.mask, prepared.notes, write_dump=True)
    prepared.notes.warnings += check_outputs(resolved.experiment)
    _warn(prepared.notes.warnings[known:])
    sys.stdout.write(setup_report(resolved, BANNER))
    sys.stdout.flush()
    experiment = resolved.experiment
    scene = flatten(experiment)
    _warn(sentences([*prepared.notes.defects, *triggered_defects(experiment, scene)]))
    clock.lap("setup", prepared.notes.reading_seconds)

    _announce_compilation(experiment, scene, prepared.said.engine)
    bar = _progress_bar(prepared, scene)
    loops = LoopReport(experiment, scene, experiment.outputs.progress and (bar is None or not sys.stdout.isatty()))

    def after_rows(progress: Progress) -> None:
        sys.stdout.write(loops.after_rows(progress))
        sys.stdout.flush()
        if bar is not None:
            bar.update(min(max(progress.rows - scene.roi_ymin, 0), bar.total) - bar.n)

    result = render_experiment(
        experiment, threads=prepared.said.threads, engine=prepared.said.engine,
        noise=bool(experiment.outputs.noise_file), generator=resolved.generator, scene=scene,
        after_rows=after_rows,
    )  # fmt: skip
    if bar is not None:
        bar.close()
    clock.lap("render")
    _warn(sentences(result.found_defects))
    frames = frames_of(result, prepared.said.threads, prepared.said.engine)
    _warn(write_outputs(experiment, scene, result.image, result.statistics, result.noise, frames))
    clock.lap("writing")
    report = results_report(experiment.outputs, result.statistics, result.image.size, result.noise)
    sys.stdout.write(report)
    sys.stdout.flush()
    if prepared.said.verbose:
        _report_times(clock, result, prepared)
    return 0


def _warn(messages: list[str]) -> None:
    for message in messages:
        complain(NAME, f"warning: {message}")


def _nothing_to_render() -> int:
    from nanobragg_numba.programs.nanobragg.help import usage

    print(BANNER)
    print(usage(), end="")
    complain(NAME, "nothing to render: give -cell or -mat, and -hkl, a dump file or -default_F")
    return NOTHING_TO_RENDER


def _announce_compilation(experiment: Experiment, scene: Scene, engine: str) -> None:
    """Say so when the kernels are not in the cache yet, or cannot be kept there."""
    from nanobragg_numba.engine.fixes import kernel_fixes
    from nanobragg_numba.engine.run import is_compiled
    from nanobragg_numba.kernels import jit

    folder, temporary = jit.cache_folder()
    if temporary:
        _warn([f"no writable cache folder: kernels are compiled for this run only, in {folder}"])
    if not is_compiled(scene, engine, kernel_fixes(experiment, scene)):
        complain(NAME, "compiling the kernels for this machine, once")


def _progress_bar(prepared: Prepared, scene: Scene):  # type: ignore[no-untyped-def]
    """A bar on a terminal, with an estimate of the time that is left; else None.

    It counts the rows of the region of interest: the others take no time.
    """
    if not (prepared.said.progress and sys.stderr.isatty()):
        return None
    from tqdm import tqdm

    rows = max(scene.roi_ymax + 1 - scene.roi_ymin, 0)
    columns = os.get_terminal_size(sys.stderr.fileno()).columns or 80  # some terminals do not know their width
    return tqdm(total=rows, unit="row", file=sys.stderr, leave=False, smoothing=0.0, ncols=columns)


class Clock:
    """Laps of wall-clock time, by name."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str, *inside: float) -> None:
        """End a lap; `inside` are seconds in it that are reported elsewhere."""
        now = time.perf_counter()
        self.laps[name] = now - self._last - sum(inside)
        self._last = now


def _report_times(clock: Clock, result: Simulation, prepared: Prepared) -> None:
    progress, loading = result.progress, result.progress.load_seconds
    rows = [
        ("imports", clock.laps["imports"]),
        ("reading", prepared.notes.reading_seconds),
        ("setup", clock.laps["setup"]),
        ("compile or cache load", loading),
        ("render", progress.render_seconds),
        ("statistics and text", clock.laps["render"] - loading - progress.render_seconds),
        ("writing, and waiting for the noise", clock.laps["writing"]),
    ]
    if result.noise is not None:
        rows.append(("noise, beside the others", result.noise.seconds))
    for name, seconds in rows:
        complain(NAME, f"{seconds:8.3f} s  {name}")
    complain(NAME, f"{progress.recomputed} pixels recomputed by the loop kernel")
