"""How nonBragg's argument list is read: the scan of its table, and the options that fit no pattern."""

from collections.abc import Sequence

from nanobragg_numba.constants import LARGEST_COUNT
from nanobragg_numba.errors import OptionError
from nanobragg_numba.io.numbers import leading_int
from nanobragg_numba.programs.nonbragg.defects import TABLE as DEFECTS
from nanobragg_numba.programs.nonbragg.option_rows import TABLE
from nanobragg_numba.programs.nonbragg.option_values import OptionValues
from nanobragg_numba.programs.shared.scan import SimulationScan, scanned
from nanobragg_numba.records import replace


class NonBraggScan(SimulationScan):
    """The scan, with the readers of rows that do not fit the pattern of the table."""

    def _read_oversample(self, i: int) -> None:
        """-oversample_thick and its like land here as well, and take whatever follows for a count."""
        text = self.argv[i + 1]
        if "-oversample_" in self.argv[i]:
            self._known.discard(i + 1)
            self.target.oversample = (leading_int(text) or (0, ""))[0]
        else:
            self.target.oversample = self._integer(i, text, True)

    def _read_ignore(self, i: int) -> None:
        value = self._number(i, self.argv[i + 1], True)
        if not abs(value) < 2**31 or ("ignore-bits" in self.fixes and not _is_count(value)):
            raise OptionError(
                f"{self.argv[i]} needs the value of a pixel, 0 to {LARGEST_COUNT}, not {self.argv[i + 1]!r}"
            )
        self.target.ignored_values.append(value)


def _is_count(value: float) -> bool:
    return value == int(value) and 0 <= value <= LARGEST_COUNT


def image_file(argv: Sequence[str]) -> str:
    """Name that -img gives, empty if not given: looked for before all other options."""
    named = ""
    for argument, following in zip(argv, argv[1:]):
        if argument.startswith("-") and "-img" in argument:
            named = following
    return named


def parse(argv: Sequence[str], options: OptionValues | None = None) -> tuple[OptionValues, list[str]]:
    """Read an argument list.

    Parameters
    ----------
    argv : sequence of str
        Without the program's name.
    options : OptionValues, optional
        What the header of an image has said before.

    Returns
    -------
    options : OptionValues
    notes : list of str
        Warnings for standard error.

    Raises
    ------
    OptionError
        A value that is missing or no number; an unknown argument under -strict.
    """
    options = options if options is not None else OptionValues()
    return options, scanned(NonBraggScan, TABLE, DEFECTS, argv, options).notes


def option_defects(argv: Sequence[str], before: OptionValues, options: OptionValues) -> list[str]:
    """Names of the defects in the reading of an argument list that this one triggers.

    Parameters
    ----------
    argv : sequence of str
    before : OptionValues
        What the header of an image has said.
    options : OptionValues
        The same with `argv` read into it.
    """
    named = []
    if any("-twotheta_axis" in argument for argument in argv) and "twotheta-axis" not in options.fixes:
        other = replace(before, fixes=before.fixes | {"twotheta-axis"}, ignored_values=[], trace_pixels=[])
        parse(argv, other)
        named += ["twotheta-axis"] if (other.twotheta, other.pivot) != (options.twotheta, options.pivot) else []
    if before.header_twotheta != 0.0 and options.twotheta == before.twotheta == 0.0:
        named.append("header-twotheta")
    named_by = {"pix0": "-pix0_vector", "nopgm": "-nopgm"}
    named += [name for name, option in named_by.items() if any(option in argument for argument in argv)]
    mistaken = ("-thicksteps", "-oversample_")
    if any(text in argument for argument in argv if argument.startswith("-") for text in mistaken):
        named.append("option-match")
    if not all(_is_count(value) for value in options.ignored_values):
        named.append("ignore-bits")
    return [name for name in named if name not in options.fixes]
