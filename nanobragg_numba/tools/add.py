"""nb-add: the weighted sum of float images, such as spots and what the water between them scatters."""

from __future__ import annotations

import argparse
import sys
from typing import Any

import numpy as np

from nanobragg_numba.command.guard import DONE
from nanobragg_numba.command.parser import Parser
from nanobragg_numba.errors import FormatError, OptionError
from nanobragg_numba.formats.float_image import write_float_image
from nanobragg_numba.io.atomic import atomic_output
from nanobragg_numba.io.inputs import open_input, read_at_most
from nanobragg_numba.tools.commands import main_of
from nanobragg_numba.tools.output import show

_LIMIT = 1 << 34


def build_parser() -> argparse.ArgumentParser:
    """The options of nb-add."""
    parser = Parser(prog="nb-add", description="Add raw float images, pixel by pixel; each may have a factor.")
    parser.add_argument("images", nargs="+", metavar="FILE[:FACTOR]", help="float images of one size, as in "
                        "spots.bin water.bin:0.5")  # fmt: skip
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help="the sum")
    parser.add_argument("--exact", action="store_true", help="add in double precision and round once; else every "
                        "product and every sum is rounded to a float, in the order of the files")  # fmt: skip
    return parser


def _parted(word: str) -> tuple[str, float]:
    """Name and factor."""
    name, colon, factor = word.rpartition(":")
    try:
        return (name, float(factor)) if colon else (word, 1.0)
    except ValueError:
        return word, 1.0


def _pixels(name: str) -> np.ndarray:
    with open_input(name, "float image") as file:
        data = read_at_most(file, _LIMIT)
    if not data or len(data) % 4:
        raise FormatError(f"{name}: {len(data)} bytes are no float image: 4 a pixel")
    return np.frombuffer(data, np.float32)


def weighted_sum(images: list[tuple[np.ndarray, float]], exact: bool) -> np.ndarray:
    """Sum of images times their factors, float32.

    Parameters
    ----------
    images : list of (array, factor)
        Of one shape.
    exact : bool
        Add in double precision, and round once.
    """
    kind: Any = np.float64 if exact else np.float32
    total = np.zeros(images[0][0].shape, kind)
    for image, factor in images:
        total += image.astype(kind) * kind(factor)
    return total.astype(np.float32)


def run_tool(argv: list[str]) -> int:
    """Run nb-add; returns the exit code."""
    options = build_parser().parse_args(argv)
    images = []
    for word in options.images:
        name, factor = _parted(word)
        if not np.isfinite(factor):
            raise OptionError(f"{word}: the factor must be a finite number")
        images.append((_pixels(name), factor))
        if images[-1][0].size != images[0][0].size:
            raise FormatError(f"{name} has {images[-1][0].size} pixels, {options.images[0]} {images[0][0].size}")
    with np.errstate(all="ignore"), atomic_output(options.output) as file:
        write_float_image(file, weighted_sum(images, options.exact))
    show(f"{options.output}: {images[0][0].size} pixels, the sum of {len(images)} images")
    return DONE


main = main_of("nb-add")


if __name__ == "__main__":
    sys.exit(main())
