"""What atoms scatter: form factors, Debye's formula for a molecule of them, and Compton scattering.

Form factors are those of International Tables C (1992), table 6.1.1.4, as gemmi has them. Compton scattering is the sum
of the incoherent scattering functions of free atoms (J. H. Hubbell et al., J. Phys. Chem. Ref. Data 4, 471, 1975, as
xraylib has them), without recoil: the C program knows nothing of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.io.extras import extra

Atom = tuple[str, float, float, float]
"""Element and place, Angstrom."""

_SMALLEST_TABULATED = 0.005
"""sin(theta)/lambda from which on xraylib has incoherent scattering functions of all atoms, 1/Angstrom."""


def form_factor(element: str, stol: np.ndarray) -> np.ndarray:
    """Electrons of a free atom that scatter in phase.

    Parameters
    ----------
    element : str
    stol : (n,) array
        sin(theta)/lambda, 1/Angstrom.

    Raises
    ------
    ExperimentError
        An element without form factors.
    """
    found = extra("gemmi", "a form factor").Element(element)
    if found.atomic_number == 0 or found.it92 is None:
        raise ExperimentError(f"there are no form factors of {element!r}")
    return np.array([found.it92.calculate_sf(s * s) for s in stol.tolist()])


def compton_square(elements: Iterable[str], stol: np.ndarray) -> np.ndarray:
    """Incoherent scattering functions of free atoms, summed: electrons^2 to be added to F^2.

    Parameters
    ----------
    elements : iterable of str
    stol : (n,) array
        sin(theta)/lambda, 1/Angstrom.
    """
    xraylib = extra("xraylib", "Compton scattering")
    gemmi = extra("gemmi", "an atomic number")
    total = np.zeros(len(stol))
    for element in elements:
        number = gemmi.Element(element).atomic_number
        far = [xraylib.SF_Compt(number, max(s, _SMALLEST_TABULATED)) for s in stol.tolist()]
        total += far * np.minimum(stol / _SMALLEST_TABULATED, 1.0) ** 2  # near the beam they grow with its square
    return total


def weight_of_atoms(elements: Iterable[str]) -> float:
    """Molecular weight, g/mol."""
    gemmi = extra("gemmi", "an atomic weight")
    return float(sum(gemmi.Element(element).weight for element in elements))


def debye_square(atoms: Sequence[Atom], stol: np.ndarray) -> np.ndarray:
    """F^2 of one molecule, electrons^2, averaged over its orientations.

    The sum over pairs of atoms of f_i f_j sin(q r)/(q r), q = 4 pi sin(theta)/lambda (P. Debye, Ann. Phys. 351, 809,
    1915).

    Parameters
    ----------
    atoms : sequence of (element, x, y, z)
        Angstrom.
    stol : (n,) array
        sin(theta)/lambda, 1/Angstrom.

    Raises
    ------
    ExperimentError
        An element without form factors.
    """
    factors = {element: form_factor(element, stol) for element, *_ in atoms}
    f = [factors[element] for element, *_ in atoms]
    total = np.zeros(len(stol))
    for i, (_, *a) in enumerate(atoms):
        for j, (_, *b) in enumerate(atoms):
            total += f[i] * f[j] * np.sinc(4.0 * stol * math.dist(a, b))  # np.sinc(x) is sin(pi x)/(pi x)
    return total
