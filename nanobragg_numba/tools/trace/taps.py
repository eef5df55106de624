"""What a traced pixel's records say per subpixel: the taps of nb-trace.

Each tap is a function from a `TracedPixel` to plain values, ready for JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from nanobragg_numba.kernels.loop import taps as slot
from nanobragg_numba.kernels.loop.geometry import solid_angle
from nanobragg_numba.kernels.scene import Scene
from nanobragg_numba.trace.tokens import INT, PER_PIXEL, PIXEL_TOKENS


@dataclass(frozen=True)
class TracedPixel:
    """One pixel and everything that was recorded of it.

    Attributes
    ----------
    spixel, fpixel : int
    scene : Scene
    interpolate : bool
        Interpolation was on as the pixel began.
    records : (n, 7) float64
        Rows of `Taps.records` that were written.
    terms : (m, 7) float64
        Rows of `Taps.terms` that were written; empty where no tap asked for them.
    last : (LAST_COUNT,) float64
        What the loops left behind.
    """

    spixel: int
    fpixel: int
    scene: Scene
    interpolate: bool
    records: np.ndarray
    terms: np.ndarray
    last: np.ndarray

    def value(self, wanted: int) -> float:
        """Return the first value of the first record of a slot."""
        return float(self.records[self.records[:, 0] == wanted][0, 1])

    def subpixels(self) -> list[np.ndarray]:
        """Split the records that stand in the loops into those of each subpixel."""
        inner = self.records[self.records[:, 0] < slot.I_BEFORE_SCALING]
        starts = np.flatnonzero(inner[:, 0] == slot.PIX0_VECTOR)
        return np.split(inner, starts[1:]) if len(starts) else []


def _place(pixel: TracedPixel, number: int) -> dict[str, int]:
    """Say which subpixel a number counts: its layer, and its slow and fast place."""
    oversample = pixel.scene.oversample
    layer, within = divmod(number, oversample * oversample)
    return {"layer": layer, "subS": within // oversample, "subF": within % oversample}


def aggregate(pixel: TracedPixel) -> dict[str, Any]:
    """Return the numbers that come once a pixel, by the names of their tokens."""
    totals = {}
    for token in PIXEL_TOKENS:
        if token.level == PER_PIXEL:
            value = pixel.value(getattr(slot, token.slot))
            totals[token.name] = int(value) if token.formats == (INT,) else value
    return totals


def omega(pixel: TracedPixel) -> dict[str, Any]:
    """Compare the solid angle of each subpixel with the one that scales the whole pixel.

    Returns
    -------
    dict
        `subpixels`, each with its own solid angle, the one in force there and its relative
        difference from the mean; `mean`; `used`, which the C program ends up with; and
        `relative_difference`, (used - mean)/mean. Steradians.
    """
    rows: list[dict[str, Any]] = []
    for number, records in enumerate(pixel.subpixels()):
        own = float(solid_angle(pixel.scene, _single(records, slot.R_DISTANCE)))
        in_force = _single(records, slot.OMEGA_PIXEL_SR)
        rows.append({**_place(pixel, number), "omega": own, "in_force": in_force})
    mean = float(np.mean([row["omega"] for row in rows]))
    for row in rows:
        row["from_mean"] = (row["omega"] - mean) / mean
    used = pixel.value(slot.OMEGA_PIXEL)
    return {
        "subpixels": rows,
        "first": rows[0]["omega"],
        "mean": mean,
        "used": used,
        "relative_difference": (used - mean) / mean,
        "oversample_omega": int(pixel.scene.oversample_omega),
    }


def _single(records: np.ndarray, wanted: int) -> float | None:
    found = records[records[:, 0] == wanted]
    return float(found[0, 1]) if len(found) else None


def f_cell(pixel: TracedPixel) -> dict[str, Any]:
    """Count the structure factor lookups of the pixel.

    Returns
    -------
    dict
        `lookups`; `out_of_range`, outside the indices of the list; `default_used`; `zeros`,
        where the factor was 0; `index_bounds`, the least and greatest h0, k0, l0 looked up;
        `list_bounds`, those of the list (None without one); `interpolation`: off, on, or turned
        off in this pixel.
    """
    scene, terms = pixel.scene, pixel.terms
    bounds = ((scene.h_min, scene.h_max), (scene.k_min, scene.k_max), (scene.l_min, scene.l_max))
    indices, factors = terms[:, 1:4], terms[:, 4]
    low, high = np.array(bounds, dtype=float).T
    outside = ((indices < low) | (indices > high)).any(axis=1) & bool(scene.has_F)
    default = outside if scene.has_F else np.ones(len(terms), bool)
    looked_up = (
        [[int(i) for i in (column.min(), column.max())] for column in indices.T]
        if len(terms)
        else None
    )
    return {
        "lookups": len(terms),
        "out_of_range": int(outside.sum()),
        "default_used": int(default.sum()),
        "zeros": int((factors == 0.0).sum()),
        "index_bounds": looked_up,
        "list_bounds": [list(pair) for pair in bounds] if scene.has_F else None,
        "interpolation": _interpolation(pixel),
    }


def _interpolation(pixel: TracedPixel) -> str:
    if (pixel.records[:, 0] == slot.INTERPOLATION_WARNING).any():
        return "turned off in this pixel"
    return "on" if pixel.interpolate else "off"


def hkl(pixel: TracedPixel) -> dict[str, Any]:
    """Return indices and structure factor of each subpixel at source 0, phi step 0, domain 0.

    Returns
    -------
    dict
        `subpixels`, each with `hkl`, `hkl_rounded` and `F_cell`: None where the resolution
        cut-off or a lattice factor of 0 left none.
    """
    rows = []
    for number, records in enumerate(pixel.subpixels()):
        fractional = records[records[:, 0] == slot.HKL_FRAC][:, 1:4]
        rounded = records[records[:, 0] == slot.HKL_ROUNDED][:, 1:4]
        row: dict[str, Any] = {
            **_place(pixel, number),
            "hkl": fractional[0].tolist() if len(fractional) else None,
            "hkl_rounded": [int(i) for i in rounded[0]] if len(rounded) else None,
            "F_cell": _single(records, slot.F_CELL),
        }
        rows.append(row)
    return {"subpixels": rows}


def intensity(pixel: TracedPixel) -> dict[str, Any]:
    """Follow the sum from subpixel to subpixel, and on to photons.

    Returns
    -------
    dict
        `background`, what the sum starts from; `subpixels`, each with its number of terms, their
        sum of F_cell^2*F_latt^2 and the running sum behind it (with what -oversample_... made of
        it); `before_normalization`; `steps`; `factors`; `final`, photons.
    """
    scene = pixel.scene
    running = float(scene.I_bg)
    count = scene.thick_steps * scene.oversample * scene.oversample
    bounds = np.searchsorted(pixel.terms[:, 0], np.arange(count + 1))
    products = pixel.terms[:, 4] * pixel.terms[:, 4] * pixel.terms[:, 5] * pixel.terms[:, 5]
    rows = []
    for number, (start, stop) in enumerate(pairwise(bounds.tolist())):
        if stop > start:
            running = float(pixel.terms[stop - 1, 6])
        rows.append(
            {
                **_place(pixel, number),
                "terms": stop - start,
                "F_cell2_F_latt2": float(products[start:stop].sum()),
                "running_sum": running,
            }
        )
    totals = aggregate(pixel)
    names = ("r_e_sqr", "fluence_photons_per_m2", "capture_fraction", "polar", "omega_pixel")
    return {
        "background": float(scene.I_bg),
        "subpixels": rows,
        "before_normalization": totals["I_before_scaling"],
        "steps": totals["steps"],
        "factors": {name: totals[name] for name in names},
        "applied_per_term": [
            name for name in ("thick", "polar", "omega") if totals[f"oversample_{name}"]
        ],
        "final": totals["I_pixel_final"],
    }


TAPS: dict[str, Callable[[TracedPixel], dict[str, Any]]] = {
    "aggregate": aggregate,
    "omega": omega,
    "f_cell": f_cell,
    "hkl": hkl,
    "intensity": intensity,
}

NEEDS_TERMS = frozenset({"f_cell", "intensity"})
"""Taps that look at every term of the sum, not at the records alone."""
