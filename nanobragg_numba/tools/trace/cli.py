"""nb-trace: a reproducible bundle of the inner numbers of single pixels."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nanobragg_numba.command.guard import DONE, complain
from nanobragg_numba.errors import OptionError
from nanobragg_numba.tools.argument_lists import split_arguments
from nanobragg_numba.tools.c_program import find_c_program
from nanobragg_numba.tools.commands import main_of
from nanobragg_numba.tools.machine import json_text
from nanobragg_numba.tools.output import show
from nanobragg_numba.tools.trace.arguments import PARITY_COMMAND, trace_parser
from nanobragg_numba.tools.trace.bundle import OUR_SIDE_ONLY, Bundle, CProgramError, c_trace, environment
from nanobragg_numba.tools.trace.summary import list_taps, omega_markdown, summary_lines, summary_markdown
from nanobragg_numba.trace.diff import compare
from nanobragg_numba.trace.parse import parse_log

if TYPE_CHECKING:
    from nanobragg_numba.tools.trace.pixels import Traced
    from nanobragg_numba.tools.trace.taps import TracedPixel


def run_tool(argv: list[str]) -> int:
    """Run nb-trace; returns the exit code."""
    own, given = split_arguments(argv)
    arguments = given or shlex.split(PARITY_COMMAND)
    options = trace_parser().parse_args(own)
    if options.list_taps:
        show(list_taps())
        return DONE
    if not options.pixel:
        raise OptionError("name a pixel to trace: --pixel SLOW FAST")
    summary = make_bundle(options, command_arguments(options, arguments), argv)
    show(json_text(summary).rstrip() if options.json else "\n".join(summary_lines(summary)))
    missing = list(dict.fromkeys(row["c_missing"] for row in summary["pixels"] if row["c_missing"]))
    for line in missing:
        complain("nb-trace", line)
    return OUR_SIDE_ONLY if missing else DONE


main = main_of("nb-trace")


def command_arguments(options: argparse.Namespace, arguments: list[str]) -> list[str]:
    """Add what --oversample and --roi ask for to the nanoBragg arguments.

    Raises
    ------
    OptionError
        The arguments name pixels of their own.
    """
    if "-trace_pixel" in arguments:
        raise OptionError("name pixels with --pixel, not with -trace_pixel behind --")
    added = []
    if options.oversample:
        added += ["-oversample", str(options.oversample)]
    if options.roi:
        added += ["-roi", *(str(bound) for bound in options.roi)]
    return [*arguments, *added]


def make_bundle(
    options: argparse.Namespace, arguments: list[str], invocation: list[str]
) -> dict[str, Any]:
    """Trace every pixel and write the whole bundle.

    Parameters
    ----------
    options : Namespace
        From `trace_parser`.
    arguments : list of str
        nanoBragg arguments.
    invocation : list of str
        Arguments of nb-trace itself, for commands.txt.

    Returns
    -------
    dict
        What the summary tells, ready for JSON.

    Raises
    ------
    NanoBraggError
        Anything that cannot be done.
    """
    # The compiler is loaded only now, so that --help and --list-taps answer at once.
    from nanobragg_numba.tools.trace.pixels import trace_pixels

    program = find_c_program(options.c_bin)
    bundle = Bundle(options.out)
    pixels = list(dict.fromkeys((slow, fast) for slow, fast in options.pixel))
    traced = trace_pixels(arguments, pixels, options.taps)
    bundle.ran("all", ["nb-trace", *invocation])
    rows = [
        _write_pixel(bundle, options, arguments, program, traced, index)
        for index in range(len(pixels))
    ]
    all_zero = all(row["values"]["I_pixel_final"] == 0.0 for row in rows)
    summary = {
        "command": shlex.join(arguments),
        "out_dir": os.fspath(options.out),
        "pixels": rows,
        "all_zero": all_zero,
        "brightest": traced.brightest() if all_zero else None,
        "environment": environment(traced.roi, program),
    }
    if "omega" in options.taps:
        bundle.write("omega_analysis.md", omega_markdown(rows))
    bundle.write_json("env/trace_env.json", summary["environment"])
    bundle.write_commands()
    bundle.write("summary.md", summary_markdown(summary))
    return summary


def _write_pixel(
    bundle: Bundle,
    options: argparse.Namespace,
    arguments: list[str],
    program: Path | None,
    traced: Traced,
    index: int,
) -> dict[str, Any]:
    """Write the files of one pixel and return its row of the summary."""
    from nanobragg_numba.tools.trace.taps import TAPS, aggregate

    pixel = traced.pixels[index]
    slow, fast = pixel.spixel, pixel.fpixel
    name = f"{options.tag}_pixel_{slow}_{fast}"
    log = "".join(f"{line}\n" for line in traced.lines(index))
    files = [f"py_traces/{name}.log"]
    bundle.write(files[0], log)
    bundle.ran(files[0], ["nanoBragg", *arguments, "-trace_pixel", str(slow), str(fast)])
    c_side: dict[str, Any] = {"comparison": None, "printout": None, "c_missing": None}
    if program:
        alone = ["-roi", *map(str, (fast, fast, slow, slow))] if traced.stateless else []
        c_side |= _c_side(bundle, program, [*arguments, *alone], pixel, name, log, files)
    taps = {tap: TAPS[tap](pixel) for tap in options.taps}
    if taps:
        files.append(f"taps/{name}.json")
        bundle.write_json(files[-1], {"slow": slow, "fast": fast, **taps})
    return {
        "slow": slow,
        "fast": fast,
        "values": aggregate(pixel),
        **c_side,
        "taps": taps,
        "files": files,
    }


def _c_side(
    bundle: Bundle, program: Path, arguments: list[str], pixel: TracedPixel, name: str, log: str, files: list[str]
) -> dict[str, Any]:
    """Write what the C program says of a pixel, a trace or at least a printout, and compare it with ours."""
    from nanobragg_numba.tools.trace.printout import c_printout, compare_printout, our_printout, parse_printout

    slow, fast = pixel.spixel, pixel.fpixel
    try:
        command, c_log = c_trace(program, arguments, slow, fast)
        if c_log is not None:
            _keep(bundle, f"c_traces/{name}.log", c_log, command, files)
            return {"comparison": _compare(c_log, log)}
        missing = f"{program} does not know -trace_pixel, so there is no trace of it; ours is complete"
        command, text = c_printout(program, arguments, slow, fast)
    except CProgramError as error:
        return {"c_missing": f"{error}; there is no trace of the C program, ours is complete"}
    _keep(bundle, f"c_printout/{name}.txt", text, command, files)
    printout = compare_printout(parse_printout(text), our_printout(pixel))
    return {"printout": printout, "c_missing": f"{missing}, and its -printout_pixel is compared instead"}


def _keep(bundle: Bundle, name: str, text: str, command: list[str], files: list[str]) -> None:
    files.append(name)
    bundle.write(name, text)
    bundle.ran(name, command)


def _compare(c_log: str, log: str) -> dict[str, Any]:
    a, b = parse_log(c_log.encode(), "the C trace"), parse_log(log.encode(), "our trace")
    result = compare(a, b)
    return {
        "same": result.same,
        "agreed": result.agreed,
        "differed": result.differed,
        "one_sided": result.only_a + result.only_b,
        "first": result.first.key if result.first else None,
    }


if __name__ == "__main__":
    sys.exit(main())
