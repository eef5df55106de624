"""Fluence, and the sample that the beam clips."""

from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.programs.shared.arithmetic import divide
from nanobragg_numba.programs.shared.notes import Notes
from nanobragg_numba.programs.shared.option_values import CommonOptionValues
from nanobragg_numba.records import dataclass


@dataclass(frozen=True)
class Flux:
    """Photons and what they hit.

    Attributes
    ----------
    fluence, flux : float
        Photons/m^2, photons/s.
    sample : (3,)
        Crystal size as said, clipped to the beam, m.
    """

    fluence: float
    flux: float
    sample: tuple[float, float, float]


def resolve_flux(options: CommonOptionValues, notes: Notes) -> Flux:
    """Derive the fluence from the flux or the flux from the fluence, and clip the sample."""
    fluence, flux = options.fluence, options.flux
    x, y, z = options.sample_x, options.sample_y, options.sample_z
    beamsize = options.beamsize
    if flux != 0.0 and options.exposure > 0.0 and beamsize >= 0.0:
        fluence = divide(divide(flux * options.exposure, beamsize), beamsize)
    if not fluence < float("inf"):
        raise ExperimentError("the fluence is not finite: -beamsize must be above 0 with -flux")
    if beamsize >= 0.0:
        if beamsize < y:
            notes.before_banner.append(_clipping(y, "high", beamsize))
            y = beamsize
        if beamsize < z:
            notes.before_banner.append(_clipping(z, "wide", beamsize))
            z = beamsize
    if options.exposure > 0.0:
        flux = fluence / options.exposure * beamsize * beamsize
    return Flux(fluence, flux, (x, y, z))


def _clipping(size: float, direction: str, beamsize: float) -> str:
    """The warning that a sample is cut to the size of the beam.

    Parameters
    ----------
    size : float
        Of the sample, m.
    direction : str
    beamsize : float
        m.
    """
    return f"WARNING: clipping sample ({size:g} m {direction}) with beam ({beamsize:g} m)"
