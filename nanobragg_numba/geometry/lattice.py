"""Cells and rotations: matrices whose columns are cell vectors, misset angles, quaternions.

An orientation U turns the standard setting (a* along x, b* in the x-y plane) into the crystal as it stands:
A* = U B. Misset angles turn about x, then y, then z: U = Rz Ry Rx.
"""

from __future__ import annotations

import math

import numpy as np

from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.kernels.decorators import uncompiled
from nanobragg_numba.kernels.vectors import rotate_axis

Cell = tuple[float, float, float, float, float, float]


def standard_reciprocal(cell: Cell) -> np.ndarray:
    """Reciprocal cell in the standard setting.

    Parameters
    ----------
    cell : (6,)
        Angstrom, degrees.

    Returns
    -------
    (3, 3) float64
        Columns a*, b*, c*, 1/Angstrom.

    Raises
    ------
    ExperimentError
        No such cell exists.
    """
    a, b, c = cell[:3]
    ca, cb, cg = (math.cos(math.radians(angle)) for angle in cell[3:])
    square = 1.0 - ca * ca - cb * cb - cg * cg + 2.0 * ca * cb * cg
    if min(cell) <= 0.0 or max(cell[3:]) >= 180.0 or square <= 0.0:
        raise ExperimentError(f"no such cell exists: {' '.join(f'{v:g}' for v in cell)}")
    real = np.array([[a * a, a * b * cg, a * c * cb], [a * b * cg, b * b, b * c * ca], [a * c * cb, b * c * ca, c * c]])
    return np.linalg.cholesky(np.linalg.inv(real)).T


def cell_of(reciprocal: np.ndarray) -> Cell:
    """Edges (Angstrom) and angles (degrees) of the cell whose reciprocal vectors are the columns (1/Angstrom)."""
    real = np.linalg.inv(reciprocal)  # rows a, b, c
    lengths = np.linalg.norm(real, axis=1)
    angles = []
    for j, k in ((1, 2), (2, 0), (0, 1)):
        sine = float(np.linalg.norm(np.cross(real[j], real[k])))
        angles.append(math.degrees(math.atan2(sine, float(real[j] @ real[k]))))
    a, b, c = lengths.tolist()
    return a, b, c, angles[0], angles[1], angles[2]


def orientation(reciprocal: np.ndarray) -> np.ndarray:
    """The rotation U of a reciprocal cell (columns a*, b*, c*) out of the standard setting, (3, 3).

    Raises
    ------
    ExperimentError
        The vectors are left-handed, or lie in a plane.
    """
    if not np.linalg.det(reciprocal) > 0.0:
        raise ExperimentError("a*, b*, c* are left-handed or lie in a plane: no orientation of a crystal")
    U = reciprocal @ np.linalg.inv(standard_reciprocal(cell_of(reciprocal)))
    left, _, right = np.linalg.svd(U)  # rounding of a file's digits taken out
    return left @ right


def rotation_about(axis: np.ndarray, angle: float) -> np.ndarray:
    """Right-handed rotation by an angle (radians) about a unit vector, (3, 3); the formula is that of `rotate_axis`."""
    turn = uncompiled(rotate_axis)
    return np.array([turn(*edge, *axis, angle) for edge in np.eye(3)]).T


def rotation_of_misset(degrees: tuple[float, float, float]) -> np.ndarray:
    """Rz Ry Rx, (3, 3)."""
    x, y, z = (rotation_about(np.eye(3)[i], math.radians(angle)) for i, angle in enumerate(degrees))
    return z @ y @ x


def misset_of_rotation(U: np.ndarray) -> tuple[float, float, float]:
    """Angles about x, y, z in degrees, y between -90 and 90; where y is 90, the angle about z is 0."""
    sine = -U[2, 0]
    cosine = math.hypot(U[0, 0], U[1, 0])
    y = math.atan2(sine, cosine)
    if cosine < 1e-12:
        return math.degrees(math.atan2(-U[1, 2], U[1, 1])), math.degrees(y), 0.0
    return math.degrees(math.atan2(U[2, 1], U[2, 2])), math.degrees(y), math.degrees(math.atan2(U[1, 0], U[0, 0]))


def rotation_of_quaternion(quaternion: tuple[float, float, float, float]) -> np.ndarray:
    """(3, 3) of a quaternion w x y z of any length.

    Raises
    ------
    ExperimentError
        Its length is zero.
    """
    length = math.sqrt(sum(v * v for v in quaternion))
    if not 0.0 < length < math.inf:
        raise ExperimentError("a quaternion of zeros is no orientation")
    w, x, y, z = (v / length for v in quaternion)
    return np.array([
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ])  # fmt: skip


def quaternion_of_rotation(U: np.ndarray) -> tuple[float, float, float, float]:
    """w x y z with w >= 0, by the largest component, which loses no digits at half a turn."""
    diagonal = [U[0, 0], U[1, 1], U[2, 2]]
    squares = [1 + sum(diagonal)] + [1 + 2 * d - sum(diagonal) for d in diagonal]
    largest = int(np.argmax(squares))
    rows = [
        [squares[0], U[2, 1] - U[1, 2], U[0, 2] - U[2, 0], U[1, 0] - U[0, 1]],
        [U[2, 1] - U[1, 2], squares[1], U[1, 0] + U[0, 1], U[0, 2] + U[2, 0]],
        [U[0, 2] - U[2, 0], U[1, 0] + U[0, 1], squares[2], U[2, 1] + U[1, 2]],
        [U[1, 0] - U[0, 1], U[0, 2] + U[2, 0], U[2, 1] + U[1, 2], squares[3]],
    ]
    row = np.array(rows[largest])
    w, x, y, z = (row / np.linalg.norm(row) * (-1.0 if row[0] < 0.0 else 1.0)).tolist()
    return w, x, y, z


def random_rotation(seed: int | None) -> np.ndarray:
    """A rotation drawn uniformly from all of them: a quaternion of four normal deviates, (3, 3)."""
    w, x, y, z = np.random.default_rng(seed).standard_normal(4).tolist()
    return rotation_of_quaternion((w, x, y, z))


def canonical_frame(axis: np.ndarray, beam: np.ndarray) -> np.ndarray:
    """Rotation from a laboratory frame into that of imgCIF, (3, 3).

    X is the rotation axis (its part across the beam), Z points to the source, Y = Z x X.

    Parameters
    ----------
    axis : (3,)
        The rotation axis; where it lies along the beam, an arbitrary direction across takes its place.
    beam : (3,)
        Direction in which photons travel.
    """
    z = -np.asarray(beam, float) / np.linalg.norm(beam)
    for candidate in (np.asarray(axis, float), *np.eye(3)):
        across = candidate - (candidate @ z) * z
        if np.linalg.norm(across) > 1e-6:
            break
    x = across / np.linalg.norm(across)
    return np.array([x, np.cross(z, x), z])
