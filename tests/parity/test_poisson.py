"""Poisson deviates: those of the C program's formulas written out plainly, number by number."""

import math

import numba
import numpy as np
import pytest

from nanobragg_numba.kernels.noise.poisson import Draws, new_draws, poisson_deviate
from nanobragg_numba.kernels.noise.random import NOISE, new_generator, ran1
from nanobragg_numba.kernels.vector_math import logarithm

F = np.float32


@numba.njit(error_model="numpy")
def _deviates(generator, draws, means, out):
    for i in range(means.size):
        out[i] = poisson_deviate(generator, draws, means[i])


@numba.njit(error_model="numpy")
def _logarithms(x, out):
    for i in range(x.size):
        out[i] = logarithm(x[i])


def deviates(generator, draws: Draws, means) -> np.ndarray:
    """Poisson deviates of these means, one after the other."""
    means = np.array(means, F)
    out = np.zeros(means.size, F)
    _deviates(generator, draws, means, out)
    return out


def gammln(z: np.float32) -> np.float32:
    x = float(z)
    series = 1.000000000190015
    for k, c in enumerate((76.18009172947146, -86.50532032941677, 24.01409824083091, -1.231739572450155,
                           0.1208650973866179e-2, -0.5395239384953e-5), start=1):  # fmt: skip
        series += c / (x + k)
    return F(-(x + 5.5 - (x + 0.5) * math.log(x + 5.5)) + math.log(2.5066282746310005 * series / x))


class Plain:
    """The deviates without any short cut."""

    def __init__(self, seed: int) -> None:
        self._generator = new_generator(-seed, -1, -1)
        self._spare: np.float32 | None = None

    def uniform(self) -> np.float32:
        return F(ran1(self._generator, NOISE))

    def gauss(self) -> np.float32:
        if self._spare is not None:
            spare, self._spare = self._spare, None
            return spare
        while True:
            v1, v2 = (F(2.0 * float(self.uniform()) - 1.0) for _ in range(2))
            square = F(v1 * v1) + F(v2 * v2)
            if square < 1.0 and square != 0.0:
                break
        factor = F(math.sqrt(-2.0 * math.log(float(square)) / float(square)))
        self._spare = F(v1 * factor)
        return F(v2 * factor)

    def poisson(self, x: np.float32) -> np.float32:
        if x > 1e6:
            return F(float(x) + math.sqrt(float(x)) * float(self.gauss()))
        if x < 12.0:
            limit, product, count = F(math.exp(-float(x))), self.uniform(), F(0.0)
            while product > limit:
                product, count = F(product * self.uniform()), count + F(1.0)
            return count
        root, log = F(math.sqrt(2.0 * float(x))), F(math.log(float(x)))
        g = F(x * log) - gammln(F(float(x) + 1.0))
        while True:
            y = F(math.tan(math.pi * float(self.uniform())))
            em = F(root * y) + x
            if em < 0.0:
                continue
            em = F(math.floor(em))
            exponent = F(F(em * log) - gammln(F(float(em) + 1.0))) - g
            t = F(0.9 * (1.0 + float(F(y * y))) * math.exp(float(exponent)))
            if not self.uniform() > t:
                return em


def means(low: float, high: float, count: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    found = np.exp(rng.uniform(math.log(low), math.log(high), count)).astype(F)
    found[::7] = found[0]  # some follow an equal one
    return np.repeat(found, 1 + (np.arange(count) % 5 == 0))


@pytest.mark.parametrize("low, high", [(1e-3, 12.0), (12.0, 20.0), (20.0, 3e3), (3e3, 1e6), (1e6, 1e9), (1e-2, 3e6)])
def test_each_deviate_is_that_of_the_plain_formulas(low, high):
    plain, some = Plain(17), means(low, high, 3000, 4)
    found = deviates(new_generator(-17, -1, -1), new_draws(), some)
    assert found.tolist() == [plain.poisson(mean) for mean in some]


@pytest.mark.parametrize("mean", [0.0, -0.0, -3.0, 1e-45, 12.0, 1e6, 65535.5, 3e38])
def test_edges(mean):
    plain = Plain(3)
    found = deviates(new_generator(-3, -1, -1), new_draws(), [mean] * 50)
    assert found.tolist() == [plain.poisson(F(mean)) for _ in range(50)]


def test_what_is_no_number_stays_so():
    assert np.isnan(deviates(new_generator(-3, -1, -1), new_draws(), [math.nan])).all()


def test_numbers_drawn_ahead_are_those_of_the_library():
    """Hundreds of refills: no tangent differs, and logarithms are as near as the margins want them."""
    generator, draws = new_generator(-9, -1, -1), new_draws()
    for _ in range(200):
        draws.used[0] = len(draws.u)
        deviates(generator, draws, [1.0])
        us = draws.u.astype(float).tolist()
        assert draws.tangent.tolist() == [float(F(math.tan(math.pi * u))) for u in us]
        assert max(abs(a - math.log(u)) for a, u in zip(draws.log_u.tolist(), us)) < 1e-13
    x = np.exp(np.random.default_rng(1).uniform(-20.0, 40.0, 20_000))
    found = np.zeros(x.size)
    _logarithms(x, found)
    exact = np.array([math.log(each) for each in x.tolist()])
    assert (np.abs(found - exact) < 1.3e-14 + 4e-16 * np.abs(exact)).all()
