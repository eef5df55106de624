"""The first stage of a run: what the argument list and the image headers that it names say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nanobragg_numba.programs.nanobragg.defects.table import TABLE as TABLE_OF_DEFECTS
from nanobragg_numba.programs.nanobragg.defects.triggered import option_defects
from nanobragg_numba.programs.nanobragg.option_rows import TABLE
from nanobragg_numba.programs.nanobragg.option_values import OptionValues
from nanobragg_numba.programs.nanobragg.parse import header_files, parse
from nanobragg_numba.programs.nanobragg.resolve.advice import unit_warnings
from nanobragg_numba.programs.nanobragg.resolve.headers import Mask, apply_headers
from nanobragg_numba.programs.nanobragg.resolve.structure_factors import FactorCache, adopt_cell
from nanobragg_numba.programs.shared.files import UNCACHED, Files
from nanobragg_numba.programs.shared.notes import Notes
from nanobragg_numba.records import dataclass, replace


@dataclass(frozen=True)
class Prepared:
    """What an argument list says, image headers applied."""

    options: OptionValues
    mask: Mask | None
    notes: Notes


def prepare(
    argv: Sequence[str], factor_cache: FactorCache | None = None, files: Files = UNCACHED, **defaults: Any
) -> Prepared:
    """Read the argument list and the image headers that it names.

    `defaults` are fields of OptionValues.

    Parameters
    ----------
    argv : sequence of str
        Without the program's name.
    factor_cache : FactorCache, optional
        May know the cell already.
    files : Files
        How the other files are read.
    **defaults
        Fields of OptionValues, where the arguments are silent.
    """
    notes = Notes()
    options = OptionValues(fixes=TABLE_OF_DEFECTS.requested(argv)[0], **defaults)
    mask_file, img_file = header_files(argv)
    mask = apply_headers(mask_file, img_file, options, notes, files)
    before = replace(options)
    _, warnings = parse(argv, options)
    notes.warnings += warnings
    notes.ignored = options.ignored
    adopt_cell(options, notes, factor_cache, files)
    notes.warnings += unit_warnings(argv, options, TABLE)
    notes.defects += option_defects(argv, before, options)
    return Prepared(options, mask, notes)
