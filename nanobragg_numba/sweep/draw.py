"""Drawn tables of shots.

Each column has a stream of random numbers of its own, so a longer table begins as a shorter one.
"""

from __future__ import annotations

import csv
import io
import math
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from nanobragg_numba.errors import OptionError
from nanobragg_numba.geometry.lattice import misset_of_rotation, rotation_of_quaternion
from nanobragg_numba.sweep.columns import Column, column

DISTRIBUTIONS = {
    "normal": "MEAN,SIGMA",
    "lognormal": "MEDIAN,SIGMA",
    "uniform": "LOW,HIGH",
    "loguniform": "LOW,HIGH",
    "choice": "A,B,...",
}
"""What --vary draws from, and its parameters. SIGMA of lognormal is that of the natural logarithm."""

_BLOCK = 4096


@dataclass(frozen=True)
class Vary:
    """A column that is drawn."""

    column: Column
    kind: str
    parameters: tuple[float, ...]

    def cells(self, generator: np.random.Generator, count: int) -> list[str]:
        """Draw so many cells."""
        a, b = (*self.parameters, 0.0)[:2]
        if self.kind in ("normal", "lognormal"):
            z = generator.standard_normal(count)
            values = a + b * z if self.kind == "normal" else a * np.exp(b * z)
        else:
            u = generator.random(count)
            if self.kind == "choice":
                values = np.array(self.parameters)[(u * len(self.parameters)).astype(int)]
            elif self.kind == "loguniform":
                values = a * (b / a) ** u
            elif self.column.is_integer:
                values = np.floor(a + (math.floor(b) - a + 1.0) * u)
            else:
                values = a + (b - a) * u
        if self.column.is_integer:
            return [str(int(value)) for value in np.rint(values)]
        return [repr(float(value)) for value in values]


def vary(text: str) -> Vary:
    """Read `NAME=KIND(A,B)`.

    Raises
    ------
    OptionError
    """
    found = re.fullmatch(r"\s*([^=\s]+)\s*=\s*(\w+)\s*\(([^()]*)\)\s*", text)
    kinds = ", ".join(f"{kind}({parameters})" for kind, parameters in DISTRIBUTIONS.items())
    if not found or found[2] not in DISTRIBUTIONS:
        raise OptionError(f"--vary {text!r}: write NAME=DISTRIBUTION with one of {kinds}")
    try:
        parameters = tuple(float(value) for value in found[3].split(","))
    except ValueError:
        raise OptionError(f"--vary {text!r}: {found[3]!r} are not numbers with commas between them") from None
    chosen, kind = column(found[1]), found[2]
    if chosen.expected != 1 or chosen.row.special or not chosen.row.reads or "text" in dict(chosen.row.reads).values():
        raise OptionError(f"--vary {text!r}: -{chosen.name} does not take one number")
    positive = kind in ("lognormal", "loguniform")
    if not all(math.isfinite(value) for value in parameters) or (kind != "choice" and len(parameters) != 2):
        raise OptionError(f"--vary {text!r}: {kind} takes {DISTRIBUTIONS[kind]}")
    if positive and parameters[0] <= 0.0 or kind == "loguniform" and parameters[1] <= 0.0:
        raise OptionError(f"--vary {text!r}: {kind} is of numbers above 0")
    return Vary(chosen, kind, parameters)


def random_missets(generator: np.random.Generator, count: int) -> list[str]:
    """Cells of a column misset, degrees: rotations drawn uniformly from all of them."""
    quaternions = generator.standard_normal((count, 4)).tolist()
    angles = (misset_of_rotation(rotation_of_quaternion((w, x, y, z))) for w, x, y, z in quaternions)
    return [" ".join(repr(float(angle)) for angle in each) for each in angles]


def drawn_rows(seed: int, count: int, orient: bool, varied: list[Vary]) -> Iterator[list[str]]:
    """The table: its header, then a row a shot.

    Parameters
    ----------
    seed : int
    count : int
        Shots.
    orient : bool
        Begin with a column of random orientations.
    varied : list of Vary
    """
    names = ["misset"] * orient + [each.column.name for each in varied]
    if len(set(names)) < len(names):
        raise OptionError("--vary and --orient draw the same column twice")
    yield names
    streams = [np.random.default_rng([seed, zlib.crc32(name.encode())]) for name in names]
    for start in range(0, count, _BLOCK):
        size = min(_BLOCK, count - start)
        columns = [random_missets(streams[0], size)] if orient else []
        columns += [each.cells(stream, size) for each, stream in zip(varied, streams[orient:])]
        yield from (list(row) for row in zip(*columns)) if columns else ([] for _ in range(size))


def write_table(file: BinaryIO, rows: Iterator[list[str]]) -> None:
    """Write rows as CSV."""
    text = io.TextIOWrapper(file, "utf-8", newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    text.flush()
    text.detach()
