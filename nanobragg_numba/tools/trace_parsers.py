"""The command lines of nb-trace and nb-trace-diff.

Standard library only, so that `--help` is quick and the man pages can be made before the package
is installed.
"""

import argparse
import math


def _tolerance(text: str) -> float:
    value = float(text)
    if not (math.isfinite(value) and value >= 0.0):
        raise argparse.ArgumentTypeError(f"{text} is no tolerance: a number of 0 or more is wanted")
    return value


_tolerance.__name__ = "number"


def trace_diff_parser() -> argparse.ArgumentParser:
    """Make the parser of nb-trace-diff."""
    parser = argparse.ArgumentParser(
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
