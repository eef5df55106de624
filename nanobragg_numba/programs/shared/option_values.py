"""What the command lines of the simulations share, in SI units, before any of it is put together."""

import math
import time

from nanobragg_numba.engine.names import DEFAULT
from nanobragg_numba.records import dataclass, field

UNSET = math.nan


def clock_seed() -> int:
    """A seed of random numbers where none was said."""
    return -int(time.time())


@dataclass
class CommonOptionValues:
    """Option values that every simulation has, with the defaults of the C programs.

    Lengths in metres, angles in radians. `nan` and negative step counts mean: not said.
    """

    sample_x: float = 0.0
    sample_y: float = 0.0
    sample_z: float = 0.0
    Xbeam: float = UNSET
    Ybeam: float = UNSET
    Xclose: float = UNSET
    Yclose: float = UNSET
    ORGX: float = UNSET
    ORGY: float = UNSET
    pivot: str = "beam"
    fdet_x: float = UNSET
    fdet_y: float = UNSET
    fdet_z: float = UNSET
    sdet_x: float = UNSET
    sdet_y: float = UNSET
    sdet_z: float = UNSET
    odet_x: float = UNSET
    odet_y: float = UNSET
    odet_z: float = UNSET
    beam_x: float = UNSET
    beam_y: float = UNSET
    beam_z: float = UNSET
    polar_axis_x: float = UNSET
    polar_axis_y: float = UNSET
    polar_axis_z: float = UNSET
    spindle_x: float = UNSET
    spindle_y: float = UNSET
    spindle_z: float = UNSET
    twotheta_axis_x: float = UNSET
    twotheta_axis_y: float = UNSET
    twotheta_axis_z: float = UNSET
    pix0_x: float = UNSET
    pix0_y: float = UNSET
    pix0_z: float = UNSET
    distance: float = 100e-3
    close_distance: float = UNSET
    twotheta: float = 0.0
    rotx: float = 0.0
    roty: float = 0.0
    rotz: float = 0.0
    detsize_f: float = 102.4e-3
    detsize_s: float = 102.4e-3
    fpixels: int = 0
    spixels: int = 0
    curved: bool = False
    pixel: float = 0.1e-3
    point_pixel: bool = False
    kahn: float = 0.0
    nopolar: bool = False
    oversample: int = -1
    roi_xmin: int = -1
    roi_xmax: int = -1
    roi_ymin: int = -1
    roi_ymax: int = -1
    wavelength: float = 1e-10
    fluence: float = 125932015286227086360700780544.0
    flux: float = 0.0
    exposure: float = 1.0
    beamsize: float = 1e-4
    dispersion: float = 0.0
    dispstep: float = -1.0
    dispsteps: int = -1
    hdivrange: float = -1.0
    vdivrange: float = -1.0
    hdivstep: float = -1.0
    vdivstep: float = -1.0
    hdivsteps: int = -1
    vdivsteps: int = -1
    round_div: bool = True
    adc: float = 40.0
    adc_asked: bool = False
    phi0: float = 0.0
    osc: float = -1.0
    phistep: float = -1.0
    phisteps: int = -1
    img_file: str = ""
    stol_file: str = ""
    source_file: str = ""
    float_file: str = "floatimage.bin"
    int_file: str = "intimage.img"
    pgm_file: str = "image.pgm"
    noise_file: str = "noiseimage.img"
    noise: bool = True
    scale: float = 0.0
    pgm_scale: float = 0.0
    printout: bool = False
    printout_fpixel: int = -1
    printout_spixel: int = -1
    progress: bool = True
    noise_seed: int = field(default_factory=clock_seed)
    threads: int = 0
    engine: str = DEFAULT
    verbose: bool = False
    strict: bool = False
    ignored: int = field(default=0, compare=False)  # arguments that nothing understood
    trace_pixels: list[tuple[int, int]] = field(default_factory=list)
    trace_prefix: str = "TRACE_PY"
    fixes: frozenset[str] = frozenset()  # names of defects
    list_fixes: bool = False
    header_twotheta: float = 0.0  # of an image header, whether it is used or not
    help: bool = False
    version: bool = False
