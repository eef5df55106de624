"""nb-bench: how fast both engines and a C program are, on named workloads, in one run."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from nanobragg_numba.command.guard import DONE, SOME_FAILED, complain
from nanobragg_numba.errors import FormatError, NanoBraggError, OptionError
from nanobragg_numba.io.atomic import atomic_output
from nanobragg_numba.tools.bench.arguments import ENGINES, RESULTS, bench_parser
from nanobragg_numba.tools.bench.workloads import Workload, choose, write_inputs
from nanobragg_numba.tools.c_program import OWN, VARIABLE, digest, find_c_program
from nanobragg_numba.tools.commands import main_of
from nanobragg_numba.tools.machine import git_commit, json_text, machine, versions
from nanobragg_numba.tools.output import show

OPENMP = OWN.with_name(OWN.name + "_omp")
"""The build of our own C program that uses threads."""


def run_tool(argv: list[str]) -> int:
    """Run nb-bench; returns the exit code."""
    options = bench_parser().parse_args(argv)
    if options.table or options.update_readme:
        return _from_stored(options)
    try:
        workloads = choose(options.workloads, options.sizes)
    except KeyError as error:
        raise OptionError(f"no workload is called {error.args[0]!r}") from None
    return bench(options, workloads, argv)


main = main_of("nb-bench")


def _from_stored(options: argparse.Namespace) -> int:
    from nanobragg_numba.tools.bench.report import markdown, with_table

    path = Path(options.table or os.path.join(options.out, RESULTS))
    results = read_results(path)
    table = markdown(results)
    if options.table:
        show(json_text(results).rstrip() if options.json else table.rstrip("\n"))
    if options.update_readme:
        page = Path(options.update_readme)
        changed = with_table(page.read_text(encoding="utf-8"), table, str(page))
        with atomic_output(page) as file:
            file.write(changed.encode())
    return DONE


def read_results(path: Path) -> dict[str, Any]:
    """Read a stored run.

    Raises
    ------
    FormatError
        The file is no results.json.
    """
    try:
        results = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise FormatError(f"{path}: not the results of a run: {error}") from error
    if not isinstance(results, dict) or "workloads" not in results:
        raise FormatError(f"{path}: not the results of a run: it has no workloads")
    return results


def bench(options: argparse.Namespace, workloads: list[Workload], words: list[str]) -> int:
    """Measure, and write results, table and plots, also of what an interrupted run has.

    Parameters
    ----------
    options : Namespace
        From `bench_parser`.
    workloads : list of Workload
    words : list of str
        Arguments of nb-bench itself.

    Returns
    -------
    int
        Exit code.
    """
    cores = len(os.sched_getaffinity(0))
    threads = options.threads or sorted({1, cores})
    _allow(max(threads), cores)
    c_program = _c_program(options)
    engines = options.engines or list(ENGINES)
    if c_program is None:
        engines = [engine for engine in engines if engine != "c"]
    outdir = Path(options.out).absolute()
    outdir.mkdir(parents=True, exist_ok=True)
    results = _header(options, words, engines, threads, c_program)
    code = _run(options, workloads, results, outdir, c_program)
    _write(outdir, results)
    if results["workloads"]:
        _write_readable(outdir, results, options.json)
    differing = [
        f"{row['name']} ({engine})"
        for row in results["workloads"]
        for engine, found in row["parity"].items()
        if not found["bytes_equal"]
    ]
    if differing:
        complain("nb-bench", f"images differ from C's: {', '.join(differing)}")
    return code or (SOME_FAILED if differing else DONE)


def _allow(threads: int, cores: int) -> None:
    """Let Numba use so many threads: it fixes the largest number when it is loaded, by default that of the cores."""
    variable = "NUMBA_NUM_THREADS"
    if "numba" not in sys.modules and threads > int(os.environ.get(variable, cores)):
        os.environ[variable] = str(threads)


def _run(
    options: argparse.Namespace, workloads: list[Workload], results: dict[str, Any], outdir: Path,
    c_program: Path | None,
) -> int:  # fmt: skip
    from nanobragg_numba.tools.bench.measure import Commands, uses_threads
    from nanobragg_numba.tools.bench.run import Plan, run_all

    threaded = c_program is not None and uses_threads(c_program)
    plan = Plan(results["engines"], results["threads"], options.iterations, threaded)
    if options.keep_artifacts:
        plan.artifacts = outdir / "artifacts"
    folder = Path(tempfile.mkdtemp(prefix="nb-bench-"))
    try:
        write_inputs(folder)
        run_all(workloads, plan, Commands(folder, c_program), results, lambda: _write(outdir, results))
        results["complete"] = True
    except KeyboardInterrupt as error:
        count = f"{len(results['workloads'])} of {len(workloads)} workloads"
        complain("nb-bench", f"interrupted; {count} are kept in {outdir}")
        return 128 + getattr(error, "number", signal.SIGINT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return DONE


def _c_program(options: argparse.Namespace) -> Path | None:
    """The C program to measure; None where C is not asked for, or not there and not insisted on."""
    if options.engines and "c" not in options.engines:
        return None
    named = options.c_bin
    if not named and not os.environ.get(VARIABLE) and os.access(OPENMP, os.X_OK):
        named = str(OPENMP)
    found = find_c_program(named)
    if found is None:
        message = "no C program: name one with --c-bin or NB_C_BIN, or build ours with make -C cref"
        if options.engines:
            raise NanoBraggError(message)
        complain("nb-bench", f"{message}; measuring without")
    return found


def _header(
    options: argparse.Namespace, words: list[str], engines: list[str], threads: list[int], c_program: Path | None
) -> dict[str, Any]:
    from nanobragg_numba.tools.bench.measure import compiler, uses_threads

    c = None
    if c_program is not None:
        c = {
            "name": c_program.name, "sha256": digest(c_program), "compiler": compiler(c_program),
            "threaded": uses_threads(c_program),
        }  # fmt: skip
    return {
        "complete": False,
        "date": time.strftime("%Y-%m-%d"),
        "command": words,
        "machine": machine(),
        "versions": versions(),
        "git_commit": git_commit(),
        "engines": engines,
        "threads": threads,
        "iterations": options.iterations,
        "profile": options.profile,
        "c_program": c,
        "seconds": 0.0,
        "cold_seconds": {},
        "workloads": [],
        "tracing": None,
    }


def _write(outdir: Path, results: dict[str, Any]) -> None:
    with atomic_output(outdir / RESULTS) as file:
        file.write(json_text(results).encode())


def _write_readable(outdir: Path, results: dict[str, Any], as_json: bool) -> None:
    from nanobragg_numba.tools.bench import plots as bench_plots
    from nanobragg_numba.tools.bench.report import markdown
    from nanobragg_numba.tools.compare.plots import available

    table = markdown(results)
    (outdir / "table.md").write_text(table, encoding="utf-8")
    if available():
        bench_plots.write_plots(outdir, results)
    else:
        complain("nb-bench", "no plots: matplotlib is not installed")
    if as_json:
        show(json_text(results).rstrip())
        return
    show(table.rstrip("\n"))
    show(f"\nresults in {outdir}")


if __name__ == "__main__":
    sys.exit(main())
