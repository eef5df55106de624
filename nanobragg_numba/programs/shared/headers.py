"""Geometry from the header of an image."""

from nanobragg_numba.constants import DEGREES_PER_RADIAN
from nanobragg_numba.errors import FormatError
from nanobragg_numba.formats.smv import SmvHeader, SmvImage
from nanobragg_numba.programs.shared.option_values import CommonOptionValues

_PLAIN = (
    # key, field, divided by
    ("DISTANCE", "distance", 1000.0),
    ("CLOSE_DISTANCE", "close_distance", 1000.0),
    ("WAVELENGTH", "wavelength", 1e10),
    ("BEAM_CENTER_X", "Xbeam", 1000.0),
    ("BEAM_CENTER_Y", "Ybeam", 1000.0),
    ("ORGX", "ORGX", 1.0),
    ("ORGY", "ORGY", 1.0),
    ("PHI", "phi0", DEGREES_PER_RADIAN),
    ("OSC_RANGE", "osc", DEGREES_PER_RADIAN),
)


def take_header(said: CommonOptionValues, image: SmvImage, flip_Ybeam: bool) -> None:
    """Let the header of an image set options.

    Parameters
    ----------
    said : CommonOptionValues
        Changed in place.
    image : SmvImage
    flip_Ybeam : bool
        BEAM_CENTER_Y counts from the other edge.

    Raises
    ------
    FormatError
        An entry that is no number.
    """
    header, shape = image.header, image.pixels.shape
    said.spixels, said.fpixels = shape
    pixel_size = header.number("PIXEL_SIZE")
    if pixel_size is not None:
        said.pixel = pixel_size / 1000.0
    said.detsize_f = said.pixel * said.fpixels
    said.detsize_s = said.pixel * said.spixels
    for key, name, divisor in _PLAIN:
        value = header.number(key)
        if value is not None:
            setattr(said, name, value / divisor)
    centre = header.number("BEAM_CENTER_Y")
    if flip_Ybeam and centre is not None:
        said.Ybeam = said.detsize_s - centre / 1000.0
    _take_twotheta(said, header)


def _take_twotheta(said: CommonOptionValues, header: SmvHeader) -> None:
    """Keep the angle that C drops; use it only where that is fixed, and only then refuse what is no angle."""
    try:
        twotheta = header.number("TWOTHETA")
    except FormatError:
        if "header-twotheta" in said.fixes:
            raise
        return
    if twotheta is not None:
        said.header_twotheta = twotheta / DEGREES_PER_RADIAN
        if "header-twotheta" in said.fixes:
            said.twotheta = said.header_twotheta
