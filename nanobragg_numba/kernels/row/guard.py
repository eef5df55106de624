"""The guard: what the row engine may differ by from the C library's arithmetic, and where that decides a pixel.

The bounds are in `bounds`, their derivation is in docs/row_engine.md.
"""

import math

import numpy as np

from nanobragg_numba.kernels.decorators import kernel
from nanobragg_numba.kernels.row.bounds import LARGEST_SAFE, STEP_BOUND, SUM_FLOOR, TERM_BOUND
from nanobragg_numba.kernels.row.slots import (
    CAPTURE,
    INTENSITY,
    INTENSITY_ERROR,
    LANES,
    OMEGA,
    POLAR,
    POLAR_ERROR,
    VALUE,
)
from nanobragg_numba.kernels.scene import ROUND
from nanobragg_numba.kernels.vector_math import LARGEST_ARGUMENT, wide_vectors


def bounds_hold(scene):
    """Whether the bounds hold for this scene: no negative background, nothing that comes near the ends of the range.

    Parameters
    ----------
    scene : Scene

    Returns
    -------
    bool
    """
    cells = [max(abs(N), 1.0) for N in (scene.Na, scene.Nb, scene.Nc)]
    factors = (scene.default_F, float(scene.F.min()), float(scene.F.max()))
    largest_x = math.pi * max(cells) * math.sqrt(abs(scene.fudge)) if scene.shape == ROUND else 0.0
    return (
        scene.I_bg >= 0.0
        and math.prod(cells) <= 1e30
        and all(abs(F) <= 1e60 for F in factors)
        and largest_x <= LARGEST_ARGUMENT
    )


@kernel
def relative_bound(terms, factors):
    """Relative difference between our sum of so many terms and C's, with so many factors at every step."""
    return TERM_BOUND + STEP_BOUND * (1 + factors) * terms


@kernel
def round_safely(w, chunks, scale, steps, bound, thick, polar, omega):
    """Turn the sums into float32 photons where both ends of the bound round to the same number, else NaN.

    Between the sum and the pixel stand a few products and a quotient that C and the row engine share. Each is
    monotonic, rounding included, so the pixel C would find lies between those of the two ends.

    Parameters
    ----------
    w : work array
    chunks : int
    scale : float
        r_e_sqr*fluence.
    steps : float
    bound : float
        Relative bound of the sum.
    thick, polar, omega : bool
        Which factors are applied here, once, and not at every step.
    """
    wide_vectors()
    for i in range(chunks * LANES):
        intensity = w[INTENSITY + i]
        spread = intensity * bound + (w[INTENSITY_ERROR + i] + SUM_FLOOR)
        low = intensity - spread
        high = intensity + spread
        capture_factor = w[CAPTURE + i] if thick else 1.0
        low_polar = w[POLAR + i] - w[POLAR_ERROR + i] if polar else 1.0
        high_polar = w[POLAR + i] + w[POLAR_ERROR + i] if polar else 1.0
        omega_factor = w[OMEGA + i] if omega else 1.0
        low = low if low > 0.0 else 0.0
        high = high if intensity < LARGEST_SAFE else math.nan
        # the two ends of an inexact polar are positive, and where it is negative it is exact
        first = np.float32(scale * low / steps * capture_factor * low_polar * omega_factor)
        last = np.float32(scale * high / steps * capture_factor * high_polar * omega_factor)
        w[VALUE + i] = first + 0.0 if first == last else math.nan


@kernel
def doubtful_pixels(w, count):
    """How many of the first `count` pixels of a block the loop kernel must decide."""
    doubtful = 0
    for i in range(count):
        doubtful += w[VALUE + i] != w[VALUE + i]
    return doubtful
