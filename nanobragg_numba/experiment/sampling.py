"""How the experiment is sampled, where its random numbers begin, and what is asked of the run."""

from nanobragg_numba.experiment.beam import Steps
from nanobragg_numba.records import dataclass


@dataclass(frozen=True)
class Sampling:
    """Subpixels, phi steps and cut-offs.

    Attributes
    ----------
    oversample : int
        Subpixels along each axis of a pixel.
    phi0 : float
        Spindle at the start, radians.
    phi : Steps
        Radians.
    dmin : float
        Resolution cut-off, m; 0 for none.
    oversample_thick, oversample_polar, oversample_omega : bool
        Multiply the running sum with the factor at each step.
    water_size : float
        Droplet size, m.
    """

    oversample: int
    phi0: float
    phi: Steps
    dmin: float
    oversample_thick: bool
    oversample_polar: bool
    oversample_omega: bool
    water_size: float


@dataclass(frozen=True)
class RunSettings:
    """What one run of the same experiment does not share with the next.

    Attributes
    ----------
    noise_seed, misset_seed, mosaic_seed : int
        Where the three streams of random numbers begin; negative by custom.
    adc : float
        Offset of every pixel of the integer images.
    adc_asked : bool
        It was asked for. Otherwise it is a matter of SMV alone.
    """

    noise_seed: int
    misset_seed: int
    mosaic_seed: int
    adc: float
    adc_asked: bool = False


@dataclass(frozen=True)
class Outputs:
    """Names and scales of what is written; an empty name means no such file."""

    float_file: str
    int_file: str
    pgm_file: str
    noise_file: str
    png_file: str
    scale: float
    pgm_scale: float
    progress: bool
    printout: bool
    printout_pixel: tuple[int, int]  # slow, fast; a negative one means every pixel
    trace_pixels: tuple[tuple[int, int], ...]  # slow, fast
    trace_prefix: str
    nexus_file: str = ""
    frames: int = 1  # of the NeXus file
    frame_noise: bool = False  # counts in them
    frames_only: bool = False  # and no file of the whole run
    compression: str = "gzip"  # of the NeXus file
    cbf_file: str = ""
    expt_file: str = ""
    poni_file: str = ""

    @property
    def with_geometry(self) -> bool:
        """Whether a file is asked for whose format describes where everything stands."""
        files = self.nexus_file or self.cbf_file or self.expt_file or self.poni_file
        return bool(files) or self.frames != 1 or self.frames_only
