"""Poisson deviates as the C program draws them, one after the other, each where the last one left the random numbers.

Which random number is used for what is known only when it is its turn, so the numbers are drawn ahead, and what may be
wanted of each, its tangent and two logarithms, is computed for many at once (`_refill`). What then remains between one
deviate and the next is short.

The C program computes in double what it then rounds to float32, or compares. So a function that a compiler turns into
vector instructions will do wherever both ends of its error interval end in the same float32, or on the same side of
the comparison; where they do not, the C library's decides. The margins are far wider than the errors:

tangent     1e-12 of itself. The polynomials of `vector_math` and the rounding of pi*u err by 5e-16, which is far less
            than 1e-12 of a tangent but next to its poles and zeros; there the C library's is taken.
acceptance  1e-6 of the number that is compared. Rounding it to float32 is 6e-8 of it; the logarithms err by 2e-14.
"""

import math
from typing import NamedTuple

import numpy as np

from nanobragg_numba.kernels.decorators import inner_kernel
from nanobragg_numba.kernels.noise.random import NOISE, ran1
from nanobragg_numba.kernels.vector_math import cosine_polynomial, logarithm, sine_polynomial, wide_vectors
from nanobragg_numba.native.calls import declare_arrays

_AHEAD = 1024
_FACTORIALS = 1 << 16
_MEAN, _G, _SQ, _ALXM, _SPARE, _HAS_SPARE = range(6)


class Draws(NamedTuple):
    """Uniform deviates that are drawn already, and what the deviates remember between calls.

    Attributes
    ----------
    u : (n,) float32
        Uniform deviates in their order.
    tangent : (n,) float32
        tan(pi*u).
    log_u, log_envelope : (n,) float64
        Logarithms of u and of 0.9*(1 + tangent^2).
    used : (1,) int64
        How many are used up.
    log_factorial : (m,) float32
        gammln(k + 1) of each k; not a number where it has not been needed yet.
    memory : (6,) float32
        Poisson mean and its derived numbers, and the spare Gauss deviate.
    """

    u: np.ndarray
    tangent: np.ndarray
    log_u: np.ndarray
    log_envelope: np.ndarray
    used: np.ndarray
    log_factorial: np.ndarray
    memory: np.ndarray


declare_arrays(
    Draws, u="float32[1]", tangent="float32[1]", used="int64[1]", log_factorial="float32[1]", memory="float32[1]"
)  # fmt: skip


def new_draws() -> Draws:
    """Nothing is drawn yet."""
    memory = np.zeros(6, np.float32)
    memory[_MEAN] = -1.0
    return Draws(
        np.zeros(_AHEAD, np.float32), np.zeros(_AHEAD, np.float32), np.zeros(_AHEAD), np.zeros(_AHEAD),
        np.full(1, _AHEAD), np.full(_FACTORIALS, np.nan, np.float32), memory,
    )  # fmt: skip


@inner_kernel
def _prepare(draws):
    """Tangents (not a number where the C library must decide) and logarithms."""
    wide_vectors()
    for i in range(_AHEAD):
        r = np.float64(draws.u[i]) - 0.5
        value = -cosine_polynomial(math.pi * r) / sine_polynomial(math.pi * r)  # tan(pi*u) is -cot(pi*r)
        low, high = np.float32(value * (1.0 - 1e-12)), np.float32(value * (1.0 + 1e-12))
        safe = (low == high) & (abs(r) > 0.001) & (abs(r) < 0.499)
        draws.tangent[i] = low if safe else np.float32(math.nan)
    for i in range(_AHEAD):
        draws.log_u[i] = logarithm(np.float64(draws.u[i]))


@inner_kernel
def _prepare_envelopes(draws):
    wide_vectors()
    for i in range(_AHEAD):
        y = draws.tangent[i]
        draws.log_envelope[i] = logarithm(0.9 * (1.0 + np.float64(np.float32(y * y))))


@inner_kernel
def _refill(generator, draws):
    """Draw ahead."""
    for i in range(_AHEAD):
        draws.u[i] = ran1(generator, NOISE)
    _prepare(draws)
    for i in range(_AHEAD):
        if draws.tangent[i] != draws.tangent[i]:
            draws.tangent[i] = np.float32(math.tan(math.pi * np.float64(draws.u[i])))
    _prepare_envelopes(draws)


@inner_kernel
def _next(generator, draws):
    """Place of the next uniform deviate; what was read before may be gone."""
    i = draws.used[0]
    if i == _AHEAD:
        _refill(generator, draws)
        i = 0
    draws.used[0] = i + 1
    return i


@inner_kernel
def _gauss(generator, draws):
    """Normal deviate of mean 0 and variance 1 (polar Box-Muller), float32."""
    memory = draws.memory
    if memory[_HAS_SPARE] != 0.0:
        memory[_HAS_SPARE] = 0.0
        return memory[_SPARE]
    while True:
        v1 = np.float32(2.0 * np.float64(draws.u[_next(generator, draws)]) - 1.0)
        v2 = np.float32(2.0 * np.float64(draws.u[_next(generator, draws)]) - 1.0)
        rsq = np.float32(np.float32(v1 * v1) + np.float32(v2 * v2))
        if rsq < 1.0 and rsq != 0.0:
            break
    fac = np.float32(math.sqrt(-2.0 * math.log(np.float64(rsq)) / np.float64(rsq)))
    memory[_SPARE] = np.float32(v1 * fac)
    memory[_HAS_SPARE] = 1.0
    return np.float32(v2 * fac)


@inner_kernel
def gammln(z):
    """Logarithm of the gamma function (Lanczos) of a float32, as float32.

    References
    ----------
    Lanczos, C. (1964). SIAM J. Numer. Anal. B 1, 86; coefficients of Press et al., Numerical Recipes in C, 2nd edition
    (1992), section 6.1.
    """
    x = np.float64(z)
    y = x
    tmp = x + 5.5
    tmp -= (x + 0.5) * math.log(tmp)
    ser = 1.000000000190015
    y += 1.0
    ser += 76.18009172947146 / y
    y += 1.0
    ser += -86.50532032941677 / y
    y += 1.0
    ser += 24.01409824083091 / y
    y += 1.0
    ser += -1.231739572450155 / y
    y += 1.0
    ser += 0.1208650973866179e-2 / y
    y += 1.0
    ser += -0.5395239384953e-5 / y
    return np.float32(-tmp + math.log(2.5066282746310005 * ser / x))


@inner_kernel
def _log_factorial(draws, count):
    """Compute gammln(count + 1) of a float32 without a fraction."""
    if not count < _FACTORIALS:
        return gammln(np.float32(np.float64(count) + 1.0))
    k = np.int64(count)
    value = draws.log_factorial[k]
    if value != value:
        value = gammln(np.float32(np.float64(count) + 1.0))
        draws.log_factorial[k] = value
    return value


@inner_kernel
def _small(generator, draws, x):
    """Poisson deviate by multiplying uniform ones, for a mean below 12."""
    memory = draws.memory
    if x != memory[_MEAN]:
        memory[_MEAN] = x
        memory[_G] = np.float32(math.exp(np.float64(-x)))
    g = memory[_G]
    count = np.float32(-1.0)
    t = np.float32(1.0)
    while True:
        count += np.float32(1.0)
        t = np.float32(t * draws.u[_next(generator, draws)])
        if not t > g:
            return count


@inner_kernel
def _large(generator, draws, x):
    """Poisson deviate by rejection from a Lorentzian: accepted unless a uniform deviate is above t."""
    memory = draws.memory
    if x != memory[_MEAN]:
        memory[_MEAN] = x
        memory[_SQ] = np.float32(math.sqrt(2.0 * np.float64(x)))
        memory[_ALXM] = np.float32(math.log(np.float64(x)))
        memory[_G] = np.float32(x * memory[_ALXM]) - gammln(np.float32(np.float64(x) + 1.0))
    sq, alxm, g = memory[_SQ], memory[_ALXM], memory[_G]
    while True:
        while True:
            i = _next(generator, draws)
            y = draws.tangent[i]
            em = np.float32(np.float32(sq * y) + x)
            if not em < 0.0:
                break
        log_envelope = draws.log_envelope[i]
        em = np.float32(np.floor(em))
        exponent = np.float32(np.float32(np.float32(em * alxm) - _log_factorial(draws, em)) - g)
        j = _next(generator, draws)
        excess = draws.log_u[j] - log_envelope - np.float64(exponent)  # of log u over log t
        if excess > 1e-6:
            continue
        if excess < -1e-6:
            return em
        t = np.float32(0.9 * (1.0 + np.float64(np.float32(y * y))) * math.exp(np.float64(exponent)))
        if not draws.u[j] > t:
            return em


@inner_kernel
def poisson_deviate(generator, draws, x):
    """Poisson deviate of a float32 mean, as float32; a normal one for a mean above a million.

    Parameters
    ----------
    generator : Generator
    draws : Draws
        Numbers drawn ahead, and what the last mean has given.
    x : float32
        Mean.

    References
    ----------
    As `plain.poisson_deviate`.
    """
    if x > 1.0e6:
        gauss = np.float64(_gauss(generator, draws))
        return np.float32(np.float64(x) + math.sqrt(np.float64(x)) * gauss)
    if x < 12.0:
        return _small(generator, draws, x)
    return _large(generator, draws, x)
