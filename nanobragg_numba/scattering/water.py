"""Liquid water at room temperature: the molecules' own scattering, and how they stand around each other.

F^2(q) = D(q) + f(q)^2 (S(q) - 1) for one molecule: D is Debye's formula for it, f what it scatters in phase about its
oxygen, S the structure factor of the oxygens. S for q above 2/Angstrom is the transform of their radial distribution
function g(r), whose first maximum (2.80 Angstrom, 2.57), first minimum (3.45, 0.84) and second maximum (4.5, 1.12) are
those that L. B. Skinner et al., J. Chem. Phys. 138, 074506 (2013) found with X-rays. Between and beyond them g is a
smooth curve of ours, with the further shells that all such measurements see, so that S has its two maxima where water
has them. Where q is small a transform needs g better than that. There S goes over to its limit, density x k T x
compressibility (4.525e-10/Pa at 298 K) = 0.062.

Rough: heights of the two maxima to some 15 %, the slope below the first one to 30 %.
"""

from __future__ import annotations

import math

import numpy as np

from nanobragg_numba.scattering.atoms import Atom, debye_square, form_factor
from nanobragg_numba.scattering.curves import monotonic_curve, trapezoid

BOND, ANGLE = 0.9572, 104.52
"""Angstrom, degrees: the free molecule (W. S. Benedict et al., J. Chem. Phys. 24, 1139, 1956)."""

MOLECULES_PER_A3 = 0.03333
SMALL_ANGLE_LIMIT = 0.062

_SHELLS = (
    (2.30, 0.0), (2.45, 0.03), (2.60, 0.80), (2.80, 2.57), (3.00, 1.76), (3.20, 1.12), (3.45, 0.84), (3.80, 1.07),
    (4.50, 1.12), (5.10, 0.985), (5.60, 0.80), (6.20, 0.92), (6.80, 1.09), (7.40, 1.04), (7.90, 0.955), (8.90, 1.005),
    (9.90, 1.005), (11.0, 1.01), (12.0, 0.995), (13.0, 1.0),
)  # fmt: skip
"""Angstrom, g: it rises and falls from one to the next without overshoot, is 0 before and 1 behind."""

_JOIN = (1.3, 2.0)
"""Where S goes over from its limit to the transform, 1/Angstrom."""

_half = math.radians(ANGLE / 2.0)
MOLECULE: tuple[Atom, ...] = (
    ("O", 0.0, 0.0, 0.0),
    ("H", BOND * math.sin(_half), 0.0, BOND * math.cos(_half)),
    ("H", -BOND * math.sin(_half), 0.0, BOND * math.cos(_half)),
)


def radial_distribution(r: np.ndarray) -> np.ndarray:
    """g of the oxygens at distances r, Angstrom."""
    places, values = np.array(_SHELLS).T
    inside = (r > places[0]) & (r < places[-1])
    found = np.where(r <= places[0], 0.0, 1.0)
    found[inside] = monotonic_curve(places, values, r[inside])
    return found


def oxygen_structure(q: np.ndarray) -> np.ndarray:
    """S of the oxygens at q, 1/Angstrom: 1 + 4 pi density x the integral of (g - 1) r^2 sin(q r)/(q r)."""
    r = np.linspace(0.0, _SHELLS[-1][0], 2601)
    kernel = (radial_distribution(r) - 1.0) * r * r
    waves = np.sinc(np.outer(q, r) / math.pi)
    transform = 1.0 + 4.0 * math.pi * MOLECULES_PER_A3 * trapezoid(kernel * waves, r)
    part = np.clip((q - _JOIN[0]) / (_JOIN[1] - _JOIN[0]), 0.0, 1.0)
    part = part * part * (3.0 - 2.0 * part)
    return (1.0 - part) * (SMALL_ANGLE_LIMIT + 0.05 * q * q) + part * transform


def water_square(stol: np.ndarray) -> np.ndarray:
    """F^2 of a molecule in liquid water, electrons^2; `stol` is sin(theta)/lambda, 1/Angstrom."""
    q = 4.0 * math.pi * stol
    in_phase = form_factor("O", stol) + 2.0 * form_factor("H", stol) * np.sinc(q * BOND / math.pi)
    return debye_square(MOLECULE, stol) + in_phase**2 * (oxygen_structure(q) - 1.0)
