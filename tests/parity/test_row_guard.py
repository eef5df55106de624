"""The guard alone, on sums made by hand; the vector attribute; the pieces of the engine without compilation."""

import math
import os
import subprocess
import sys

import numpy as np
import pytest
from paths import SUPPORT

from nanobragg_numba.kernels.decorators import kernel
from nanobragg_numba.kernels.row import bounds
from nanobragg_numba.kernels.row import slots as slots
from nanobragg_numba.kernels.row.geometry import any_zero, fill
from nanobragg_numba.kernels.row.guard import doubtful_pixels, relative_bound, round_safely
from nanobragg_numba.kernels.row.parallel import new_work
from nanobragg_numba.kernels.row.slots import BLOCK, LANES, SLOTS
from nanobragg_numba.kernels.row.terms import grid_indices, grid_values

COUNT = LANES


@kernel
def look_up(w, limits, F, nk, nl, default_F):
    """Nearest grid values of the first pixels."""
    grid_indices(w, 1, limits[0], limits[1], limits[2], limits[3], limits[4], limits[5], nk, nl)
    grid_values(w, 1, F, default_F)


@kernel
def fill_slot(w, chunks, slot, value):
    fill(w, chunks, slot, value)


@kernel
def has_zero(w, chunks, slot):
    return any_zero(w, chunks, slot)


def work_of(sums, errors=0.0, polar=1.0, polar_errors=0.0):
    """A work array with these sums in its first pixels and factors of 1."""
    w = np.zeros(SLOTS * BLOCK)
    for slot, values in (
        (slots.INTENSITY, sums), (slots.INTENSITY_ERROR, errors), (slots.POLAR, polar),
        (slots.POLAR_ERROR, polar_errors), (slots.CAPTURE, 1.0), (slots.OMEGA, 1.0),
    ):  # fmt: skip
        w[slot : slot + COUNT] = values
    return w


def photons(w, bound, scale=1.0):
    round_safely(w, 1, scale, 1.0, bound, True, True, True)
    return w[slots.VALUE : slots.VALUE + COUNT]


def sums_near_boundaries():
    """Half-way between neighbouring float32 numbers, and a little beside."""
    numbers = np.float32(10.0) ** np.linspace(-30, 30, COUNT).astype(np.float32)
    above = np.nextafter(numbers, np.float32(np.inf))
    return numbers, (np.float64(numbers) + np.float64(above)) / 2.0


def test_a_clear_sum_is_rounded():
    numbers, _ = sums_near_boundaries()
    assert np.array_equal(photons(work_of(np.float64(numbers)), 1e-13), numbers)


@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_a_boundary_within_the_bound_is_left_to_the_loop_kernel(side):
    _, halves = sums_near_boundaries()
    bound = 1e-13
    assert np.isnan(photons(work_of(halves), bound)).all()
    assert np.isnan(photons(work_of(halves * (1.0 + side * 0.9 * bound)), bound)).all()
    clear = halves * (1.0 + side * 1.1 * bound)
    assert np.array_equal(photons(work_of(clear), bound), np.float32(clear))


def test_an_absolute_error_counts():
    _, halves = sums_near_boundaries()
    beside = halves * (1.0 + 1e-12)
    assert not np.isnan(photons(work_of(beside), 1e-13)).any()
    assert np.isnan(photons(work_of(beside, errors=1.2e-12 * halves), 1e-13)).all()


def test_an_error_of_the_polarization_counts():
    _, halves = sums_near_boundaries()
    beside = halves * (1.0 + 1e-12)
    assert np.isnan(photons(work_of(beside, polar_errors=1.2e-12), 1e-13)).all()


def test_zero_stays_zero_whatever_the_scale():
    for scale in (0.0, 1.0, 1e150, -1.0):
        value = photons(work_of(0.0), 1e-13, scale)
        assert (value == 0.0).all()
        assert not np.signbit(value).any()


@pytest.mark.parametrize("strange", [math.nan, math.inf, 1e301])
def test_what_is_not_a_proper_number_is_left_to_the_loop_kernel(strange):
    w = work_of(strange)
    assert np.isnan(photons(w, 1e-13)).all()
    assert doubtful_pixels(w, COUNT) == COUNT
    assert doubtful_pixels(w, 3) == 3


def test_overflow_of_float32_is_certain():
    assert np.isposinf(photons(work_of(1e39), 1e-13)).all()


def test_denormal_float32_have_boundaries_too():
    half = 1.5 * 2.0**-149
    assert np.isnan(photons(work_of(half), 1e-13)).all()
    assert (photons(work_of(1.6 * 2.0**-149), 1e-13) == 2.0**-148).all()


def test_bounds_grow_with_terms_and_factors():
    assert relative_bound(1, 0) == bounds.TERM_BOUND + 2.0 * bounds.U
    assert relative_bound(1000, 0) - relative_bound(0, 0) == pytest.approx(2000 * bounds.U)
    assert relative_bound(1000, 3) - relative_bound(0, 3) == pytest.approx(8000 * bounds.U)


def test_grid_values_inside_and_outside():
    w = np.zeros(SLOTS * BLOCK)
    F = np.arange(5 * 4 * 3, dtype=np.float64).reshape(5, 4, 3)
    hkl = [
        (0.2, 0.6, -0.4),
        (2.5, 0.0, 0.0),
        (2.49, 0.0, 0.0),
        (-1.5, 1.0, 0.0),
        (math.nan, 0.0, 0.0),
        (1e300, 0.0, 0.0),
    ]
    for i, (h, k, l) in enumerate(hkl):
        w[slots.H + i], w[slots.K + i], w[slots.L + i] = h, k, l
    look_up(w, np.array([-2.0, 2.0, -1.0, 2.0, -1.0, 1.0]), F.reshape(-1), 4.0, 3.0, -7.0)
    # half-way indices go down: ceil(h - 1/2)
    expected = [F[2, 2, 1], F[4, 1, 1], F[4, 1, 1], F[0, 2, 1], -7.0, -7.0]
    assert w[slots.F_CELL : slots.F_CELL + len(hkl)].tolist() == expected


def test_fill_and_any_zero_keep_to_their_slot():
    w = np.ones(SLOTS * BLOCK)
    fill_slot(w, BLOCK // LANES, slots.OMEGA, 0.0)
    assert np.count_nonzero(w == 0.0) == BLOCK
    assert (w[slots.OMEGA : slots.OMEGA + BLOCK] == 0.0).all()
    assert has_zero(w, 1, slots.OMEGA)
    assert not has_zero(w, BLOCK // LANES, slots.OMEGA - BLOCK)


def test_slots_do_not_overlap():
    starts = {
        name: value for name, value in vars(slots).items() if name.isupper() and name not in ("BLOCK", "LANES", "SLOTS")
    }
    fours = {"WEIGHT_H", "WEIGHT_K", "WEIGHT_L", "CORNER"}
    taken = [start + i * BLOCK for name, start in starts.items() for i in range(4 if name in fours else 1)]
    assert sorted(taken) == [i * BLOCK for i in range(SLOTS)]
    assert BLOCK % LANES == 0
    assert new_work().shape[1] == SLOTS * BLOCK


PROBE = """
import numba, numpy as np
from nanobragg_numba.kernels import jit
from nanobragg_numba.kernels.intrinsics import processor_has_fma
from nanobragg_numba.kernels.vector_math import wide_vectors
def double(x):
    for i in range(x.size):
        x[i] *= 2.0
@numba.njit(error_model="numpy")
def wide(x):
    wide_vectors()
    for i in range(x.size):
        x[i] *= 2.0
plain = numba.njit(double)
plain(np.ones(99)); wide(np.ones(99))
attribute = '"prefer-vector-width"="512"'
texts = ["".join(f.inspect_llvm().values()) for f in (plain, wide)]
print(*[attribute in text for text in texts], jit.WIDE_VECTORS, processor_has_fma())
"""


@pytest.mark.parametrize(
    "settings, expected",
    [
        ({}, ["False", "True", "True"]),
        ({"NUMBA_CPU_NAME": "generic"}, ["False", "False", "False", "False"]),
        ({"NUMBA_CPU_FEATURES": "+fma"}, ["False", "False", "False", "True"]),
    ],
)
def test_wide_vectors_are_asked_for_only_here_and_only_by_default(settings, expected):
    """The user's own processor settings win, and other compiled code in the process is left alone."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_CPU")}
    finished = subprocess.run(
        [sys.executable, "-c", PROBE], env={**environment, **settings}, capture_output=True, text=True, check=True
    )
    assert finished.stdout.split()[: len(expected)] == expected


UNCOMPILED = """
import numpy as np
np.seterr(all="ignore")
from row_scenes import BASE, ORC, scene_of, inputs_folder, both, differing
with inputs_folder():
    for command in (
        f"{BASE} -oversample 1 -detpixels 3 -polar 0.9", f"{BASE} -oversample 1 -detpixels 3 -round_xtal -dmin 9",
        f"{BASE} -oversample 1 -detpixels 3 -gauss_xtal -fudge 1e-5 -oversample_omega",
        f"{ORC} -oversample 1 -detpixels 3 -N 4 -interpolate",
    ):
        row, loop = both(scene_of(command), 1)
        assert row.engine.name == "row" and differing(row, loop) == 0, command
print("equal")
"""


def test_the_engine_without_compilation():
    """Python finds what compiled code forgives: a name without a value, an index out of range."""
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(SUPPORT)}
    finished = subprocess.run(
        [sys.executable, "-c", UNCOMPILED], env=environment, capture_output=True, text=True, timeout=300
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout == "equal\n"
