"""What no experiment of nanoBragg can have."""

import math

import numpy as np

from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.experiment.beam import Vector
from nanobragg_numba.programs.nanobragg.option_values import OptionValues
from nanobragg_numba.programs.shared.checks import check_common

LARGEST_INDEX = 2**31 - 1


def check_options(options: OptionValues) -> None:
    """Refuse lengths and counts that mean nothing.

    Raises
    ------
    ExperimentError
    """
    check_common(options)
    if not options.wavelength > 0.0:
        raise ExperimentError("the wavelength must be above 0: see -lambda and -energy")
    if options.thickness < 0.0:
        raise ExperimentError("the sensor cannot have a negative -detector_thick")
    if options.shape != "square" and options.fudge < 0.0:
        raise ExperimentError("-fudge cannot be negative")


def check_indices(lengths: Vector, wavelengths: np.ndarray) -> None:
    """Refuse a cell whose Miller indices no C int can hold.

    Parameters
    ----------
    lengths : (3,)
        |a|, |b|, |c|, m.
    wavelengths : (n_sources,) array
        m.

    Raises
    ------
    ExperimentError
    """
    longest, shortest = max(lengths), float(np.abs(wavelengths).min())
    largest = 2.0 * longest / shortest if shortest > 0.0 else math.inf  # a scattering vector ends at 2/lambda
    if not largest <= LARGEST_INDEX:
        raise ExperimentError(
            f"a cell of {longest * 1e10:g} A at a wavelength of {shortest * 1e10:g} A has Miller indices up to "
            f"{largest:g}, beyond {LARGEST_INDEX}: check -cell, -mat and -lambda"
        )
