"""How nanoBragg's argument list is read: the scan of its table, and the options that fit no pattern."""

from collections.abc import Sequence

from nanobragg_numba.constants import DEGREES_PER_RADIAN
from nanobragg_numba.options.rows import HEADER, Row
from nanobragg_numba.programs.nanobragg.defects.table import TABLE as TABLE_OF_DEFECTS
from nanobragg_numba.programs.nanobragg.option_rows import TABLE
from nanobragg_numba.programs.nanobragg.option_values import OptionValues
from nanobragg_numba.programs.shared.scan import SimulationScan, scanned


class NanoBraggScan(SimulationScan):
    """The scan, with the readers of rows that do not fit the pattern of the table."""

    def applies(self, row: Row, i: int) -> bool:
        """-misset has a row for the word random, and one for angles."""
        return row.special != "misset_random" or "rand" in self.argv[i + 1]

    def _read_cell(self, i: int) -> None:
        options = self.target
        options.user_cell = True
        for offset, name in enumerate(("a", "b", "c", "alpha", "beta", "gamma"), start=1):
            if i + offset >= len(self.argv) or self.argv[i + offset].startswith("-"):
                break
            self._known.add(i + offset)
            value = self._number(i, self.argv[i + offset], True)
            setattr(options, name, value / DEGREES_PER_RADIAN if offset > 3 else value)

    def _read_misset_random(self, i: int) -> None:
        self.target.misset = "random"

    def _read_attenuation(self, i: int) -> None:
        text = self.argv[i + 1]
        depth = 0.0 if "inf" in text else self._number(i, text, True)
        if depth == 0.0:
            self.target.thickness = 0.0
            self.target.mu = 0.0
        else:
            self.target.mu = 1.0 / (depth * 1e-6)

    def _read_pix0(self, i: int) -> None:
        unit = "mm" if "-pix0_vector_mm" in self.argv[i] else "number"
        for offset, axis in enumerate("xyz", start=1):
            setattr(self.target, f"pix0_{axis}", self._value(i, offset, unit, True))


def header_files(argv: Sequence[str]) -> tuple[str, str]:
    """Names that -mask and -img give, empty if not given: looked for before all other options."""
    found = {"mask_file": "", "img_file": ""}
    for argument, following in zip(argv, argv[1:]):
        for row in TABLE.named(argument) if argument.startswith("-") else ():
            if row.role == HEADER:
                found.update(dict.fromkeys(row.fields, following))
    return found["mask_file"], found["img_file"]


def parse(argv: Sequence[str], options: OptionValues | None = None) -> tuple[OptionValues, list[str]]:
    """Read an argument list.

    Parameters
    ----------
    argv : sequence of str
        Without the program's name.
    options : OptionValues, optional
        What image headers have said before.

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
    return options, scanned(NanoBraggScan, TABLE, TABLE_OF_DEFECTS, argv, options).notes
