"""Structure factors of gases: free molecules by Debye's formula.

F^2(q) = sum over pairs of atoms of f_i(q) f_j(q) sin(q r_ij) / (q r_ij)  (P. Debye, Ann. Phys. 351, 809, 1915), with
q = 4 pi sin(theta)/lambda and the form factors of International Tables C (1992), table 6.1.1.4, as gemmi has them. A
molecule of a gas at ordinary pressure scatters by itself, so F is sqrt(F^2); of a mixture, F^2 is the mean over its
molecules. Only elastic scattering is in it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nanobragg_numba.errors import ExperimentError, FormatError
from nanobragg_numba.io.extras import extra
from nanobragg_numba.io.inputs import Path, read_text

GAS_CONSTANT = 8.314462618
"""J/(mol K), CODATA 2018."""

Atom = tuple[str, float, float, float]
"""Element and place, Angstrom."""


@dataclass(frozen=True)
class Gas:
    """A mixture of molecules.

    Attributes
    ----------
    parts : tuple of (fraction, atoms)
        How much of the molecules is which.
    """

    parts: tuple[tuple[float, tuple[Atom, ...]], ...]


def _pair(element: str, bond: float) -> tuple[Atom, ...]:
    return ((element, 0.0, 0.0, 0.0), (element, 0.0, 0.0, bond))


_N2, _O2 = _pair("N", 1.09768), _pair("O", 1.20752)  # Huber & Herzberg, Constants of Diatomic Molecules, 1979
_AR: tuple[Atom, ...] = (("Ar", 0.0, 0.0, 0.0),)

GASES = {
    "air": Gas(((0.7812, _N2), (0.2095, _O2), (0.0093, _AR))),  # dry air, mole fractions
    "nitrogen": Gas(((1.0, _N2),)),
    "oxygen": Gas(((1.0, _O2),)),
    "helium": Gas(((1.0, (("He", 0.0, 0.0, 0.0),)),)),
    "argon": Gas(((1.0, _AR),)),
}


def debye_square(atoms: Sequence[Atom], stol: np.ndarray) -> np.ndarray:
    """F^2 of one molecule, electrons^2, averaged over its orientations.

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
    gemmi = extra("gemmi", "a form factor")
    f = []
    for element, *_ in atoms:
        found = gemmi.Element(element)
        if found.atomic_number == 0 or found.it92 is None:
            raise ExperimentError(f"there are no form factors of {element!r}")
        f.append(np.array([found.it92.calculate_sf(s * s) for s in stol.tolist()]))
    total = np.zeros(len(stol))
    for i, (_, *a) in enumerate(atoms):
        for j, (_, *b) in enumerate(atoms):
            total += f[i] * f[j] * np.sinc(4.0 * stol * math.dist(a, b))  # np.sinc(x) is sin(pi x)/(pi x)
    return total


def weight_of(gas: Gas) -> float:
    """Mean molecular weight, g/mol."""
    gemmi = extra("gemmi", "an atomic weight")
    return sum(part * sum(gemmi.Element(element).weight for element, *_ in atoms) for part, atoms in gas.parts)


def density_of(gas: Gas, pressure: float, temperature: float) -> float:
    """Density of an ideal gas: rho = M p / (R T), the law of Clapeyron.

    Parameters
    ----------
    gas : Gas
    pressure : float
        Pa.
    temperature : float
        K.

    Returns
    -------
    float
        g/cm^3.
    """
    return weight_of(gas) * pressure / (GAS_CONSTANT * temperature) * 1e-6


def table_of(gas: Gas, last: float = 2.0, step: float = 0.01) -> np.ndarray:
    """Points (n, 2) of sin(theta)/lambda, 1/Angstrom, and F, electrons.

    Parameters
    ----------
    gas : Gas
    last, step : float
        Of sin(theta)/lambda, 1/Angstrom.
    """
    stol = np.arange(round(last / step) + 1) * step
    square = sum(part * debye_square(atoms, stol) for part, atoms in gas.parts)
    return np.stack([stol, np.sqrt(np.maximum(square, 0.0))], axis=1)


def read_molecule(path: Path) -> Gas:
    """A molecule from an XYZ file: the count of atoms, a line of text, then element x y z a line, Angstrom.

    Raises
    ------
    FormatError
        A file that is not that.
    """
    lines = read_text(path, "molecule", 1 << 20).decode("latin-1").split("\n")
    try:
        count = int(lines[0])
        atoms = []
        for line in lines[2 : 2 + count]:
            element, x, y, z = line.split()[:4]
            atoms.append((element, float(x), float(y), float(z)))
    except (ValueError, IndexError):
        raise FormatError(f"{path}: no XYZ file: it needs a count, a line of text, and element x y z a line") from None
    if len(atoms) != count or not 0 < count <= 5000 or not all(map(math.isfinite, (v for a in atoms for v in a[1:]))):
        raise FormatError(f"{path}: {len(atoms)} atoms with places, the first line says {count} (at most 5000)")
    return Gas(((1.0, tuple(atoms)),))
