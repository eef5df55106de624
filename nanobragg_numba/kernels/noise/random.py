"""The legacy random numbers: Park-Miller with a Bays-Durham shuffle, and what is drawn with it.

One table serves the whole run; each stream (noise, misset, mosaic) has a state of its own and refills the
table when it is first used. Everything is float32 where the C program's variables are.
"""

import math
from typing import NamedTuple

import numpy as np

from nanobragg_numba.kernels.decorators import entry_kernel, kernel
from nanobragg_numba.native.calls import declare_arrays

NOISE, MISSET, MOSAIC = 0, 1, 2
"""Streams: places in `Generator.seeds`."""

_SHUFFLE = 32
_LAST = _SHUFFLE  # place of the last number drawn, behind the shuffle table
_MODULUS = 2147483647
_LARGEST = np.float32(1.0 - 1.2e-7)


class Generator(NamedTuple):
    """All that the uniform deviates remember between calls, made fresh for each run.

    Attributes
    ----------
    table : (33,) int64
        Shuffle table and the last number drawn (0: no table yet).
    seeds : (3,) int64
        State of each stream; a value <= 0 asks for seeding.
    """

    table: np.ndarray
    seeds: np.ndarray


declare_arrays(Generator, table="int64[1]", seeds="int64[1]")


def new_generator(noise: int, misset: int, mosaic: int) -> Generator:
    """Make a generator from three seeds.

    Parameters
    ----------
    noise, misset, mosaic : int
        State of each stream, negative by custom.
    """
    return Generator(np.zeros(_SHUFFLE + 1, np.int64), np.array([noise, misset, mosaic], np.int64))


@kernel
def random_step(state):
    """Next Park-Miller state: 16807 * state modulo the Mersenne prime 2^31 - 1, for 0 <= state < 2^31.

    2^31 is congruent to 1, so the high bits of the product are added to the low ones. Schrage's method, which
    the C program uses against overflow in 32 bits, gives the same numbers and takes longer.

    References
    ----------
    The minimal standard generator of Park, S. K. & Miller, K. W. (1988). Commun. ACM 31, 1192-1201.
    """
    product = state * 16807
    state = (product & _MODULUS) + (product >> 31)
    if state >= _MODULUS:
        state -= _MODULUS
    return state


@kernel
def ran1(generator, stream):
    """Uniform deviate in (0, 1), float32.

    References
    ----------
    With the shuffle of Bays, C. & Durham, S. D. (1976). ACM Trans. Math. Softw. 2, 59-64, as in Press et al., Numerical
    Recipes in C, 2nd edition (1992), section 7.1 (ran1).
    """
    table = generator.table
    state = generator.seeds[stream]
    if state <= 0 or table[_LAST] == 0:
        state = 1 if -state < 1 else -state
        for j in range(_SHUFFLE + 7, -1, -1):
            state = random_step(state)
            if j < _SHUFFLE:
                table[j] = state
        table[_LAST] = table[0]
    state = random_step(state)
    j = table[_LAST] >> 26  # divided by 1 + (2^31 - 2) // 32
    last = table[j]
    table[_LAST] = last
    table[j] = state
    generator.seeds[stream] = state
    u = np.float32((1.0 / 2147483647) * last)
    if np.float64(u) > 1.0 - 1.2e-7:
        return _LARGEST
    return u


@entry_kernel(Generator, "int", "float32", results=("float",) * 9)
def random_rotation(generator, stream, spread):
    """Matrix of a random rotation, nine numbers row by row.

    Parameters
    ----------
    generator : Generator
    stream : int
        MISSET or MOSAIC.
    spread : float32
        Largest angle, rad; the distribution is uniform for small caps.

    Notes
    -----
    The axis is uniform on the sphere, the angle is spread*(1 - r^2)^(1/3) with r uniform in (-1, 1): C's own choice.
    The matrix is that of Rodrigues' formula, see `vectors.rotate_axis`.
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
