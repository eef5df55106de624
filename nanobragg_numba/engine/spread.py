"""The point spread of an image: kernel, radii, and the rows of the result on several threads."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from nanobragg_numba.engine.threads import in_slices
from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.kernels.noise import point_spread, spread
from nanobragg_numba.kernels.noise.point_spread import FIBER, FIBER_WIDTH, GAUSS
from nanobragg_numba.records import dataclass

_LARGEST_TABLE = 512  # sources of a larger radius take the fiber's kernel from its integrals
_LARGEST_GATHERED = 48
_LEVELS = (16, 32, 64, 128, 256, 512, 1024, 2048)
_SHARE_OF_LIST = 8
_SLICE = 1 << 20
_NO_SMALL_KERNELS = np.zeros((0, 0, 0)), np.zeros((0, 0), np.int64)


@dataclass(frozen=True)
class PointSpread:
    """The shape of a point spread.

    Attributes
    ----------
    kind : str
        gauss or fiber.
    width : float
        Full width at half maximum, pixels.
    radius : int
        Of all pixels; 0: automatic.
    wraps : bool
        What falls just beyond the right edge is put into the next row, as C does.
    """

    kind: str
    width: float
    radius: int = 0
    wraps: bool = True

    @property
    def code(self) -> int:
        return GAUSS if self.kind == "gauss" else FIBER

    @property
    def g(self) -> float:
        return self.width * FIBER_WIDTH


@dataclass(frozen=True)
class Chosen:
    """The radius of a kernel.

    Attributes
    ----------
    largest : float
        Photons of the brightest pixel, or 0.
    asked : float or None
        The radius that it asks for, None where there is nothing to be spread.
    radius : int
        No larger than the image.
    """

    largest: float
    asked: float | None
    radius: int


def choose_radius(shape: PointSpread, photons: np.ndarray) -> Chosen:
    """Choose the automatic radius of the kernel.

    Raises
    ------
    ExperimentError
        A pixel whose own radius is undefined: not a number, or infinite.
    """
    largest = float(np.fmax.reduce(photons, axis=None, initial=0.0))
    if largest <= 0.0:
        return Chosen(0.0, None, 0)
    bad = np.flatnonzero(np.isnan(photons) | (photons == np.inf))
    if bad.size:
        slow, fast = divmod(int(bad[0]), photons.shape[1])
        raise ExperimentError(
            f"pixel {fast} {slow} (fast, slow) holds {photons[slow, fast]:g} photons, for which there is no automatic "
            "radius of the point spread: give -psf_radius"
        )
    asked = float(point_spread.automatic_radius(shape.code, shape.width, shape.g, largest))
    most = max(photons.shape)
    return Chosen(largest, asked, int(asked) if asked < most else most)


class Spreading:
    """One image and what is needed to spread it.

    Parameters
    ----------
    shape : PointSpread
    photons : (slow, fast) float32
    R : int
        Radius of the kernel.
    threads : int

    Attributes
    ----------
    lost : float
        Photons beyond the radii.
    reaches_beyond : bool
        Whether a source reaches beyond the right edge.
    """

    def __init__(self, shape: PointSpread, photons: np.ndarray, R: int, threads: int) -> None:
        self._shape, self._photons, self._R, self._threads = shape, photons, R, threads
        self._most = max(photons.shape)
        self._radii = np.empty(photons.shape, np.int16 if R < 32767 else np.int32)
        self._find_radii()
        self.lost = self._lost()
        np.minimum(self._radii, R, out=self._radii)  # a rounding may let a radius be larger than that of the brightest
        self._row_radii = self._radii.max(axis=1, initial=0).astype(np.int64)
        self._corners = np.zeros((1, 1))
        self._kernel = self._make_kernel()
        self._edge_starts, self._edge_places, self._edge_reach = self._edge_sources()

    def _find_radii(self) -> None:
        known = np.full(point_spread.NEIGHBOURHOODS, point_spread.UNKNOWN, np.int32)
        flat, radii, shape = self._photons.reshape(-1), self._radii.reshape(-1), self._shape
        for _ in in_slices(self._threads, flat.size, _SLICE, lambda a, b: point_spread.source_radii(
            flat, a, b, shape.code, shape.width, shape.g, shape.radius, self._most, known, radii,
        )):  # fmt: skip
            pass

    def _make_kernel(self) -> np.ndarray:
        if self._shape.code == GAUSS:
            kernel = np.empty((2 * self._R + 1, 2 * self._R + 1))
            point_spread.gauss_kernel(self._shape.width, self._R, np.empty((2, 2 * self._R + 1)), kernel)
            return kernel
        self._corners = corners = np.empty((self._R + 1, self._R + 1))
        g = self._shape.g
        for _ in in_slices(self._threads, len(corners), 64, lambda a, b: point_spread.fiber_corners(g, a, b, corners)):
            pass
        R = min(self._R, _LARGEST_TABLE)
        kernel = np.empty((2 * R + 1, 2 * R + 1))
        point_spread.fiber_kernel(corners, R, kernel)
        return kernel

    def _edge_sources(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Sources that reach the first pixel of a row, or the one beyond its end."""
        width = self._photons.shape[1]
        x = np.arange(width)
        columns = x[(x <= self._R) | (x >= width - self._R)]
        radii = self._radii[:, columns]
        reached = (radii >= np.minimum(columns, width - columns)) & (radii > 0)
        self.reaches_beyond = bool(((radii >= width - columns) & (radii > 0)).any())
        starts = np.concatenate([[0], np.cumsum(reached.sum(axis=1))]).astype(np.int64)
        places = columns[np.nonzero(reached)[1]]
        reach = np.where(reached, radii, 0).max(axis=1, initial=0).astype(np.int64)
        return starts, np.append(places, 0).astype(np.int32), reach

    def _levels(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """For each level the sources of each row whose radius is as large; no list of what many sources reach."""
        levels, starts, before = [], [], 0
        for level in _LEVELS:
            counts = np.count_nonzero(self._radii >= level, axis=1) if level <= self._R else np.zeros(0, np.int64)
            if counts.size and counts.sum() <= self._radii.size // _SHARE_OF_LIST:
                levels.append(level)
                starts.append(before + np.concatenate([[0], np.cumsum(counts)]))
                before = int(starts[-1][-1])
        places = np.zeros(before + 1, np.int32)
        for level, row_starts in zip(levels, starts):
            for row, radii in enumerate(self._radii):
                places[row_starts[row] : row_starts[row + 1]] = np.flatnonzero(radii >= level)
        shape = (len(levels), len(self._radii) + 1)
        return np.array(levels, np.int64), np.array(starts, np.int64).reshape(shape), places

    def _lost(self) -> float:
        flat, radii, shape = self._photons.reshape(-1), self._radii.reshape(-1), self._shape
        factors = np.full(int(radii.max(initial=0)) + 1, math.nan)
        return float(point_spread.lost_photons(flat, radii, shape.code, shape.width, shape.g, factors))

    def spread(self, share: float, after: Callable[[int], None] | None = None) -> np.ndarray:
        """The spread image, with this share of the lost photons in each pixel.

        Parameters
        ----------
        share : float
        after : callable, optional
            Called now and then with the number of rows that are done.

        Returns
        -------
        (slow, fast) float32
        """
        out = np.empty_like(self._photons)
        rows = self._rows(out)
        width = self._photons.shape[1]

        def band(start: int, stop: int) -> int:
            rows(start, stop)
            if self._shape.wraps:
                spread.first_column(
                    self._photons, self._radii, self._edge_starts, self._edge_places, self._edge_reach, self._kernel,
                    self._corners, start, stop, out,
                )  # fmt: skip
            spread.add_share(out.reshape(-1), start * width, stop * width, share)
            return stop

        size = max(1, min(64, len(out) // (4 * self._threads)))
        for done in in_slices(self._threads, len(out), size, band):
            if after is not None:
                after(done)
        return out

    def _rows(self, out: np.ndarray) -> Callable[[int, int], None]:
        photons, radii = self._photons, self._radii
        finite = bool(np.isfinite(photons.min(initial=0.0)) and np.isfinite(photons.max(initial=0.0)))
        if self._R <= _LARGEST_GATHERED and finite and self._gathers():
            dy, dx = np.mgrid[-self._R : self._R + 1, -self._R : self._R + 1]
            squares = (dx * dx + dy * dy).astype(np.int64)
            thresholds = np.maximum(np.ceil(np.sqrt(squares)), 1).astype(radii.dtype)
            return lambda a, b: spread.gather_rows(photons, radii, self._kernel, self._R, a, b, thresholds, out)
        lists, tables = self._levels(), self._small_kernels() if finite else _NO_SMALL_KERNELS
        line_size = photons.shape[1] + 2 * spread.MARGIN
        return lambda a, b: spread.scatter_rows(
            photons, radii, self._row_radii, *lists, self._kernel, self._corners, *tables, a, b,
            np.empty(line_size, np.float32), out,
        )  # fmt: skip

    def _small_kernels(self) -> tuple[np.ndarray, np.ndarray]:
        """Of each small radius the kernel's rows, each from the edge of the circle on; and half their widths."""
        most, middle = min(self._R + 1, spread.SMALL), len(self._kernel) // 2
        d = np.arange(most)
        squares = np.maximum((d * d)[:, None] - (d * d)[None], 0)
        halves = np.sqrt(squares).astype(np.int64)  # exact: the numbers are far below 2^53
        small = np.zeros((most, 2 * most - 1, 2 * most - 1 + spread.LANES))
        for r in range(1, most):
            for dy in range(-r, r + 1):
                half = halves[r, abs(dy)]
                row = self._kernel[middle + dy, middle - half : middle + half + 1]
                small[r, dy + r, : len(row)] = row
        return small, halves

    def _gathers(self) -> bool:
        """Whether going through all offsets for all pixels costs less than going through all sources."""
        radii = self._radii.reshape(-1)[:: max(1, self._radii.size >> 16)].astype(float)
        rows, area = 2.0 * radii + 1.0, math.pi * radii**2
        return 0.5 * (2 * self._R + 1) ** 2 < float(np.mean(30.0 * rows + 0.8 * area))  # ns, about
