"""What noisify prints on standard output, line for line."""

import math

from nanobragg_numba.io.numbers import c_format
from nanobragg_numba.programs.noisify.option_values import OptionValues


def header_lines(name: str) -> str:
    return f"taking header from {name}\nreading {name}\n"


def importing(options: OptionValues, name: str) -> str:
    return f"importing {options.xpixels * options.ypixels} pixel intensites: {name}\n"


def _psf(options: OptionValues) -> str:
    shape = "Gaussian" if options.psf == "gauss" else "fiber"
    text = c_format(f"  {shape} PSF fwhm = %g um ", options.psf_fwhm * 1e6)
    if options.psf_radius == 0:
        text += "  with automatic rendering radius\n"
        if "psf-radius-text" in options.fixes:
            return text
    return text + f"  with rendering radius: {options.psf_radius}\n"


def parameters(options: OptionValues) -> str:
    """The block of parameters and the empty line after it."""
    text = c_format(
        "  distance=%g detsize=%gx%g  pixel=%g meters (%dx%d pixels)\n  Xbeam=%g Ybeam=%g\n",
        options.distance, options.detsize_x, options.detsize_y, options.pixel, options.xpixels, options.ypixels,
        options.Xbeam, options.Ybeam,
    )  # fmt: skip
    if options.psf:
        text += _psf(options)
    return text + c_format(
        "  seed: %d\n  calibration noise seed: %d\n  calibration_noise = %g %%\n  input file scale = %g\n"
        "  readout_noise = %g ADU\n  flicker_noise = %g %%\n  quantum_gain = %g ADU/photon\n  adc_offset = %g ADU\n\n",
        options.seed, options.calib_seed, options.calibration * 100, options.scale, options.readout,
        options.flicker * 100, options.gain, options.adc,
    )  # fmt: skip


def negative(name: str, value: float) -> str:
    return f"WARNING: negative intensity in {name}: " + c_format("%g\n", value)


def maximum(largest: float, photons: float) -> str:
    return c_format("maximum value in input file: %g ( %g on photon scale)\n", largest, photons)


def noiseless_spread(width: float) -> str:
    return c_format("  applying PSF to noiseless image width = %g pixels\n", width)


def noise_spread(photons: float, fwhm: float) -> str:
    return c_format("%.0f photons on noise image before PSF\n  applying PSF width = %g um\n", photons, fwhm * 1e6)


def automatic_radius(largest: float, radius: float | None) -> str:
    """Lines of an automatic radius; without one there is nothing to spread."""
    text = c_format("  maximum input photon/pixel: %g\n", largest)
    if radius is None:
        return text + "WARNING: no photons, PSF skipped\n"
    held = min(int(radius), 2**63 - 1) if math.isfinite(radius) else 2**63 - 1
    return text + f"  auto-selected psf_radius = {held} pixels\n"


def lost(photons: float) -> str:
    return c_format("adding back %g lost photons\n", photons)


def writing(name: str, bits: int, count: int | None = None) -> str:
    """The line for a file of integers.

    Parameters
    ----------
    name : str
    bits : int
        Of a pixel: 8, 16 or 32.
    count : int, optional
        Pixels, where C says them.
    """
    pixels = "" if count is None else f"{count} "
    return f"writing {name} as {pixels}{bits // 8}-byte integers\n"


def noise_image(photons: float, overloads: int) -> str:
    return c_format("%.0f photons on noise image (%d overloads)\n", photons, overloads)
