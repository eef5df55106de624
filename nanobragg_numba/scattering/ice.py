"""Ice rings: powder lines of hexagonal ice, for nonBragg, which knows nothing of crystals.

Ice Ih, P63/mmc, a = 4.497, c = 7.322 Angstrom (near 100 K; K. Roettger et al., Acta Cryst. B50, 644, 1994), oxygen at
1/3 2/3 0.0622, hydrogens at half of the places along each of its four bonds. A powder of one cell scatters the sum over
the reciprocal lattice of F^2 2 pi^2/(V G^2) x a line at G, whose area is 1; per molecule a quarter of that. Lines are
Gaussians whose width is Scherrer's: 2 pi 0.9/size, full width at half height in q. Of lines whose atoms move
exp(-2 B s^2) is left, and they scatter the rest everywhere.
"""

from __future__ import annotations

import math

import numpy as np

from nanobragg_numba.scattering.atoms import Atom, debye_square, form_factor

A, C = 4.497, 7.322
MOLECULES = 4
OXYGEN_Z = 0.0622
B_FACTOR = 1.8
"""Angstrom^2, near 100 K."""

SCHERRER = 0.9
DENSITY = 0.934
"""g/cm^3: four molecules in that cell."""

_BOND = 0.98
"""Angstrom, O-H in ice."""

_CELL = np.array([[A, 0.0, 0.0], [-A / 2.0, A * math.sqrt(3.0) / 2.0, 0.0], [0.0, 0.0, C]])
"""Rows are the axes, Angstrom."""

_TO_A_NEIGHBOUR = math.radians(109.47 / 2.0)
MOLECULE: tuple[Atom, ...] = (
    ("O", 0.0, 0.0, 0.0),
    ("H", _BOND * math.sin(_TO_A_NEIGHBOUR), 0.0, _BOND * math.cos(_TO_A_NEIGHBOUR)),
    ("H", -_BOND * math.sin(_TO_A_NEIGHBOUR), 0.0, _BOND * math.cos(_TO_A_NEIGHBOUR)),
)


def oxygens() -> np.ndarray:
    """Fractional places of the oxygens, 4f of P63/mmc."""
    x, y, z = 1.0 / 3.0, 2.0 / 3.0, OXYGEN_Z
    return np.array([[x, y, z], [y, x, z + 0.5], [y, x, -z], [x, y, 0.5 - z]])


def hydrogens() -> np.ndarray:
    """Fractional places of the half hydrogens: on every line between neighbouring oxygens, one near each end."""
    places = []
    centres = oxygens()
    shifts = np.array([[i, j, k] for i in (-1, 0, 1) for j in (-1, 0, 1) for k in (-1, 0, 1)])
    for centre in centres:
        for other in centres:
            for shift in shifts:
                along = (other + shift - centre) @ _CELL
                distance = float(np.linalg.norm(along))
                if 0.1 < distance < 3.0:
                    places.append(centre + (other + shift - centre) * (_BOND / distance))
    return np.array(places)


def _lines(last: float) -> tuple[np.ndarray, np.ndarray]:
    """Lengths q of the vectors of the reciprocal lattice up to `last`, 1/Angstrom, and F^2 of the cell at each."""
    reciprocal = 2.0 * math.pi * np.linalg.inv(_CELL).T
    most = [int(last / np.linalg.norm(row) * 1.2) + 1 for row in reciprocal]
    indices = np.stack(np.meshgrid(*(np.arange(-n, n + 1) for n in most), indexing="ij"), axis=-1).reshape(-1, 3)
    q = np.linalg.norm(indices @ reciprocal, axis=1)
    indices, q = indices[(q > 0.0) & (q < last)], q[(q > 0.0) & (q < last)]
    lengths, which = np.unique(np.round(q, 9), return_inverse=True)
    stol = lengths / (4.0 * math.pi)
    f_O, f_H = form_factor("O", stol)[which], form_factor("H", stol)[which]
    F = f_O * np.exp(2j * math.pi * indices @ oxygens().T).sum(axis=1)
    F = F + 0.5 * f_H * np.exp(2j * math.pi * indices @ hydrogens().T).sum(axis=1)
    return lengths, np.bincount(which, np.abs(F) ** 2)


def ice_square(stol: np.ndarray, size: float) -> np.ndarray:
    """F^2 of a molecule in a powder of ice, electrons^2.

    Parameters
    ----------
    stol : (n,) array
        sin(theta)/lambda, 1/Angstrom.
    size : float
        Of the crystallites, Angstrom.
    """
    q = 4.0 * math.pi * stol
    sigma = 2.0 * math.pi * SCHERRER / size / (2.0 * math.sqrt(2.0 * math.log(2.0)))
    volume = A * A * C * math.sqrt(3.0) / 2.0
    kept = np.exp(-2.0 * B_FACTOR * stol * stol)
    total = debye_square(MOLECULE, stol) * (1.0 - kept)
    for G, square in zip(*_lines(float(q[-1]) + 6.0 * sigma)):
        near = slice(*np.searchsorted(q, [G - 6.0 * sigma, G + 6.0 * sigma]))
        line = np.exp(-0.5 * ((q[near] - G) / sigma) ** 2) / (sigma * math.sqrt(2.0 * math.pi))
        total[near] += kept[near] * square * 2.0 * math.pi**2 / (volume * G * G) / MOLECULES * line
    return total
