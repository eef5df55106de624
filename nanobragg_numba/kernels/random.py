"""The legacy random numbers: Park-Miller with a Bays-Durham shuffle, and what is drawn with it.

One table serves the whole run; each stream (noise, misset, mosaic) has a state of its own and refills the
table when it is first used. Everything is float32 where the C program's variables are.
"""

import math
from typing import NamedTuple

import numpy as np

from nanobragg_numba.kernels.jit import kernel

NOISE, MISSET, MOSAIC = 0, 1, 2
"""Streams: places in `Generator.seeds`."""

_SHUFFLE = 32
_LAST = _SHUFFLE  # place of the last number drawn, behind the shuffle table
_MODULUS = 2147483647
_LARGEST = np.float32(1.0 - 1.2e-7)

_MEAN, _G, _SQ, _ALXM, _SPARE, _HAS_SPARE = range(6)


class Generator(NamedTuple):
    """All that the deviates remember between calls, made fresh for each run.

    Attributes
    ----------
    table : (33,) int64
        Shuffle table and the last number drawn (0: no table yet).
    seeds : (3,) int64
        State of each stream; a value <= 0 asks for seeding.
    memory : (6,) float32
        Poisson mean and its derived numbers, and the spare Gauss deviate.
    """

    table: np.ndarray
    seeds: np.ndarray
    memory: np.ndarray


def new_generator(noise: int, misset: int, mosaic: int) -> Generator:
    """Make a generator from three seeds, negative by custom."""
    memory = np.zeros(6, np.float32)
    memory[_MEAN] = -1.0
    return Generator(
        np.zeros(_SHUFFLE + 1, np.int64), np.array([noise, misset, mosaic], np.int64), memory
    )


@kernel
def _step(state):
    """Next Park-Miller state: 16807 * state modulo the Mersenne prime 2^31 - 1, for 0 <= state < 2^31.

    2^31 is congruent to 1, so the high bits of the product are added to the low ones. Schrage's method, which
    the C program uses against overflow in 32 bits, gives the same numbers and takes longer.
    """
    product = state * 16807
    state = (product & _MODULUS) + (product >> 31)
    if state >= _MODULUS:
        state -= _MODULUS
    return state


@kernel
def ran1(generator, stream):
    """Uniform deviate in (0, 1), float32."""
    table = generator.table
    state = generator.seeds[stream]
    if state <= 0 or table[_LAST] == 0:
        state = 1 if -state < 1 else -state
        for j in range(_SHUFFLE + 7, -1, -1):
            state = _step(state)
            if j < _SHUFFLE:
                table[j] = state
        table[_LAST] = table[0]
    state = _step(state)
    j = table[_LAST] >> 26  # divided by 1 + (2^31 - 2) // 32
    last = table[j]
    table[_LAST] = last
    table[j] = state
    generator.seeds[stream] = state
    u = np.float32((1.0 / 2147483647) * last)
    if np.float64(u) > 1.0 - 1.2e-7:
        return _LARGEST
    return u


@kernel
def gauss_deviate(generator, stream):
    """Normal deviate of mean 0 and variance 1 (polar Box-Muller), float32."""
    memory = generator.memory
    if memory[_HAS_SPARE] != 0.0:
        memory[_HAS_SPARE] = 0.0
        return memory[_SPARE]
    while True:
        v1 = np.float32(2.0 * np.float64(ran1(generator, stream)) - 1.0)
        v2 = np.float32(2.0 * np.float64(ran1(generator, stream)) - 1.0)
        rsq = np.float32(np.float32(v1 * v1) + np.float32(v2 * v2))
        if rsq < 1.0 and rsq != 0.0:
            break
    fac = np.float32(math.sqrt(-2.0 * math.log(np.float64(rsq)) / np.float64(rsq)))
    memory[_SPARE] = np.float32(v1 * fac)
    memory[_HAS_SPARE] = 1.0
    return np.float32(v2 * fac)


@kernel
def gammln(z):
    """Logarithm of the gamma function (Lanczos) of a float32, as float32."""
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


@kernel
def _small_poisson(generator, stream, x):
    """Poisson deviate by multiplying uniform ones, for a mean below 12."""
    memory = generator.memory
    if x != memory[_MEAN]:
        memory[_MEAN] = x
        memory[_G] = np.float32(math.exp(np.float64(-x)))
    g = memory[_G]
    count = np.float32(-1.0)
    t = np.float32(1.0)
    while True:
        count += np.float32(1.0)
        t = np.float32(t * ran1(generator, stream))
        if not t > g:
            return count


@kernel
def _large_poisson(generator, stream, x):
    """Poisson deviate by rejection from a Lorentzian."""
    memory = generator.memory
    if x != memory[_MEAN]:
        memory[_MEAN] = x
        memory[_SQ] = np.float32(math.sqrt(2.0 * np.float64(x)))
        memory[_ALXM] = np.float32(math.log(np.float64(x)))
        memory[_G] = np.float32(x * memory[_ALXM]) - gammln(np.float32(np.float64(x) + 1.0))
    sq, alxm, g = memory[_SQ], memory[_ALXM], memory[_G]
    while True:
        while True:
            y = np.float32(math.tan(math.pi * np.float64(ran1(generator, stream))))
            em = np.float32(np.float32(sq * y) + x)
            if not em < 0.0:
                break
        em = np.float32(np.floor(em))
        exponent = np.float32(np.float32(em * alxm) - gammln(np.float32(np.float64(em) + 1.0)))
        exponent = np.float32(exponent - g)
        t = np.float32(
            0.9 * (1.0 + np.float64(np.float32(y * y))) * math.exp(np.float64(exponent))
        )
        if not ran1(generator, stream) > t:
            return em


@kernel
def poisson_deviate(generator, stream, x):
    """Poisson deviate of a float32 mean, as float32; a normal one for a mean above a million."""
    if x > 1.0e6:
        gauss = np.float64(gauss_deviate(generator, stream))
        return np.float32(np.float64(x) + math.sqrt(np.float64(x)) * gauss)
    if x < 12.0:
        return _small_poisson(generator, stream, x)
    return _large_poisson(generator, stream, x)


@kernel
def random_rotation(generator, stream, spread):
    """Matrix of a random rotation, nine numbers row by row.

    Parameters
    ----------
    spread : float32
        Largest angle, radians; the distribution is uniform for small caps.
    """
    r1 = 2.0 * np.float64(ran1(generator, stream)) - 1.0
    r2 = 2.0 * np.float64(ran1(generator, stream)) - 1.0
    r3 = 2.0 * np.float64(ran1(generator, stream)) - 1.0
    xyrad = math.sqrt(1.0 - r2 * r2)
    rot = np.float64(
        np.float32(spread * math.pow(np.float32(1.0 - r3 * r3), np.float32(1.0 / 3.0)))
    )
    v1 = xyrad * math.sin(math.pi * r1)
    v2 = xyrad * math.cos(math.pi * r1)
    v3 = r2
    t1 = math.cos(rot)
    t2 = 1.0 - t1
    t6 = t2 * v1
    t7 = t6 * v2
    t8 = math.sin(rot)
    t9 = t8 * v3
    t11 = t6 * v3
    t12 = t8 * v2
    t19 = t2 * v2 * v3
    t20 = t8 * v1
    return (
        t1 + t2 * (v1 * v1), t7 - t9, t11 + t12,
        t7 + t9, t1 + t2 * (v2 * v2), t19 - t20,
        t11 - t12, t19 + t20, t1 + t2 * (v3 * v3),
    )  # fmt: skip
