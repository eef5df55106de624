"""The beam as point sources: from a file, or a grid over divergence and dispersion."""

import numpy as np

from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.experiment.beam import Sources, Steps, Vector
from nanobragg_numba.formats.sources import read_sources
from nanobragg_numba.programs.shared.arithmetic import divide, rotate_axis, scaled, unit
from nanobragg_numba.programs.shared.checks import check_counts
from nanobragg_numba.programs.shared.files import UNCACHED, Files
from nanobragg_numba.programs.shared.frame import Frame
from nanobragg_numba.programs.shared.option_values import CommonOptionValues

SOURCE_DISTANCE = 10.0
"""From the sample to the sources that options make, m."""


def _packed(
    positions: list[Vector],
    weights: list[float],
    wavelengths: list[float],
    points: tuple[tuple[float, float], ...] | None,
    grid_wavelengths: tuple[float, ...],
) -> Sources:
    """Sources as the experiment has them.

    Parameters
    ----------
    positions : list of (3,)
        m.
    weights : (n,)
    wavelengths : (n,)
        m.
    points : tuple of (float, float) or None
        Angles of a grid, rad.
    grid_wavelengths : (m,)
        Of a grid, m.
    """
    return Sources(
        np.array(positions), np.array([unit(p) for p in positions]), np.array(weights),
        np.array(wavelengths), points, grid_wavelengths,
    )  # fmt: skip


def sources_from_file(
    options: CommonOptionValues, frame: Frame, files: Files = UNCACHED, distance: float = SOURCE_DISTANCE
) -> Sources:
    """Sources of -sourcefile; what a line leaves out comes from the beam.

    Parameters
    ----------
    options : CommonOptionValues
    frame : Frame
        Its axes have the direction of the beam.
    files : Files
    distance : float
        From the sample, m.
    """
    default = scaled(frame.axes.beam, -distance)
    positions, weights, wavelengths = [], [], []
    for x, y, z, weight, wavelength in files.read(read_sources, options.source_file):
        given = (x, y, z)
        positions.append(tuple(d if v is None else v for v, d in zip(given, default)))
        weights.append(1.0 if weight is None else weight)
        wavelengths.append(options.wavelength if wavelength is None else wavelength)
    return _packed(positions, weights, wavelengths, None, ())  # type: ignore[arg-type]


def _angles(steps: Steps) -> list[float]:
    return [steps.step * i - steps.range / 2.0 for i in range(steps.count)]


def _ellipse_part(angle: float, steps: Steps) -> float:
    square = angle * angle - steps.step * steps.step / 4.0 * (1 - steps.count % 2)
    return divide(divide(square, steps.range), steps.range)


def divergence_points(hdiv: Steps, vdiv: Steps, elliptical: bool) -> list[tuple[float, float]]:
    """Grid points of the divergence, horizontal outermost.

    Parameters
    ----------
    hdiv, vdiv : Steps
        Count, range and step, rad.
    elliptical : bool
        Corners of the grid are cut.

    Returns
    -------
    list of (float, float)
        Horizontal and vertical angle, rad.
    """
    points = []
    for h in _angles(hdiv):
        for v in _angles(vdiv):
            t = _ellipse_part(h, hdiv) + _ellipse_part(v, vdiv)
            if not (elliptical and t * 4.0 > 1.1):
                points.append((h, v))
    return points


def sources_from_grid(
    options: CommonOptionValues, frame: Frame, hdiv: Steps, vdiv: Steps, dispersion: Steps,
    distance: float = SOURCE_DISTANCE, whole_weights: bool = False,
) -> Sources:  # fmt: skip
    """Sources of the divergence and dispersion options; wavelengths innermost.

    The weights add up to 1 or, with `whole_weights`, are 1 each.

    Parameters
    ----------
    options : CommonOptionValues
    frame : Frame
        Its axes have the directions of beam and polarization.
    hdiv, vdiv : Steps
        Divergence, rad.
    dispersion : Steps
        Spread of the wavelength, as a part of it.
    distance : float
        From the sample, m.
    whole_weights : bool
        The weights are 1 each; else they add up to 1.

    Raises
    ------
    ExperimentError
        Too many sources, or none.
    """
    check_counts(hdiv.count * vdiv.count * dispersion.count, 0)
    points = divergence_points(hdiv, vdiv, options.round_div)
    if not points:
        raise ExperimentError("no beam direction lies inside the round cut: -square_div takes them all")
    wavelengths = [
        options.wavelength * (1.0 + dispersion.step * i - dispersion.range / 2.0) for i in range(dispersion.count)
    ]
    beam = scaled(frame.axes.beam, -distance)
    positions = []
    for h, v in points:
        turned = rotate_axis(beam, frame.axes.polar_axis, v)
        positions.append(rotate_axis(turned, frame.vertical, h))
    n = len(points) * len(wavelengths)
    return _packed(
        [p for p in positions for _ in wavelengths], [1.0 if whole_weights else 1.0 / n] * n,
        wavelengths * len(points), tuple(points), tuple(wavelengths),
    )  # fmt: skip
