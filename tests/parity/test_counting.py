"""Counts whose random numbers are prepared ahead equal those that are drawn one after the other, bit for bit."""

import numpy as np
import pytest

from nanobragg_numba.engine.counting import Counting
from nanobragg_numba.kernels.noise import plain
from nanobragg_numba.kernels.noise.random import Generator

SEEDS = (-1, -4437, 5, 0, -2147483648, 2147483647, -2147483647)
CALIBRATION_SEEDS = (123456789, -42, -2147483648, -2147483647)


def photons() -> np.ndarray:
    """Means on both sides of every change of method, and what is no mean."""
    draw = np.random.default_rng(1)
    return np.concatenate([
        [-1.0, -1.0, -1.0], draw.exponential(5, 8000), draw.exponential(200, 8000), draw.exponential(3000, 4000),
        10 ** draw.uniform(-3, 7, 4000), [np.nan, np.inf, -np.inf, -1, -5, 0, 12, 11.99999, 1e6, 1000001],
        draw.exponential(1, 2000),
    ]).astype(np.float32)  # fmt: skip


def drawn_plainly(seed: int, calibration_seed: int, flicker: float, calibration: float) -> tuple[np.ndarray, ...]:
    generator = Generator(np.zeros(33, np.int64), np.array([seed, calibration_seed], np.int64))
    memory = plain.new_memory()
    counts, deviates = photons(), np.empty(1001, np.float32)
    plain.count_photons(generator, memory, counts, flicker, calibration)
    plain.gauss_deviates(generator, memory, deviates)
    return counts, deviates


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("calibration_seed", CALIBRATION_SEEDS)
@pytest.mark.parametrize(("flicker", "calibration"), [(0.0, 0.0), (0.0, 0.03), (0.02, 0.0), (0.02, 0.03)])
def test_every_count_and_deviate(seed: int, calibration_seed: int, flicker: float, calibration: float) -> None:
    expected = drawn_plainly(seed, calibration_seed, flicker, calibration)
    counts, chain = photons(), Counting(seed, calibration_seed, flicker, calibration)
    chain.count(counts)
    deviates = chain.gauss_deviates(1001)
    assert np.array_equal(counts.view(np.int32), expected[0].view(np.int32))
    assert np.array_equal(deviates, expected[1])


def test_a_mean_of_minus_one_may_be_mended() -> None:
    counts = {}
    for mended in (False, True):
        pixels = np.full(4, -1.0, np.float32)
        Counting(-1, -1, 0.0, 0.0, minus_one_is_zero=mended).count(pixels)
        counts[mended] = pixels.tolist()
    assert min(counts[False]) > 50  # draws until a float32 product underflows
    assert counts[True] == [0.0] * 4
