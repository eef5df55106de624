"""Where the panel stands: tilts, twotheta, and the corner of its first pixel."""

import math

from nanobragg_numba.constants import SMALLEST_NORMAL
from nanobragg_numba.experiment.beam import Vector
from nanobragg_numba.experiment.derive import centres
from nanobragg_numba.experiment.detector import Centres, Panel, Placement
from nanobragg_numba.programs.shared.arithmetic import divide, dot, rotate_axis, rotate_xyz
from nanobragg_numba.programs.shared.frame import Frame
from nanobragg_numba.programs.shared.option_values import CommonOptionValues
from nanobragg_numba.records import dataclass


@dataclass(frozen=True)
class PlacedPanel:
    """A panel, what follows from its place, and how it came there."""

    panel: Panel
    centres: Centres
    placement: Placement


def _corner(first: float, fdet: Vector, second: float, sdet: Vector, third: float, along: Vector) -> Vector:
    """Corner of the first pixel: -first*fdet - second*sdet + third*along, component by component, m.

    Parameters
    ----------
    first, second : float
        Beam centre along the axes of the detector, m.
    fdet, sdet : (3,)
        These axes.
    third : float
        Distance, m.
    along : (3,)
        Direction in which it is measured.
    """
    x, y, z = (-first * f - second * s + third * o for f, s, o in zip(fdet, sdet, along))
    return x, y, z


def place_detector(options: CommonOptionValues, frame: Frame, even_behind: bool = True) -> PlacedPanel:
    """Step 8 of the set-up.

    Parameters
    ----------
    options : CommonOptionValues
        Distances, tilts, rad and m.
    frame : Frame
        Grid of pixels, axes and beam centre before the tilts.
    even_behind : bool
        A panel that looks away from the beam has a positive distance.
    """
    axes, centre = frame.axes, frame.centre
    beam, two_axis = axes.beam, axes.twotheta_axis
    angles = (options.rotx, options.roty, options.rotz)
    ratio = dot(beam, rotate_xyz(axes.odet, angles)) or SMALLEST_NORMAL
    close_distance = options.close_distance
    if math.isnan(close_distance):
        close_distance = ratio * options.distance
        if even_behind:
            close_distance = abs(close_distance)
    distance = divide(close_distance, ratio)

    tilted = [rotate_xyz(v, angles) for v in (axes.fdet, axes.sdet, axes.odet)]
    fdet_after_twotheta, sdet_after_twotheta, odet_after_twotheta = (
        rotate_axis(v, two_axis, options.twotheta) for v in tilted
    )
    before = after_rotz = (0.0, 0.0, 0.0)
    if frame.pivot == "sample":
        before = _corner(centre.Fclose, axes.fdet, centre.Sclose, axes.sdet, close_distance, axes.odet)
        after_rotz = rotate_xyz(before, angles)
        pix0_vector = rotate_axis(after_rotz, two_axis, options.twotheta)
    else:
        pix0_vector = _corner(centre.Fbeam, fdet_after_twotheta, centre.Sbeam, sdet_after_twotheta, distance, beam)
    if "pix0" in options.fixes and frame.convention == "custom" and not math.isnan(options.pix0_x):
        pix0_vector = (options.pix0_x, options.pix0_y, options.pix0_z)

    panel = Panel(
        **vars(frame.grid), fdet=fdet_after_twotheta, sdet=sdet_after_twotheta, odet=odet_after_twotheta,
        pix0=pix0_vector, curved=options.curved, point_pixel=options.point_pixel,
    )  # fmt: skip
    placement = Placement(
        convention=frame.convention, pivot=frame.pivot, beam_vector=beam,
        initial_fdet=axes.fdet, initial_sdet=axes.sdet, initial_odet=axes.odet,
        rotx=options.rotx, roty=options.roty, rotz=options.rotz, twotheta=options.twotheta, twotheta_axis=two_axis,
        fdet_after_rotz=tilted[0], sdet_after_rotz=tilted[1], odet_after_rotz=tilted[2],
        centre=centre, ratio=ratio, close_distance=close_distance, distance=distance,
        pix0_before_rotation=before, pix0_after_rotz=after_rotz,
    )  # fmt: skip
    return PlacedPanel(panel, centres(panel, beam, ratio), placement)
