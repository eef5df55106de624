"""The scan of the argument list, with the matching rules of the C program.

Values are not consumed: the scan looks at the very next argument, so a value that begins with `-` is tried
against the table like any other. Later arguments override earlier ones.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from nanobragg_numba.constants import DEGREES_PER_RADIAN, EV_ANGSTROM
from nanobragg_numba.errors import OptionError
from nanobragg_numba.formats.numbers import leading_float, leading_long
from nanobragg_numba.options.defects import NAMES
from nanobragg_numba.options.said import Said
from nanobragg_numba.options.table import ROWS, Row

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
    "electronvolts": lambda value: (EV_ANGSTROM / value) / 1.0e10,
}
"""What each unit of the table becomes, with the operation that decides the last bit."""


ENGINES = ("row", "loop")


@lru_cache(maxsize=512)
def rows_named(argument: str) -> tuple[Row, ...]:
    """The rows that match an argument, in order; kept, because programs that render much say the same again."""
    return tuple(row for row in ROWS if row.matches(argument))


class Scan:
    """One pass over an argument list.

    Parameters
    ----------
    argv : sequence of str
        Without the program's name.
    said : Said
        Filled in place.

    Attributes
    ----------
    notes : list of str
        What the user should know, for standard error.
    """

    def __init__(self, argv: Sequence[str], said: Said) -> None:
        self.argv = list(argv)
        self.said = said
        self.notes: list[str] = []
        self._known: set[int] = set()

    def run(self) -> None:
        asked, self.said.list_fixes = asked_fixes(self.argv)
        self.said.fixes |= asked
        consumed_by_ours = -1
        for i, argument in enumerate(self.argv):
            if i <= consumed_by_ours or not argument.startswith("-"):
                continue
            for row in self._matching_rows(i):
                self._known.update(range(i, i + 1 + row.values))
                self._apply(row, i)
                if row.ours:
                    consumed_by_ours = i + row.args
        self._report_unknown()

    def _matching_rows(self, i: int) -> list[Row]:
        """The rows that the argument at i reaches, in order."""
        rows = []
        for row in rows_named(self.argv[i]):
            if len(self.argv) - i - 1 < row.args:
                continue
            if row.special == "misset_random" and "rand" not in self.argv[i + 1]:
                continue
            if row.defect and row.defect[0] in self.said.fixes and row.defect[1] in self.argv[i]:
                continue
            rows.append(row)
            if row.stop:
                break
        return rows

    def _apply(self, row: Row, i: int) -> None:
        if row.special:
            getattr(self, f"_read_{row.special}")(i)
        strict = self._is_meant(row, self.argv[i])
        for offset, (fields, kind) in enumerate(row.reads, start=1):
            if not fields:
                continue
            value = self._value(i, offset, kind, strict)
            for name in fields.split():
                setattr(self.said, name, value)
        for name, constant in row.sets:
            setattr(self.said, name, constant)

    @staticmethod
    def _is_meant(row: Row, argument: str) -> bool:
        """Whether this row is the one that the user named, not one that its name happens to contain."""
        longest = max(len(p.text) for other in rows_named(argument) for p in other.match if p.text in argument)
        return any(p.text in argument and len(p.text) == longest for p in row.match)

    def _value(self, i: int, offset: int, kind: str, strict: bool) -> float | int | str:
        text = self.argv[i + offset]
        if kind == "text":
            if text == "":
                raise OptionError(f"{self.argv[i]} needs a name, and an empty one was given")
            return text
        if kind == "engine":
            if text not in ENGINES:
                raise OptionError(f"{self.argv[i]} needs {' or '.join(ENGINES)}, not {text!r}")
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

    # Rows that do not fit the pattern of the table.

    def _read_cell(self, i: int) -> None:
        said = self.said
        said.user_cell = True
        for offset, name in enumerate(("a", "b", "c", "alpha", "beta", "gamma"), start=1):
            if i + offset >= len(self.argv) or self.argv[i + offset].startswith("-"):
                break
            self._known.add(i + offset)
            value = self._number(i, self.argv[i + offset], True)
            setattr(said, name, value / DEGREES_PER_RADIAN if offset > 3 else value)

    def _read_misset_random(self, i: int) -> None:
        self.said.misset = "random"

    def _read_pivot(self, i: int) -> None:
        text = self.argv[i + 1]
        if "sample" in text:
            self.said.pivot = "sample"
        if "beam" in text:
            self.said.pivot = "beam"
        if "sample" not in text and "beam" not in text:
            raise OptionError(f"{self.argv[i]} needs sample or beam, not {text!r}")

    def _read_attenuation(self, i: int) -> None:
        text = self.argv[i + 1]
        depth = 0.0 if "inf" in text else self._number(i, text, True)
        if depth == 0.0:
            self.said.thickness = 0.0
            self.said.mu = 0.0
        else:
            self.said.mu = 1.0 / (depth * 1e-6)

    def _read_trace_pixel(self, i: int) -> None:
        slow, fast = (self._integer(i, self.argv[i + offset], True) for offset in (1, 2))
        self.said.trace_pixels.append((slow, fast))

    def _read_pix0(self, i: int) -> None:
        unit = "mm" if "-pix0_vector_mm" in self.argv[i] else "number"
        for offset, axis in enumerate("xyz", start=1):
            setattr(self.said, f"pix0_{axis}", self._value(i, offset, unit, True))

    def _read_fix(self, i: int) -> None:
        """Nothing: the fixes decide how this scan matches, so `run` has read them before."""

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
                if self.said.strict:
                    raise OptionError(f"{message} (-strict); see --help")
                self.notes.append(f"{message} and ignored")
            after_unknown = True

    @staticmethod
    def _complaint(argument: str) -> str:
        for row in ROWS:
            if row.metavar and argument in row.names:
                return f"has not all of its values ({row.metavar}) after it"
        return "is not understood"


def asked_fixes(argv: Sequence[str]) -> tuple[frozenset[str], bool]:
    """Names that -fix gives, and whether it asks for the list of them: looked for before all other options.

    Raises
    ------
    OptionError
        A name that is not in the table.
    """
    words = [
        word.strip() for argument, value in zip(argv, argv[1:]) if argument == "-fix" for word in value.split(",")
    ]
    for word in words:
        if word not in (*NAMES, "all", "list"):
            raise OptionError(f"-fix does not know {word!r}; it takes all, list, or some of {' '.join(NAMES)}")
    return frozenset(NAMES if "all" in words else words) - {"list"}, "list" in words


def header_files(argv: Sequence[str]) -> tuple[str, str]:
    """Names that -mask and -img give, empty if not given: looked for before all other options."""
    found = {"-mask": "", "-img": ""}
    for argument, following in zip(argv, argv[1:]):
        for name in found:
            if argument.startswith("-") and name in argument:
                found[name] = following
    return found["-mask"], found["-img"]


def parse(argv: Sequence[str], said: Said | None = None) -> tuple[Said, list[str]]:
    """Read an argument list.

    Parameters
    ----------
    argv : sequence of str
        Without the program's name.
    said : Said, optional
        What image headers have said before.

    Returns
    -------
    said : Said
    notes : list of str
        Warnings for standard error.

    Raises
    ------
    OptionError
        A value that is missing or no number; an unknown argument under -strict.
    """
    scan = Scan(argv, said if said is not None else Said())
    scan.run()
    return scan.said, scan.notes
