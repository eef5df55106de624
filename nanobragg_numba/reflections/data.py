"""Measured or calculated amplitudes from MTZ and mmCIF reflection files, expanded to P1."""

from __future__ import annotations

import math
import re
from contextlib import suppress
from typing import Any, BinaryIO, Literal, NamedTuple

import numpy as np

from nanobragg_numba.errors import FormatError
from nanobragg_numba.io.extras import extra
from nanobragg_numba.io.inputs import Path, known_size, open_input
from nanobragg_numba.reflections.kinds import CIF_REFLECTIONS, gemmi_errors_translated, kind_of
from nanobragg_numba.reflections.table import Cell, Reflections, sorted_reflections, spacings

# MTZ column types: amplitude, intensity, and those of F(+), F(-), I(+), I(-).
_AMPLITUDE, _INTENSITY, _ANOMALOUS_F, _ANOMALOUS_I = "F", "J", "G", "K"
_PREFERENCE = (_ANOMALOUS_F, _AMPLITUDE, _ANOMALOUS_I, _INTENSITY)
_INTENSITIES = (_INTENSITY, _ANOMALOUS_I)
_MTZ_COUNTS = re.compile(rb"NCOL +(\d{1,20}) +(\d{1,20})")
_MTZ_HEADER = 1 << 20  # text records at the end of the file
_UNMERGED = "M/ISYM"
_INDEX, _SYMMETRY = "H", "Y"


class Measured(NamedTuple):
    """A reflection file: its columns as gemmi reads them, the indices (n, 3), and what to know of the choices made."""

    mtz: Any
    hkl: np.ndarray
    notes: tuple[str, ...] = ()


def read_data(path: Path) -> Measured:
    """Read a reflection file.

    Returns
    -------
    Measured

    Raises
    ------
    FormatError
        It cannot be read, is not merged, or lacks indices or a space group.
    """
    gemmi = extra("gemmi", f"reading {path}")
    with open_input(path, "reflection file") as file:
        _check_size(file, path)
    notes: tuple[str, ...] = ()
    with gemmi_errors_translated(path, "reflection file"):
        if kind_of(path) == CIF_REFLECTIONS:
            mtz, notes = _from_cif(gemmi, path)
        else:
            mtz = gemmi.read_mtz_file(str(path))
        hkl = _indices(mtz, path)
    if mtz.spacegroup is None:
        raise FormatError(f"{path}: has no space group, so it cannot be expanded")
    if _is_unmerged(mtz, hkl):
        raise FormatError(f"{path}: holds unmerged reflections; merge them first")
    return Measured(mtz, hkl, notes)


def _indices(mtz: Any, path: Path) -> np.ndarray:
    """H, K, L: the three columns of type H, wherever they stand, by their labels if those are the usual ones."""
    columns = [column for column in mtz.columns if column.type == _INDEX]
    by_label = {column.label.upper(): column for column in columns}
    if all(name in by_label for name in "HKL"):
        columns = [by_label[name] for name in "HKL"]
    if len(columns) != 3:
        raise FormatError(f"{path}: {len(columns)} columns of indices (type H), not H, K and L")
    with np.errstate(invalid="ignore"):
        values = np.array([column.array for column in columns], dtype=np.float64).T
    if not ((np.abs(values) < 2**31).all() and (values == np.round(values)).all()):  # not a number is not smaller
        raise FormatError(f"{path}: an index that is no whole number in its columns H, K, L")
    return values.astype(np.int64)


def _is_unmerged(mtz: Any, hkl: np.ndarray) -> bool:
    """Whether reflections were measured several times: told by batches or by a column that says which mate it was."""
    if len(mtz.batches) or any(column.label == _UNMERGED for column in mtz.columns):
        return True
    return any(column.type == _SYMMETRY for column in mtz.columns) and len(np.unique(hkl, axis=0)) < len(hkl)


def _check_size(file: BinaryIO, path: Path) -> None:
    """Refuse an MTZ file whose header promises more than there is, before gemmi makes room for it."""
    start, size = file.read(80), known_size(file)
    if size is None or not start.startswith(b"MTZ "):
        return
    start = start.ljust(20, b"\0")
    order: Literal["big", "little"] = "big" if start[9] >> 4 == 1 else "little"
    header = int.from_bytes(start[4:8], order, signed=True)
    if header == -1:  # too far for 32 bits
        header = int.from_bytes(start[12:20], order, signed=True)
    file.seek(max(size - _MTZ_HEADER, 0))
    counts = _MTZ_COUNTS.search(file.read(_MTZ_HEADER))
    values = int(counts[1]) * int(counts[2]) if counts else 0
    if not 0 < header <= size // 4 or 4 * values > size:
        raise FormatError(f"{path}: shorter than its header says; there are {size} bytes")


def _from_cif(gemmi: Any, path: Path) -> tuple[Any, tuple[str, ...]]:
    """The first block of merged reflections, and which of several that was."""
    blocks = gemmi.as_refln_blocks(gemmi.cif.read(str(path)))
    merged = [block for block in blocks if block.is_merged()]
    if not merged:
        raise FormatError(f"{path}: no block of merged reflections in it")
    used = merged[0].block.name
    notes = (f"{path}: block {used} is used, the first merged one of {len(blocks)}",) if len(blocks) > 1 else ()
    return gemmi.CifToMtz().convert_block_to_mtz(merged[0]), notes


def data_cell(path: Path) -> Cell:
    """Cell of the column of a reflection file that is taken by default, Angstrom and degrees."""
    measured = read_data(path)
    return _cell_of(measured.mtz, choose_column(measured.mtz, "", str(path))[0], path)


def _cell_of(mtz: Any, column: Any, path: Path) -> Cell:
    """The cell of the data set that a column belongs to; that of the file where the data set has none."""
    cells = [mtz.cell]
    with suppress(RuntimeError):  # gemmi: a column of a data set that the file does not have
        cells.insert(0, column.dataset.cell)
    for cell in cells:
        if cell.is_crystal() and 0.0 < cell.volume < math.inf:
            return cell.parameters
    raise FormatError(f"{path}: has no unit cell")


def _mate(label: str) -> str:
    """Label of the F(-) column that belongs to an F(+) one."""
    return label.replace("(+)", "(-)").replace("PLUS", "MINUS").replace("plus", "minus")


def choose_column(mtz: Any, name: str, source: str) -> tuple[Any, Any, tuple[str, ...]]:
    """The column of amplitudes or intensities, and that of its Friedel mates or None, and notes.

    Parameters
    ----------
    mtz : gemmi.Mtz
    name : str
        Label; empty for the first of the first type there is: F(+) and F(-), F, I(+) and I(-), I.

    Raises
    ------
    FormatError
        No such column, or none at all.
    """
    usable = [column for column in mtz.columns if column.type in _PREFERENCE]
    shown = ", ".join(f"{column.label} ({column.type})" for column in mtz.columns)
    if not usable:
        raise FormatError(f"{source}: no column of amplitudes or intensities in it; it has {shown}")
    if name:
        chosen = next((column for column in usable if column.label == name), None)
        if chosen is None:
            raise FormatError(f"{source}: no column of amplitudes or intensities named {name!r}; it has {shown}")
        others = []
    else:
        ranked = sorted(usable, key=lambda column: _PREFERENCE.index(column.type))
        chosen = ranked[0]
        others = [column.label for column in ranked[1:] if column.type == chosen.type == _AMPLITUDE]
    notes = [f"column {chosen.label}; --column chooses another of {', '.join(others)}"] if others else []
    minus = None
    if chosen.type in (_ANOMALOUS_F, _ANOMALOUS_I):
        plus_label = chosen.label.replace("(-)", "(+)").replace("MINUS", "PLUS").replace("minus", "plus")
        chosen = mtz.column_with_label(plus_label) or chosen
        minus = mtz.column_with_label(_mate(chosen.label))
        if minus is None or minus.label == chosen.label:
            raise FormatError(f"{source}: column {chosen.label} has no partner {_mate(chosen.label)}")
    return chosen, minus, tuple(notes)


def _amplitudes(column: Any) -> np.ndarray:
    with np.errstate(invalid="ignore"):  # signalling "not a number" in the file
        values = np.array(column.array, dtype=np.float64)
    return np.sqrt(np.maximum(values, 0.0)) if column.type in _INTENSITIES else values


def data_reflections(path: Path, dmin: float = 0.0, column: str = "") -> Reflections:
    """All symmetry mates and Friedel mates of the reflections of a file.

    Amplitudes of intensities are their square roots, zero for negative ones. Where one of a Friedel pair was not
    measured it takes the amplitude of the other.

    Parameters
    ----------
    dmin : float
        Angstrom; 0: as far as the data go.

    Raises
    ------
    FormatError
    """
    mtz, hkl, notes = read_data(path)
    plus, minus, chosen = choose_column(mtz, column, str(path))
    F_plus = _amplitudes(plus)
    F_minus = F_plus if minus is None else _amplitudes(minus)
    F_plus, F_minus = np.where(np.isnan(F_plus), F_minus, F_plus), np.where(np.isnan(F_minus), F_plus, F_minus)
    cell = _cell_of(mtz, plus, path)
    keep = ~np.isnan(F_plus)
    if dmin:
        keep &= spacings(cell, hkl) >= dmin * (1 - 1e-12)
    if not keep.any():
        raise FormatError(f"{path}: column {plus.label} has no value" + (f" to {dmin:g} A" if dmin else ""))
    hkl, F = _expanded(mtz.spacegroup, hkl[keep], F_plus[keep], F_minus[keep])
    hkl, F = sorted_reflections(hkl, F)
    return Reflections(hkl, F, cell, mtz.spacegroup.hm, dmin, str(path), (*notes, *chosen))


def _expanded(
    spacegroup: Any, hkl: np.ndarray, F_plus: np.ndarray, F_minus: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Every mate once; what a centric reflection says of itself as F(+) comes before F(-).

    Parameters
    ----------
    spacegroup : gemmi.SpaceGroup
    hkl : (n, 3) int
        Unique reflections.
    F_plus, F_minus : (n,)
        Amplitudes of the mates, on the scale of the data.

    Returns
    -------
    hkl : (m, 3) int64
    F : (m,)
    """
    gemmi = extra("gemmi", "expanding reflections")
    indices, values = [], []
    operations = list(spacegroup.operations().sym_ops)
    for F, sign in ((F_plus, 1), (F_minus, -1)):
        for operation in operations:
            rotation = np.array(operation.rot, dtype=np.int64) // gemmi.Op.DEN
            indices.append(sign * (hkl @ rotation))
            values.append(F)
    everything, amplitudes = np.concatenate(indices), np.concatenate(values)
    _, first = np.unique(everything, axis=0, return_index=True)
    return everything[first], amplitudes[first]
