"""Integrals and smooth curves; SciPy's would load its linear algebra, which the commands keep out."""

from __future__ import annotations

import numpy as np


def trapezoid(values: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Integral over the last axis by trapezoids.

    Parameters
    ----------
    values : (..., n) array
    x : (n,) array
    """
    return np.asarray((0.5 * (values[..., 1:] + values[..., :-1]) * np.diff(x)).sum(axis=-1))


def monotonic_curve(knots: np.ndarray, values: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Cubic pieces through points, without overshoot (F. N. Fritsch & J. Butland, SIAM J. Sci. Stat. Comput. 5, 300).

    Parameters
    ----------
    knots, values : (n,) array
        Points; the curve is flat at both ends.
    x : array
        Between the first and the last.
    """
    h = np.diff(knots)
    d = np.diff(values) / h
    slopes = np.zeros(len(knots))
    with np.errstate(divide="ignore", invalid="ignore"):
        one, two = 2.0 * h[1:] + h[:-1], h[1:] + 2.0 * h[:-1]
        mean = (one + two) / (one / d[:-1] + two / d[1:])
    slopes[1:-1] = np.where(d[:-1] * d[1:] > 0.0, mean, 0.0)
    i = np.clip(np.searchsorted(knots, x, side="right") - 1, 0, len(h) - 1)
    t = (x - knots[i]) / h[i]
    rise = t * t * (3.0 - 2.0 * t)
    bend = h[i] * t * (1.0 - t) * ((1.0 - t) * slopes[i] - t * slopes[i + 1])
    return np.asarray(values[i] + (values[i + 1] - values[i]) * rise + bend)
