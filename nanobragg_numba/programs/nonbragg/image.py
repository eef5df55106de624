"""What comes out of a run of nonBragg."""

from __future__ import annotations

import numpy as np

from nanobragg_numba.engine.amorphous import AmorphousProgress
from nanobragg_numba.engine.noise import NoiseImage
from nanobragg_numba.engine.scaling import Statistics, integer_image
from nanobragg_numba.experiment.amorphous import AmorphousExperiment
from nanobragg_numba.kernels.amorphous.scene import AmorphousScene
from nanobragg_numba.kernels.window import window_of
from nanobragg_numba.programs.nonbragg.found import FoundTable
from nanobragg_numba.records import dataclass, field


@dataclass
class AmorphousImage:
    """What amorphous matter scatters.

    Attributes
    ----------
    image : (slow, fast) float32
        Photons per pixel; with -Fmap electrons.
    experiment : AmorphousExperiment
        What was rendered; SI units.
    statistics : Statistics
    noise : NoiseImage or None
        Photon-counting noise: `noise.pixels`, (slow, fast) uint16.
    found : FoundTable or None
        Structure factors found from an image.
    progress : AmorphousProgress
        Where the time went.
    notes : list of str
        Warnings.
    """

    image: np.ndarray
    experiment: AmorphousExperiment
    statistics: Statistics
    noise: NoiseImage | None
    found: FoundTable | None
    progress: AmorphousProgress = field(repr=False)
    scene: AmorphousScene = field(repr=False)
    notes: list[str] = field(default_factory=list)

    def integer_image(self) -> np.ndarray:
        """The pixels of the SMV image, (slow, fast) uint16."""
        return integer_image(window_of(self.scene), self.image, self.statistics.int_scale, self.experiment.adc)
