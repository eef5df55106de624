"""Pictures of two images and of what lies between them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nanobragg_numba.errors import FormatError

_LONGEST_SIDE = 1024  # larger images are binned, so that a single odd pixel is still seen
_DECADES = 6  # how far a logarithmic scale of differences reaches down


@dataclass(frozen=True)
class View:
    """Which part of the detector is shown, and how.

    Attributes
    ----------
    fast, slow : int
        First pixel along each axis.
    percentile : float
        This percentile of the C image's pixels is where the scale of both images ends.
    """

    fast: int
    slow: int
    percentile: float


def available() -> bool:
    """Whether pictures can be made: whether matplotlib is installed."""
    from importlib.util import find_spec

    return find_spec("matplotlib") is not None


def write_plots(folder: Path, c: np.ndarray, py: np.ndarray, view: View) -> list[str]:
    """Write c.png, py.png, diff.png and histogram.png.

    Parameters
    ----------
    folder : Path
    c, py : (slow, fast) float32
        Photons.
    view : View

    Returns
    -------
    list of str
        Names of the files.

    Raises
    ------
    FormatError
        A file cannot be written.
    """
    top = _top(c, view.percentile)
    with np.errstate(over="ignore", invalid="ignore"):
        distance = np.abs(py - c)
    positive = distance[distance > 0.0]
    positive = positive[np.isfinite(positive)]
    figures = {
        "c.png": _image_figure(c, f"C program: {_size(c)}", top, view),
        "py.png": _image_figure(py, f"nanobragg_numba: {_size(py)}", top, view),
        "diff.png": _difference_figure(distance, positive, view),
        "histogram.png": _histogram_figure(distance.size, positive),
    }
    for name, figure in figures.items():
        try:
            figure.savefig(folder / name, dpi=120)
        except OSError as error:
            raise FormatError(f"cannot write {folder / name}: {error.strerror}") from error
    return list(figures)


def _height(shape: tuple[int, ...]) -> float:
    """Height of a figure 6.4 inches wide in which an image of this shape leaves little white."""
    return min(max(5.0 * shape[0] / shape[1] + 0.9, 3.0), 10.0)


def new_figure(width: float, height: float) -> tuple[Any, Any]:
    """Make a figure with one pair of axes, apart from any screen; inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.add_subplot()


def binned(image: np.ndarray) -> tuple[np.ndarray, int]:
    """The largest value of each square of pixels, and the side of a square."""
    side = -(-max(image.shape) // _LONGEST_SIDE)
    if side > 1:
        for axis in (0, 1):
            image = np.maximum.reduceat(image, np.arange(0, image.shape[axis], side), axis=axis)
    return image, side


def _size(image: np.ndarray) -> str:
    return f"{image.shape[1]} x {image.shape[0]} pixels"


def _top(image: np.ndarray, percentile: float) -> float:
    """Where the scale ends: the percentile, or the largest value where the percentile is nothing."""
    finite = image[np.isfinite(image)]
    if not finite.size:
        return 1.0
    top = float(np.percentile(finite, percentile))
    return top if top > 0.0 else float(finite.max()) if finite.max() > 0.0 else 1.0


def _show(axes: Any, values: np.ndarray, view: View, clear: bool = False, **how: Any) -> tuple[Any, int]:
    """Draw an array with the detector's own pixel numbers along the axes; zeros are left out if `clear`.

    Parameters
    ----------
    axes : matplotlib axes
    values : (slow, fast) array
    view : View
        Where its first pixel is.
    clear : bool
        Leave zeros out.
    **how
        As for imshow.
    """
    small, side = binned(values)
    if clear:
        small = np.where(small > 0.0, np.maximum(small, how["norm"].vmin), np.nan)
    slow, fast = values.shape
    edges = (view.fast - 0.5, view.fast + fast - 0.5, view.slow + slow - 0.5, view.slow - 0.5)
    shown = axes.imshow(small, extent=edges, origin="upper", interpolation="nearest", **how)
    axes.set_xlabel("fast axis (pixel)")
    axes.set_ylabel("slow axis (pixel)")
    return shown, side


def _note(side: int) -> str:
    return f"\nbrightest of each {side} x {side} pixels" if side > 1 else ""


def _image_figure(image: np.ndarray, title: str, top: float, view: View) -> Any:
    """One image with its scale.

    Parameters
    ----------
    image : (slow, fast) array
        Photons.
    title : str
    top : float
        Photons that are shown black.
    view : View
    """
    figure, axes = new_figure(6.4, _height(image.shape))
    shown, side = _show(axes, image, view, cmap="gray_r", vmin=0.0, vmax=top)
    axes.set_title(title + _note(side), fontsize=10)
    bar = figure.colorbar(shown, ax=axes, extend="max")
    bar.set_label(f"photons per pixel, up to percentile {view.percentile:g} of C")
    return figure


def _difference_figure(distance: np.ndarray, positive: np.ndarray, view: View) -> Any:
    """Where the images differ, on a logarithmic scale.

    Parameters
    ----------
    distance : (slow, fast) array
        Size of the difference, photons.
    positive : (n,) array
        Those that are not 0.
    view : View
    """
    from matplotlib.colors import LogNorm

    figure, axes = new_figure(6.4, _height(distance.shape))
    top = float(positive.max(initial=0.0)) or 1.0
    bottom = max(float(positive.min(initial=top)), top * 10.0**-_DECADES)
    norm = LogNorm(bottom if bottom < top else top / 10.0, top)
    shown, side = _show(axes, distance, view, clear=True, cmap="viridis", norm=norm)
    title = f"|nanobragg_numba - C|: {positive.size} of {distance.size} pixels apart"
    axes.set_title(title + _note(side), fontsize=10)
    bar = figure.colorbar(shown, ax=axes)
    bar.set_label("difference (photons per pixel); white: none")
    if not positive.size:
        axes.text(0.5, 0.5, "no difference", transform=axes.transAxes, ha="center", va="center", fontsize=14)
        bar.set_ticks([])
        bar.minorticks_off()
    return figure


def _histogram_figure(pixels: int, positive: np.ndarray) -> Any:
    figure, axes = new_figure(6.4, 4.2)
    axes.set_title(f"Differences: {positive.size} of {pixels} pixels apart", fontsize=10)
    axes.set_xlabel("|nanobragg_numba - C| (photons per pixel)")
    axes.set_ylabel("pixels")
    if positive.size:
        low, high = float(positive.min()), float(positive.max())
        bins = np.geomspace(low, high, 61) if high > low else np.array([low / 2.0, low * 2.0])
        bins[0], bins[-1] = min(bins[0], low), max(bins[-1], high)
        axes.hist(positive, bins=bins, color="#35608d")
        axes.set_xscale("log")
        axes.set_yscale("log")
    else:
        axes.bar([0], [pixels], width=0.2, color="#35608d")
        axes.set_xlim(-1.0, 1.0)
        axes.text(0, pixels / 2, "all at zero", ha="center", va="center", color="white", rotation=90)
    return figure
