"""nb-compare: whether a C program and ours make the same image from the same arguments."""

from __future__ import annotations

import argparse
import hashlib
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nanobragg_numba.command.guard import SOME_FAILED, complain
from nanobragg_numba.errors import NanoBraggError, OptionError
from nanobragg_numba.tools.argument_lists import split_arguments
from nanobragg_numba.tools.c_program import digest, find_c_program
from nanobragg_numba.tools.commands import TOOLS, main_of
from nanobragg_numba.tools.compare.arguments import compare_parser
from nanobragg_numba.tools.compare.run import (
    OUTPUT_FILES,
    PY_VARIABLE,
    Program,
    Run,
    RunnerError,
    other_files,
    our_program,
    read_image,
    redirected,
    run,
)
from nanobragg_numba.tools.output import show

NAME = "nb-compare"
AGREES, BELOW_THRESHOLD, CANNOT = 0, 1, 2

BUNDLE = (
    *("summary.json", "summary.md", "commands.txt", "first_divergence.md", "diff.bin"),
    *("c.png", "py.png", "diff.png", "histogram.png"),
)
"""Names of the files in the folder of a comparison, besides those of the two sides."""


def run_tool(argv: list[str]) -> int:
    """Run nb-compare; returns the exit code: 0 identical or within tolerance, 1 differs, 3 not `--exact`."""
    own, arguments = split_arguments(argv)
    options = compare_parser().parse_args(own)
    if options.json and options.trace_worst:
        raise OptionError("--json and --trace-worst do not go together")
    if not arguments:
        raise OptionError("nanoBragg's arguments are missing: put -- before them")
    try:
        return compare(options, arguments)
    except RunnerError as error:
        complain(NAME, str(error))
        print(error.stderr or "(it said nothing on standard error)", file=sys.stderr)
        return CANNOT


main = main_of(NAME)


def compare(options: argparse.Namespace, arguments: list[str]) -> int:
    """Run both sides, compare, write the bundle and print the verdict.

    Parameters
    ----------
    options : Namespace
        From `compare_parser`.
    arguments : list of str
        nanoBragg's.

    Returns
    -------
    int
        Exit code.
    """
    programs = _programs(options)
    outdir = Path(options.out or _default_folder(arguments)).absolute()
    runs = _run_both(programs, arguments, outdir, options)
    images, shapes = _images(runs)
    if shapes["c"] != shapes["py"]:
        sizes = " and ".join(f"{label} {shape[1]} x {shape[0]}" for label, shape in shapes.items())
        if not options.resample:
            complain(NAME, f"the images have different shapes: {sizes}; --resample compares them")
            return BELOW_THRESHOLD
    return _judge(options, arguments, outdir, runs, images, shapes)


def _programs(options: argparse.Namespace) -> dict[str, Program]:
    c_program = find_c_program(options.c_bin)
    if c_program is None:
        raise NanoBraggError("no C program: name one with --c-bin or NB_C_BIN, or build ours with make -C cref")
    c = Program("c", (str(c_program),), digest(c_program))
    return {"c": c, "py": our_program(options.py_bin)}


def _default_folder(arguments: Sequence[str]) -> str:
    name = hashlib.sha256("\0".join(arguments).encode(errors="surrogateescape")).hexdigest()[:8]
    return os.path.join("comparisons", f"{time.strftime('%Y%m%d-%H%M%S')}-{name}")


def _run_both(
    programs: dict[str, Program], arguments: list[str], outdir: Path, options: argparse.Namespace
) -> dict[str, Run]:
    """Run the sides in turns, so that a drift of the machine's speed hits both alike."""
    runs = {}
    for name in BUNDLE:  # of an earlier comparison in this folder
        (outdir / name).unlink(missing_ok=True)
    for label, program in programs.items():
        folder = outdir / label
        folder.mkdir(parents=True, exist_ok=True)
        runs[label] = Run(program, redirected(arguments, folder), folder)
    lines = [f"# in {os.getcwd()}"]
    for each in runs.values():
        lines += [f"# {each.program.label}", each.program.shell(each.arguments)]
    (outdir / "commands.txt").write_text("\n".join(lines) + "\n", encoding="utf-8", errors="surrogateescape")
    for _ in range(options.repeat):
        for each in runs.values():
            each.milliseconds.append(run(each.program, each.arguments, each.folder, options.timeout))
    return runs


def _images(runs: dict[str, Run]) -> tuple[dict[str, Any], dict[str, tuple[int, ...]]]:
    c = read_image(runs["c"].folder)
    py = read_image(runs["py"].folder, c.shape)
    return {"c": c, "py": py}, {"c": c.shape, "py": py.shape}


def _judge(
    options: argparse.Namespace, arguments: list[str], outdir: Path, runs: dict[str, Run],
    images: dict[str, Any], shapes: dict[str, tuple[int, ...]],
) -> int:  # fmt: skip
    from nanobragg_numba.tools.compare.metrics import measure, nearest_neighbour
    from nanobragg_numba.tools.compare.report import IDENTICAL, summary, trace_commands

    c, py = images["c"], images["py"]
    if c.shape != py.shape:
        py = nearest_neighbour(py, c.shape)
    region = _region(options.roi, c.shape)
    slow, fast = region[0].start, region[1].start
    c, py = c[region].copy(), py[region].copy()
    settings = {
        "roi": options.roi, "resample": options.resample, "threshold": options.threshold,
        "sum_tolerance": options.sum_tolerance, "png_scale": options.png_scale, "repeat": options.repeat,
        "exact": options.exact,
    }  # fmt: skip
    files = other_files(runs["c"].folder, runs["py"].folder)
    if files.get(OUTPUT_FILES["noise_file"]) == "different" and not any("-seed" in word for word in arguments):
        files[OUTPUT_FILES["noise_file"]] += " (no -seed given: each run draws its own)"
    values = summary(arguments, runs, measure(c, py), shapes, files, settings)
    commands = []
    if values["worst"]:
        values["worst"]["slow"] += slow
        values["worst"]["fast"] += fast
        pixel = (values["worst"]["slow"], values["worst"]["fast"])
        commands = trace_commands(arguments, pixel, runs["c"].program.command[0], outdir)
    _write_bundle(options, outdir, values, commands, (c, py), (slow, fast))
    if options.json:
        show((outdir / "summary.json").read_text().rstrip())
    else:
        _tell(options, outdir, values, commands)
    if options.exact:
        return AGREES if values["headline"] == IDENTICAL else SOME_FAILED
    enough = values["headline"] == IDENTICAL if options.exact else values["agrees"]
    return AGREES if enough else BELOW_THRESHOLD


def _tell(
    options: argparse.Namespace, outdir: Path, values: dict[str, Any], commands: list[tuple[str, list[str]]]
) -> None:
    from nanobragg_numba.tools.compare.report import text

    show(f"results in {outdir}")
    if commands:
        show("to find the first divergence in the worst pixel (--trace-worst does it):")
        show("\n".join(f"  {shlex.join([name, *words])}" for name, words in commands))
    if options.trace_worst:
        if options.py_bin or os.environ.get(PY_VARIABLE):
            show("--trace-worst: traced is the package that runs this tool, not the command of our side")
        _trace_worst(commands)
    show(text(values))


def _region(roi: list[int] | None, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Slices of the region compared; its bounds are inclusive."""
    if roi is None:
        return slice(0, shape[0]), slice(0, shape[1])
    xmin, xmax, ymin, ymax = roi
    if not (0 <= xmin <= xmax < shape[1] and 0 <= ymin <= ymax < shape[0]):
        raise OptionError(
            f"--roi {shlex.join(map(str, roi))} is no region of an image of {shape[1]} x {shape[0]} pixels"
        )
    return slice(ymin, ymax + 1), slice(xmin, xmax + 1)


def _write_bundle(
    options: argparse.Namespace, outdir: Path, values: dict[str, Any], commands: list[tuple[str, list[str]]],
    images: tuple[Any, Any], first: tuple[int, int],
) -> None:  # fmt: skip
    from nanobragg_numba.tools.compare import plots as compare_plots
    from nanobragg_numba.tools.compare.report import markdown
    from nanobragg_numba.tools.machine import json_text

    lines = [shlex.join([name, *words]) for name, words in commands]
    (outdir / "summary.md").write_text(markdown(values, lines))
    (outdir / "summary.json").write_text(json_text(values))
    if lines:
        with open(outdir / "commands.txt", "a") as file:
            file.write("\n".join(["# first divergence in the worst pixel", *lines]) + "\n")
    if options.save_diff:
        (images[1] - images[0]).astype("f4").tofile(outdir / "diff.bin")
    if not compare_plots.available():
        complain(NAME, "no pictures: matplotlib is not installed")
        return
    view = compare_plots.View(fast=first[1], slow=first[0], percentile=options.png_scale)
    compare_plots.write_plots(outdir, *images, view)


def _trace_worst(commands: list[tuple[str, list[str]]]) -> None:
    """Run the commands that find the first divergence; what they print goes where ours goes."""
    modules = {name: TOOLS[name].module for name in ("nb-trace", "nb-trace-diff")}
    if not commands:
        show("--trace-worst: no pixel differs, nothing to trace")
    package_home = our_program("").environment
    for name, words in commands:
        show(f"$ {shlex.join([name, *words])}")
        sys.stdout.flush()
        command = [sys.executable, "-m", f"nanobragg_numba.tools.{modules[name]}", *words]
        done = subprocess.run(command, env={**os.environ, **package_home}, check=False)
        if name == "nb-trace" and done.returncode != 0:
            show(f"--trace-worst: {name} failed with exit code {done.returncode}")
            return


if __name__ == "__main__":
    sys.exit(main())
