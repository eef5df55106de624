"""Oils and plastics: groups of a heavy atom and its hydrogens, with one broad halo.

F^2(q) = S(q) x the sum of f^2 over the groups, f what a group scatters in phase about its heavy atom, and S the
structure factor of hard spheres (J. K. Percus & G. J. Yevick, Phys. Rev. 110, 1, 1958; M. S. Wertheim, Phys. Rev.
Lett. 10, 321, 1963). The diameter of the spheres puts the halo where the material has it, the distance of neighbouring
chains; it is no size of anything in it.

Very rough: places of the halo to 3 %, its height and all that is nearer to the beam to a factor of two; the order
within a chain is left out, and with it the weaker halos farther out. A film of Kapton has an orientation as well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nanobragg_numba.scattering.atoms import form_factor
from nanobragg_numba.scattering.curves import trapezoid

_CH, _NH = 1.09, 1.01
"""Lengths of bonds to hydrogens, Angstrom (International Tables C, 1992, table 9.5.1.1)."""


@dataclass(frozen=True)
class Chains:
    """A material.

    Attributes
    ----------
    groups : tuple of (count, element, hydrogens)
        Of one unit, the molecule of the table.
    halo : float
        Where its first halo stands, 1/Angstrom.
    packing : float
        Of the spheres.
    density : float
        g/cm^3.
    """

    groups: tuple[tuple[int, str, int], ...]
    halo: float
    packing: float
    density: float

    @property
    def elements(self) -> tuple[str, ...]:
        """The atoms of one unit."""
        atoms: list[str] = []
        for count, element, hydrogens in self.groups:
            atoms += count * ([element] + hydrogens * ["H"])
        return tuple(atoms)


OIL = Chains(((1, "C", 2),), 1.36, 0.42, 0.86)
"""CH2 of a hydrocarbon oil such as Paratone-N: halo at 4.6 Angstrom."""

KAPTON = Chains(((12, "C", 0), (10, "C", 1), (2, "N", 0), (5, "O", 0)), 1.17, 0.35, 1.42)
"""C22 H10 N2 O5 of the polyimide: halo at 5.4 Angstrom."""


def hard_spheres(x: np.ndarray, packing: float) -> np.ndarray:
    """Structure factor of hard spheres in Percus and Yevick's approximation, x = q times their diameter.

    1/(1 - n c(q)) with Wertheim's polynomial for the direct correlation function c(r) inside the diameter.
    """
    a = (1.0 + 2.0 * packing) ** 2 / (1.0 - packing) ** 4
    b = -6.0 * packing * (1.0 + packing / 2.0) ** 2 / (1.0 - packing) ** 4
    d = packing * a / 2.0
    s = np.linspace(0.0, 1.0, 501)
    inside = -(a + b * s + d * s**3) * s * s
    correlation = 24.0 * packing * trapezoid(inside * np.sinc(np.outer(x, s) / math.pi), s)
    return 1.0 / (1.0 - correlation)


def _diameter(chains: Chains) -> float:
    """Of the spheres whose structure factor has its first maximum where the halo is, Angstrom."""
    x = np.linspace(5.0, 8.0, 601)
    return float(x[np.argmax(hard_spheres(x, chains.packing))]) / chains.halo


def chains_square(chains: Chains, stol: np.ndarray) -> np.ndarray:
    """F^2 of one unit, electrons^2; `stol` is sin(theta)/lambda, 1/Angstrom."""
    q = 4.0 * math.pi * stol
    hydrogen = form_factor("H", stol)
    total = np.zeros(len(stol))
    for count, element, hydrogens in chains.groups:
        bond = _NH if element == "N" else _CH
        total += count * (form_factor(element, stol) + hydrogens * hydrogen * np.sinc(q * bond / math.pi)) ** 2
    return total * hard_spheres(q * _diameter(chains), chains.packing)
