"""The command line of nb-bench; standard library only, so that a man page can be made from it."""

import argparse
import os

from nanobragg_numba.command.parser import Parser
from nanobragg_numba.engine.names import LOOP, ROW
from nanobragg_numba.tools.bench.workloads import SIZES, names

ENGINES = (LOOP, ROW, "c")
RESULTS = "results.json"
DEFAULT_FOLDER = os.path.join("benchmarks", "results")


def _numbers(text: str) -> list[int]:
    values = sorted({int(word) for word in text.split(",") if word.strip()})
    if not values or values[0] < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: whole numbers of 1 or more are wanted, with commas between")
    return values


def _engines(text: str) -> list[str]:
    found = [word.strip() for word in text.split(",") if word.strip()]
    for word in found or [text]:
        if word not in ENGINES:
            raise argparse.ArgumentTypeError(f"{word!r} is no engine: choose from {', '.join(ENGINES)}")
    return [engine for engine in ENGINES if engine in found]


def _names(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is too small: 1 or more is wanted")
    return value


for _reader, _name in ((_numbers, "list of numbers"), (_engines, "list of engines"), (_count, "whole number")):
    _reader.__name__ = _name


def bench_parser() -> argparse.ArgumentParser:
    """Make the parser of nb-bench."""
    parser = Parser(
        prog="nb-bench",
        description="Measure both engines and a C program on named workloads. Engines take turns within each "
        "repetition, so that a machine that speeds up or slows down does so for all of them.",
        epilog=f"The folder gets {RESULTS}, table.md and plots against size, domains and threads. An interrupted run "
        "keeps what it has. Exit status: 0 done, 1 not possible, 2 bad usage, 3 an image differs from C's, 130 "
        "interrupted.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--workloads", type=_names, default=["all"], metavar="all|NAME,...",
        help=f"of {', '.join(names())} (default all)")  # fmt: skip
    add("--sizes", type=_numbers, default=list(SIZES), metavar="N,...",
        help=f"detector sizes of the still, pixels a side (default {','.join(map(str, SIZES))})")  # fmt: skip
    add("--threads", type=_numbers, metavar="N,...", help="thread counts (default: 1 and all cores)")
    add("--engines", type=_engines, metavar="NAME,...",
        help="of loop, row and c (default: all, without c where there is no C program)")  # fmt: skip
    add("--iterations", type=_count, default=3, metavar="N", help="repetitions of each measurement (default 3)")
    add("--profile", action="store_true", help="add where the time of the whole command goes, by phase")
    add("--keep-artifacts", action="store_true", help="keep images and standard output in DIR/artifacts")
    add("--c-bin", metavar="PATH",
        help="C program (default: that of NB_C_BIN, else cref/nanobragg_ref_omp of a checkout)")  # fmt: skip
    add("--out", default=DEFAULT_FOLDER, metavar="DIR", help=f"folder for the results (default {DEFAULT_FOLDER})")
    add("--table", metavar=RESULTS, help="print the Markdown table of a stored run and measure nothing")
    add("--update-readme", metavar="README.md",
        help="put the table of the run stored in --out between the markers of a page; measure nothing")  # fmt: skip
    add("--json", action="store_true", help="print the results, or with --table those of a stored run, as JSON")
    parser.alias("--outdir", "--out")
    return parser
