"""What was said on noisify's command line, before any of it is put together."""

import math
import struct
import time

from nanobragg_numba.records import dataclass, field

UNSET = -math.inf
"""A beam centre that was not given; so is any up to UNSET_LIMIT."""
UNSET_LIMIT = -1e99


def single(value: float) -> float:
    """A number as a float32 holds it; infinite where it is too large for one."""
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)


def _clock_seed() -> int:
    return -int(time.time())


@dataclass
class OptionValues:
    """All option values with the defaults of the C program.

    Lengths in metres; wavelength in Angstrom and angles in degrees, as given; seeds are states of the generator.
    """

    float_file: str = ""
    header_file: str = ""
    int_file: str = "intimage.img"
    pgm_file: str = "image.pgm"
    noise_file: str = "noiseimage.img"
    noise: bool = True
    pgm: bool = True
    bits: int = 16
    wavelength: float = 1.0
    distance: float = 100e-3
    Xbeam: float = UNSET
    Ybeam: float = UNSET
    detsize_x: float = 102.4e-3
    detsize_y: float = 102.4e-3
    detsize_given: bool = False
    xpixels: int = 0
    ypixels: int = 0
    pixel: float = 0.1e-3
    psf: str = ""  # gauss, fiber or none
    psf_fwhm: float = single(46e-6)
    psf_radius: int = 0
    fluence: float = 125932015286227086360700780544.0
    scale: float = 1.0
    readout: float = 0.0
    flicker: float = 0.0
    calibration: float = 0.03
    adc: float = 40.0
    gain: float = 1.0
    seed: int = field(default_factory=_clock_seed)
    calib_seed: int = 123456789
    phi: float = 0.0
    osc: float = 1.0
    threads: int = 0
    progress: bool = True
    verbose: bool = False
    strict: bool = False
    png_file: str = ""
    nexus_file: str = ""
    cbf_file: str = ""
    fixes: frozenset[str] = frozenset()
    list_fixes: bool = False
    ignored: int = 0  # arguments that nothing understood
    help: bool = False
    version: bool = False
