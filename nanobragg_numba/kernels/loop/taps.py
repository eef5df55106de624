"""Taps: the pixel loop's inner numbers of one pixel, recorded by slot and never as text.

A slot is a small integer that stands for one line of a trace. The numbers follow the order
in which the loops reach them; `nanobragg_numba.trace.tokens` gives each its name, format and
meaning. The kernel records, nothing here prints.

Every record is one row of `Taps.records`: the slot and up to six values, zeros after them.
A full buffer keeps counting and stops writing, so that the caller can tell and raise.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nanobragg_numba.kernels.decorators import kernel
from nanobragg_numba.native.calls import declare_arrays

# Once per layer and subpixel, at source 0, before the resolution test.
PIX0_VECTOR = 0
FDET_VEC = 1
SDET_VEC = 2
PIXEL_POS = 3
R_DISTANCE = 4
OMEGA_PIXEL_SR = 5
CLOSE_DISTANCE = 6
OBLIQUITY_FACTOR = 7
DIFFRACTED_VEC = 8
INCIDENT_VEC = 9
LAMBDA_METERS = 10
LAMBDA_ANGSTROMS = 11
SCATTERING_VEC = 12
# Source 0, phi step 0, domain 0.
ROT_A = 13
ROT_B = 14
ROT_C = 15
ROT_A_STAR = 16
ROT_B_STAR = 17
ROT_C_STAR = 18
HKL_FRAC = 19
HKL_ROUNDED = 20
# The same, square crystals only.
F_LATT_A = 21
F_LATT_B = 22
F_LATT_C = 23
F_LATT = 24
# Source 0, domain 0, every phi step, square crystals: phi_tic, phi_deg, k_frac, F_latt_b, F_latt.
PHI_STEP = 25
# At most once a run, between the lines around it: h, k, l, h0, k0, l0.
INTERPOLATION_WARNING = 26
# Source 0, phi step 0, domain 0, if the step gets that far.
F_CELL = 27
# Source 2, phi step 0, domain 0, before the term is added.
SOURCE2_F_CELL = 28
SOURCE2_F_LATT = 29
SOURCE2_F_CELL_SQUARED = 30
SOURCE2_F_LATT_SQUARED = 31
SOURCE2_I_CONTRIBUTION = 32
SOURCE2_POLAR = 33
SOURCE2_COS2THETA = 34
SOURCE2_LAMBDA_ANGSTROMS = 35
SOURCE2_SOURCE_INDEX = 36
# Once, after the loops.
I_BEFORE_SCALING = 37
R_E_METERS = 38
R_E_SQUARED = 39
FLUENCE = 40
STEPS = 41
OVERSAMPLE_THICK = 42
OVERSAMPLE_POLAR = 43
OVERSAMPLE_OMEGA = 44
CAPTURE_FRACTION = 45
POLAR = 46
OMEGA_PIXEL = 47
COS_2THETA = 48
I_PIXEL_FINAL = 49
FLOATIMAGE_ACCUMULATED = 50
# Amorphous matter: once per subpixel, at source 0; MOLECULES once, after the loops.
STOL_PER_METER, TABLE_BRACKET, F_AMORPHOUS = 51, 52, 53
SOURCE_POLAR, SOURCE_WEIGHT, I_TERM, MOLECULES = 54, 55, 56, 57

SLOT_COUNT = 58
RECORD_WIDTH = 7
TERM_WIDTH = 7

_UNTOUCHED = 0x7FF80000DEADBEEF
"""Bits of a "not a number" that no arithmetic makes."""

# What the loops leave behind: places in `Taps.last`.
LAST_STOL = 0
LAST_POSITION = 1  # three, m
LAST_HKL, LAST_HKL0 = 4, 7  # three each
LAST_F_CELL, LAST_F_LATT = 10, 11
LAST_I = 12
LAST_POLAR = 13
LAST_OMEGA = 14
LAST_CAPTURE = 15
LAST_ABC = 16  # nine, m
LAST_COUNT = 25

_PER_SUBPIXEL = F_LATT + 1 + 1  # slots 0 to F_LATT, and F_CELL; the phi lines come on top
_PER_SOURCE2 = SOURCE2_SOURCE_INDEX - SOURCE2_F_CELL + 1
_PER_PIXEL = FLOATIMAGE_ACCUMULATED - I_BEFORE_SCALING + 1 + 1  # and the warning


class Taps(NamedTuple):
    """Where one traced pixel is recorded.

    Attributes
    ----------
    records : (capacity, 7) float64
        One row per trace line: slot, then its values, padded with zeros.
    terms : (n, 7) float64
        One row per term of the sum, whatever the source, phi step or domain: subpixel number
        (layer*oversample*oversample + subS*oversample + subF), h0, k0, l0, F_cell, F_latt and
        the running sum I once the term is in. With no rows, terms are not recorded.
    last : (LAST_COUNT,) float64
        What the loops left behind, by the LAST_ indices; `-printout` prints it. See `untouched`.
    count : (2,) int64
        Records and terms so far. A number above the rows of its array means that some were lost.
    """

    records: np.ndarray
    terms: np.ndarray
    last: np.ndarray
    count: np.ndarray  # type: ignore[assignment]  # hides tuple.count, which nobody needs


declare_arrays(Taps, records="float64[2]", terms="float64[2]", count="int64[1]")


@kernel
def tap1(taps, slot, v0):
    """Record one value.

    Parameters
    ----------
    taps : Taps
    slot : int
    v0 : float
    """
    n = taps.count[0]
    if n < taps.records.shape[0]:
        taps.records[n, 0] = slot
        taps.records[n, 1] = v0
    taps.count[0] = n + 1


@kernel
def tap3(taps, slot, v0, v1, v2):
    """Record three values, most often the components of a vector.

    Parameters
    ----------
    taps : Taps
    slot : int
    v0, v1, v2 : float
    """
    n = taps.count[0]
    if n < taps.records.shape[0]:
        taps.records[n, 0] = slot
        taps.records[n, 1] = v0
        taps.records[n, 2] = v1
        taps.records[n, 3] = v2
    taps.count[0] = n + 1


@kernel
def tap5(taps, slot, v0, v1, v2, v3, v4):
    """Record five values: the one line of a phi step.

    Parameters
    ----------
    taps : Taps
    slot : int
    v0, v1, v2, v3, v4 : float
    """
    n = taps.count[0]
    if n < taps.records.shape[0]:
        taps.records[n, 0] = slot
        taps.records[n, 1] = v0
        taps.records[n, 2] = v1
        taps.records[n, 3] = v2
        taps.records[n, 4] = v3
        taps.records[n, 5] = v4
    taps.count[0] = n + 1


@kernel
def tap6(taps, slot, v0, v1, v2, v3, v4, v5):
    """Record six values: the interpolation warning.

    Parameters
    ----------
    taps : Taps
    slot : int
    v0, v1, v2, v3, v4, v5 : float
    """
    n = taps.count[0]
    if n < taps.records.shape[0]:
        taps.records[n, 0] = slot
        taps.records[n, 1] = v0
        taps.records[n, 2] = v1
        taps.records[n, 3] = v2
        taps.records[n, 4] = v3
        taps.records[n, 5] = v4
        taps.records[n, 6] = v5
    taps.count[0] = n + 1


@kernel
def tap_term(taps, subpixel, h0, k0, l0, F_cell, F_latt, running_I):
    """Record one term of the sum, if terms are wanted at all.

    Parameters
    ----------
    taps : Taps
    subpixel : int
        layer*oversample*oversample + subS*oversample + subF.
    h0, k0, l0 : float
        Nearest indices.
    F_cell, F_latt : float
    running_I : float
        The running sum with this term in it.
    """
    if taps.terms.shape[0] > 0:
        n = taps.count[1]
        if n < taps.terms.shape[0]:
            taps.terms[n, 0] = subpixel
            taps.terms[n, 1] = h0
            taps.terms[n, 2] = k0
            taps.terms[n, 3] = l0
            taps.terms[n, 4] = F_cell
            taps.terms[n, 5] = F_latt
            taps.terms[n, 6] = running_I
        taps.count[1] = n + 1


def capacity(layers: int, oversample: int, phi_steps: int, sources: int) -> int:
    """Return the most records that one pixel can make.

    Parameters
    ----------
    layers, oversample, phi_steps, sources : int
        Thickness layers, subpixels along each axis, phi steps, sources.

    Returns
    -------
    int
    """
    per_subpixel = _PER_SUBPIXEL + phi_steps
    if sources > 2:
        per_subpixel += _PER_SOURCE2
    return layers * oversample * oversample * per_subpixel + _PER_PIXEL


def term_capacity(layers: int, oversample: int, sources: int, phi_steps: int, domains: int) -> int:
    """Return the most terms that one pixel can add up.

    Parameters
    ----------
    layers, oversample, sources, phi_steps, domains : int
    """
    return layers * oversample * oversample * sources * phi_steps * domains


def new_taps(n_records: int, n_terms: int = 0) -> Taps:
    """Make empty taps.

    Parameters
    ----------
    n_records : int
        Rows for records, see `capacity`.
    n_terms : int
        Rows for terms, see `term_capacity`; with 0 no term is recorded.

    Returns
    -------
    Taps
    """
    return Taps(
        records=np.zeros((n_records, RECORD_WIDTH)),
        terms=np.zeros((n_terms, TERM_WIDTH)),
        last=np.full(LAST_COUNT, _UNTOUCHED).view(np.float64),
        count=np.zeros(2, np.int64),
    )


def untouched(last: np.ndarray) -> np.ndarray:
    """Where the loops did not get so far as to leave a number in `Taps.last`."""
    return last.view(np.int64) == _UNTOUCHED
