"""What no simulation can have."""

from collections.abc import Sequence

from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.experiment.detector import PixelGrid
from nanobragg_numba.programs.shared.option_values import CommonOptionValues

MOST_PIXELS = 2**31
MOST_ROTATIONS = 2**27
MOST_SOURCES = 2**24


def check_common(options: CommonOptionValues) -> None:
    """Refuse lengths and counts that mean nothing.

    Raises
    ------
    ExperimentError
    """
    if not options.pixel > 0.0:
        raise ExperimentError(f"the pixel size is {options.pixel * 1000:g} mm: -pixel must be above 0")
    if options.fpixels < 0 or options.spixels < 0:
        raise ExperimentError(
            f"the detector has {options.fpixels} x {options.spixels} pixels: -detpixels must be above 0"
        )
    if not (options.detsize_f > 0.0 or options.fpixels) or not (options.detsize_s > 0.0 or options.spixels):
        raise ExperimentError("the detector has no size: -detsize must be above 0 mm")
    if options.exposure < 0.0 or options.fluence < 0.0 or options.flux < 0.0:
        raise ExperimentError("-fluence, -flux and -exposure cannot be negative")


def check_detector(fpixels: int, spixels: int) -> None:
    """Refuse a detector without pixels or with more than memory holds."""
    if fpixels < 1 or spixels < 1:
        raise ExperimentError(
            f"the detector has {fpixels} x {spixels} pixels: make -detsize or -detpixels larger"
        )
    if fpixels * spixels > MOST_PIXELS:
        raise ExperimentError(
            f"the detector has {fpixels} x {spixels} pixels, more than {MOST_PIXELS} in all: "
            "make -detsize or -detpixels smaller, or -pixel larger"
        )


def check_counts(sources: int, rotations: int) -> None:
    """Refuse more sources or rotations than memory holds."""
    if sources > MOST_SOURCES:
        raise ExperimentError(f"{sources} sources are more than {MOST_SOURCES}: use fewer steps")
    if rotations > MOST_ROTATIONS:
        raise ExperimentError(
            f"{rotations} phi steps times mosaic domains are more than {MOST_ROTATIONS}: use fewer"
        )


def check_trace_pixels(pixels: Sequence[tuple[int, int]], grid: PixelGrid) -> None:
    """Refuse pixels of -trace_pixel that are not on the detector."""
    for slow, fast in pixels:
        if not (0 <= slow < grid.spixels and 0 <= fast < grid.fpixels):
            raise ExperimentError(
                f"pixel {slow} {fast} (slow fast) of -trace_pixel is not on the detector of "
                f"{grid.spixels} x {grid.fpixels} pixels"
            )
