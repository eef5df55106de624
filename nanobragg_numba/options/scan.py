"""The scan of an argument list, with the matching rules of the C programs.

Values are not consumed: the scan looks at the very next argument, so a value that begins with `-` is tried
against the table like any other. Later arguments override earlier ones.
"""

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

from nanobragg_numba.constants import DEGREES_PER_RADIAN, EV_ANGSTROM
from nanobragg_numba.errors import OptionError
from nanobragg_numba.io.numbers import leading_float, leading_long
from nanobragg_numba.options.rows import OptionTable, Row

CONVERSIONS: dict[str, Callable[[float], float]] = {
    "number": lambda value: value,
    "mm": lambda value: value / 1000.0,
    "degrees": lambda value: value / DEGREES_PER_RADIAN,
    "micrometres": lambda value: value * 1e-6,
    "micrometres_per_1e6": lambda value: value / 1e6,
    "milliradians": lambda value: value / 1000.0,
    "percent": lambda value: value / 100.0,
    "angstrom_per_1e10": lambda value: value / 1.0e10,
    "angstrom_times_1e10": lambda value: value * 1e-10,
    "g_per_cm3": lambda value: value * 1e6,
    "electronvolts": lambda value: (EV_ANGSTROM / value) / 1.0e10,
}
"""What each unit of the table becomes, with the operation that decides the last bit."""


_ALIKE = 0.75
"""Likeness of a misspelt option and the one that was meant, as difflib measures it."""


class Scan:
    """One pass over an argument list.

    Rows with a `special` reader call the method `_read_NAME` of the program's own subclass, with the place of the
    argument.

    Parameters
    ----------
    table : OptionTable
    argv : sequence of str
        Without the program's name.
    target : object
        Has the fields that the rows name, and is filled in place.
    fixes : collection of str
        Names of defects that are mended.

    Attributes
    ----------
    choices : dict
        Kinds that take one of some words, and the words.
    notes : list of str
        What the user should know, for standard error.
    """

    choices: dict[str, tuple[str, ...]] = {}

    def __init__(self, table: OptionTable, argv: Sequence[str], target: Any, fixes: Collection[str] = ()) -> None:
        self.table = table
        self.argv = list(argv)
        self.target = target
        self.fixes = fixes
        self.notes: list[str] = []
        self._known: set[int] = set()

    def run(self) -> None:
        """Go through the arguments.

        Raises
        ------
        OptionError
            A value that is missing or no number; an unknown argument where the target says `strict`.
        """
        consumed_until = -1
        for i, argument in enumerate(self.argv):
            if i <= consumed_until or not argument.startswith("-"):
                continue
            for row in self._matching_rows(i):
                self._known.update(range(i, i + 1 + row.values))
                self._apply(row, i)
                if row.extension:
                    consumed_until = i + row.args
        self._report_unknown()

    def _matching_rows(self, i: int) -> list[Row]:
        """The rows that the argument at i reaches, in order."""
        rows = []
        for row in self.table.named(self.argv[i]):
            if len(self.argv) - i - 1 < row.args:
                continue
            if not self.applies(row, i):
                continue
            if row.defect and row.defect[0] in self.fixes and row.defect[1] in self.argv[i]:
                continue
            rows.append(row)
            if row.stop:
                break
        return rows

    def _apply(self, row: Row, i: int) -> None:
        if row.special:
            getattr(self, f"_read_{row.special}")(i)
        strict = self.table.is_meant(row, self.argv[i])
        for offset, (fields, kind) in enumerate(row.reads, start=1):
            if not fields:
                continue
            value = self._value(i, offset, kind, strict)
            for name in fields.split():
                setattr(self.target, name, value)
        for name, constant in row.sets:
            setattr(self.target, name, constant)

    def applies(self, row: Row, i: int) -> bool:
        """Whether a matching row applies to the argument at a place; the program's own scan may look at its value."""
        return True

    def _value(self, i: int, offset: int, kind: str, strict: bool) -> float | int | str:
        text = self.argv[i + offset]
        if kind == "text":
            if text == "":
                raise OptionError(f"{self.argv[i]} needs a name, and an empty one was given")
            return text
        if kind in self.choices:
            if text not in self.choices[kind]:
                raise OptionError(f"{self.argv[i]} needs {' or '.join(self.choices[kind])}, not {text!r}")
            return text
        if kind == "word":
            if not re.fullmatch(r"[^\s:=]+", text):
                raise OptionError(f"{self.argv[i]} needs a word without blanks, : and =, not {text!r}")
            return text
        if kind in ("integer", "seed"):
            count = self._integer(i, text, strict)
            return -count if kind == "seed" else count
        value = self._number(i, text, strict)
        if kind == "electronvolts" and value == 0.0:
            raise OptionError(f"{self.argv[i]} cannot be 0")
        return CONVERSIONS[kind](value)

    def _number(self, i: int, text: str, strict: bool) -> float:
        found = leading_float(text)
        if found is None:
            if strict:
                raise OptionError(f"{self.argv[i]} needs a number, and {text!r} is none")
            return 0.0
        value, rest = found
        if not abs(value) < float("inf"):
            raise OptionError(f"{self.argv[i]} needs a finite number, not {text!r}")
        self._note_rest(i, text, rest)
        return value

    def _integer(self, i: int, text: str, strict: bool) -> int:
        found = leading_long(text)
        if found is None:
            if strict:
                raise OptionError(f"{self.argv[i]} needs an integer, and {text!r} is none")
            return 0
        value, rest = found
        if abs(value) >= 2**31:
            raise OptionError(f"{self.argv[i]} needs an integer below 2147483648, not {text!r}")
        self._note_rest(i, text, rest)
        return value

    def _note_rest(self, i: int, text: str, rest: str) -> None:
        if rest.strip():
            self.notes.append(f"{self.argv[i]}: only {text[: len(text) - len(rest)]} of {text!r} is read")

    def _report_unknown(self) -> None:
        """Note every argument that nothing understood; the loose values behind it belong to it."""
        after_unknown = False
        for i, argument in enumerate(self.argv):
            if i in self._known:
                after_unknown = False
                continue
            is_option = argument.startswith("-") and leading_float(argument) is None
            if is_option or not after_unknown:
                message = f"{argument!r} {self._complaint(argument)}"
                meant = self._meant(argument) if is_option else ""
                if self.target.strict:
                    raise OptionError(f"{message} (-strict){meant}; see --help")
                self.notes.append(f"{message} and ignored{meant}")
                self.target.ignored += 1
            after_unknown = True

    def _meant(self, argument: str) -> str:
        """What a misspelt option may have been."""
        from difflib import get_close_matches  # needed after mistakes only

        names = {name for row in self.table.rows for name in row.names}
        close = get_close_matches(argument, names - {argument}, 1, _ALIKE)
        return f"; did you mean {close[0]}?" if close else ""

    def _complaint(self, argument: str) -> str:
        for row in self.table.rows:
            if row.metavar and argument in row.names:
                return f"has not all of its values ({row.metavar}) after it"
        return "is not understood"
