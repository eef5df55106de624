"""Structure factors from coordinates or reflection data, whichever a file holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nanobragg_numba.errors import FormatError
from nanobragg_numba.io.inputs import Path
from nanobragg_numba.reflections.kinds import COORDINATES, FCF, LIST, kind_of
from nanobragg_numba.reflections.table import Cell, Reflections


def file_cell(path: Path) -> Cell:
    """Cell that a file of coordinates or reflections holds, Angstrom and degrees.

    Raises
    ------
    NanoBraggError
    """
    kind = kind_of(path)
    _refuse_fcf(path, kind)
    if kind == COORDINATES:
        from nanobragg_numba.reflections.coordinates import model_cell

        return model_cell(path)
    from nanobragg_numba.reflections.data import data_cell

    return data_cell(path)


def _refuse_fcf(path: Path, kind: str) -> None:
    if kind == FCF:
        raise FormatError(
            f"{path}: a reflection list of SHELX (.fcf, a CIF of the core dictionary), which is not read; convert it "
            "to MTZ or mmCIF, or write its h k l F as a list"
        )


def read_reflections(path: Path, dmin: float, column: str = "", **recipe: Any) -> Reflections:
    """Reflections of a file that is no plain list.

    Parameters
    ----------
    dmin : float
        Angstrom; 0 is allowed for data, which know how far they go.
    column : str
        For data.
    **recipe
        For coordinates: fields of `coordinates.Recipe`.

    Raises
    ------
    NanoBraggError
    """
    kind = kind_of(path)
    _refuse_fcf(path, kind)
    if kind == LIST:
        raise FormatError(f"{path}: neither coordinates (.pdb, .cif) nor reflections (.mtz, .cif) by name and content")
    if kind != COORDINATES:
        from nanobragg_numba.reflections.data import data_reflections

        return data_reflections(path, dmin, column)
    from nanobragg_numba.reflections.coordinates import Recipe, model_reflections

    if not dmin > 0.0:
        raise FormatError(f"{path}: coordinates have no resolution of their own; say how far to go, in Angstrom")
    return model_reflections(path, replace(Recipe(dmin), **recipe))
