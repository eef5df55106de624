"""Columns of a table of shots: each is an option of nanoBragg, each cell its values."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from nanobragg_numba.errors import OptionError
from nanobragg_numba.options.rows import DETECTOR, HEADER, INPUT, OUTPUT, SINGLE_RUN, Row
from nanobragg_numba.programs.nanobragg.option_rows import ROWS, TABLE

_YES, _NO = {"1", "yes", "true"}, {"", "0", "no", "false"}


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes
    ----------
    name : str
        The option without its dash.
    row : Row
        Of the option table.
    """

    name: str
    row: Row

    @property
    def names_file(self) -> bool:
        """Whether its value is the name of a file that is read."""
        return self.row.role in (INPUT, HEADER)

    @property
    def is_integer(self) -> bool:
        """Whether its value is a whole number."""
        return bool(self.row.reads) and self.row.reads[0][1] in ("integer", "seed")

    @property
    def moves_detector(self) -> bool:
        """Whether the detector may stand or look otherwise in each shot."""
        return self.row.role in (DETECTOR, HEADER)

    def arguments(self, cell: str, folder: str) -> list[str]:
        """What a cell adds to the command line; a file is named from a folder."""
        option, values = f"-{self.name}", cell.split()
        if not self.row.args:
            if cell.strip().lower() not in _YES | _NO:
                raise OptionError(f"column {self.name}: {option} takes no value; write yes or no, not {cell!r}")
            return [option] if cell.strip().lower() in _YES else []
        if not values:
            return []
        if self.names_file:
            return [option, os.path.join(folder, cell.strip())]
        words = self.row.special == "misset_random" and values == ["random"]
        allowed = range(1, 7) if self.row.special == "cell" else [1 if words else self.expected]
        if len(values) not in allowed:
            raise OptionError(f"column {self.name}: {option} takes {self.row.metavar}, not {cell!r}")
        return [option, *values]

    @cached_property
    def expected(self) -> int:
        """How many values a cell has."""
        return max(other.args for other in ROWS if f"-{self.name}" in other.names)


@cache
def column(name: str) -> Column:
    """The column of an option.

    Raises
    ------
    OptionError
        No such option, or one that is the sweep's own business.
    """
    option = f"-{name.lstrip('-')}"
    found = [row for row in ROWS if option in row.names]
    if not found:
        known = [known for row in ROWS for known in row.names]
        near = difflib.get_close_matches(option, known, 3)
        hint = f"; did you mean {' or '.join(text.lstrip('-') for text in near)}?" if near else ""
        raise OptionError(f"column {name!r} is no option of nanoBragg{hint}")
    _refuse(found[0], option, f"column {name!r}")
    return Column(option[1:], found[0])


def _refuse(row: Row, option: str, where: str) -> None:
    if row.role == OUTPUT:
        raise OptionError(f"{where}: files are chosen by --format, not by {option}")
    if row.role == SINGLE_RUN:
        raise OptionError(f"{where}: {option} has no place in a sweep")


def check_base(argv: Sequence[str]) -> None:
    """Refuse what the sweep decides itself.

    Raises
    ------
    OptionError
    """
    for i, argument in enumerate(argv):
        for row in TABLE.named(argument) if argument.startswith("-") else ():
            if len(argv) - i - 1 >= row.args:
                _refuse(row, argument, "base arguments")


def absolute_files(argv: Sequence[str], folder: str) -> list[str]:
    """The arguments with files that are read named from the root, relative names being relative to a folder."""
    result = list(argv)
    for i in _before_files(argv):
        result[i + 1] = os.path.normpath(os.path.join(folder, argv[i + 1]))
    return result


def input_files(argv: Sequence[str]) -> list[str]:
    """Names of the files that arguments name to be read."""
    return [name for name in (argv[i + 1] for i in _before_files(argv)) if os.path.isfile(name)]


def _before_files(argv: Sequence[str]) -> list[int]:
    """Where options stand whose value is the name of a file that is read."""
    return [i for i, argument in enumerate(argv[:-1]) if TABLE.has_role(argument, INPUT, HEADER)]
