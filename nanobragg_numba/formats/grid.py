"""The grid of structure factors that hkl lists and dump files describe."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nanobragg_numba.errors import FormatError

MAX_CELLS = 1 << 28
"""Most elements a grid may have: 2 GiB."""


class HklRanges(NamedTuple):
    """Smallest and largest index along each axis, inclusive."""

    h_min: int
    h_max: int
    k_min: int
    k_max: int
    l_min: int
    l_max: int

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many indices there are along h, k and l."""
        return (
            self.h_max - self.h_min + 1,
            self.k_max - self.k_min + 1,
            self.l_max - self.l_min + 1,
        )

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of the array, which has one plane more at each upper end."""
        h_range, k_range, l_range = self.counts
        return h_range + 1, k_range + 1, l_range + 1

    def check(self, source: str) -> None:
        """Refuse a grid that is empty or larger than MAX_CELLS.

        Raises
        ------
        FormatError
        """
        shape = self.shape
        if min(self.counts) < 1:
            raise FormatError(f"{source}: a largest index is below the smallest: {tuple(self)}")
        if shape[0] * shape[1] * shape[2] > MAX_CELLS:
            raise FormatError(
                f"{source}: indices h {self.h_min} to {self.h_max}, k {self.k_min} to "
                f"{self.k_max}, l {self.l_min} to {self.l_max} need a grid of more than "
                f"{MAX_CELLS >> 27} GiB; check the indices"
            )

    def zeros(self, source: str) -> np.ndarray:
        """An array of this shape, after `check`.

        Raises
        ------
        FormatError
            Also if there is not enough memory.
        """
        self.check(source)
        try:
            return np.zeros(self.shape)
        except MemoryError as error:
            raise FormatError(f"{source}: not enough memory for its grid {self.shape}") from error


class HklGrid(NamedTuple):
    """Structure factors on a grid.

    Attributes
    ----------
    F : float64 array (h_range + 1, k_range + 1, l_range + 1)
        Element [h - h_min, k - k_min, l - l_min], electrons; the extra plane at each upper end
        is 0.
    ranges : HklRanges
    """

    F: np.ndarray
    ranges: HklRanges
