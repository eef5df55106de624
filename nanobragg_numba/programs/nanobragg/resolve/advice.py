"""What a user is told of numbers that are possible but hardly meant, and of runs that would take days.

The image stays that of the C program: this goes to standard error.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from nanobragg_numba.engine.names import LOOP
from nanobragg_numba.experiment.beam import Steps
from nanobragg_numba.experiment.experiment import Experiment
from nanobragg_numba.options.rows import OptionTable
from nanobragg_numba.programs.nanobragg.option_values import OptionValues

LONGEST_WAVELENGTH, SHORTEST_WAVELENGTH = 50.0, 0.01
"""Angstrom: of soft X-rays of 250 eV, and of gamma rays of 1.2 MeV."""

_MM_RANGES = (
    # field, option, least and most in mm: a number outside is one in metres or micrometres
    ("distance", "-distance", 1.0, 1e5), ("close_distance", "-close_distance", 1.0, 1e5),
    ("pixel", "-pixel", 5e-4, 25.0), ("beamsize", "-beamsize", 1e-6, 50.0),
)  # fmt: skip
_SECONDS_A_DAY = 86400.0
_NANOSECONDS = {LOOP: 60.0}
_ROW_NANOSECONDS = 2.0
"""An evaluation on one thread of a fast processor: less than benchmarks/results measure, so that a day is a day."""


def unit_warnings(argv: Sequence[str], options: OptionValues, table: OptionTable) -> list[str]:
    """Name numbers that look as if they were in another unit.

    Parameters
    ----------
    argv : sequence of str
        Which options were given.
    options : OptionValues
        What they mean.
    table : OptionTable
    """
    given = _given(argv, table)
    found = [wavelength_advice(options.wavelength * 1e10, given.get("wavelength", "the image header"))]
    for name, option, least, most in _MM_RANGES:
        if name in given:
            found.append(_length(getattr(options, name) * 1000.0, option, least, most))
    if "thickness" in given and 0.0 < options.thickness < 1e-6:
        found.append(f"a sensor of {options.thickness * 1e6:g} um: -detector_thick is in micrometres")
    if "a" in given and 0.0 < min(options.a, options.b or options.a, options.c or options.a) < 2.0:
        edges = f"{options.a:g} {options.b or options.a:g} {options.c or options.a:g}"
        found.append(f"a cell of {edges} A: the edges of -cell are in Angstrom")
    return [message for message in found if message]


def _given(argv: Sequence[str], table: OptionTable) -> dict[str, str]:
    """Fields that the argument list speaks of, and the option that does so last."""
    found = {}
    for argument in argv:
        if argument.startswith("-"):
            for row in table.named(argument):
                if table.is_meant(row, argument):
                    names = ("a",) if row.special == "cell" else row.fields
                    found.update(dict.fromkeys(names, row.names[0]))
    return found


def layer_warning(layers: Steps) -> list[str]:
    """What to say of one layer of the sensor, of which C makes two, each as thick as the sensor; metres."""
    um = layers.range * 1e6
    return [
        f"-detector_thicksteps 1: C makes two layers of it, each {um:g} um thick, the second {um:g} um behind the "
        f"first, so spots are {um / 2.0:g} um too deep; give more layers, or -fix thickness"
    ]


def wavelength_advice(angstrom: float, option: str) -> str:
    """What to say of a wavelength that an option gives; empty where it is one of X-rays."""
    if SHORTEST_WAVELENGTH <= angstrom <= LONGEST_WAVELENGTH or not angstrom > 0.0:
        return ""
    unit = {
        "-energy": "-energy is in eV", "-lambda": "-lambda is in Angstrom (-energy in eV)",
        "--wavelength": "--wavelength is in Angstrom",
    }  # fmt: skip
    return f"wavelength {angstrom:.4g} A: {unit.get(option, f'so says {option}')}"


def _length(mm: float, option: str, least: float, most: float) -> str:
    """What is wrong with a length, or nothing.

    Parameters
    ----------
    mm : float
        As it was read, mm.
    option : str
    least, most : float
        What is plausible, mm.
    """
    if mm < 0.0 and option in ("-distance", "-close_distance"):
        return f"distance {mm:g} mm: the detector stands on the source's side of the sample"
    if least <= mm <= most or not mm > 0.0:
        return ""
    return f"{option[1:].replace('_', ' ')} {mm:g} mm: {option} is in mm"


def evaluations(experiment: Experiment) -> float:
    """How many terms the image sums: pixels x layers x subpixels x sources x phi steps x domains."""
    detector, sampling = experiment.detector, experiment.sampling
    window, panel = detector.window, detector.panel
    roi = window.roi
    xmin, xmax = max(roi.xmin, 0), min(roi.xmax, panel.fpixels - 1)
    ymin, ymax = max(roi.ymin, 0), min(roi.ymax, panel.spixels - 1)
    pixels = max(xmax - xmin + 1, 0) * max(ymax - ymin + 1, 0)
    if window.mask is not None:
        pixels = int((window.mask[ymin : ymax + 1, xmin : xmax + 1] != 0).sum())
    steps = detector.sensor.thick_steps * sampling.oversample**2 * sampling.phi.count
    return float(pixels) * steps * len(experiment.sources.wavelengths) * len(experiment.mosaic.rotations)


def duration_warnings(experiment: Experiment, options: OptionValues) -> list[str]:
    """Say so where a run takes more than a day even on a fast processor."""
    from nanobragg_numba.engine.threads import thread_count  # not needed by who asks for units only

    threads = thread_count(options.threads)
    count = evaluations(experiment)
    days = count * _NANOSECONDS.get(options.engine, _ROW_NANOSECONDS) * 1e-9 / threads / _SECONDS_A_DAY
    if days < 1.0 or not math.isfinite(days):
        return []
    return [
        f"{count:.2g} evaluations (pixels x subpixels x sources x phi steps x domains): at least {days:.3g} days with "
        f"{threads} thread{'s' if threads != 1 else ''}; -roi renders parts that can be added"
    ]
