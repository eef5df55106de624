"""How much two float images differ, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

PEAKS = 50
"""So many of the brightest peaks are matched."""

# Peaks this close to the faintest of them count, too: symmetry makes many equal ones. So many at most.
_TIES = 1e-3
_MOST_TIES = 1000


@dataclass(frozen=True)
class Agreement:
    """Numbers about two images of one shape; photons.

    Attributes
    ----------
    identical : bool
        Every pixel has the same bits.
    n_pixels, n_differing : int
        Pixels compared, and those whose bits differ.
    n_not_finite : int
        Pixels that are infinite or no number in only one image, or in both but not with the same bits.
    max_ulp : int
        Largest difference, in units in the last place of float32.
    correlation : float
        Pearson's; 1 for identical images, nan where one image alone is constant.
    mse, rmse, max_abs_diff : float
    c_sum, py_sum, sum_ratio : float
        sum_ratio is py_sum/c_sum; 1 where both are 0.
    peaks : dict
        found in each image, matched, and the largest distance of a match in pixels.
    worst : (2,) int
        Slow and fast index of the pixel with the largest difference, (-1, -1) where there is none.
    worst_c, worst_py : float
        Its values.
    """

    identical: bool
    n_pixels: int
    n_differing: int
    n_not_finite: int
    max_ulp: int
    correlation: float
    mse: float
    rmse: float
    max_abs_diff: float
    c_sum: float
    py_sum: float
    sum_ratio: float
    peaks: dict[str, Any]
    worst: tuple[int, int]
    worst_c: float
    worst_py: float

    def agrees(self, threshold: float, sum_tolerance: float) -> bool:
        """Whether the images are as close as parity asks."""
        if self.identical:
            return True
        close = self.correlation >= threshold and abs(self.sum_ratio - 1.0) <= sum_tolerance
        return close and self.n_not_finite == 0


def measure(c: np.ndarray, py: np.ndarray) -> Agreement:
    """Compare two images.

    Parameters
    ----------
    c, py : (slow, fast) float32
        Photons.

    Returns
    -------
    Agreement
    """
    differing = c.view(np.int32) != py.view(np.int32)
    if not differing.any():
        return _identical(c)
    finite = np.isfinite(c) & np.isfinite(py)
    a, b = c[finite].astype(np.float64), py[finite].astype(np.float64)
    distance = np.abs(a - b)
    worst = _worst(c, py, differing, finite)
    mse = float(np.mean(distance**2)) if distance.size else 0.0
    c_sum, py_sum = float(a.sum()), float(b.sum())
    return Agreement(
        identical=False,
        n_pixels=c.size,
        n_differing=int(np.count_nonzero(differing)),
        n_not_finite=int(np.count_nonzero(differing & ~finite)),
        max_ulp=int(ulps(c[finite], py[finite]).max(initial=0)),
        correlation=correlation(a, b),
        mse=mse,
        rmse=mse**0.5,
        max_abs_diff=float(distance.max(initial=0.0)),
        c_sum=c_sum,
        py_sum=py_sum,
        sum_ratio=_ratio(py_sum, c_sum),
        peaks=match_peaks(c, py),
        worst=worst,
        worst_c=float(c[worst]),
        worst_py=float(py[worst]),
    )


def _identical(image: np.ndarray) -> Agreement:
    """What is to be said about an image and itself, without the long way there."""
    total = float(image.sum(dtype=np.float64, where=np.isfinite(image)))
    count = len(brightest(image)[:PEAKS])
    peaks = {"c": count, "py": count, "matched": count, "largest_distance": 0.0 if count else None}
    return Agreement(
        identical=True, n_pixels=image.size, n_differing=0, n_not_finite=0, max_ulp=0, correlation=1.0, mse=0.0,
        rmse=0.0, max_abs_diff=0.0, c_sum=total, py_sum=total, sum_ratio=1.0, peaks=peaks, worst=(-1, -1),
        worst_c=0.0, worst_py=0.0,
    )  # fmt: skip


def ulps(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """How many float32 numbers lie between two, as int64; -0 and 0 are the same number."""
    return np.abs(_ordinal(a) - _ordinal(b))


def _ordinal(values: np.ndarray) -> np.ndarray:
    """The place of each float32 among all of them."""
    bits = np.ascontiguousarray(values, np.float32).view(np.int32).astype(np.int64)
    return np.where(bits < 0, -(bits & 0x7FFFFFFF), bits)


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson's correlation of two float64 arrays; 1 for two constant ones, nan where only one is constant."""
    if not a.size:
        return float("nan")
    x, y = a - a.mean(), b - b.mean()
    x_size, y_size = float(np.sqrt(np.dot(x, x))), float(np.sqrt(np.dot(y, y)))
    if x_size == 0.0 or y_size == 0.0:
        return 1.0 if x_size == y_size else float("nan")
    return float(np.dot(x / x_size, y / y_size))


def _ratio(part: float, whole: float) -> float:
    if whole == 0.0:
        return 1.0 if part == 0.0 else float("inf")
    return part / whole


def _worst(
    c: np.ndarray, py: np.ndarray, differing: np.ndarray, finite: np.ndarray
) -> tuple[int, int]:
    """The pixel that differs most; one that is no number on one side comes before all others.

    Parameters
    ----------
    c, py : (slow, fast) float32
        Photons.
    differing, finite : (slow, fast) bool
        Pixels whose bits differ; that are finite in both.

    Returns
    -------
    int, int
        Slow and fast index.
    """
    with np.errstate(invalid="ignore"):
        distance = np.where(finite, np.abs(c.astype(np.float64) - py), np.inf)
    slow, fast = np.unravel_index(int(np.argmax(np.where(differing, distance, -1.0))), c.shape)
    return int(slow), int(fast)


def match_peaks(c: np.ndarray, py: np.ndarray) -> dict[str, Any]:
    """Look for the brightest peaks of one image among those of the other.

    Parameters
    ----------
    c, py : (slow, fast) float32

    Returns
    -------
    dict
        c, py: peaks found (at most PEAKS and ties of the faintest); matched: those of the first PEAKS of c
        with one of py's within a pixel along each axis; largest_distance: in pixels, None without a match.
    """
    from scipy.spatial import cKDTree

    wanted, ours = brightest(c)[:PEAKS], brightest(py)
    found: dict[str, Any] = {"c": len(wanted), "py": len(ours[:PEAKS]), "matched": 0, "largest_distance": None}
    if len(wanted) and len(ours):
        across, nearest = cKDTree(ours).query(wanted, p=np.inf)
        near = across <= 1.0
        found["matched"] = int(np.count_nonzero(near))
        if near.any():
            apart = np.linalg.norm(wanted[near] - ours[nearest[near]], axis=1)
            found["largest_distance"] = float(apart.max())
    return found


def brightest(image: np.ndarray) -> np.ndarray:
    """Find the brightest peaks: pixels above zero that none of their eight neighbours outshines.

    Returns
    -------
    (n, 2) int
        Slow and fast index, the brightest first; PEAKS of them, and what equals the faintest of those.
    """
    from scipy.ndimage import maximum_filter

    finite = np.nan_to_num(image, nan=0.0, posinf=float(np.finfo(np.float32).max), neginf=0.0)
    places = np.flatnonzero((finite == maximum_filter(finite, size=3, mode="nearest")) & (finite > 0.0))
    values = finite.ravel()[places]
    order = np.argsort(-values, kind="stable")
    if len(order) > PEAKS:
        faintest = values[order[PEAKS - 1]] * (1.0 - _TIES)
        order = order[values[order] >= faintest][:_MOST_TIES]
    return np.stack(np.unravel_index(places[order], image.shape), axis=1)


def nearest_neighbour(image: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Stretch an image to another shape; each pixel is the one at the same place of the detector."""
    rows, columns = (
        np.minimum((np.arange(new) * 2 + 1) * old // (2 * new), old - 1)
        for new, old in zip(shape, image.shape)
    )
    return np.ascontiguousarray(image[np.ix_(rows, columns)])
