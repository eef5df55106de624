"""The table of structure factors, from its file or by its name, as the loops find it."""

import os

import numpy as np

from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.experiment.amorphous import ScatteringTable
from nanobragg_numba.formats.stol import read_scattering
from nanobragg_numba.programs.nonbragg.option_values import OptionValues
from nanobragg_numba.programs.shared.files import Files
from nanobragg_numba.programs.shared.notes import Notes


def _without_order(rows: np.ndarray) -> np.ndarray:
    """Sorted points, those of one abscissa averaged."""
    abscissae, places = np.unique(rows[:, 0], return_inverse=True)
    sums, counts = np.bincount(places, rows[:, 1]), np.bincount(places)
    return np.stack([abscissae, sums / counts], axis=1)


def _mended(rows: np.ndarray, options: OptionValues, notes: Notes) -> np.ndarray:
    """Points as the fixes have them; which defects are there is noted.

    Parameters
    ----------
    rows : (n, 2) float64
        Abscissa as the file has it, and F, electrons; nan where F is missing.
    options : OptionValues
    notes : Notes
    """
    missing = np.isnan(rows[:, 1])
    if missing.any():
        notes.defects += [] if "missing-F" in options.fixes else ["missing-F"]
        rows = rows[~missing] if "missing-F" in options.fixes else rows
    if not np.all(np.diff(rows[:, 0]) > 0.0):
        notes.defects += [] if "table-order" in options.fixes else ["table-order"]
        rows = _without_order(rows) if "table-order" in options.fixes else rows
    return rows


def _rows(options: OptionValues, notes: Notes, files: Files) -> np.ndarray:
    name = options.stol_file
    if not os.path.exists(options.stol_file):
        from nanobragg_numba.scattering.catalogue import NAMES, material

        if options.stol_file in NAMES:
            return material(options.stol_file, compton=options.compton).table() * (1e10 / options.stol_factor, 1.0)
    if options.compton:
        raise ExperimentError(f"-compton: {name} is a file, whose F are taken as they are; see nb-stol --compton")
    with notes.reading():
        rows: np.ndarray = files.read(read_scattering, name)
        skipped = files.read(read_scattering, name, True)
    if len(skipped) != len(rows):
        if "comment-lines" in options.fixes:
            return skipped
        notes.defects.append("comment-lines")
    return rows


def resolve_table(options: OptionValues, notes: Notes, files: Files) -> ScatteringTable:
    """Read the table, and put two far points at each end of it.

    Parameters
    ----------
    options : OptionValues
    notes : Notes
        Told of defects and of the time of reading.
    files : Files

    Returns
    -------
    ScatteringTable
        Abscissae sin(theta)/lambda in 1/m, F in electrons.

    Raises
    ------
    FormatError, ExperimentError
    """
    rows = _mended(_rows(options, notes, files), options, notes)
    stol, F = rows[:, 0] * options.stol_factor, rows[:, 1]
    known = F[~np.isnan(F)]
    if not np.isfinite(stol).all():
        raise ExperimentError(f"{options.stol_file}: an abscissa is beyond all numbers")
    return ScatteringTable(
        options.stol_file, options.stol_factor, np.concatenate([[-1e99, -1e98], stol, [1e98, 1e99]]),
        np.concatenate([known[:1], known[:1], np.nan_to_num(F, posinf=np.inf, neginf=-np.inf), known[-1:], known[-1:]]),
        "extrapolation" in options.fixes,
    )  # fmt: skip
