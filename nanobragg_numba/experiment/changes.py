"""Which fields of an experiment may be replaced by themselves, and what makes the others."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.experiment.detector import Roi
from nanobragg_numba.experiment.sampling import Outputs
from nanobragg_numba.records import field_names


def _number(low: float = -math.inf) -> Callable[[str, Any], float]:
    def check(name: str, value: Any) -> float:
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if isinstance(value, str | bool) or not math.isfinite(number):
            raise ExperimentError(f"{name} needs a finite number, not {value!r}")
        if number < low:
            raise ExperimentError(f"{name} cannot be below {low:g}, and {number:g} is")
        return number

    return check


def _whole(low: int) -> Callable[[str, Any], int]:
    def check(name: str, value: Any) -> int:
        number = _number(low)(name, value)
        if number != int(number) or number >= 2**31:
            raise ExperimentError(f"{name} needs a whole number below 2147483648, not {value!r}")
        return int(number)

    return check


def _flag(name: str, value: Any) -> bool:
    if value not in (True, False):
        raise ExperimentError(f"{name} is True or False, not {value!r}")
    return bool(value)


def _shape(name: str, value: Any) -> str:
    if value not in SHAPES:
        from difflib import get_close_matches

        close = get_close_matches(str(value), SHAPES, 1)
        meant = f"; did you mean {close[0]!r}?" if close else ""
        raise ExperimentError(f"{name} is one of {', '.join(SHAPES)}, not {value!r}{meant}")
    return str(value)


def _file(name: str, value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ExperimentError(f"{name} needs the name of a file, or '' for none, not {value!r}")
    return value


def _roi(name: str, value: Any) -> Roi:
    bounds = (value.xmin, value.xmax, value.ymin, value.ymax) if isinstance(value, Roi) else value
    try:
        xmin, xmax, ymin, ymax = bounds
    except (TypeError, ValueError):
        raise ExperimentError(f"{name} needs xmin, xmax, ymin, ymax in pixels, not {value!r}") from None
    count = _whole(0)
    return Roi(count(name, xmin), count(name, xmax), count(name, ymin), count(name, ymax))


SHAPES = ("square", "round", "gauss", "tophat")

FREE: dict[str, Callable[[str, Any], Any]] = {
    "fluence": _number(0.0), "kahn": _number(), "nopolar": _flag,
    "shape": _shape, "fudge": _number(0.0), "interpolate": _flag,
    "oversample": _whole(1), "phi0": _number(), "dmin": _number(0.0), "water_size": _number(),
    "oversample_thick": _flag, "oversample_polar": _flag, "oversample_omega": _flag,
    "curved": _flag, "point_pixel": _flag, "roi": _roi,
    "scale": _number(), "pgm_scale": _number(), "adc": _number(), "frames": _whole(1),
    "frame_noise": _flag, "frames_only": _flag,
    **dict.fromkeys([name for name in field_names(Outputs) if name.endswith("_file")], _file), "compression": _file,
}  # fmt: skip
"""Fields that nothing else was derived from (flux, which only says the fluence in other words, follows it), with what
checks a new value."""

_PLACE = "-distance, -Xbeam, -Ybeam, -detector_rotx, -twotheta and their like"
_CELL = "-cell, -mat or -misset"
_SOURCES = "-lambda, -divergence and -dispersion, or -sourcefile"

MADE_BY: dict[str, str] = {
    "wavelength": "-lambda or -energy", "direction": "-beam_vector", "flux": "-flux", "exposure": "-exposure",
    "beamsize": "-beamsize", "polarization_axis": "-polar_vector", "vertical": "-polar_vector",
    "dispersion": "-dispersion and -dispsteps", "hdivergence": "-hdivrange and -hdivsteps",
    "vdivergence": "-vdivrange and -vdivsteps",
    **dict.fromkeys(("positions", "directions", "weights", "wavelengths", "divergence_points", "grid_wavelengths"),
                    _SOURCES),
    "fpixels": "-detpixels_f", "spixels": "-detpixels_s", "pixel_size": "-pixel", "size_f": "-detsize_f",
    "size_s": "-detsize_s", "convention": "-mosflm, -xds, -adxv, -denzo or -dials", "pivot": "-pivot",
    "fdet": "-fdet_vector", "sdet": "-sdet_vector", "odet": "-odet_vector", "twotheta_axis": "-twotheta_axis",
    "rotx": "-detector_rotx", "roty": "-detector_roty", "rotz": "-detector_rotz", "twotheta": "-twotheta",
    "distance": "-distance", "close_distance": "-close_distance", "Xbeam": "-Xbeam", "Ybeam": "-Ybeam",
    "Xclose": "-Xclose", "Yclose": "-Yclose", "ORGX": "-ORGX", "ORGY": "-ORGY",
    **dict.fromkeys(("pix0", "Fbeam", "Sbeam", "Fclose", "Sclose", "xds_beam", "dials_origin", "beam_vector", "ratio",
                     "initial_fdet", "initial_sdet", "initial_odet", "fdet_after_rotz", "sdet_after_rotz",
                     "odet_after_rotz", "pix0_before_rotation", "pix0_after_rotz"), _PLACE),
    "thickness": "-detector_thick", "thick_steps": "-thicksteps", "thickstep": "-detector_thick and -thicksteps",
    "mu": "-detector_abs", "mask": "-mask", "mask_file": "-mask",
    **dict.fromkeys(("a", "b", "c", "a_star", "b_star", "c_star", "lengths"), _CELL),
    "Na": "-Na or -N", "Nb": "-Nb or -N", "Nc": "-Nc or -N", "spindle": "-spindle_axis",
    "spread": "-mosaic", "rotations": "-mosaic, -mosaic_domains and -mosaic_seed",
    "default_F": "-default_F",
    **dict.fromkeys(("grid", "h_min", "h_max", "k_min", "k_max", "l_min", "l_max", "initialized"), "-hkl"),
    "phi": "-osc and -phisteps", "noise_seed": "-seed", "misset_seed": "-misset_seed", "mosaic_seed": "-mosaic_seed",
    "adc_asked": "-adc",
    "progress": "-progress", "printout": "-printout", "printout_pixel": "-printout_pixel",
    "trace_pixels": "-trace_pixel", "trace_prefix": "-trace_prefix", "fixed": "-fix",
}  # fmt: skip
"""The other fields, and the options that decide them and what else follows."""


def checked(name: str, value: Any, parts: tuple[str, ...]) -> Any:
    """A new value for a field, as it is kept.

    Parameters
    ----------
    name : str
    value
    parts : tuple of str
        Names of whole parts of an experiment.

    Raises
    ------
    ExperimentError
        A value that cannot be; a field that others were derived from, or that there is not.
    """
    if name in FREE:
        return FREE[name](name, value)
    if name in MADE_BY:
        raise ExperimentError(
            f"{name} is not free: other fields were derived with it. Use with_options and {MADE_BY[name]}, "
            "which resolves the experiment again"
        )
    if name in parts:
        raise ExperimentError(f"{name} is a whole part, whose fields depend on others; name its free field")
    from difflib import get_close_matches

    close = get_close_matches(name, [*FREE, *MADE_BY, "misset"], 1)
    meant = f"; did you mean {close[0]!r}?" if close else ""
    raise ExperimentError(f"no part of an experiment has a field {name!r}{meant}")


def misset_arguments(value: Any) -> list[str]:
    """The option that turns the crystal by three angles in degrees."""
    try:
        angles = [] if isinstance(value, str) else [_number()("misset", angle) for angle in value]
    except TypeError:
        angles = []
    if len(angles) != 3:
        raise ExperimentError(f"misset needs three angles about x, y, z in degrees, not {value!r}")
    return ["-misset", *map(repr, angles)]
