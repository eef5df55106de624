"""Lines of standard output that simulations share."""

from collections.abc import Iterator

from nanobragg_numba.engine.noise import NoiseImage
from nanobragg_numba.engine.scaling import Statistics
from nanobragg_numba.experiment.beam import Beam, Sources
from nanobragg_numba.experiment.detector import Panel, Roi
from nanobragg_numba.experiment.sampling import Outputs
from nanobragg_numba.io.numbers import c_format


def source_lines(sources: Sources) -> list[str]:
    """How the sources came about, and all of them."""
    lines = [c_format("divergence deviation: %g %g", *point) for point in sources.divergence_points or ()]
    lines += [c_format("lambda%d = %.15g", i, value) for i, value in enumerate(sources.grid_wavelengths)]
    lines.append(f"  created a total of {len(sources.weights)} sources:")
    for position, weight, wavelength in zip(sources.positions, sources.weights, sources.wavelengths):
        lines.append(c_format("%g %g %g   %g %g", *position.tolist(), float(weight), float(wavelength)))
    return lines


def beam_lines(beam: Beam, panel: Panel) -> list[str]:
    """Wavelength, polarization, what is special about the detector, and at last the fluence."""
    lines = [
        c_format(
            "  wave=%g meters +/- %g%% in %d steps", beam.wavelength, beam.dispersion.range * 100,
            beam.dispersion.count,
        ),
    ]  # fmt: skip
    if beam.nopolar:
        lines.append("  polarization effect disabled")
    else:
        lines.append(c_format("  Kahn polarization factor: %f", beam.kahn))
    if panel.curved:
        lines.append("  curved detector: all pixels same distance from origin")
    if panel.point_pixel:
        lines.append("  pixel obliquity effect disabled")
    lines.append(c_format("  incident fluence: %g photons/m^2", beam.fluence))
    return lines


def result_lines(outputs: Outputs, statistics: Statistics, pixels: int, noise: NoiseImage | None) -> list[str]:
    """Statistics and the files written, behind the solid angle.

    Parameters
    ----------
    outputs : Outputs
        Names of the files.
    statistics : Statistics
    pixels : int
        Of the whole image.
    noise : NoiseImage or None
    """
    s = statistics
    lines = [
        f"writing {outputs.float_file} as {pixels} 4-byte floats",
        c_format("max_I = %g  at %g %g", s.largest, s.max_Fdet, s.max_Sdet),
        c_format("mean= %g rms= %g rmsd= %g", s.mean, s.rms, s.rmsd),
        c_format("intfile_scale = %g", s.int_scale),
        f"writing {outputs.int_file} as 2-byte integers",
    ]  # fmt: skip
    if outputs.pgm_file:
        lines += [
            c_format("pgm_scale = %g", s.pgm_scale),
            f"writing {outputs.pgm_file} as 1-byte integers",
        ]
    if noise is not None:
        lines += [
            c_format("%.0f photons on noise image (%d overloads)", noise.photons, noise.overloads),
            f"writing {outputs.noise_file} as 2-byte integers",
        ]
    return lines


def meter_lines(roi: Roi, start: int, stop: int) -> Iterator[tuple[int, str]]:
    """Progress lines that stand behind the rendered pixels number start to stop.

    Parameters
    ----------
    roi : Roi
        Region that is rendered, pixels.
    start, stop : int
        Numbers of the rendered pixels so far, before and behind the new ones.

    Yields
    ------
    (number, line)
    """
    total = (roi.xmax - roi.xmin + 1) * (roi.ymax - roi.ymin + 1)
    if total < 100:
        return
    coarse, fine = total // 20, total // 100
    first = -(-start // fine) * fine
    numbers = set(range(first, stop, fine)) | set(range(-(-start // coarse) * coarse, stop, coarse))
    for p in sorted(numbers):
        at_an_end = 10 * p < total or 10 * p > 9 * total
        if p % coarse == 0 or (at_an_end and p % fine == 0):
            yield p, f"{100 * p // total}% done\n"
