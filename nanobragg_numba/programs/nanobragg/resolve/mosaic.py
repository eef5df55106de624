"""Mosaic domains: how many, and how each is turned."""

import numpy as np

from nanobragg_numba.constants import DEGREES_PER_RADIAN
from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.experiment.crystal import Mosaic
from nanobragg_numba.kernels.noise.random import MOSAIC, NOISE, Generator, random_rotation
from nanobragg_numba.programs.nanobragg.option_values import OptionValues
from nanobragg_numba.programs.shared.notes import Notes

_WIDEST = 1e30  # radians; the draw is in float32
_IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


def mosaic_counts(options: OptionValues, notes: Notes) -> tuple[int, float]:
    """Domains and spread (radians) from those of the two that were said."""
    domains, spread = options.mosaic_domains, options.mosaic_spread
    if domains <= 0:
        if spread < 0.0:
            return 1, 0.0
        if spread == 0.0:
            return 1, spread
        notes.steps.append("WARNING: finite mosaicity with only one domain! upping to 10 mosaic domains")
        return 10, spread
    if spread <= 0.0:
        notes.steps.append("WARNING: no mosaic spread specified.  setting mosaic_domains = 1")
        return 1, 0.0
    return domains, spread


def resolve_mosaic(domains: int, spread: float, generator: Generator) -> Mosaic:
    """Draw the domains' rotations; the first is drawn, too, and then not turned.

    The draw of a single domain is left out unless a noise seed above zero goes on with the numbers it leaves.

    Parameters
    ----------
    domains : int
        At least 1.
    spread : float
        Width of the spread, rad.
    generator : Generator
        Its stream MOSAIC is drawn from.

    Returns
    -------
    Mosaic
        Rotation matrices, (domains, 9) float64.

    Raises
    ------
    ExperimentError
        A spread that is no angle any more.
    """
    if spread > _WIDEST:
        raise ExperimentError(f"a mosaic spread of {spread * DEGREES_PER_RADIAN:g} degrees is too large: see -mosaic")
    rotations = np.empty((domains, 9))
    for domain in range(domains if domains > 1 or generator.seeds[NOISE] > 0 else 0):
        rotations[domain] = random_rotation(generator, MOSAIC, np.float32(spread))
    rotations[0] = _IDENTITY
    return Mosaic(spread, rotations)
