"""Detector size, beam centre and axes under each of the six conventions."""

import math

from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.experiment.beam import Vector
from nanobragg_numba.experiment.detector import BeamCentre, PixelGrid
from nanobragg_numba.programs.nanobragg.option_values import OptionValues
from nanobragg_numba.programs.shared.arithmetic import cross, length, unit
from nanobragg_numba.programs.shared.checks import check_detector
from nanobragg_numba.programs.shared.frame import Axes, Frame, given
from nanobragg_numba.programs.shared.notes import Notes

_X, _Y, _Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
_MINUS_X, _MINUS_Y, _MINUS_Z = (-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, -1.0)

AXES = {
    "adxv": Axes(_Z, _X, _MINUS_Y, _Z, _MINUS_X, _X, _X),
    "mosflm": Axes(_X, _Z, _MINUS_Y, _X, _MINUS_Z, _Z, _Z),
    "denzo": Axes(_X, _Z, _MINUS_Y, _X, _MINUS_Z, _Z, _Z),
    "xds": Axes(_Z, _X, _Y, _Z, _X, _X, _X),
    "dials": Axes(_Z, _X, _Y, _Z, _Y, _Y, _Y),
    "custom": Axes(_X, _Z, _MINUS_Y, _X, _Y, _Z, _Z),
}

_PIVOTS = {"adxv": "beam", "mosflm": "beam", "denzo": "beam", "xds": "sample", "dials": "sample"}


def _pixel_grid(options: OptionValues) -> PixelGrid:
    size_f, size_s = options.detsize_f, options.detsize_s
    if options.fpixels:
        size_f = options.pixel * options.fpixels
    if options.spixels:
        size_s = options.pixel * options.spixels
    if size_f / options.pixel > 1e10 or size_s / options.pixel > 1e10:
        check_detector(2**31, 2**31)
    fpixels = math.ceil(size_f / options.pixel - 0.5)
    spixels = math.ceil(size_s / options.pixel - 0.5)
    check_detector(fpixels, spixels)
    return PixelGrid(fpixels, spixels, options.pixel, size_f, size_s)


def _beam_centre(options: OptionValues, size_f: float, size_s: float, close: Vector) -> tuple[float, ...]:
    """Xbeam, Ybeam, Fbeam, Sbeam by the convention's own rule, m.

    Parameters
    ----------
    options : OptionValues
    size_f, size_s : float
        Of the detector, m.
    close : (3,)
        Xclose and Yclose, m.
    """
    pixel = options.pixel
    if options.convention == "adxv":
        X = given(options.Xbeam, (size_f + pixel) / 2.0)
        Y = given(options.Ybeam, (size_s - pixel) / 2.0)
        return X, Y, X, size_s - Y
    if options.convention in ("mosflm", "denzo"):
        X = given(options.Xbeam, (size_s + pixel) / 2.0)
        Y = given(options.Ybeam, (size_f + pixel) / 2.0)
        if options.convention == "denzo":
            return X, Y, Y, X
        return X, Y, Y + 0.5 * pixel, X + 0.5 * pixel
    X = given(options.Xbeam, close[0])
    Y = given(options.Ybeam, close[1])
    return X, Y, X, Y


def _axes(options: OptionValues, notes: Notes) -> Axes:
    """Unit vectors; the normal of a custom detector is mended if it has not length 1."""
    start = AXES[options.convention]
    raw = {name: getattr(start, name) for name in Axes.__annotations__}
    if options.convention == "custom":
        for name in list(raw):
            if not math.isnan(getattr(options, f"{name}_x")):
                raw[name] = tuple(getattr(options, f"{name}_{i}") for i in "xyz")
    for name in ("beam", "fdet", "sdet"):
        if length(raw[name]) == 0.0:
            raise ExperimentError(f"-{name}_vector has no length")
    twotheta_axis = raw.pop("twotheta_axis")
    made = {name: unit(vector) for name, vector in raw.items()}
    if length(raw["odet"]) != 1.0:
        notes.before_banner.append("WARNING: auto-generating odet_vector")
        made["odet"] = unit(cross(made["fdet"], made["sdet"]))
        if length(made["odet"]) == 0.0:
            raise ExperimentError("-fdet_vector and -sdet_vector are parallel: the detector is no plane")
    return Axes(twotheta_axis=twotheta_axis, **made)


def resolve_frame(options: OptionValues, notes: Notes) -> Frame:
    """Steps 1 and 3 to 5 of the set-up: size, beam centre, convention, unit vectors."""
    grid = _pixel_grid(options)
    Fclose = grid.size_f / 2.0 if math.isnan(options.ORGX) else (options.ORGX - 0.5) * options.pixel
    Sclose = grid.size_s / 2.0 if math.isnan(options.ORGY) else (options.ORGY - 0.5) * options.pixel
    Xclose = given(options.Xclose, Fclose)
    Yclose = given(options.Yclose, Sclose)
    Xbeam, Ybeam, Fbeam, Sbeam = _beam_centre(options, grid.size_f, grid.size_s, (Xclose, Yclose, 0.0))
    if options.convention == "custom":
        Fclose, Sclose = Xbeam, Ybeam
    axes = _axes(options, notes)
    centre = BeamCentre(
        Xbeam=Xbeam, Ybeam=Ybeam, Xclose=Xclose, Yclose=Yclose, Fbeam=Fbeam, Sbeam=Sbeam, Fclose=Fclose, Sclose=Sclose
    )
    return Frame(
        grid=grid, convention=options.convention, pivot=_PIVOTS.get(options.convention, options.pivot), axes=axes,
        vertical=unit(cross(axes.beam, axes.polar_axis)), centre=centre,
    )  # fmt: skip
