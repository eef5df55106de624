"""Where the detector stands: tilts, twotheta, and the corner of its first pixel."""

import math
from dataclasses import dataclass
from typing import Any

from nanobragg_numba.constants import SMALLEST_NORMAL
from nanobragg_numba.experiment.beam import Vector
from nanobragg_numba.programs.nanobragg.resolve.arithmetic import divide, dot, rotate_axis, rotate_xyz
from nanobragg_numba.programs.nanobragg.resolve.convention import Frame
from nanobragg_numba.programs.nanobragg.said import Said


@dataclass(frozen=True)
class Placement:
    """A placed detector; metres and unit vectors."""

    fdet: Vector
    sdet: Vector
    odet: Vector
    pix0: Vector
    distance: float
    close_distance: float
    Fbeam: float
    Sbeam: float
    Fclose: float
    Sclose: float
    ORGX: float
    ORGY: float
    xds_beam: Vector
    dials_origin: Vector
    traced: dict[str, Any]


def _corner(first: float, fdet: Vector, second: float, sdet: Vector, third: float, along: Vector) -> Vector:
    """-first*fdet - second*sdet + third*along, component by component."""
    x, y, z = (-first * f - second * s + third * o for f, s, o in zip(fdet, sdet, along))
    return x, y, z


def place_detector(said: Said, frame: Frame) -> Placement:
    """Step 8 of the set-up."""
    axes = frame.axes
    beam, two_axis = axes.beam, axes.twotheta_axis
    angles = (said.rotx, said.roty, said.rotz)
    ratio = dot(beam, rotate_xyz(axes.odet, angles)) or SMALLEST_NORMAL
    close_distance = said.close_distance
    if math.isnan(close_distance):
        close_distance = abs(ratio * said.distance)
    distance = divide(close_distance, ratio)

    tilted = [rotate_xyz(v, angles) for v in (axes.fdet, axes.sdet, axes.odet)]
    fdet, sdet, odet = (rotate_axis(v, two_axis, said.twotheta) for v in tilted)
    before = after_rotz = (0.0, 0.0, 0.0)
    if frame.pivot == "sample":
        before = _corner(frame.Fclose, axes.fdet, frame.Sclose, axes.sdet, close_distance, axes.odet)
        after_rotz = rotate_xyz(before, angles)
        pix0 = rotate_axis(after_rotz, two_axis, said.twotheta)
    else:
        pix0 = _corner(frame.Fbeam, fdet, frame.Sbeam, sdet, distance, beam)
    if "pix0" in said.fixes and frame.convention == "custom" and not math.isnan(said.pix0_x):
        pix0 = (said.pix0_x, said.pix0_y, said.pix0_z)

    traced = dict(
        pivot=frame.pivot, convention=frame.convention, rotx=said.rotx, roty=said.roty, rotz=said.rotz,
        twotheta=said.twotheta, twotheta_axis=two_axis, pixel_size=frame.pixel, beam_vector=beam,
        initial_fdet=axes.fdet, initial_sdet=axes.sdet, initial_odet=axes.odet,
        fdet_after_rotz=tilted[0], sdet_after_rotz=tilted[1], odet_after_rotz=tilted[2],
        fdet_after_twotheta=fdet, sdet_after_twotheta=sdet, odet_after_twotheta=odet,
        Xbeam=frame.Xbeam, Ybeam=frame.Ybeam, Fbeam=frame.Fbeam, Sbeam=frame.Sbeam, Xclose=frame.Xclose,
        Yclose=frame.Yclose, Fclose=frame.Fclose, Sclose=frame.Sclose, close_distance=close_distance,
        ratio=ratio, distance=distance, pix0_before_rotation=before, pix0_after_rotz=after_rotz,
        pix0_vector=pix0,
    )  # fmt: skip
    return _measured(frame, ratio, fdet, sdet, odet, pix0, traced)


def _measured(
    frame: Frame, ratio: float, fdet: Vector, sdet: Vector, odet: Vector, pix0: Vector,
    traced: dict[str, Any],
) -> Placement:  # fmt: skip
    """Distances and centres, measured again on the placed detector."""
    beam = frame.axes.beam
    Fclose = -dot(pix0, fdet)
    Sclose = -dot(pix0, sdet)
    close_distance = dot(pix0, odet)
    distance = divide(close_distance, ratio)
    near: Vector = tuple(distance * b - p for b, p in zip(beam, pix0))  # type: ignore[assignment]
    return Placement(
        fdet=fdet, sdet=sdet, odet=odet, pix0=pix0, distance=distance, close_distance=close_distance,
        Fbeam=dot(fdet, near), Sbeam=dot(sdet, near), Fclose=Fclose, Sclose=Sclose,
        ORGX=Fclose / frame.pixel + 0.5, ORGY=Sclose / frame.pixel + 0.5,
        xds_beam=(dot(beam, fdet), dot(beam, sdet), dot(beam, odet)),
        dials_origin=(
            1000.0 * dot(pix0, (0.0, 0.0, 1.0)),
            1000.0 * dot(pix0, (0.0, 1.0, 0.0)),
            1000.0 * dot(pix0, (-1.0, 0.0, 0.0)),
        ),
        traced=traced,
    )  # fmt: skip
