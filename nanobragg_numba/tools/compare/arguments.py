"""The command line of nb-compare; standard library only, so that a man page can be made from it."""

import argparse
import math

from nanobragg_numba.command.parser import Parser


def _number(low: float, high: float):  # type: ignore[no-untyped-def]
    def number(text: str) -> float:
        value = float(text)
        if not (math.isfinite(value) and low <= value <= high):
            raise argparse.ArgumentTypeError(f"{text} is not between {low:g} and {high:g}")
        return value

    return number


def _at_least_one(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is too small: 1 or more is wanted")
    return value


_at_least_one.__name__ = "whole number"


def compare_parser() -> argparse.ArgumentParser:
    """Make the parser of nb-compare; nanoBragg's own arguments come after `--` and are not its."""
    parser = Parser(
        prog="nb-compare",
        usage="%(prog)s [options] -- nanoBragg arguments",
        description="Run a C program and nanobragg_numba with the same arguments and say whether they make the "
        "same image. Each side gets output files of its own, also where the arguments name some.",
        epilog="The folder gets c/ and py/ (stdout.txt, stderr.txt, floatimage.bin, and other files where they "
        "differ), c.png, py.png, diff.png, histogram.png, summary.json, summary.md and commands.txt. Exit status: "
        "0 identical or within tolerance, 1 differs: below the threshold, or of another shape, 2 cannot compare: bad "
        "usage, a program that failed, a file that cannot be read or written, 3 with --exact: not identical, 130 "
        "interrupted.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--out", metavar="DIR", help="folder for the results (default: comparisons/YYYYMMDD-HHMMSS-HASH)")
    add("--roi", nargs=4, type=int, metavar=("XMIN", "XMAX", "YMIN", "YMAX"),
        help="compare only these pixels: fast and slow bounds, inclusive")  # fmt: skip
    add("--threshold", type=_number(-1.0, 1.0), default=0.999, metavar="T",
        help="smallest correlation that counts as agreement (default 0.999)")  # fmt: skip
    add("--sum-tolerance", type=_number(0.0, math.inf), default=5e-3, metavar="S",
        help="largest |sum_ratio - 1| that counts as agreement (default 0.005)")  # fmt: skip
    add("--exact", action="store_true",
        help="exit with 3 unless every byte is equal: float image and other files (a noise image whose seed "
        "comes from the clock excepted)")  # fmt: skip
    add("--resample", action="store_true",
        help="where shapes differ, stretch our image to C's by nearest neighbour")  # fmt: skip
    add("--png-scale", type=_number(0.0, 100.0), default=99.9, metavar="PCTL",
        help="percentile of C's pixels at which the pictures are black (default 99.9)")  # fmt: skip
    add("--save-diff", action="store_true", help="write diff.bin: our image less C's, float32")
    add("--c-bin", metavar="PATH", help="C program (default: that of NB_C_BIN, else cref/nanobragg_ref of a checkout)")
    add("--py-bin", metavar="CMD", help="command of our side (default: that of NB_PY_BIN, else this package)")
    add("--repeat", type=_at_least_one, default=1, metavar="N", help="run each side N times; the best time counts")
    add("--timeout", type=_number(1e-3, math.inf), metavar="SECONDS",
        help="stop a program that takes longer (default: never)")  # fmt: skip
    add("--trace-worst", action="store_true", help="run nb-trace and nb-trace-diff on the worst pixel")
    add("--json", action="store_true", help="print the summary as JSON, and nothing else")
    parser.alias("--outdir", "--out")
    return parser
