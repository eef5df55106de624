"""How many unit cells the crystal has, and how finely a pixel must be sampled for them."""

import math

import numpy as np

from nanobragg_numba.constants import AVOGADRO
from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.experiment.beam import Vector
from nanobragg_numba.kernels.decorators import uncompiled
from nanobragg_numba.kernels.integers import to_int
from nanobragg_numba.programs.nanobragg.option_values import OptionValues
from nanobragg_numba.programs.nanobragg.resolve.cell import Cell
from nanobragg_numba.programs.shared.arithmetic import length as length_of
from nanobragg_numba.programs.shared.arithmetic import scaled
from nanobragg_numba.programs.shared.notes import Notes
from nanobragg_numba.records import dataclass


@dataclass(frozen=True)
class CrystalSize:
    """Cell vectors in metres and the crystal made of them.

    Attributes
    ----------
    a, b, c : (3,)
        Metres.
    lengths : (3,)
        |a|, |b|, |c| measured in metres.
    Na, Nb, Nc : float
    oversample : int
        Subpixels along each axis.
    """

    a: Vector
    b: Vector
    c: Vector
    lengths: Vector
    Na: float
    Nb: float
    Nc: float
    oversample: int

    @property
    def edges(self) -> Vector:
        """Size of the crystal along a, b, c, m."""
        la, lb, lc = self.lengths
        return la * self.Na, lb * self.Nb, lc * self.Nc

    @property
    def approximate_MW(self) -> float:
        """Daltons that would fill one cell."""
        x, y, z = self.edges
        return x * y * z * 1.2e6 * AVOGADRO / (self.Na * self.Nb * self.Nc)


def resolve_size(options: OptionValues, sample: Vector, cell: Cell, distance: float, notes: Notes) -> CrystalSize:
    """Step 11 of the set-up.

    Parameters
    ----------
    options : OptionValues
    sample : (3,)
        Size of the crystal along a, b and c, m; 0 where the number of cells is given.
    cell : Cell
    distance : float
        Of the detector, m.
    notes : Notes
        Told of the choice of subpixels.

    Returns
    -------
    CrystalSize
        Cell vectors in m, cells along each, and subpixels along a pixel.
    """
    a, b, c = (scaled(v, 1e-10) for v in (cell.a, cell.b, cell.c))
    lengths = (length_of(a), length_of(b), length_of(c))
    counts = [
        max(1.0, float(math.ceil(size / edge)) if size > 0.0 else float(count))
        for count, size, edge in zip((options.Na, options.Nb, options.Nc), sample, lengths)
    ]
    largest = max(edge * count for edge, count in zip(lengths, counts))
    oversample = _oversampling(options, distance, largest, notes)
    return CrystalSize(a, b, c, lengths, counts[0], counts[1], counts[2], oversample)


def _oversampling(options: OptionValues, distance: float, largest: float, notes: Notes) -> int:
    """Subpixels along a pixel: as given, or three across the width of a spot.

    Parameters
    ----------
    options : OptionValues
    distance : float
        Of the detector, m.
    largest : float
        Longest side of the crystal, m: a spot is wavelength * distance / side wide.
    notes : Notes
    """
    reciprocal_pixel = options.wavelength * distance / options.pixel
    if reciprocal_pixel == 0.0:
        raise ExperimentError("the detector is at distance 0: see -distance and -close_distance")
    recommended = max(1, uncompiled(to_int)(float(np.ceil(3.0 * largest / reciprocal_pixel))))
    if options.oversample <= 0:
        if recommended > 46340:
            raise ExperimentError(
                f"a crystal of {largest * 1e6:g} micrometres asks for {recommended}-fold oversampling: "
                "give -oversample or a smaller crystal"
            )
        notes.oversampling.append(f"auto-selected {recommended}-fold oversampling")
        return recommended
    if options.oversample < recommended:
        notes.oversampling += [
            f"WARNING: maximum dimension of sample is {largest * 1e10:g} A",
            f"         but reciprocal pixel size is {reciprocal_pixel * 1e10:g} A",
            "         intensity may vary significantly across a pixel!",
            f"         recommend -oversample {recommended} to work around this",
        ]
    return options.oversample
