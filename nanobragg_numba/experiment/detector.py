"""The detector and where it stands."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nanobragg_numba.experiment.beam import Vector


@dataclass(frozen=True)
class Roi:
    """Region of interest as said, pixels, bounds included; bounds beyond the detector mean its edge."""

    xmin: int
    xmax: int
    ymin: int
    ymax: int


@dataclass(frozen=True)
class Detector:
    """Lengths in metres, angles in radians.

    Attributes
    ----------
    fpixels, spixels : int
        Pixels along the fast and the slow axis.
    fdet, sdet, odet : (3,)
        Unit vectors along the fast axis, the slow axis and the normal.
    pix0 : (3,)
        Corner of the first pixel.
    distance, close_distance : float
        Sample to the direct beam spot, to the nearest point of the detector plane.
    Xbeam, Ybeam, Xclose, Yclose : float
        Beam centre and nearest point in the convention's frame, as reported.
    Fbeam, Sbeam, Fclose, Sclose : float
        The same along the fast and slow axis, from the corner of the first pixel.
    ORGX, ORGY : float
        Nearest point, pixels.
    dials_origin : (3,)
        Millimetres.
    thickness, thickstep, mu : float
        Sensor, its layers, attenuation coefficient (1/m; -1: none).
    mask : (spixels, fpixels) uint16 or None
        Zero pixels are not rendered.
    placement : dict
        Intermediate numbers of the placement, which traces show.
    """

    fpixels: int
    spixels: int
    pixel_size: float
    size_f: float
    size_s: float
    convention: str
    pivot: str
    fdet: Vector
    sdet: Vector
    odet: Vector
    twotheta_axis: Vector
    rotx: float
    roty: float
    rotz: float
    twotheta: float
    pix0: Vector
    distance: float
    close_distance: float
    Xbeam: float
    Ybeam: float
    Xclose: float
    Yclose: float
    Fbeam: float
    Sbeam: float
    Fclose: float
    Sclose: float
    ORGX: float
    ORGY: float
    xds_beam: Vector
    dials_origin: Vector
    thick_steps: int
    thickness: float
    thickstep: float
    mu: float
    curved: bool
    point_pixel: bool
    roi: Roi
    mask: np.ndarray | None = field(repr=False, compare=False)
    mask_file: str = ""
    placement: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
