"""The detector: a panel and where it stands, its sensor, and the window of it that is rendered.

What was given stands apart from what follows: `Centres` is made by `experiment.derive`.
"""

from typing import Any

import numpy as np

from nanobragg_numba.experiment.beam import Vector
from nanobragg_numba.records import dataclass, field


@dataclass(frozen=True)
class Roi:
    """Region of interest as said, pixels, bounds included; bounds beyond the detector mean its edge."""

    xmin: int
    xmax: int
    ymin: int
    ymax: int


@dataclass(frozen=True)
class Window:
    """Which pixels are rendered.

    Attributes
    ----------
    roi : Roi
    mask : (spixels, fpixels) uint16 or None
        Zero pixels are not rendered.
    mask_file : str
        Where the mask comes from; empty for none.
    """

    roi: Roi
    mask: np.ndarray | None = field(default=None, repr=False, compare=False)
    mask_file: str = ""


@dataclass(frozen=True)
class Sensor:
    """What absorbs the photons.

    Attributes
    ----------
    thick_steps : int
        Layers.
    thickness, thickstep : float
        Of the sensor, from layer to layer, m.
    mu : float
        Attenuation coefficient, 1/m; -1: none.
    """

    thick_steps: int
    thickness: float
    thickstep: float
    mu: float


@dataclass(frozen=True)
class PixelGrid:
    """Pixels of a panel, wherever it stands.

    Attributes
    ----------
    fpixels, spixels : int
        Pixels along the fast and the slow axis.
    pixel_size, size_f, size_s : float
        Of a pixel, of the panel along both axes, m.
    """

    fpixels: int
    spixels: int
    pixel_size: float
    size_f: float
    size_s: float


@dataclass(frozen=True)
class Panel(PixelGrid):
    """A panel in its place.

    Attributes
    ----------
    fdet, sdet, odet : (3,)
        Unit vectors along the fast axis, the slow axis and the normal.
    pix0 : (3,)
        Corner of the first pixel, m.
    curved : bool
        All pixels are as far away as the beam spot.
    point_pixel : bool
        No obliquity.
    """

    fdet: Vector
    sdet: Vector
    odet: Vector
    pix0: Vector
    curved: bool
    point_pixel: bool


@dataclass(frozen=True)
class BeamCentre:
    """Beam centre and nearest point as they were given, m.

    Attributes
    ----------
    Xbeam, Ybeam, Xclose, Yclose : float
        In the convention's frame.
    Fbeam, Sbeam, Fclose, Sclose : float
        Along the fast and the slow axis.
    """

    Xbeam: float
    Ybeam: float
    Xclose: float
    Yclose: float
    Fbeam: float
    Sbeam: float
    Fclose: float
    Sclose: float


@dataclass(frozen=True)
class Placement:
    """How a panel came to its place: what was given, and the steps that traces show. Metres and radians.

    Attributes
    ----------
    convention : str
    pivot : str
        beam or sample.
    beam_vector : (3,)
        Unit vector.
    initial_fdet, initial_sdet, initial_odet : (3,)
        Unit vectors before any rotation.
    rotx, roty, rotz, twotheta : float
        Rotations, in this order.
    twotheta_axis : (3,)
        Axis of the last one, not normalized.
    fdet_after_rotz, sdet_after_rotz, odet_after_rotz : (3,)
        The axes after the first three.
    centre : BeamCentre
    ratio : float
        Beam times the normal after the first three rotations.
    close_distance, distance : float
        To the nearest point and the beam spot, before the panel was turned.
    pix0_before_rotation, pix0_after_rotz : (3,)
        Corner of the first pixel on its way there; zero for the beam pivot, which has no such way.
    """

    convention: str
    pivot: str
    beam_vector: Vector
    initial_fdet: Vector
    initial_sdet: Vector
    initial_odet: Vector
    rotx: float
    roty: float
    rotz: float
    twotheta: float
    twotheta_axis: Vector
    fdet_after_rotz: Vector
    sdet_after_rotz: Vector
    odet_after_rotz: Vector
    centre: BeamCentre
    ratio: float
    close_distance: float
    distance: float
    pix0_before_rotation: Vector = (0.0, 0.0, 0.0)
    pix0_after_rotz: Vector = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Centres:
    """Distances and centres that follow from where a panel stands; see `derive.centres`.

    Attributes
    ----------
    distance, close_distance : float
        Sample to the direct beam spot, to the nearest point of the panel's plane, m.
    Fbeam, Sbeam, Fclose, Sclose : float
        Beam spot and nearest point along the fast and slow axis, from the corner of the first pixel, m.
    ORGX, ORGY : float
        Nearest point, pixels.
    xds_beam : (3,)
        Beam along the axes of the panel.
    dials_origin : (3,)
        Millimetres.
    """

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


@dataclass(frozen=True)
class Detector:
    """A panel with its sensor and window. Lengths in metres, angles in radians.

    A field of a part is found by its name alone, too: `detector.pix0` is `detector.panel.pix0`. Where two parts have
    one of that name, the first in the order below counts: `detector.Fbeam` is that of the panel in its place.

    Attributes
    ----------
    panel : Panel
    sensor : Sensor
    window : Window
    centres : Centres
    placement : Placement
    """

    panel: Panel
    sensor: Sensor
    window: Window
    centres: Centres
    placement: Placement = field(repr=False, compare=False)

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_"):
            for part in (self.panel, self.sensor, self.window, self.centres, self.placement, self.placement.centre):
                if hasattr(part, name):
                    return getattr(part, name)
        raise AttributeError(f"no part of a detector has a field {name!r}")
