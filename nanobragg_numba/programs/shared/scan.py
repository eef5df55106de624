"""The scan of a simulation's argument list: readers of the rows that several programs have and that fit no pattern."""

from nanobragg_numba.engine.names import ENGINES
from nanobragg_numba.errors import OptionError
from nanobragg_numba.options.scan import Scan


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
