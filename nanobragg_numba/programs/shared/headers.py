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


def take_header(options: CommonOptionValues, image: SmvImage, flip_Ybeam: bool) -> None:
    """Let the header of an image set options.

    Parameters
    ----------
    options : CommonOptionValues
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
    options.spixels, options.fpixels = shape
    pixel_size = header.number("PIXEL_SIZE")
    if pixel_size is not None:
        options.pixel = pixel_size / 1000.0
    options.detsize_f = options.pixel * options.fpixels
    options.detsize_s = options.pixel * options.spixels
    for key, name, divisor in _PLAIN:
        value = header.number(key)
        if value is not None:
            setattr(options, name, value / divisor)
    centre = header.number("BEAM_CENTER_Y")
    if flip_Ybeam and centre is not None:
        options.Ybeam = options.detsize_s - centre / 1000.0
    _take_twotheta(options, header)


def _take_twotheta(options: CommonOptionValues, header: SmvHeader) -> None:
    """Keep the angle that C drops; use it only where that is fixed, and only then refuse what is no angle."""
    try:
        twotheta = header.number("TWOTHETA")
    except FormatError:
        if "header-twotheta" in options.fixes:
            raise
        return
    if twotheta is not None:
        options.header_twotheta = twotheta / DEGREES_PER_RADIAN
        if "header-twotheta" in options.fixes:
            options.twotheta = options.header_twotheta
