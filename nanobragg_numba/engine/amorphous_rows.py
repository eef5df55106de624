"""What the row engine of amorphous matter is given: the table as cubics in cells of one width, and bounds.

The bounds are derived in docs/row_engine.md; U is one rounding.
"""

import math

import numpy as np

from nanobragg_numba.experiment.amorphous import ScatteringTable
from nanobragg_numba.kernels.amorphous.scene import AmorphousRows, AmorphousScene
from nanobragg_numba.kernels.decorators import uncompiled
from nanobragg_numba.kernels.row.bounds import U
from nanobragg_numba.kernels.vectors import cross, unit

_MOST_CELLS = 1 << 14
_LARGEST_F, _SMALLEST_F = 1e12, 1e-20
_LARGEST_WEIGHT, _SMALLEST_WEIGHT = 1e20, 1e-20
_LARGEST_LENGTH, _SMALLEST_LENGTH = 1e9, 1e-12
_LARGEST_KAHN = 1e3


def _within(values: np.ndarray, smallest: float, largest: float) -> bool:
    """Whether all values are 0 or of a size between these.

    Parameters
    ----------
    values : (n,)
    smallest, largest : float
        In the unit of the values.
    """
    sizes = np.abs(values)
    return bool(np.all((sizes <= largest) & ((sizes >= smallest) | (sizes == 0.0))))


def bounds_hold(scene: AmorphousScene) -> bool:
    """Whether the bounds hold for a scene: nothing comes near the ends of the range of numbers, no search has a memory.

    An F map is F itself, which the loop kernel does.
    """
    lengths = np.array([scene.pixel_size, scene.close_distance, scene.distance])
    corners = np.array([scene.fpixels, scene.spixels]) * scene.pixel_size
    return (
        bool(scene.increasing) and not scene.Fmap
        and _within(scene.F[np.isfinite(scene.F)], _SMALLEST_F, _LARGEST_F)
        and not np.isinf(scene.F).any()
        and _within(scene.weights, _SMALLEST_WEIGHT, _LARGEST_WEIGHT)
        and bool(np.all(np.isfinite(scene.incident)))
        and bool(np.all(np.abs(lengths) >= _SMALLEST_LENGTH))
        and _within(lengths, _SMALLEST_LENGTH, _LARGEST_LENGTH)
        and _within(np.concatenate([scene.pix0, corners]), 0.0, _LARGEST_LENGTH)
        and abs(scene.kahn) <= _LARGEST_KAHN
    )  # fmt: skip


def no_rows() -> AmorphousRows:
    """What stands in for a scene that the row engine does not do."""
    none = np.zeros(0)
    return AmorphousRows(0, none, none, none, none, 0.0, 0.0, np.zeros((0, 6)), 0.0, none)


def amorphous_rows(scene: AmorphousScene, table: ScatteringTable) -> AmorphousRows:
    """Prepare the row engine for a scene, if it can do that."""
    if not bounds_hold(scene):
        return no_rows()
    largest = 1.0 / float(np.abs(scene.wavelengths).min())
    per_stol = _cells_per_stol(table, largest)
    cells = int(largest * per_stol * (1.0 + 1e-9)) + 2
    t = table.stol * per_stol  # exact, as the width of a cell is a power of two
    knots, cubics, errors = _cubics(t, table, cells, _shift(scene, largest * per_stol))
    planes, polar_error = _polarization(scene)
    if not np.isfinite(polar_error).all():  # the polarization lies along the beam
        return no_rows()
    terms = len(scene.weights) * scene.oversample * scene.oversample
    F_part = 1.01 if scene.nopolar else 1.01 * (1.0 + abs(scene.kahn) / 2.0)
    return AmorphousRows(
        1, 0.5 * per_stol / np.abs(scene.wavelengths), knots, cubics.ravel(), errors, t[2], t[-3], planes, F_part,
        polar_error * 1.01 + F_part * (48.0 + 2.0 * terms) * U,
    )  # fmt: skip


def _cells_per_stol(table: ScatteringTable, largest: float) -> float:
    """A power of two for which cells are narrower than any interval of the table, unless there were too many."""
    rows = table.stol[2:-2]
    inside = np.diff(rows[(rows >= 0.0) & (rows <= largest)])
    narrowest = float(inside.min()) if len(inside) else largest
    exponent = math.ceil(-math.log2(max(min(narrowest, largest / 4.0), 2.0 * largest / _MOST_CELLS)))
    return 2.0**exponent


def _shift(scene: AmorphousScene, largest: float) -> float:
    """By how much the place in the table may differ from C's, in cells."""
    return (20.0 + len(scene.weights)) * U * largest


def _cubics(t: np.ndarray, table: ScatteringTable, cells: int, shift: float) -> tuple[np.ndarray, ...]:
    """Knots, cubics and errors of F on both sides of the knot of each cell; see `AmorphousRows`.

    Parameters
    ----------
    t : (n,) float64
        Abscissae in cells, the far points included.
    table : ScatteringTable
    cells : int
    shift : float
        By how much a place may differ from C's, in cells.
    """
    edges = np.arange(cells)
    below = np.searchsorted(t, edges, side="left") - 1  # the last point below the cell
    above = np.searchsorted(t, edges + 1, side="left") - 1
    inside = above - below
    knots = np.where(inside > 0, t[below + 1], np.inf)
    m = np.stack([below, above], axis=1).ravel()
    made, errors = _expanded(t, table.F, m, np.repeat(edges, 2).astype(float), shift)
    if table.end_values:
        made[m < 2] = table.F[0], 0.0, 0.0, 0.0
        made[m >= len(t) - 3] = table.F[-1], 0.0, 0.0, 0.0
        errors[(m < 2) | (m >= len(t) - 3)] = 0.0
    around = np.pad(errors, 2, mode="edge")
    errors = errors + np.max([around[i : i + len(errors)] for i in range(5)], axis=0)
    errors[np.repeat(inside > 1, 2)] = np.inf
    return knots, made, errors


def _expanded(
    t: np.ndarray, F: np.ndarray, m: np.ndarray, place: np.ndarray, shift: float
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of the cubics through the points m-1 to m+2, about some places, and the errors of their values.

    Parameters
    ----------
    t : (n,) float64
        Abscissae, in cells.
    F : (n,) float64
        Electrons.
    m : (k,) int
        Point below each piece.
    place : (k,)
        About which each cubic is expanded, in cells.
    shift : float
        By how much an abscissa may be off, in cells.
    """
    coefficients, errors = np.zeros((len(m), 4)), np.zeros(len(m))
    points = [t[m - 1], t[m], t[m + 1], t[m + 2]]
    for j in range(4):
        others = [points[k] for k in range(4) if k != j]
        denominator = np.prod([points[j] - other for other in others], axis=0)
        weight = F[m - 1 + j] / denominator
        a, b, c = (place - other for other in others)
        coefficients += (weight * np.stack([a * b * c, a * b + a * c + b * c, a + b + c, np.ones_like(a)])).T
        a, b, c = (1.0 + abs(each) for each in (a, b, c))
        errors += abs(weight) * (40.0 * U * a * b * c + 1.01 * shift * (a * b + a * c + b * c))
    return coefficients, errors


def _crossed(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float]:
    """Unit vector along x times y, and the length of that, as `polarization_planes` has them but without Numba."""
    *direction, size = uncompiled(unit)(*uncompiled(cross)(*x, *y))
    return np.array(direction), float(size)


def _polarization(scene: AmorphousScene) -> tuple[np.ndarray, np.ndarray]:
    """Directions of the fields of each source, and by how much the polarization factor may differ from C's.

    The axis is normalized anew at each call; here the one where it comes to rest stands for all.
    """
    sources = len(scene.weights)
    planes, errors = np.zeros((sources, 6)), np.zeros(sources)
    if scene.nopolar:
        return planes, errors
    errors += (32.0 + 2.0 * sources) * U
    if scene.kahn == 0.0:
        return planes, errors
    axis = scene.axes[-1]
    drift = float(np.abs(scene.axes - axis).max())
    for source, incident in enumerate(scene.incident_again):
        magnetic, across = _crossed(axis, incident)
        electric, _ = _crossed(incident, magnetic)
        planes[source] = *magnetic, *electric
        turned = (4.0 * drift + 32.0 * U) / across if across > 0.0 else math.inf
        errors[source] += abs(scene.kahn) * ((160.0 + 8.0 * sources) * U + turned)
    return planes, errors
