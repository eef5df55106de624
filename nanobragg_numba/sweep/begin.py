"""The start of a sweep: a new plan with its table, or the one that the folder holds."""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from nanobragg_numba.errors import FormatError, NanoBraggError, OptionError
from nanobragg_numba.formats.nexus.fields import compression
from nanobragg_numba.io.atomic import atomic_output
from nanobragg_numba.programs.nanobragg.parse import parse
from nanobragg_numba.sweep.columns import column
from nanobragg_numba.sweep.draw import drawn_rows, vary, write_table
from nanobragg_numba.sweep.drive import clear
from nanobragg_numba.sweep.manifest import NAME, Manifest
from nanobragg_numba.sweep.places import check_link, check_links
from nanobragg_numba.sweep.plan import FORMATS, Plan, digest_of_file, digest_of_inputs, read_base, seeds_of

TABLE = "shots.csv"
BASE = "base.args"
_CHUNK = {True: 100, False: 1}


def table_rows(path: str) -> Iterator[list[str]]:
    """Rows of a CSV file, its header first; empty lines are left out.

    Raises
    ------
    FormatError
    """
    width = 0
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.reader(file), start=1):
                if not any(cell.strip() for cell in row) and width != 1:
                    continue
                width = width or len(row)
                if len(row) != width:
                    raise FormatError(f"{path}, line {number}: {len(row)} cells, and the header has {width}")
                yield [cell.strip() for cell in row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FormatError(f"cannot read the table {path}: {error}") from error


def source_rows(options: argparse.Namespace) -> Iterator[list[str]]:
    """The table that the options name or have drawn, its header first."""
    if options.shots:
        return table_rows(options.shots)
    varied = [vary(text) for text in options.vary]
    return drawn_rows(options.seed, options.count, options.orient == "random", varied)


def _table_digest(options: argparse.Namespace) -> str:
    if options.shots:
        try:
            return digest_of_file(Path(options.shots))
        except OSError as error:
            raise FormatError(f"cannot read the table {options.shots}: {error.strerror}") from error
    drawn = [options.seed, options.count, options.orient, options.vary]
    return hashlib.sha256(json.dumps(drawn).encode()).hexdigest()


def _check(options: argparse.Namespace) -> None:
    if bool(options.shots) == (options.count is not None):
        raise OptionError("say which shots: --shots TABLE.csv, or --count N to have them drawn")
    if options.shots and (options.vary or options.orient):
        raise OptionError("--vary and --orient draw a table; they do not go with --shots")
    if options.count is not None and not 1 <= options.count <= 10**8:
        raise OptionError("--count must be between 1 and 100000000")
    if options.seed < 0:
        raise OptionError("--seed cannot be negative")


def _formats(text: str) -> tuple[str, ...]:
    formats = tuple(dict.fromkeys(text.split(",")))
    if not set(formats) <= set(FORMATS) or ("nexus" in formats and len(formats) > 1):
        raise OptionError(f"--format takes nexus, or some of smv,cbf,float with commas, not {text!r}")
    return formats


def new_plan(options: argparse.Namespace) -> Plan:
    """The plan of the options; the shots are not counted yet.

    Raises
    ------
    NanoBraggError
    """
    _check(options)
    base = read_base(options.base)
    formats = _formats(options.format)
    stacked = "nexus" in formats
    compression(options.compression)  # that it can be had
    base_options, _ = parse(base)
    counts = options.pixels == "counts" or (options.pixels == "auto" and base_options.noise)
    if stacked and counts and not base_options.noise:
        raise OptionError("--pixels counts needs the noise image, and the base arguments say -nonoise")
    noise, mosaic, misset = seeds_of(base)
    columns = tuple(next(source_rows(options), []))
    _check_columns(columns, stacked)
    return Plan(
        tuple(base), columns, os.path.dirname(os.path.abspath(options.shots or options.base)), options.count or 0,
        _table_digest(options), digest_of_inputs(base), formats, counts, base_options.noise and (counts or not stacked),
        options.chunk or _CHUNK[stacked], noise, mosaic, misset, options.same_crystal, options.compression,
    )  # fmt: skip


def _check_columns(columns: Sequence[str], stacked: bool) -> None:
    for name in columns:
        if column(name).moves_detector and stacked:
            raise OptionError(
                f"column {name}: the frames of a NeXus stack share one detector; take --format cbf, smv or float"
            )
    if len(set(columns)) < len(columns):
        raise OptionError("the table has a column twice")


def _checked_rows(plan: Plan, rows: Iterator[list[str]]) -> Iterator[list[str]]:
    """Rows whose cells have as many values as their options take."""
    columns = [column(name) for name in plan.columns]
    for shot, row in enumerate(rows):
        try:
            for each, cell in zip(columns, row):
                each.arguments(cell, plan.folder)
        except OptionError as error:
            raise OptionError(f"shot {shot}: {error}") from None
        yield row


def open_sweep(options: argparse.Namespace, folder: Path) -> Manifest:
    """The manifest of the sweep, old or new.

    Raises
    ------
    NanoBraggError
        The folder holds a sweep of something else, and --new is not given.
    """
    check_links(folder)
    there = (folder / NAME).exists()
    if not options.base:
        return Manifest(folder)
    plan = new_plan(options)
    if there and not options.new:
        manifest = Manifest(folder)
        changed = _changed(manifest.plan, plan)
        if changed:
            raise NanoBraggError(f"{folder} holds a sweep with other {changed}: take another --out, or --new")
        return manifest
    clear(folder)
    return _create(options, plan, folder)


def _changed(old: Plan, new: Plan) -> str:
    """What of a plan is another than it was."""
    new = replace(new, count=old.count)  # a table of another length has another digest
    names = {"base": "base arguments", "columns": "columns", "folder": "folder of the table", "table": "shots",
             "inputs": "content of input files", "formats": "--format", "counts": "--pixels",
             "chunk": "--chunk", "same_crystal": "--same-crystal", "compression": "--compression"}  # fmt: skip
    return " and ".join(text for name, text in names.items() if getattr(old, name) != getattr(new, name))


def _create(options: argparse.Namespace, plan: Plan, folder: Path) -> Manifest:
    """Write the table and the base arguments for the reader, and the manifest for the sweep."""
    if not _is(options.shots, folder / TABLE):
        check_link(folder / TABLE, folder)
        with atomic_output(folder / TABLE) as file:
            write_table(file, source_rows(options))
    if not _is(options.base, folder / BASE):
        check_link(folder / BASE, folder)
        with atomic_output(folder / BASE) as file:
            file.write(Path(options.base).read_bytes())

    def rows() -> Iterator[list[str]]:
        return islice(table_rows(str(folder / TABLE)) if plan.columns else source_rows(options), 1, None)

    count = options.count or sum(1 for _ in rows())
    if not count:
        raise FormatError(f"{options.shots} holds no shots")
    return Manifest.create(folder, replace(plan, count=count), _checked_rows(plan, rows()))


def _is(source: str | None, target: Path) -> bool:
    """Whether what the user gave lies where its copy would."""
    return bool(source) and target.exists() and os.path.samefile(source or "", target)


def remarks(plan: Plan, row: Sequence[str]) -> list[str]:
    """What the command of shot 0 would say on standard error of its arguments: the same goes for all shots.

    Arguments that are ignored, numbers in another unit, a matrix that is meant for another wavelength.
    """
    from nanobragg_numba.formats.matrix import matrix_warnings, read_orientation
    from nanobragg_numba.programs.nanobragg.option_rows import TABLE as OPTIONS
    from nanobragg_numba.programs.nanobragg.resolve.advice import unit_warnings

    argv = plan.input_arguments(0, row)
    options, notes = parse(argv)
    notes += unit_warnings(argv, options, OPTIONS)
    if options.matrix_file:
        notes += matrix_warnings(options.matrix_file, read_orientation(options.matrix_file), options.wavelength * 1e10)
    return notes


def command_of(options: argparse.Namespace, shot: int) -> str:
    """The single command of a shot, from the folder's manifest where there is one.

    Raises
    ------
    NanoBraggError
    """
    if options.out and (Path(options.out) / NAME).exists():
        manifest = open_sweep(options, Path(options.out))
        return manifest.plan.command(shot, manifest.row(shot))
    if not options.base:
        raise OptionError("say which sweep: base arguments and a table, or --out")
    plan = new_plan(options)
    rows = source_rows(options)
    next(rows, None)
    for index, row in enumerate(rows):
        if index == shot:
            return plan.command(shot, row)
    raise OptionError(f"there is no shot {shot}: they are counted from 0")


