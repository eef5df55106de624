"""The command lines of nb-trace and nb-trace-diff.

Standard library only, so that `--help` is quick and the man pages can be made before the package
is installed.
"""

import argparse
import math
import re

from nanobragg_numba.command.parser import Parser


def _tolerance(text: str) -> float:
    value = float(text)
    if not (math.isfinite(value) and value >= 0.0):
        raise argparse.ArgumentTypeError(f"{text} is no tolerance: a number of 0 or more is wanted")
    return value


_tolerance.__name__ = "number"


def trace_diff_parser() -> argparse.ArgumentParser:
    """Make the parser of nb-trace-diff."""
    parser = Parser(
        prog="nb-trace-diff",
        description="Find the first token at which two traces of one pixel differ. Tokens are "
        "paired in order, whatever the prefix and whether written name=value or name value.",
        epilog="Exit status: 0 same, 1 different, 2 cannot compare (a log is missing, empty, "
        "binary, cut off, or of another pixel).",
        allow_abbrev=False,
    )
    parser.add_argument("a", metavar="A.log", help="first trace log")
    parser.add_argument("b", metavar="B.log", help="second trace log")
    parser.add_argument(
        "--rtol",
        type=_tolerance,
        default=0.0,
        help="relative tolerance: numbers agree where |a-b| <= atol + rtol*max(|a|,|b|) "
        "(default 0: equal when written with 15 digits; -0 equals 0)",
    )
    parser.add_argument(
        "--atol", type=_tolerance, default=0.0, help="absolute tolerance (default 0)"
    )
    parser.add_argument(
        "--partial", action="store_true", help="compare what is there even if a log is cut off"
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE.md", help="write the first divergence as a report"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser


TAP_NAMES = ("aggregate", "omega", "f_cell", "hkl", "intensity")
PARITY_COMMAND = (
    "-default_F 100 -cell 100 100 100 90 90 90 -N 5 -lambda 6.2 -distance 100 "
    "-detpixels 4096 -pixel 0.1"
)
"""What is traced when no nanoBragg arguments are given."""


def _taps(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        if name not in TAP_NAMES:
            raise argparse.ArgumentTypeError(
                f"{name!r} is no tap: choose from {', '.join(TAP_NAMES)}"
            )
    return names


def _tag(text: str) -> str:
    if not re.fullmatch(r"\w[\w.+-]*", text, re.ASCII):
        raise argparse.ArgumentTypeError(
            f"{text!r} becomes part of file names: use letters, digits and . _ + -"
        )
    return text


def _at_least_one(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is too small: 1 or more is wanted")
    return value


for _reader, _name in ((_taps, "list of taps"), (_tag, "tag"), (_at_least_one, "whole number")):
    _reader.__name__ = _name


def trace_parser() -> argparse.ArgumentParser:
    """Make the parser of nb-trace; nanoBragg's own arguments come after `--` and are not its."""
    parser = Parser(
        prog="nb-trace",
        usage="%(prog)s --pixel SLOW FAST [--pixel SLOW FAST ...] [options] "
        "[-- nanoBragg arguments]",
        description="Make a reproducible bundle of traces: the inner numbers of single pixels, "
        "token by token, of this program and, where there is one, of a C program. Only the pixels "
        "asked for are computed.",
        epilog="Without arguments after -- the command traced is: nanoBragg "
        f"{PARITY_COMMAND}. The folder gets py_traces/TAG_pixel_SLOW_FAST.log, with a C program "
        "c_traces/ too, taps/TAG_pixel_SLOW_FAST.json, omega_analysis.md, commands.txt, "
        "env/trace_env.json and summary.md. Of a C program that does not know -trace_pixel it gets c_printout/, what "
        "-printout_pixel says. Exit status: 0 done, 1 not possible, 2 bad usage, 3 done without a trace of the C "
        "program.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add(
        "--pixel",
        nargs=2,
        type=int,
        action="append",
        default=[],
        metavar=("SLOW", "FAST"),
        help="a pixel to trace, zero-based; may be given several times",
    )
    add("--tag", type=_tag, default="trace", help="first part of the logs' names (default: trace)")
    add(
        "--out",
        metavar="DIR",
        default="trace_bundle",
        help="folder for the bundle, made if it is missing; one with files under version control "
        "is refused (default: trace_bundle)",
    )
    add("--oversample", type=_at_least_one, metavar="N", help="add -oversample N to the command")
    add(
        "--roi",
        nargs=4,
        type=int,
        metavar=("XMIN", "XMAX", "YMIN", "YMAX"),
        help="add -roi to the command: fast and slow bounds, inclusive",
    )
    add(
        "--taps",
        type=_taps,
        default=(),
        metavar="TAP,...",
        help=f"per-subpixel taps to write as well, of {','.join(TAP_NAMES)}",
    )
    add(
        "--c-bin",
        metavar="PATH",
        help="C program to be traced too (default: that of NB_C_BIN, "
        "else cref/nanobragg_ref of a checkout where it is built)",
    )
    add("--json", action="store_true", help="print the summary as JSON")
    add("--list-taps", action="store_true", help="print every tap with unit, loops, owner; no more")
    parser.alias("--out-dir", "--out")
    return parser
