"""nb-sweep: thousands of shots from one table, on all cores or a cluster, stopped and taken up again at will."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nanobragg_numba.command.guard import DONE, SOME_FAILED, complain
from nanobragg_numba.command.parser import Parser
from nanobragg_numba.errors import NanoBraggError, OptionError
from nanobragg_numba.formats.nexus.fields import COMPRESSIONS
from nanobragg_numba.sweep.begin import command_of, open_sweep, remarks
from nanobragg_numba.sweep.drive import Pool, drive, tasks, tidy
from nanobragg_numba.sweep.locks import announce, locked
from nanobragg_numba.sweep.manifest import Counts, Manifest
from nanobragg_numba.sweep.results import Finished
from nanobragg_numba.tools.commands import main_of
from nanobragg_numba.tools.output import show

_SHOWN = 10


def build_parser() -> argparse.ArgumentParser:
    """The options of nb-sweep."""
    parser = Parser(
        prog="nb-sweep",
        description="Render a table of shots. Each is the nanoBragg command of the base arguments and its row, with "
        "seeds that follow from its index. Started again, it goes on with what is missing.",
        epilog="`nb-sweep status DIR [--verify]` says how far a sweep is. Exit codes: 0 all done, 3 some shots failed, "
        "1 something is wrong, 2 a mistake in the options, 130 interrupted.",
    )
    parser.add_argument("base", nargs="?", metavar="BASE.args",
                        help="nanoBragg's arguments, written as for a shell; without it, go on in --out")  # fmt: skip
    parser.add_argument("--out", metavar="DIR", help="folder of the sweep")
    what = parser.add_argument_group("what to render")
    what.add_argument("--shots", metavar="TABLE.csv", help="columns are names of options, a row is a shot")
    what.add_argument("--count", type=int, metavar="N", help="shots to draw instead")
    what.add_argument("--seed", type=int, default=0, metavar="N", help="of the drawing (default %(default)s)")
    what.add_argument("--orient", choices=["random"], help="a random orientation for each shot, as -misset")
    what.add_argument("--vary", action="append", default=[], metavar="NAME=KIND(A,B)",
                      help="draw a column: normal(MEAN,SIGMA), lognormal(MEDIAN,SIGMA), uniform(LOW,HIGH), "
                      "loguniform(LOW,HIGH), choice(A,B,...); may be given several times")  # fmt: skip
    what.add_argument("--same-crystal", action="store_true",
                      help="one crystal for all shots, such as the frames of a rotation: all have the seeds of shot 0 "
                      "for mosaic domains and -misset random")  # fmt: skip
    _add_where(parser.add_argument_group("where"))
    _add_output(parser.add_argument_group("output"))
    return parser


def _add_where(where: argparse._ArgumentGroup) -> None:
    where.add_argument("--workers", type=int, default=0, metavar="N", help="processes (default: one a core)")
    where.add_argument("--threads-per-shot", type=int, default=1, metavar="N", help="(default %(default)s)")
    where.add_argument("--scheduler", default=os.environ.get("DASK_SCHEDULER_ADDRESS", ""), metavar="ADDRESS",
                       help="a dask cluster that runs (default: DASK_SCHEDULER_ADDRESS)")  # fmt: skip
    where.add_argument("--local-cluster", action="store_true", help="a dask cluster of its own on this machine")


def _add_output(out: argparse._ArgumentGroup) -> None:
    out.add_argument("--format", default="nexus", metavar="KINDS",
                     help="nexus: stacks; or files a shot: some of smv,cbf,float (default %(default)s)")  # fmt: skip
    out.add_argument("--pixels", default="auto", choices=["auto", "counts", "photons"],
                     help="of stacks: counts with noise, or photons (default: counts, unless -nonoise)")  # fmt: skip
    out.add_argument("--compression", choices=COMPRESSIONS, default="gzip",
                     help="of stacks (default %(default)s, which every program reads)")  # fmt: skip
    out.add_argument("--chunk", type=int, metavar="N",
                     help="shots a stack, and a task (default 100; 1 for files of their own)")  # fmt: skip
    out.add_argument("--new", action="store_true", help="throw away what another sweep has left in DIR")
    out.add_argument("--retries", type=int, default=1, metavar="N",
                     help="how often a shot that fails is tried again (default %(default)s)")  # fmt: skip
    out.add_argument("--json", action="store_true", help="print the summary as JSON")
    out.add_argument("--command", type=int, metavar="K", help="print the single command of shot K, and do nothing")


def _check(options: argparse.Namespace) -> None:
    for name, least in (("workers", 0), ("threads_per_shot", 1), ("retries", 0)):
        if getattr(options, name) < least:
            raise OptionError(f"--{name.replace('_', '-')} must be at least {least}")
    if options.chunk is not None and options.chunk < 1:
        raise OptionError("--chunk must be at least 1")
    if not options.out:
        raise OptionError("say where to with --out DIR")


def workers_of(options: argparse.Namespace, chunks: int) -> tuple[int, int]:
    """How many processes there are to be, and how many shots each makes at once.

    Parameters
    ----------
    options : argparse.Namespace
    chunks : int
        Chunks that are still to be made. Where that is less than the cores, some cores would have nothing to do;
        then each process has several shots in the making.
    """
    workers = options.workers or max(1, len(os.sched_getaffinity(0)) // options.threads_per_shot)
    used = max(1, min(workers, chunks))
    return used, 1 if options.scheduler else workers // used


def pool_of(options: argparse.Namespace, workers: int) -> Any:
    """What the options want tasks to be given to."""
    threads = options.threads_per_shot
    if options.scheduler or options.local_cluster:
        from nanobragg_numba.sweep.cluster import DaskPool

        return DaskPool("" if options.local_cluster else options.scheduler, workers, threads)
    from nanobragg_numba.sweep.pool import LocalPool

    return LocalPool(workers, threads)


class Bar:
    """Progress on a terminal: shots per second, time left, failures."""

    def __init__(self, counts: Counts) -> None:
        from tqdm import tqdm

        total = counts.pending + counts.done + counts.failed
        self._bar = tqdm(total=total, initial=counts.done, unit="shot", file=sys.stderr, disable=None, smoothing=0.05)
        self.failed = 0

    def seen(self, finished: Finished) -> None:
        """Count what a task has made."""
        self.failed += sum(not each.done for each in finished.shots)
        if self.failed:
            self._bar.set_postfix(failed=self.failed)
        self._bar.update(len(finished.shots))

    def close(self) -> None:
        """Leave the terminal as it is."""
        self._bar.close()


def summary(folder: Path, manifest: Manifest, counts: Counts) -> list[str]:
    """How far a sweep is, a line each.

    Parameters
    ----------
    folder : Path
    manifest : Manifest
    counts : Counts
        Shots by state, and seconds of work.
    """
    total = counts.pending + counts.done + counts.failed
    lines = [f"{folder}: {counts.done} of {total} shots done, {counts.failed} failed, {counts.pending} pending"]
    if counts.done:
        size = manifest.total_bytes()
        lines.append(f"{size:,} bytes; {counts.seconds / counts.done:.3g} s of a worker a shot")
    failures = manifest.failures(_SHOWN)
    lines += [f"shot {shot} failed after {tries} attempts: {message}" for shot, tries, message in failures]
    if counts.failed > len(failures):
        lines.append(f"... and {counts.failed - len(failures)} more")
    return lines


def _as_json(folder: Path, manifest: Manifest, counts: Counts, more: dict[str, Any]) -> str:
    """The same as JSON, with every failure."""
    failures = [
        {"shot": shot, "attempts": tries, "message": message} for shot, tries, message in manifest.failures(-1)
    ]
    values = {"folder": str(folder), **asdict(counts), "bytes": manifest.total_bytes(), "failures": failures, **more}
    return json.dumps(values, indent=2)


def _sweep(options: argparse.Namespace) -> int:
    _check(options)
    folder = Path(options.out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NanoBraggError(f"cannot make the folder {folder}: {error.strerror}") from error
    with locked(folder), closing(open_sweep(options, folder)) as manifest:
        announce(folder, manifest.sweep)
        with suppress(NanoBraggError):  # what is wrong with a shot is said when it fails
            for remark in remarks(manifest.plan, manifest.row(0)):
                complain("nb-sweep", f"warning: {remark}")
        manifest.forget_damaged()
        tidy(folder, manifest)
        before, began = manifest.counts(), time.perf_counter()
        if before.pending or before.failed:
            try:
                _render(options, folder, manifest, before)
            finally:
                tidy(folder, manifest)
        counts, seconds = manifest.counts(), time.perf_counter() - began
        lines, made = summary(folder, manifest, counts), counts.done - before.done
        if made:
            lines.insert(1, f"{made} shots in {seconds:.1f} s: {made / seconds:.3g} shots/s")
        if options.json:
            lines = [_as_json(folder, manifest, counts, {"made": made, "made_in_seconds": seconds})]
    show("\n".join(lines))
    return SOME_FAILED if counts.failed or counts.pending else 0


def _render(options: argparse.Namespace, folder: Path, manifest: Manifest, before: Counts) -> None:
    workers, at_once = workers_of(options, manifest.missing_chunks())
    todo = tasks(manifest, folder, options.threads_per_shot, at_once, options.retries)
    pool: Pool = pool_of(options, workers)
    with closing(pool), closing(Bar(before)) as bar:
        drive(pool, manifest, todo, bar.seen)


def _status(argv: Sequence[str]) -> int:
    parser = Parser(prog="nb-sweep status", description="Say how far a sweep is.")
    parser.add_argument("out", metavar="DIR")
    parser.add_argument("--verify", action="store_true",
                        help="compare digests of all files; the next run renders damaged ones again")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="say it as JSON")
    options = parser.parse_args(argv)
    folder = Path(options.out)
    with closing(Manifest(folder)) as manifest:
        damaged = []
        if options.verify:
            with locked(folder):
                damaged = manifest.forget_damaged(verify=True)
        counts = manifest.counts()
        lines = summary(folder, manifest, counts) + [f"damaged: {name}" for name in damaged]
        if options.json:
            lines = [_as_json(folder, manifest, counts, {"damaged": damaged})]
    show("\n".join(lines))
    return SOME_FAILED if counts.failed or counts.pending else 0


def run_tool(argv: list[str]) -> int:
    """Run nb-sweep; returns the exit code."""
    if argv[:1] == ["status"]:
        return _status(argv[1:])
    options = build_parser().parse_args(argv)
    if options.command is not None:
        show(command_of(options, options.command))
        return DONE
    return _sweep(options)


main = main_of("nb-sweep")


if __name__ == "__main__":
    sys.exit(main())
