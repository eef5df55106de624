"""Structure factors from a list, or from the dump that an earlier run left."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple

from nanobragg_numba.constants import DEGREES_PER_RADIAN
from nanobragg_numba.errors import FormatError, OptionError
from nanobragg_numba.experiment.crystal import StructureFactors
from nanobragg_numba.formats.fdump import read_fdump, write_fdump
from nanobragg_numba.formats.grid import HklGrid
from nanobragg_numba.formats.hkl import HklTable, grid, read_hkl
from nanobragg_numba.io.atomic import OutputGroup
from nanobragg_numba.io.numbers import c_format
from nanobragg_numba.programs.nanobragg.option_values import OptionValues
from nanobragg_numba.programs.shared.files import UNCACHED, Files
from nanobragg_numba.programs.shared.notes import Notes
from nanobragg_numba.reflections.kinds import COORDINATES, LIST, kind_of

Stamp = tuple[int, int]
"""Size of a file and its time of change, ns."""

Cell = tuple[float, float, float, float, float, float]
"""a, b, c, Angstrom; alpha, beta, gamma, degrees."""


class FactorKey(NamedTuple):
    """All that structure factors depend on."""

    path: str
    stamp: Stamp
    is_list: bool
    default_F: float
    sf_dmin: float
    interpolate: bool


def have_factors(options: OptionValues, files: Files = UNCACHED) -> bool:
    """Whether anything says how strong reflections are."""
    return bool(options.hkl_file) or options.default_F != 0.0 or files.read(os.path.exists, options.dump_file)


def adopt_cell(
    options: OptionValues, notes: Notes, factor_cache: FactorCache | None = None, files: Files = UNCACHED
) -> None:
    """Take the cell of the coordinates or reflection data that -hkl names, where no cell or matrix was given.

    Parameters
    ----------
    options : OptionValues
        Changed in place: edges in Angstrom, angles in rad.
    notes : Notes
        Counts the time of reading.
    factor_cache : FactorCache, optional
        May know the cell.
    files : Files
    """
    if (
        not options.hkl_file
        or options.user_cell
        or options.matrix_file
        or files.read(kind_of, options.hkl_file) == LIST
    ):
        return
    with notes.reading():
        cell = files.read(_read_cell, options.hkl_file) if factor_cache is None else factor_cache.cell(options.hkl_file)
    options.user_cell = True
    options.a, options.b, options.c = cell[:3]
    options.alpha, options.beta, options.gamma = (angle / DEGREES_PER_RADIAN for angle in cell[3:])


def _read_cell(path: str) -> Cell:
    from nanobragg_numba.reflections.read import file_cell

    return file_cell(path)


def _read_factors(options: OptionValues, notes: Notes, files: Files) -> HklTable:
    """The list that -hkl names, or that its coordinates or data make."""
    if files.read(kind_of, options.hkl_file) == LIST:
        return files.read(read_hkl, options.hkl_file)
    if options.sf_dmin < 0.0:
        raise OptionError(f"-sf_dmin cannot be {options.sf_dmin:g}")
    if options.sf_dmin == 0.0 and files.read(kind_of, options.hkl_file) == COORDINATES:
        raise OptionError(f"-hkl {options.hkl_file} holds coordinates: say how far to go with -sf_dmin ANGSTROM")
    from nanobragg_numba.reflections.read import read_reflections

    reflections = files.read(read_reflections, options.hkl_file, options.sf_dmin)
    notes.warnings += reflections.notes
    return files.made(type(reflections).table, reflections)


class FactorCache:
    """What files with structure factors say, for programs that render many images from the same ones.

    A file is read again when its size or its time of change is another one.
    """

    def __init__(self) -> None:
        self._factors: dict[FactorKey, StructureFactors] = {}
        self._cells: dict[tuple[str, Stamp], Cell] = {}

    def resolve(self, options: OptionValues, interpolate: bool, notes: Notes) -> StructureFactors:
        """As `resolve_factors`, which makes what is not kept yet; nothing is dumped.

        Parameters
        ----------
        options : OptionValues
        interpolate : bool
            Interpolation is on, so that a rim of cells is needed.
        notes : Notes
        """
        path = options.hkl_file or options.dump_file
        stamp = _stamp(path)
        if stamp is None:
            return resolve_factors(options, interpolate, False, notes)
        key = FactorKey(path, stamp, bool(options.hkl_file), options.default_F, options.sf_dmin, interpolate)
        if key not in self._factors:
            self._factors[key] = self.make(key, lambda: resolve_factors(options, interpolate, False, notes))
        return self._factors[key]

    def make(self, key: FactorKey, read: Callable[[], StructureFactors]) -> StructureFactors:
        """What is not kept yet."""
        return read()

    def cell(self, path: str) -> Cell:
        """The cell that coordinates or reflection data hold."""
        stamp = _stamp(path)
        if stamp is None:
            return _read_cell(path)
        if (path, stamp) not in self._cells:
            self._cells[path, stamp] = _read_cell(path)
        return self._cells[path, stamp]


def _stamp(path: str) -> Stamp | None:
    """What tells a file from the one that was there before; None if there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def resolve_factors(
    options: OptionValues, interpolate: bool, write_dump: bool, notes: Notes, files: Files = UNCACHED
) -> StructureFactors:
    """Step 12 of the set-up.

    Parameters
    ----------
    write_dump : bool
        Write the dump file after reading a list, as the command does.
    """
    if options.hkl_file:
        with notes.reading():
            table = _read_factors(options, notes, files)
        if table.note:
            notes.warnings.append(table.note)
        notes.factors.append(f"counting entries in {options.hkl_file}")
        if options.default_F != 0.0:
            notes.factors.append(c_format("initializing to default_F = %g:", options.default_F))
            notes.factors.append("done initializing:")
        notes.factors.append(f"re-reading {options.hkl_file}")
        factors = files.made(grid, table, options.default_F)
        if write_dump:
            _dump(options.dump_file, factors, notes)
        return _on_grid(factors, table.n_lines, options.default_F, interpolate)
    if files.read(os.path.exists, options.dump_file):
        notes.factors.append(f"reading Fs from {options.dump_file}")
        with notes.reading():
            factors = files.read(read_fdump, options.dump_file)
        h, k, l = factors.ranges.counts
        return _on_grid(factors, h * k * l, options.default_F, interpolate)
    return StructureFactors(options.default_F, None)


def _dump(path: str, factors: HklGrid, notes: Notes) -> None:
    """Write the dump file; a run can do without."""
    try:
        with OutputGroup() as outputs:
            file = outputs.open(path)
            notes.factors.append(f"writing dump file for next time: {path}")
            write_fdump(file, factors)
    except FormatError as error:
        notes.warnings.append(f"{error}; it is only needed for a next run without -hkl")


def _on_grid(factors: HklGrid, initialized: int, default_F: float, interpolate: bool) -> StructureFactors:
    """A grid of structure factors as the experiment has it.

    Parameters
    ----------
    factors : HklGrid
    initialized : int
        Cells that have a value.
    default_F : float
        Of the others, electrons.
    interpolate : bool
    """
    return StructureFactors(
        default_F, factors.F, **factors.ranges._asdict(), initialized=initialized, interpolate=interpolate
    )
