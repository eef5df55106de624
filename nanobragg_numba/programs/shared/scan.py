"""How argument lists are read: what all programs do, and readers of rows that several have and that fit no pattern."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from nanobragg_numba.engine.names import ENGINES
from nanobragg_numba.errors import OptionError
from nanobragg_numba.options.rows import OptionTable
from nanobragg_numba.options.scan import Scan
from nanobragg_numba.programs.shared.defects import DefectTable

AnyScan = TypeVar("AnyScan", bound=Scan)


def scanned(
    scan_type: type[AnyScan], table: OptionTable, defects: DefectTable, argv: Sequence[str], options: Any
) -> AnyScan:
    """Read an argument list into option values, -fix before all else.

    Parameters
    ----------
    scan_type : type
        The program's own scan.
    table : OptionTable
    defects : DefectTable
        What -fix can name.
    argv : sequence of str
        Without the program's name.
    options : OptionValues
        Filled in place; what image headers have said before may be in it.

    Returns
    -------
    Scan
        Finished: it has the notes for standard error.

    Raises
    ------
    OptionError
        A value that is missing or no number; an unknown argument under -strict.
    """
    requested, options.list_fixes = defects.requested(argv)
    options.fixes |= requested
    scan = scan_type(table, argv, options, options.fixes)
    scan.run()
    if options.threads < 0:
        raise OptionError("-threads must be at least 1")
    return scan


class SimulationScan(Scan):
    """The scan, with the readers of rows that do not fit the pattern of the table."""

    choices = {"engine": ENGINES}

    def _read_pivot(self, i: int) -> None:
        text = self.argv[i + 1]
        if "sample" in text:
            self.target.pivot = "sample"
        if "beam" in text:
            self.target.pivot = "beam"
        if "sample" not in text and "beam" not in text:
            raise OptionError(f"{self.argv[i]} needs sample or beam, not {text!r}")

    def _read_trace_pixel(self, i: int) -> None:
        slow, fast = (self._integer(i, self.argv[i + offset], True) for offset in (1, 2))
        self.target.trace_pixels.append((slow, fast))

    def _read_fix(self, i: int) -> None:
        """Nothing: the fixes decide how this scan matches, so `run` has read them before."""
