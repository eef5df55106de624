"""What was said on the command line, in SI units, before any of it is put together."""

from nanobragg_numba.programs.shared.option_values import UNSET, CommonOptionValues, clock_seed
from nanobragg_numba.records import dataclass, field

__all__ = ["UNSET", "OptionValues"]


@dataclass
class OptionValues(CommonOptionValues):
    """All option values with the defaults of the C program.

    Lengths in metres, angles in radians. `nan` and negative step counts mean: not said.
    """

    Na: int = 1
    Nb: int = 1
    Nc: int = 1
    user_cell: bool = False
    a: float = 0.0  # Angstrom
    b: float = 0.0
    c: float = 0.0
    alpha: float = 0.0
    beta: float = 0.0
    gamma: float = 0.0
    misset: str = "none"  # none, random or explicit
    misset_x: float = 0.0
    misset_y: float = 0.0
    misset_z: float = 0.0
    convention: str = "mosflm"
    thickness: float = 0.0
    mu: float = -1.0
    thicksteps: int = -1
    oversample_thick: bool = False
    oversample_polar: bool = False
    oversample_omega: bool = False
    mosaic_spread: float = -1.0
    mosaic_domains: int = -1
    dmin: float = 0.0
    matrix_file: str = ""
    hkl_file: str = ""
    default_F: float = 0.0
    dump_file: str = "Fdump.bin"
    mask_file: str = ""
    pgm: bool = True
    interpolate: bool | None = None
    shape: str = "square"
    fudge: float = 1.0
    mosaic_seed: int = -12345678
    misset_seed: int = field(default_factory=clock_seed)
    water_size: float = 0.0
    png_file: str = ""
    sf_dmin: float = 0.0  # Angstrom
    nexus_file: str = ""
    frames: int = 1
    frame_noise: bool = False
    frames_only: bool = False
    compression: str = "gzip"
    cbf_file: str = ""
    expt_file: str = ""
    poni_file: str = ""
