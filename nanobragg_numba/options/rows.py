"""The rows of an option table: how an option matches an argument, what it reads, what it sets.

Every program's table is a tuple of such rows, tried top to bottom on every argument that begins with `-`, as the C
programs do: most match an argument that merely contains their name. Only the standard library is imported, because the
manual pages are built from the tables before the package is installed.
"""

from typing import Any

from nanobragg_numba.records import dataclass, field

PHYSICS = "physics"
"""Role of an option that decides what is simulated."""
DETECTOR = "detector"
"""Role of an option that decides where the detector stands and how it looks."""
INPUT = "input"
"""Role of an option that names a file to be read."""
HEADER = "header"
"""Role of an option that names an image whose header says the geometry, before all other options."""
OUTPUT = "output"
"""Role of an option that names a file to be written."""
OUTPUT_SETTING = "output setting"
"""Role of an option that decides which files are written, or what is in them."""
RUN = "run"
"""Role of an option that decides how a program runs, not what it computes."""
SINGLE_RUN = "single run"
"""Role of an option that has no place where many runs are made from one table."""


@dataclass(frozen=True)
class Has:
    """Matches an argument that contains `text`, of `length` characters (0: any), or of more than `longer`."""

    text: str
    length: int = 0
    longer: int = 0

    def matches(self, argument: str) -> bool:
        return (
            self.text in argument
            and (not self.length or len(argument) == self.length)
            and len(argument) > self.longer
        )


@dataclass(frozen=True)
class Is:
    """Matches an argument that equals `text`."""

    text: str

    def matches(self, argument: str) -> bool:
        return argument == self.text


@dataclass(frozen=True)
class Row:
    """One option.

    Attributes
    ----------
    match : tuple of Has or Is
        Any of them makes the row apply; the first gives the option its name in the help.
    reads : tuple of (field, kind)
        What the following arguments are read into, in order; `kind` names a reader of `options.scan`.
    sets : tuple of (field, value)
        Fields that the row sets to constants.
    args : int
        How many further arguments must exist for the row to apply.
    stop : bool
        No later row is tried on this argument.
    special : str
        Name of a reader of the program's own scan for a row that does not fit the pattern above.
    defect : (name, text) or None
        With that defect fixed, the row does not apply to an argument that contains the text.
    extension : bool
        The C program has no such option. Values of these rows are consumed.
    role : str
        What the option is: one of the roles above.
    file_name : str
        Of an output: what its file is called in a folder of its own.
    """

    section: str
    match: tuple[Has | Is, ...]
    help: str
    reads: tuple[tuple[str, str], ...] = ()
    sets: tuple[tuple[str, Any], ...] = ()
    args: int = 0
    stop: bool = False
    special: str = ""
    metavar: str = ""
    default: str = ""
    extension: bool = False
    defect: tuple[str, str] | None = None
    role: str = PHYSICS
    file_name: str = ""

    def matches(self, argument: str) -> bool:
        return any(pattern.matches(argument) for pattern in self.match)

    @property
    def values(self) -> int:
        """How many of the following arguments are values of this row; -cell counts its own."""
        return self.args if self.metavar and self.special != "cell" else 0

    @property
    def names(self) -> list[str]:
        return [pattern.text for pattern in self.match]

    @property
    def fields(self) -> frozenset[str]:
        """What of the target the row sets, as far as it fits the pattern."""
        return frozenset((*" ".join(fields for fields, _ in self.reads).split(), *(name for name, _ in self.sets)))


def has(*texts: str) -> tuple[Has, ...]:
    return tuple(Has(text) for text in texts)


def value(
    section: str, match: tuple[Has | Is, ...], field: str, kind: str, metavar: str, help: str,
    default: str = "", **more: Any,
) -> Row:  # fmt: skip
    """A row with one value that goes into one field, or into several of the same kind (spaces between).

    Parameters
    ----------
    section : str
        Of the help.
    match : tuple of Has or Is
    field : str
        Where the value goes; several names with spaces between; empty: nowhere.
    kind : str
        How it is read, see `options.scan`.
    metavar, help, default : str
        Texts of the help.
    **more
        As for `Row`.
    """
    reads = ((field, kind),) if field else ()
    return Row(section, match, help, reads=reads, args=1, metavar=metavar, default=default, **more)


def flag(section: str, match: tuple[Has | Is, ...], field: str, value: Any, help: str, **more: Any) -> Row:
    """A row without a value, which sets one field.

    Parameters
    ----------
    section : str
        Of the help.
    match : tuple of Has or Is
    field : str
    value
        What the field becomes.
    help : str
    **more
        As for `Row`.
    """
    return Row(section, match, help, sets=((field, value),), **more)


@dataclass(frozen=True)
class OptionTable:
    """All options of a program.

    Attributes
    ----------
    rows : tuple of Row
        In the order in which they are tried.
    sections : tuple of str
        In the order in which the help lists them.
    """

    rows: tuple[Row, ...]
    sections: tuple[str, ...]
    _cache: dict[str, tuple[Row, ...]] = field(default_factory=dict, repr=False, compare=False)

    def named(self, argument: str) -> tuple[Row, ...]:
        """The rows that match an argument, in order; kept, because programs that render much say the same again."""
        found = self._cache.get(argument)
        if found is None:
            if len(self._cache) > 512:
                self._cache.clear()
            found = self._cache[argument] = tuple(row for row in self.rows if row.matches(argument))
        return found

    def has_role(self, argument: str, *roles: str) -> bool:
        """Whether an argument is an option of one of some roles."""
        return argument.startswith("-") and any(row.role in roles for row in self.named(argument))

    def is_meant(self, row: Row, argument: str) -> bool:
        """Whether a row is the one that the user named, not one that its name happens to contain."""
        longest = max(len(p.text) for other in self.named(argument) for p in other.match if p.text in argument)
        return any(p.text in argument and len(p.text) == longest for p in row.match)
