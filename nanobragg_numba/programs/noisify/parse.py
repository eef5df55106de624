"""How noisify's argument list is read: numbers as C reads them, and the name of the float image wherever it stands."""

from collections.abc import Collection, Sequence

from nanobragg_numba.errors import ExperimentError, OptionError
from nanobragg_numba.io.numbers import leading_float, leading_int
from nanobragg_numba.options.rows import OptionTable, Row
from nanobragg_numba.options.scan import Scan
from nanobragg_numba.programs.noisify.defects import TABLE as DEFECTS
from nanobragg_numba.programs.noisify.option_rows import TABLE
from nanobragg_numba.programs.noisify.option_values import OptionValues, single
from nanobragg_numba.programs.shared.scan import scanned

FLOAT_NAME = "floatimage.bin"


class NoisifyScan(Scan):
    """The scan.

    Attributes
    ----------
    report : list of str
        Lines that C prints while it scans.
    defects : list of str
        Names of defects that decided something.
    """

    def __init__(
        self, table: OptionTable, argv: Sequence[str], target: OptionValues, fixes: Collection[str] = ()
    ) -> None:
        super().__init__(table, argv, target, fixes)
        self.report: list[str] = []
        self.defects: list[str] = []
        self._extension_values = self._values(extension=True)
        self._other_values = self._values(extension=False)
        self._phi_from_steps = False

    def run(self) -> None:
        """Go through the arguments.

        Raises
        ------
        NanoBraggError
            A value that is missing or no number; an unknown argument where the target says `strict`.
        """
        for i, argument in enumerate(self.argv):
            if i in self._extension_values:
                continue
            if self._is_float_name(i):
                self._take_float_name(i)
            elif argument.startswith("-"):
                self._take_option(i)
        if self._phi_from_steps:
            self.defects.append("phi-steps")
        self._report_unknown()

    def _take_float_name(self, i: int) -> None:
        self.target.float_file = self.argv[i]
        self._known.add(i)
        self._drop("float-name")
        if i in self._other_values:
            self.defects.append("float-name")

    def _take_option(self, i: int) -> None:
        for row in self._matching_rows(i):
            self._known.update(range(i, i + 1 + row.values))
            if "float_file" in row.fields:
                self._drop("float-name")
            if "phi" in row.fields:
                self._phi_from_steps = "-phistep" in self.argv[i]
            if row.names == ["-badpix_seed", "-hotpix_seed"]:
                self._number_at(i, i + 1, whole=True)
                self.notes.append(f"{self.argv[i]}: there are no bad or hot pixels in the program; no effect")
            self._apply(row, i)

    def _drop(self, name: str) -> None:
        self.defects = [defect for defect in self.defects if defect != name]

    def _values(self, extension: bool) -> set[int]:
        """Places of the values of options, of those that C has or of our own."""
        found: set[int] = set()
        for i, argument in enumerate(self.argv):
            if argument.startswith("-") and i not in found:
                for row in self.table.named(argument):
                    if row.extension == extension:
                        found.update(range(i + 1, i + 1 + max(row.args, row.special == "psf")))
        return found

    def _is_float_name(self, i: int) -> bool:
        return FLOAT_NAME in self.argv[i] and not ("float-name" in self.fixes and i in self._other_values)

    def _read_psf(self, i: int) -> None:
        if i + 1 >= len(self.argv):
            raise ExperimentError(f"{self.argv[i]} needs gauss or fiber behind it")
        name = self.argv[i + 1]
        self._known.add(i + 1)
        self.target.psf = "fiber" if "fiber" in name else "gauss" if "gauss" in name else ""
        if not self.target.psf:
            self.report.append(f"WARNING: unknown psf type: {name}")

    def _read_fix(self, i: int) -> None:
        """Nothing: the fixes decide how this scan matches, so they have been read before."""

    def _value(self, i: int, offset: int, kind: str, strict: bool) -> float | int | str:
        if kind in ("integer", "seed"):
            number = int(self._number_at(i, i + offset, whole=True))
            return (-number + 2**31) % 2**32 - 2**31 if kind == "seed" else number
        if kind in ("number", "mm", "width", "radius"):
            value = self._number_at(i, i + offset, whole=False)
            if kind == "radius":
                return self._radius(i, value)
            return value / 1000.0 if kind == "mm" else single(value / 1e6) if kind == "width" else value
        return super()._value(i, offset, kind, strict)

    def _radius(self, i: int, value: float) -> int:
        if not -2147483649.0 < value < 2147483648.0:
            raise ExperimentError(f"{self.argv[i]} needs a number of pixels, not {self.argv[i + 1]!r}")
        return int(value)

    def _number_at(self, i: int, place: int, whole: bool) -> float:
        """The number at a place, a value of the option at i; 0 for what was meant for something else, as in C."""
        text = self.argv[place]
        found = leading_int(text) if whole else leading_float(text)
        if found is None:
            if not self._is_meant_otherwise(i, place):
                raise OptionError(f"{self.argv[i]} needs {'an integer' if whole else 'a number'}, and {text!r} is none")
            self.notes.append(f"{self.argv[i]}: {text!r} is no number and read as 0")
            return 0.0
        self._note_rest(i, text, found[1])
        return found[0]

    def _is_meant_otherwise(self, i: int, place: int) -> bool:
        text = self.argv[place]
        return (
            self._is_float_name(place)
            or (text.startswith("-") and bool(self._rows_at(place)))
            or len(self._rows_at(i)) > 1
        )

    def _rows_at(self, i: int) -> list[Row]:
        return [] if self._is_float_name(i) else self._matching_rows(i)


def parse(argv: Sequence[str], options: OptionValues | None = None) -> tuple[OptionValues, NoisifyScan]:
    """Read an argument list.

    Parameters
    ----------
    argv : sequence of str
        Without the program's name.
    options : OptionValues, optional
        What a header has said before.

    Raises
    ------
    NanoBraggError
    """
    options = options if options is not None else OptionValues()
    return options, scanned(NoisifyScan, TABLE, DEFECTS, argv, options)
