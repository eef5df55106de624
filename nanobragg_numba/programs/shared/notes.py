"""What the stages have to say in passing."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from nanobragg_numba.records import dataclass, field


@dataclass
class Notes:
    """Lines for the report, by the place where they stand in it, and warnings for standard error.

    Attributes
    ----------
    before_banner, steps, cell, size, background, factors : list of str
        Report lines: image headers, clipping and axis warnings; warnings about steps; orientation file, misset
        and cell warnings; oversampling; background table; structure factors.
    warnings : list of str
        For standard error.
    defects : list of str
        Names of the C program's defects that the options trigger.
    ignored : int
        Arguments that nothing understood.
    reading_seconds : float
        Time that went into input files.
    """

    before_banner: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    orientation: list[str] = field(default_factory=list)
    oddball: list[str] = field(default_factory=list)
    oversampling: list[str] = field(default_factory=list)
    background: list[str] = field(default_factory=list)
    factors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    ignored: int = 0
    reading_seconds: float = 0.0

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Count the time of this block as reading."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.reading_seconds += time.perf_counter() - began
