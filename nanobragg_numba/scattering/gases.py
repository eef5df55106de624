"""Structure factors of gases: free molecules by Debye's formula.

A molecule of a gas at ordinary pressure scatters by itself; of a mixture, F^2 is the mean over its molecules.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nanobragg_numba.errors import FormatError
from nanobragg_numba.io.inputs import Path, read_text
from nanobragg_numba.scattering.atoms import Atom, compton_square, debye_square, weight_of_atoms

GAS_CONSTANT = 8.314462618
"""J/(mol K), CODATA 2018."""


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


def weight_of(gas: Gas) -> float:
    """Mean molecular weight, g/mol."""
    return sum(part * weight_of_atoms(element for element, *_ in atoms) for part, atoms in gas.parts)


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


def square_of(gas: Gas, stol: np.ndarray, compton: bool = False) -> np.ndarray:
    """F^2 of a mean molecule, electrons^2.

    Parameters
    ----------
    gas : Gas
    stol : (n,) float64
        sin(theta)/lambda, 1/Angstrom.
    compton : bool
        With inelastic scattering.
    """
    total = np.zeros(len(stol))
    for part, atoms in gas.parts:
        total += part * debye_square(atoms, stol)
        if compton:
            total += part * compton_square((element for element, *_ in atoms), stol)
    return total


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
