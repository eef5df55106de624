"""From what was given to what follows: pure functions of records."""

from nanobragg_numba.experiment.beam import Vector
from nanobragg_numba.experiment.detector import Centres, Panel

_UP = (0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (-1.0, 0.0, 0.0)
"""Axes of DIALS in the laboratory frame, as the C program has them."""


def _along(x: Vector, axis: Vector) -> float:
    """Scalar product, summed from left to right."""
    return x[0] * axis[0] + x[1] * axis[1] + x[2] * axis[2]


def centres(panel: Panel, beam: Vector, ratio: float) -> Centres:
    """Distances and centres as they are found on a panel in its place.

    Parameters
    ----------
    panel : Panel
    beam : (3,)
        Unit vector along the beam.
    ratio : float
        Beam times the normal, without the rotation by twotheta; not zero.

    Returns
    -------
    Centres
    """
    pix0, fdet, sdet, odet = panel.pix0, panel.fdet, panel.sdet, panel.odet
    Fclose = -_along(pix0, fdet)
    Sclose = -_along(pix0, sdet)
    close_distance = _along(pix0, odet)
    distance = close_distance / ratio
    x, y, z = (distance * b - p for b, p in zip(beam, pix0))
    spot = (x, y, z)
    right, up, back = (1000.0 * _along(pix0, axis) for axis in _UP)
    return Centres(
        distance=distance, close_distance=close_distance, Fbeam=_along(fdet, spot), Sbeam=_along(sdet, spot),
        Fclose=Fclose, Sclose=Sclose, ORGX=Fclose / panel.pixel_size + 0.5, ORGY=Sclose / panel.pixel_size + 0.5,
        xds_beam=(_along(beam, fdet), _along(beam, sdet), _along(beam, odet)), dials_origin=(right, up, back),
    )  # fmt: skip
