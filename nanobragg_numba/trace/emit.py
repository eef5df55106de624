"""From numbers to the lines of a trace, in C's order and with C's conversions.

Pixel lines come from a `Taps` record buffer, setup lines from a `Panel` and the `Placement` that says how it came to
its place: all values are those before the update that ends the placement.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from nanobragg_numba.experiment.detector import Panel, Placement
from nanobragg_numba.kernels.loop import taps
from nanobragg_numba.trace.text import matrix, number, one, product, scaled, vector
from nanobragg_numba.trace.tokens import PHI, PHI_KEYS, PIXEL_TOKENS, SOURCE2, WARNING, Token

_TOKEN_OF_SLOT: dict[int, Token] = {getattr(taps, token.slot): token for token in PIXEL_TOKENS}

_WARNING = _TOKEN_OF_SLOT[taps.INTERPOLATION_WARNING]

_MAPPING_TEXT = "Fbeam←Ybeam_mm(+0.5px),Sbeam←Xbeam_mm(+0.5px),beam_vec=[1 0 0]"
_MOSFLM_AXES = ((0.0, 0.0, 1.0), (0.0, -1.0, 0.0), (1.0, 0.0, 0.0))
_AXES = ("fdet", "sdet", "odet")


def pixel_lines(records: np.ndarray, count: int, prefix: str = "TRACE_PY") -> list[str]:
    """Write the lines of one traced pixel.

    Parameters
    ----------
    records : (capacity, 7) float64
        `Taps.records`.
    count : int
        `Taps.count[0]`; no more than the capacity.
    prefix : str
        What every line begins with.

    Returns
    -------
    list of str
        Lines without newline. C ends its interpolation warning without one, so the token that
        follows the warning stands on the same line here too.
    """
    lines = []
    unfinished = ""
    for row in records[:count].tolist():
        token = _TOKEN_OF_SLOT[int(row[0])]
        words = [number(form, value) for form, value in zip(token.formats, row[1:], strict=False)]
        if token.form == WARNING:
            first, unfinished = interpolation_warning(row[1:])
            lines.append(first)
            continue
        lines.append(unfinished + _pixel_line(token, words, prefix))
        unfinished = ""
    return lines


def _pixel_line(token: Token, words: list[str], prefix: str) -> str:
    if token.form == PHI:
        pairs = (f"{key}={word}" for key, word in zip(PHI_KEYS, words, strict=True))
        return f"{prefix}_PHI {' '.join(pairs)}"
    if token.form == SOURCE2:
        prefix += "_SOURCE2"
    return f"{prefix}: {token.name} {' '.join(words)}"


def interpolation_warning(values: Sequence[float]) -> tuple[str, str]:
    """Write C's warning of the first evaluation out of range.

    Parameters
    ----------
    values : (6,) float
        h, k, l and the nearest h0, k0, l0.

    Returns
    -------
    first, second : str
        Its two lines; C ends the second one without a newline.
    """
    head = "WARNING: out of range for three point interpolation: h,k,l,h0,k0,l0: "
    words = (number(*pair) for pair in zip(_WARNING.formats, values, strict=True))
    return f"{head}{','.join(words)} ", "WARNING: further warnings will not be printed! "


def config_line(spixel: int, fpixel: int) -> str:
    """Write the line that says which pixel is traced.

    Parameters
    ----------
    spixel, fpixel : int
        Slow and fast index, zero-based.

    Returns
    -------
    str
    """
    return f"TRACE_CONFIG: tracing pixel (spixel={spixel}, fpixel={fpixel})"


def setup_lines(placement: Placement, panel: Panel, prefix: str = "TRACE_PY") -> list[str]:
    """Write the lines printed as the detector is placed.

    Parameters
    ----------
    placement : Placement
    panel : Panel
        In the place that it leads to.
    prefix : str
        What every line begins with, but for the four `DETECTOR_` lines.

    Returns
    -------
    list of str
        Lines without newline, up to the last `DETECTOR_PIX0_VECTOR`.
    """
    make = _beam_tokens if placement.pivot == "beam" else _sample_tokens
    return _lines(make(placement, panel), prefix)


def placement_lines(placement: Placement, panel: Panel, prefix: str = "TRACE_PY") -> list[str]:
    """Write the lines of a program without conventions.

    Parameters
    ----------
    placement : Placement
    panel : Panel
    prefix : str
        What each line begins with.
    """
    if placement.pivot == "sample":
        return setup_lines(placement, panel, prefix)
    return _lines(_plain_beam_tokens(placement, panel), prefix)


_Pairs = list[tuple[str, str]]


def _lines(tokens: _Pairs, prefix: str) -> list[str]:
    return [f"{k} {text}" if k.startswith("DETECTOR_") else f"{prefix}:{k}={text}" for k, text in tokens]


def _plain_beam_tokens(p: Placement, panel: Panel) -> _Pairs:
    """The beam pivot as it is, in the order of the sample pivot."""
    centre = p.centre
    return [
        ("detector_convention", p.convention.upper()),
        ("angles_rad", _angles(p)),
        ("beam_center_m", _centre(panel, centre.Xbeam, centre.Ybeam, "X", "Y")),
        *((f"initial_{axis}", vector(getattr(p, f"initial_{axis}"))) for axis in _AXES),
        ("Fbeam_m", one(centre.Fbeam)),
        ("Sbeam_m", one(centre.Sbeam)),
        ("distance_m", one(p.distance)),
        *_rotated_axes(p, panel, "rotz"),
        ("term_fast", scaled(-centre.Fbeam, panel.fdet)),
        ("term_slow", scaled(-centre.Sbeam, panel.sdet)),
        ("term_beam", scaled(p.distance, p.beam_vector)),
        ("pix0_vector", vector(panel.pix0)),
        *_detector_axes(panel),
        ("DETECTOR_PIX0_VECTOR", vector(panel.pix0)),
    ]


def _beam_tokens(p: Placement, panel: Panel) -> _Pairs:
    fast, slow, centre = panel.fdet, panel.sdet, p.centre
    tokens = _rotated_axes(p, panel, "rotz")
    tokens += _detector_axes(panel)
    tokens += [
        ("detector_convention", "MOSFLM"),
        ("angles_rad", _angles(p)),
        ("beam_center_m", _centre(panel, centre.Xbeam, centre.Ybeam, "X", "Y")),
    ]
    tokens += [(f"initial_{axis}", vector(v)) for axis, v in zip(_AXES, _MOSFLM_AXES, strict=True)]
    tokens += _rotations(p.rotx, p.roty, p.rotz)
    # The second list repeats the first after the axes were overwritten by the last rotation.
    tokens += _rotated_axes(p, panel, "twotheta")
    tokens += [
        ("convention_mapping", _MAPPING_TEXT),
        ("Fbeam_m", one(centre.Fbeam)),
        ("Sbeam_m", one(centre.Sbeam)),
        ("distance_m", one(p.distance)),
        ("term_fast", scaled(-centre.Fbeam, fast)),
        ("term_slow", scaled(-centre.Sbeam, slow)),
        ("term_beam", scaled(p.distance, p.beam_vector)),
        ("pix0_vector", vector(panel.pix0)),
        ("DETECTOR_PIX0_VECTOR", vector(panel.pix0)),
    ]
    return tokens


def _sample_tokens(p: Placement, panel: Panel) -> _Pairs:
    fast, slow, normal, centre = p.initial_fdet, p.initial_sdet, p.initial_odet, p.centre
    tokens = [
        ("detector_convention", p.convention.upper()),
        ("angles_rad", _angles(p)),
        ("beam_center_m", _centre(panel, centre.Xclose, centre.Yclose, "Xclose", "Yclose")),
        ("initial_fdet", vector(fast)),
        ("initial_sdet", vector(slow)),
        ("initial_odet", vector(normal)),
        ("Fclose_m", one(centre.Fclose)),
        ("Sclose_m", one(centre.Sclose)),
        ("close_distance_m", one(p.close_distance)),
        ("ratio", one(p.ratio)),
        ("distance_m", one(p.distance)),
        ("term_fast_before_rot", scaled(-centre.Fclose, fast)),
        ("term_slow_before_rot", scaled(-centre.Sclose, slow)),
        ("term_close_before_rot", scaled(p.close_distance, normal)),
        ("pix0_before_rotation", vector(p.pix0_before_rotation)),
        ("pix0_after_rotz", vector(p.pix0_after_rotz)),
        ("pix0_after_twotheta", vector(panel.pix0)),
    ]
    tokens += _rotated_axes(p, panel, "rotz")
    tokens += _detector_axes(panel)
    return [*tokens, ("DETECTOR_PIX0_VECTOR", vector(panel.pix0))]


def _rotated_axes(p: Placement, panel: Panel, first_stage: str) -> _Pairs:
    """Return the seven vectors of the rotated axes, the first three after `first_stage`."""
    last = panel.fdet, panel.sdet, panel.odet
    first = (p.fdet_after_rotz, p.sdet_after_rotz, p.odet_after_rotz) if first_stage == "rotz" else last
    return [
        ("fdet_after_rotz", vector(first[0])),
        ("sdet_after_rotz", vector(first[1])),
        ("odet_after_rotz", vector(first[2])),
        ("twotheta_axis", vector(p.twotheta_axis)),
        ("fdet_after_twotheta", vector(last[0])),
        ("sdet_after_twotheta", vector(last[1])),
        ("odet_after_twotheta", vector(last[2])),
    ]


def _detector_axes(panel: Panel) -> _Pairs:
    return [
        ("DETECTOR_FAST_AXIS", vector(panel.fdet)),
        ("DETECTOR_SLOW_AXIS", vector(panel.sdet)),
        ("DETECTOR_NORMAL_AXIS", vector(panel.odet)),
    ]


def _rotations(rotx: float, roty: float, rotz: float) -> _Pairs:
    """Return the three rotation matrices and Rz.Ry.Rx, multiplied from the left.

    Parameters
    ----------
    rotx, roty, rotz : float
        Tilts of the detector, rad.
    """
    (cx, sx), (cy, sy), (cz, sz) = ((math.cos(t), math.sin(t)) for t in (rotx, roty, rotz))
    about_x = ((1.0, 0.0, 0.0), (0.0, cx, -sx), (0.0, sx, cx))
    about_y = ((cy, 0.0, sy), (0.0, 1.0, 0.0), (-sy, 0.0, cy))
    about_z = ((cz, -sz, 0.0), (sz, cz, 0.0), (0.0, 0.0, 1.0))
    total = product(product(about_z, about_y), about_x)
    return [
        ("Rx", matrix(about_x)),
        ("Ry", matrix(about_y)),
        ("Rz", matrix(about_z)),
        ("R_total", matrix(total)),
    ]


def _angles(p: Placement) -> str:
    return " ".join(f"{key}:{one(getattr(p, key))}" for key in ("rotx", "roty", "rotz", "twotheta"))


def _centre(panel: Panel, x: float, y: float, x_label: str, y_label: str) -> str:
    # C takes metres for millimetres here; a trace is compared, so the slip is kept.
    """The beam centre and the size of a pixel.

    Parameters
    ----------
    panel : Panel
    x, y : float
        m.
    x_label, y_label : str
    """
    pixel_mm = one(panel.pixel_size * 1000.0)
    return f"{x_label}:{one(x / 1000.0)} {y_label}:{one(y / 1000.0)} pixel_mm:{pixel_mm}"
