"""An experiment on matter without order: a liquid, a glass, a gas."""

from __future__ import annotations

import numpy as np

from nanobragg_numba.experiment.beam import Beam, Sources
from nanobragg_numba.experiment.defects import Defects
from nanobragg_numba.experiment.detector import Detector
from nanobragg_numba.experiment.sampling import Outputs
from nanobragg_numba.records import dataclass, field


@dataclass(frozen=True)
class Sample:
    """What scatters.

    Attributes
    ----------
    x, y, z : float
        Size along the beam, up and across, clipped to the beam, m.
    density : float
        g/m^3.
    weight : float
        Of a molecule, g/mol.
    molecules : float
        How many of them are in the beam.
    """

    x: float
    y: float
    z: float
    density: float
    weight: float
    molecules: float


@dataclass(frozen=True)
class ScatteringTable:
    """Structure factor of one molecule against sin(theta)/lambda.

    Attributes
    ----------
    name : str
        The file, or the name of a table that the package makes.
    factor : float
        What makes 1/m of the file's first column.
    stol : (n,) float64
        sin(theta)/lambda in 1/m: two points far below, the rows of the file, two points far above.
    F : (n,) float64
        Electrons.
    end_values : bool
        Beyond the rows F is that of the last one, not on the line through the last two.
    """

    name: str
    factor: float
    stol: np.ndarray = field(repr=False, compare=False)
    F: np.ndarray = field(repr=False, compare=False)
    end_values: bool = False

    @property
    def is_increasing(self) -> bool:
        """Whether the search for a point has no memory: no two abscissae are equal or fall."""
        return bool(np.all(np.diff(self.stol) > 0.0))


@dataclass(frozen=True)
class ImageOfF:
    """An image that F is found from.

    Attributes
    ----------
    name : str
    pixels : (spixels, fpixels) uint16
    gain : float
        Counts per photon, above the offset of the run.
    ignored : tuple of int
        Values of pixels that count for nothing.
    stolout_file : str
        The table to be written.
    """

    name: str
    pixels: np.ndarray = field(repr=False, compare=False)
    gain: float
    ignored: tuple[int, ...]
    stolout_file: str


@dataclass(frozen=True)
class AmorphousExperiment:
    """A resolved experiment: no file is read and no default applied any more. SI units.

    Attributes
    ----------
    beam, sources, detector, sample, table, outputs, defects
        See the classes of the same names; weights of the sources count.
    oversample : int
        Subpixels along each axis of a pixel.
    Fmap : bool
        The image is the structure factor itself.
    phi0, phi_range : float
        For the headers of images, radians.
    image : ImageOfF or None
    noise_seed : int
    adc : float
        Offset of the integer images.
    """

    beam: Beam
    sources: Sources
    detector: Detector
    sample: Sample
    table: ScatteringTable
    oversample: int
    Fmap: bool
    phi0: float
    phi_range: float
    image: ImageOfF | None
    noise_seed: int
    adc: float
    outputs: Outputs
    defects: Defects = Defects()
