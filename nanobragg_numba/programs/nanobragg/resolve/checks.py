"""What no experiment of nanoBragg can have."""

from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.programs.nanobragg.said import Said
from nanobragg_numba.programs.shared.checks import check_common


def check_said(said: Said) -> None:
    """Refuse lengths and counts that mean nothing.

    Raises
    ------
    ExperimentError
    """
    check_common(said)
    if not said.wavelength > 0.0:
        raise ExperimentError("the wavelength must be above 0: see -lambda and -energy")
    if said.thickness < 0.0:
        raise ExperimentError("the sensor cannot have a negative -detector_thick")
    if said.shape != "square" and said.fudge < 0.0:
        raise ExperimentError("-fudge cannot be negative")
