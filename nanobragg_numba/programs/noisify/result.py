"""What a run of noisify gives."""

from __future__ import annotations

import numpy as np

from nanobragg_numba.records import dataclass, field


@dataclass
class Noisy:
    """What a detector would have recorded.

    Attributes
    ----------
    counts : (slow, fast) uint16 or uint32, or None
        With noise, ADU.
    noiseless : (slow, fast) uint16 or uint32
        Without noise, ADU.
    photons : float
        Sum of the photons that were counted, read-out noise apart.
    overloads : int
        Pixels beyond the range of integers.
    largest : float
        Intensity of the brightest pixel, or 0.
    lost : float
        Photons beyond the radius of the point spread, which were given back evenly.
    notes : list of str
        What the command says on standard error.
    """

    noiseless: np.ndarray
    counts: np.ndarray | None = None
    photons: float = 0.0
    overloads: int = 0
    largest: float = 0.0
    lost: float = 0.0
    notes: list[str] = field(default_factory=list)
