"""What a sweep renders: base arguments, columns, kinds of files; and the command line of each shot."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from nanobragg_numba.errors import OptionError
from nanobragg_numba.formats.nexus.fields import COMPRESSIONS
from nanobragg_numba.io.inputs import read_text
from nanobragg_numba.programs.nanobragg.option_values import OptionValues
from nanobragg_numba.programs.nanobragg.parse import parse
from nanobragg_numba.sweep.columns import absolute_files, check_base, column, input_files

FORMATS = ("nexus", "smv", "cbf", "float")
FACTORS = "factors"
"""Folder, in that of the sweep, where workers share structure factors."""

_LARGEST_SEED = 2**31 - 1
_NOTHING = "/dev/null"


@dataclass(frozen=True)
class Plan:
    """All that decides the bytes of a sweep but the rows of its table.

    Attributes
    ----------
    base : tuple of str
        Arguments of every shot, files named from the root.
    columns : tuple of str
        Names of options.
    folder : str
        Where file names in the table begin.
    count : int
        Shots.
    table : str
        Digest of the table.
    inputs : str
        Digest of the files that the base names.
    formats : tuple of str
        From FORMATS.
    counts : bool
        Stacks hold counts with noise, uint16; else photons, float32.
    noise : bool
        Whether a noise image is made.
    chunk : int
        Shots a stack, and a task.
    seed, mosaic_seed, misset_seed : int
        Of shot 0; shot k has k more.
    same_crystal : bool
        Mosaic domains and the orientation of -misset random are those of shot 0 in all shots.
    compression : str
        Of stacks.
    """

    base: tuple[str, ...]
    columns: tuple[str, ...]
    folder: str
    count: int
    table: str
    inputs: str
    formats: tuple[str, ...] = ("nexus",)
    counts: bool = True
    noise: bool = True
    chunk: int = 100
    seed: int = 1
    mosaic_seed: int = 1
    misset_seed: int = 1
    same_crystal: bool = False
    compression: str = "gzip"

    def as_json(self) -> str:
        """All of it as text."""
        values = asdict(self)
        return json.dumps(values, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """The plan that `as_json` wrote.

        Raises
        ------
        ValueError, TypeError
            It is no such plan.
        """
        values: dict[str, Any] = json.loads(text)
        if not isinstance(values, dict):
            raise ValueError("its plan is none")
        for each in fields(cls):
            if each.name in ("same_crystal", "compression") and each.name not in values:
                continue  # of a sweep that was begun before there was a choice
            value = values.get(each.name)
            if isinstance(value, list) and all(isinstance(word, str) for word in value):
                value = values[each.name] = tuple(value)
            if type(value).__name__ != str(each.type).partition("[")[0]:
                raise ValueError(f"its plan has no {each.name}")
        plan = cls(**values)
        known = set(plan.formats) <= set(FORMATS) and plan.compression in COMPRESSIONS
        if not known or plan.chunk < 1 or plan.count < 0:
            raise ValueError("its plan is none that a sweep makes")
        return plan

    @property
    def stacked(self) -> bool:
        """Whether shots go into stacks."""
        return "nexus" in self.formats

    def input_arguments(self, shot: int, row: Sequence[str]) -> list[str]:
        """Arguments of a shot but for its output files."""
        options: list[str] = []
        crystal = 0 if self.same_crystal else shot
        for name, cell in zip(self.columns, row):
            options += column(name).arguments(cell, self.folder)
        front, back = [], []
        if self.stacked and self.counts and not any("-adc" in word for word in (*self.base, *options)):
            front += ["-adc", "0"]  # an offset is a matter of SMV; in a stack it would hide weak spots
        if "-seed" not in options:
            back += ["-seed", self._seed(self.seed, shot)]
        if "-mosaic_seed" not in options:
            back += ["-mosaic_seed", self._seed(self.mosaic_seed, crystal)]
        if "-misset_seed" not in options and self._is_random([*self.base, *options]):
            # In front, because the C program reads the number as an angle of -misset, too; that comes later.
            zeros = [] if "misset-seed" in parse(self.base)[0].fixes else ["0", "0"]
            front += ["-misset_seed", self._seed(self.misset_seed, crystal), *zeros]
        return [*front, *self.base, *options, *back, "-noprogress"]

    @staticmethod
    def _seed(start: int, shot: int) -> str:
        return str((start + shot) % _LARGEST_SEED)

    @staticmethod
    def _is_random(argv: list[str]) -> bool:
        return any("-misset" in a and "rand" in b for a, b in zip(argv, argv[1:]))

    def output_arguments(self, stem: str) -> list[str]:
        """Arguments that name a shot's files, all of them beginning with a stem."""
        photons = f"{stem}.bin" if "float" in self.formats or (self.stacked and not self.counts) else _NOTHING
        smv = f"{stem}.img" if "smv" in self.formats or (self.stacked and self.counts) else _NOTHING
        names = ["-floatfile", photons, "-nopgm"]
        names += ["-intfile", _NOTHING, "-noisefile", smv] if self.noise else ["-intfile", smv, "-nonoise"]
        return [*names, "-cbffile", f"{stem}.cbf"] if "cbf" in self.formats else names

    def command(self, shot: int, row: Sequence[str]) -> str:
        """The single command whose files equal what the sweep makes of a shot."""
        return shlex.join(["nanoBragg", *self.input_arguments(shot, row), *self.output_arguments(stem(shot))])

    def shot_files(self, shot: int) -> list[str]:
        """Names of a shot's own files, relative to the folder of the sweep."""
        suffixes = {"smv": ".img", "cbf": ".cbf", "float": ".bin"}
        return [f"{image_stem(shot)}{suffixes[kind]}" for kind in self.formats if kind in suffixes]


def stem(shot: int) -> str:
    """What the names of a shot's files begin with."""
    return f"shot_{shot:07d}"


def image_stem(shot: int) -> str:
    """The same with its folder: a thousand shots share one."""
    return f"images/{shot // 1000:04d}/{stem(shot)}"


def read_base(path: str) -> list[str]:
    """Arguments in a file, written as for a shell; `#` begins a comment; file names begin at its folder.

    Raises
    ------
    NanoBraggError
    """
    try:
        argv = shlex.split(os.fsdecode(read_text(path, "argument file", 1 << 20)), comments=True)
    except ValueError as error:
        raise OptionError(f"{path}: {error}") from None
    if argv and not argv[0].startswith("-"):
        del argv[0]  # the name of the program
    check_base(argv)
    folder = os.path.dirname(os.path.abspath(path))
    argv = absolute_files(argv, folder)
    options, _ = parse(argv)
    if not options.hkl_file and "-dump" not in " ".join(argv):
        argv += ["-dumpfile", os.path.join(folder, options.dump_file)]
    return argv


def seeds_of(base: Sequence[str]) -> tuple[int, int, int]:
    """Seeds of shot 0 for noise, mosaic domains and orientation: those of the base, else 1."""
    options, _ = parse(base, OptionValues(noise_seed=0, mosaic_seed=0, misset_seed=0))
    noise, mosaic, misset = (-seed or 1 for seed in (options.noise_seed, options.mosaic_seed, options.misset_seed))
    return noise, mosaic, misset


def digest_of_inputs(base: Sequence[str]) -> str:
    """Digest of the content of all files that the base names."""
    digest = hashlib.sha256()
    for name in input_files(base):
        digest.update(f"{name}\0{digest_of_file(Path(name))}\0".encode())
    return digest.hexdigest()


def digest_of_file(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
