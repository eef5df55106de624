"""The picture that nb-show makes: pixels with a scale, resolution rings, beam centre, predicted spots."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nanobragg_numba.errors import NanoBraggError
from nanobragg_numba.formats.picture import Picture
from nanobragg_numba.formats.preview import binned, display_range
from nanobragg_numba.geometry.frames import Geometry
from nanobragg_numba.geometry.spots import Spots
from nanobragg_numba.io.atomic import atomic_output
from nanobragg_numba.io.extras import extra

_RING, _SPOT, _BEAM = "#1565c0", "#c62828", "#2e7d32"
_MAP_POINTS = 200
_NICE = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
_WANTED_RINGS = 4
_SPARSE = 5e-3


@dataclass(frozen=True, eq=False)
class Panel:
    """One image of the figure.

    Attributes
    ----------
    picture : Picture
    geometry : Geometry or None
        Where rings and beam centre are drawn from.
    spots : Spots or None
    """

    picture: Picture
    geometry: Geometry | None
    spots: Spots | None


@dataclass(frozen=True)
class Look:
    """What the options say of the figure.

    Attributes
    ----------
    rings : tuple of float or None
        Angstrom; None for some that suit.
    low, high : float or None
        Of the scale.
    scale : str
        auto, linear or log.
    labels : bool
        Write h k l beside the spots.
    dpi : int
    """

    rings: tuple[float, ...] | None
    low: float | None
    high: float | None
    scale: str
    labels: bool
    dpi: int


def nice_rings(geometry: Geometry) -> tuple[float, ...]:
    """A few round resolutions, Angstrom, spread evenly from the beam to the edge that is farther along an axis."""
    slow, fast = geometry.shape
    y, x = geometry.beam_centre
    if not math.isfinite(x + y):
        y, x = slow / 2.0, fast / 2.0
    edges = geometry.resolution(np.array([y, y, 0.0, slow]), np.array([0.0, fast, x, x]))
    finest = float(edges.min())
    rings = []
    for i in range(1, _WANTED_RINGS + 1):
        d = finest * _WANTED_RINGS / i
        decade = 10.0 ** math.floor(math.log10(d))
        # never below the finest, so that each ring is on the image
        rings.append(min(value * decade for value in (*_NICE, 10.0) if value * decade >= d * (1 - 1e-9)))
    return tuple(sorted(set(rings), reverse=True))


def offset_of(picture: Picture) -> float:
    """What a detector adds to its counts: nearly the least of the pixels that hold anything; 0 for photons."""
    filled = picture.pixels[picture.pixels > 0.0]
    return float(np.floor(np.quantile(filled, 0.02))) if filled.size and picture.unit == "counts" else 0.0


def _range(pixels: np.ndarray) -> tuple[float, float, bool]:
    """What is white, what black, and whether the scale is logarithmic."""
    positive = pixels[pixels > 0.0]
    if 0 < positive.size < _SPARSE * pixels.size:  # a direct beam of a few pixels must not hide faint spots
        return 0.0, float(np.quantile(positive, 0.9)), False
    return display_range(pixels)


def _norm(pixels: np.ndarray, look: Look) -> Any:
    colors = extra("matplotlib.colors", "showing an image")
    low, high, logarithmic = _range(pixels)
    low, high = (low if look.low is None else look.low), (high if look.high is None else look.high)
    if look.scale != "auto":
        logarithmic = look.scale == "log"
    if logarithmic:
        positive = pixels[pixels > 0.0]
        floor = float(positive.min()) if positive.size else 1.0
        low = low if low > 0.0 else max(floor, high / 1e4)
        return colors.LogNorm(low, max(high, low * 1.001), clip=True)
    return colors.Normalize(low, high if high > low else low + 1.0, clip=True)


def _draw_rings(axes: Any, geometry: Geometry, rings: Sequence[float]) -> None:
    """Circles of equal resolution, with their spacing.

    Parameters
    ----------
    axes : matplotlib axes
    geometry : Geometry
    rings : sequence of float
        Angstrom.
    """
    slow, fast = geometry.shape
    y, x = np.linspace(0.0, slow, _MAP_POINTS), np.linspace(0.0, fast, _MAP_POINTS)
    grid_y, grid_x = np.meshgrid(y, x, indexing="ij")
    inverse = 1.0 / geometry.resolution(grid_y, grid_x)
    levels = sorted(1.0 / d for d in rings if inverse.min() < 1.0 / d < inverse.max())
    if not levels:
        return
    lines = axes.contour(grid_x, grid_y, inverse, levels=levels, colors=_RING, linewidths=0.8, linestyles="--")
    axes.clabel(lines, fmt=lambda value: f"{1.0 / value:.3g} Å", fontsize=8, colors=_RING)


def _draw_spots(axes: Any, spots: Spots, labels: bool) -> None:
    axes.scatter(spots.x, spots.y, s=36, facecolors="none", edgecolors=_SPOT, linewidths=0.7)
    if labels:
        for (h, k, l), x, y in zip(spots.hkl.tolist(), spots.x, spots.y):
            axes.annotate(f"{h} {k} {l}", (x, y), xytext=(4, 4), textcoords="offset points", fontsize=5, color=_SPOT)


def _draw(figure: Any, axes: Any, panel: Panel, look: Look) -> None:
    slow, fast = panel.picture.pixels.shape
    offset, unit = offset_of(panel.picture), panel.picture.unit
    pixels = np.maximum(binned(panel.picture.pixels)[0] - offset, 0.0)
    shown = axes.imshow(pixels, norm=_norm(pixels, look), cmap="gray_r", extent=(0, fast, slow, 0),
                        interpolation="nearest")  # fmt: skip
    figure.colorbar(shown, ax=axes, label=f"{unit} above {offset:g}" if offset else unit, fraction=0.046, pad=0.02)
    title = os.path.basename(panel.picture.name)
    if panel.picture.frame >= 0:
        title += f"   frame {panel.picture.frame} of {panel.picture.count}"
    geometry = panel.geometry
    if geometry is not None:
        rings = nice_rings(geometry) if look.rings is None else look.rings
        _draw_rings(axes, geometry, rings)
        y, x = geometry.beam_centre
        if math.isfinite(x + y):
            axes.plot([x], [y], marker="+", markersize=14, color=_BEAM, markeredgewidth=1.5)
            title += f"   beam {x:.2f}, {y:.2f}"
        title += f"   {geometry.wavelength:.5g} Å, {geometry.close_distance * 1000.0:.5g} mm"
    if panel.spots is not None:
        _draw_spots(axes, panel.spots, look.labels)
        title += f"   {len(panel.spots.x)} spots"
    axes.set_xlim(0, fast)
    axes.set_ylim(slow, 0)
    axes.set_xlabel("fast pixel")
    axes.set_ylabel("slow pixel")
    axes.set_title(title, fontsize=9)


def _fill(figure: Any, panels: Sequence[Panel], look: Look) -> None:
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    figure.subplots_adjust(wspace=0.4)
    for number, panel in enumerate(panels, 1):
        _draw(figure, figure.add_subplot(rows, columns, number), panel, look)


def _size(panels: Sequence[Panel]) -> tuple[float, float]:
    columns = min(3, len(panels))
    return 8.5 * columns, 8.0 * -(-len(panels) // columns)


def save(path: str, panels: Sequence[Panel], look: Look) -> None:
    """Write a PNG.

    Parameters
    ----------
    path : str
    panels : sequence of Panel
    look : Look
        Colours, labels and dots per inch.

    Raises
    ------
    NanoBraggError
    """
    figures = extra("matplotlib.figure", "showing an image")
    figure = figures.Figure(figsize=_size(panels))
    _fill(figure, panels, look)
    with atomic_output(path) as file:
        figure.savefig(file, format="png", dpi=look.dpi, bbox_inches="tight")


def has_display() -> bool:
    """Whether a window can be opened."""
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_window(panels: Sequence[Panel], look: Look) -> None:
    """Show a window until it is closed.

    Raises
    ------
    NanoBraggError
        matplotlib has no toolkit for windows.
    """
    pyplot = extra("matplotlib.pyplot", "showing an image")
    if pyplot.get_backend().lower() == "agg":
        raise NanoBraggError("matplotlib can open no window here; write a picture with -o FILE.png")
    figure = pyplot.figure(figsize=_size(panels))
    _fill(figure, panels, look)
    pyplot.show()
