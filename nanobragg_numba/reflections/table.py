"""Reflections of a whole crystal, without symmetry, and what can be said of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from nanobragg_numba.errors import FormatError
from nanobragg_numba.formats.grid import MAX_CELLS
from nanobragg_numba.formats.hkl import HklTable

DIGITS = 4
"""Decimals of an amplitude: a list on disk and one computed on the fly are the same numbers."""

Cell = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, eq=False)
class Reflections:
    """Amplitudes in P1, all symmetry mates and Friedel mates included, sorted by h, k, l.

    Attributes
    ----------
    hkl : (n, 3) int64
    F : (n,) float64
        Electrons (or the arbitrary scale of measured data).
    cell : (6,)
        Angstrom, degrees.
    spacegroup : str
        Of the source.
    dmin : float
        Resolution limit that was asked for, Angstrom; 0 for that of the data.
    source : str
        Name of the file.
    notes : tuple of str
        What a user should know about the choices made.
    """

    hkl: np.ndarray
    F: np.ndarray
    cell: Cell
    spacegroup: str
    dmin: float
    source: str
    notes: tuple[str, ...] = field(default_factory=tuple)

    def table(self) -> HklTable:
        """The same as a structure factor list."""
        h, k, l = (np.ascontiguousarray(self.hkl[:, i]) for i in range(3))
        return HklTable(h, k, l, self.F, None, self.source)

    @property
    def d(self) -> np.ndarray:
        """Resolution of each reflection, Angstrom; infinite for 0 0 0."""
        return spacings(self.cell, self.hkl)


def metric(cell: Cell) -> np.ndarray:
    """Metric tensor of the reciprocal cell, (3, 3), 1/Angstrom^2: 1/d^2 = h . G . h.

    Raises
    ------
    FormatError
        No such cell exists.
    """
    a, b, c = cell[:3]
    ca, cb, cg = (math.cos(math.radians(angle)) for angle in cell[3:])
    real = np.array([[a * a, a * b * cg, a * c * cb], [a * b * cg, b * b, b * c * ca], [a * c * cb, b * c * ca, c * c]])
    with np.errstate(all="ignore"):
        determinant = np.linalg.det(real)  # the square of the volume
    if not (0.0 < determinant < math.inf and min(cell[:3]) > 0.0):
        raise FormatError(f"no crystal has the cell {' '.join(f'{value:g}' for value in cell)}; check the file")
    return np.linalg.inv(real)


def spacings(cell: Cell, hkl: np.ndarray) -> np.ndarray:
    """Lattice plane spacing of each index triple, Angstrom; infinite for 0 0 0."""
    inverse_square = np.einsum("ni,ij,nj->n", hkl, metric(cell), hkl)
    with np.errstate(divide="ignore"):
        return 1.0 / np.sqrt(np.maximum(inverse_square, 0.0))


def all_indices(cell: Cell, dmin: float) -> np.ndarray:
    """Every (h, k, l) to a resolution, 0 0 0 included, sorted, (n, 3) int64.

    Raises
    ------
    FormatError
        More than a grid of structure factors may hold.
    """
    most = [math.floor(edge / dmin) for edge in cell[:3]]
    if math.prod(2 * n + 1 for n in most) > MAX_CELLS:
        raise FormatError(f"a cell of {cell[0]:g} {cell[1]:g} {cell[2]:g} A has too many reflections to {dmin:g} A")
    axes = [np.arange(-n, n + 1) for n in most]
    found = []
    G = metric(cell)
    k, l = (grid.ravel() for grid in np.meshgrid(axes[1], axes[2], indexing="ij"))
    for h in axes[0]:
        plane = np.stack([np.full(len(k), h), k, l], axis=1)
        keep = np.einsum("ni,ij,nj->n", plane, G, plane) <= 1.0 / (dmin * dmin) * (1 + 1e-12)
        found.append(plane[keep])
    return np.concatenate(found).astype(np.int64)


def sorted_reflections(hkl: np.ndarray, F: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows by h, then k, then l, amplitudes rounded to DIGITS."""
    order = np.lexsort((hkl[:, 2], hkl[:, 1], hkl[:, 0]))
    return hkl[order].astype(np.int64), np.round(F[order].astype(np.float64), DIGITS)


def with_f000(reflections: Reflections, f000: str) -> Reflections:
    """Apply a policy for 0 0 0: `auto` keeps what there is, `none` leaves it out, a number sets it."""
    if f000 == "auto":
        return reflections
    keep = (reflections.hkl != 0).any(axis=1)
    hkl, F = reflections.hkl[keep], reflections.F[keep]
    if f000 != "none":
        hkl = np.concatenate([hkl, np.zeros((1, 3), np.int64)])
        F = np.append(F, float(f000))
    hkl, F = sorted_reflections(hkl, F)
    source = reflections
    return Reflections(hkl, F, source.cell, source.spacegroup, source.dmin, source.source, source.notes)


def summary(reflections: Reflections) -> list[str]:
    """Count, completeness, resolution and cell, a line each."""
    d = reflections.d[np.isfinite(reflections.d)]
    if not d.size:
        return ["reflections: only 0 0 0"]
    limit = reflections.dmin or float(d.min())
    possible = len(all_indices(reflections.cell, limit)) - 1
    origin = reflections.F[~np.isfinite(reflections.d)]
    return [
        f"reflections: {len(reflections.F)} in P1, Friedel mates included, from space group {reflections.spacegroup}",
        f"completeness: {100.0 * len(d) / possible:.2f} % of {possible} to {limit:.3f} A",
        f"resolution: {d.max():.3f} to {d.min():.3f} A",
        "cell: " + " ".join(f"{value:g}" for value in reflections.cell),
        f"F(000): {origin[0]:.{DIGITS}f}" if origin.size else "F(000): not in the list",
    ]
