"""Tables of structure factors that go by a name, with the density and molecular weight that belong to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nanobragg_numba.scattering.atoms import compton_square, weight_of_atoms
from nanobragg_numba.scattering.chains import KAPTON, OIL, Chains, chains_square
from nanobragg_numba.scattering.gases import GASES, Gas, density_of, square_of, weight_of
from nanobragg_numba.scattering.ice import DENSITY as ICE_DENSITY
from nanobragg_numba.scattering.ice import SCHERRER, ice_square
from nanobragg_numba.scattering.water import MOLECULE as WATER
from nanobragg_numba.scattering.water import water_square

CONDENSED = ("water", "oil", "kapton", "ice")
NAMES = (*GASES, *CONDENSED)
ICE_SIZE = 300.0
"""Angstrom."""

Square = Callable[[np.ndarray], np.ndarray]

_STEP = 0.01
_H2O = tuple(element for element, *_ in WATER)


@dataclass(frozen=True)
class Material:
    """What a table is made of.

    Attributes
    ----------
    square : callable
        F^2 of one molecule, electrons^2, of sin(theta)/lambda, 1/Angstrom.
    step : float
        Between points, 1/Angstrom.
    weight : float
        g/mol.
    density : float
        g/cm^3.
    """

    square: Square
    step: float
    weight: float
    density: float

    def table(self, last: float = 2.0) -> np.ndarray:
        """Points (n, 2) of sin(theta)/lambda, 1/Angstrom, and F, electrons."""
        stol = np.arange(round(last / self.step) + 1) * self.step
        return np.stack([stol, np.sqrt(np.maximum(self.square(stol), 0.0))], axis=1)


def _with_compton(square: Square, elements: tuple[str, ...], compton: bool) -> Square:
    return (lambda stol: square(stol) + compton_square(elements, stol)) if compton else square


def of_gas(gas: Gas, pressure: float = 101325.0, temperature: float = 295.0, compton: bool = False) -> Material:
    """A gas.

    Parameters
    ----------
    gas : Gas
    pressure : float
        Pa.
    temperature : float
        K.
    compton : bool
        With inelastic scattering.
    """
    density = density_of(gas, pressure, temperature)
    return Material(lambda stol: square_of(gas, stol, compton), _STEP, weight_of(gas), density)


def _of_chains(chains: Chains, compton: bool) -> Material:
    square = _with_compton(lambda stol: chains_square(chains, stol), chains.elements, compton)
    return Material(square, _STEP, weight_of_atoms(chains.elements), chains.density)


def material(
    name: str, pressure: float = 101325.0, temperature: float = 295.0, size: float = ICE_SIZE, compton: bool = False
) -> Material:
    """The material of a name.

    Parameters
    ----------
    name : str
        Of `NAMES`.
    pressure, temperature : float
        Of a gas, Pa and K.
    size : float
        Of crystallites of ice, Angstrom.
    compton : bool
        Add Compton scattering.
    """
    if name in GASES:
        return of_gas(GASES[name], pressure, temperature, compton)
    if name in ("oil", "kapton"):
        return _of_chains(OIL if name == "oil" else KAPTON, compton)
    weight = weight_of_atoms(_H2O)
    if name == "water":
        return Material(_with_compton(water_square, _H2O, compton), 0.0025, weight, 0.997)
    step = min(_STEP, SCHERRER / (2.0 * size) / 4.0)  # a quarter of the width of a line
    square = _with_compton(lambda stol: ice_square(stol, size), _H2O, compton)
    return Material(square, step, weight, ICE_DENSITY)
