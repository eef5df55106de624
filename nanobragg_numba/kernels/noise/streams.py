"""Streams of random numbers that are prepared ahead although they share one table.

A uniform deviate is a number that some stream put into the shared table earlier, and which one comes out depends on all
that was drawn before. But what a stream puts in is known: its states follow from one another. So the states of each
stream are made ahead, together with what may be wanted of each number when it comes out, its tangent and two
logarithms, for many at once by vector instructions. What is left between one deviate and the next is to take an entry
out of the table and put the stream's next one in.

Where a vector function may differ from the C library's in the digits that count, the C library's decides; the margins
are those of `poisson`.
"""

import math
from typing import NamedTuple

import numpy as np

from nanobragg_numba.kernels.decorators import inlined_kernel, inner_kernel, kernel
from nanobragg_numba.kernels.noise.random import random_step
from nanobragg_numba.kernels.vector_math import cosine_polynomial, logarithm, sine_polynomial, wide_vectors

PART = 1 << 14
"""Numbers that are prepared at a time."""
PARTS = 4
_MASK = PART * PARTS - 1
RESERVE = PART // 2
"""Prepared numbers that must be left when a pixel begins: far more than any pixel takes."""
_SHUFFLE = 32
_WARM_UP = 40
_INVERSE = 1.0 / 2147483647
_LARGEST = np.float32(1.0 - 1.2e-7)
U, TANGENT, LOG_U, LOG_ENVELOPE = range(4)
"""Places in a row of `Table.numbers`."""

_ROOT_HALF = np.int32(0x3F3504F3)  # bits of the square root of 1/2
_LN2 = np.float32(math.log(2.0))
# (log(1 + f) - f)/f^2 on [sqrt(1/2) - 1, sqrt(2) - 1], a Chebyshev fit; the logarithm errs by 2e-8 and its roundings
_LOGARITHM = (
    -0.4999999403953552, 0.33333659172058105, -0.25001609325408936, 0.19973105192184448, -0.16575047373771667,
    0.14806459844112396, -0.14257794618606567, 0.09004201740026474,
)  # fmt: skip


class Entries(NamedTuple):
    """Numbers of a stream.

    Attributes
    ----------
    state : (n,) int64
        What the table is indexed by.
    u : (n,) float32
        The uniform deviate.
    tangent : (n,) float32
        tan(pi*u).
    log_u, log_envelope : (n,) float32
        Logarithms of u and of 0.9*(1 + tangent^2), which err by less than 1e-5.
    """

    state: np.ndarray
    u: np.ndarray
    tangent: np.ndarray
    log_u: np.ndarray
    log_envelope: np.ndarray


class Table(NamedTuple):
    """What deviates are taken from.

    Attributes
    ----------
    state : (32,) int64
    numbers : (32, 4) float32
        The rest of an `Entries`, side by side.
    """

    state: np.ndarray
    numbers: np.ndarray


def new_entries(count: int) -> Entries:
    """Room for so many numbers."""
    return Entries(np.zeros(count, np.int64), *(np.zeros(count, np.float32) for _ in range(4)))


def new_table() -> Table:
    """The shared table, before it is filled."""
    return Table(np.zeros(_SHUFFLE, np.int64), np.zeros((_SHUFFLE, 4), np.float32))


def new_seeding() -> Entries:
    """Room for what a stream fills the table with."""
    return new_entries(_SHUFFLE)


def new_ring() -> Entries:
    """Room for what is prepared of one stream: PARTS parts of PART numbers, used in turn."""
    return new_entries(PART * PARTS)


@inner_kernel
def _tangents(entries, first, last):
    """Tangents, not a number where the C library must decide."""
    wide_vectors()
    for i in range(first, last):
        r = np.float64(entries.u[i]) - 0.5
        value = -cosine_polynomial(math.pi * r) / sine_polynomial(math.pi * r)  # tan(pi*u) is -cot(pi*r)
        low, high = np.float32(value * (1.0 - 1e-12)), np.float32(value * (1.0 + 1e-12))
        safe = (low == high) & (abs(r) > 0.001) & (abs(r) < 0.499)
        entries.tangent[i] = low if safe else np.float32(math.nan)


@inlined_kernel
def _rough_logarithm(x):
    """Logarithm of a positive normal float32, in float32: x = 2^k (1 + f), and log(1 + f) - f is f^2 times L(f)."""
    bits = np.float32(x).view(np.int32)
    k = np.int32(np.int32(bits - _ROOT_HALF) >> np.int32(23))
    f = np.float32(np.int32(bits - np.int32(k << np.int32(23))).view(np.float32) - np.float32(1.0))
    p = np.float32(_LOGARITHM[7])
    p = np.float32(p * f + np.float32(_LOGARITHM[6]))
    p = np.float32(p * f + np.float32(_LOGARITHM[5]))
    p = np.float32(p * f + np.float32(_LOGARITHM[4]))
    p = np.float32(p * f + np.float32(_LOGARITHM[3]))
    p = np.float32(p * f + np.float32(_LOGARITHM[2]))
    p = np.float32(p * f + np.float32(_LOGARITHM[1]))
    p = np.float32(p * f + np.float32(_LOGARITHM[0]))
    return np.float32(np.float32(f * f) * p + f + np.float32(k) * _LN2)


@inner_kernel
def _logarithms(entries, first, last):
    wide_vectors()
    for i in range(first, last):
        entries.log_u[i] = _rough_logarithm(entries.u[i])
    for i in range(first, last):
        y = entries.tangent[i]
        entries.log_envelope[i] = _rough_logarithm(np.float32(0.9) * (np.float32(1.0) + np.float32(y * y)))


@inner_kernel
def _describe(entries, first, last):
    """All that may be wanted of the numbers `first` to `last`, whose states are there."""
    for i in range(first, last):
        u = np.float32(_INVERSE * np.float64(entries.state[i]))
        entries.u[i] = _LARGEST if np.float64(u) > 1.0 - 1.2e-7 else u
    _tangents(entries, first, last)
    for i in range(first, last):
        if entries.tangent[i] != entries.tangent[i]:
            entries.tangent[i] = np.float32(math.tan(math.pi * np.float64(entries.u[i])))
    _logarithms(entries, first, last)


@kernel
def prepare(ring, state, part):
    """Prepare a part of a ring: the numbers that follow a state of its stream. Returns the last state."""
    first = part * PART
    for i in range(first, first + PART):
        state = random_step(state)
        ring.state[i] = state
    _describe(ring, first, first + PART)
    return state


@kernel
def warm_up(seed, seeding):
    """Seed a stream: make the numbers that fill the table. Returns the state from which the stream goes on."""
    state = 1 if -seed < 1 else -seed
    for j in range(_WARM_UP - 1, -1, -1):
        state = random_step(state)
        if j < _SHUFFLE:
            seeding.state[j] = state
    _describe(seeding, 0, _SHUFFLE)
    return state


@inlined_kernel
def fill(table, source):
    """Fill the table with what a stream seeds it with. Returns the state that picks the next number."""
    for j in range(_SHUFFLE):
        table.state[j] = source.state[j]
        table.numbers[j, U] = source.u[j]
        table.numbers[j, TANGENT] = source.tangent[j]
        table.numbers[j, LOG_U] = source.log_u[j]
        table.numbers[j, LOG_ENVELOPE] = source.log_envelope[j]
    return table.state[0]


@inlined_kernel
def take(table, ring, last, at):
    """Take a number out of the table and put the stream's next one in.

    Returns
    -------
    last : int
        The state that picks the next number.
    at : int
        How many numbers of the stream are used up.
    u, tangent, log_u, log_envelope : float32
    """
    j = last >> 26  # divided by 1 + (2^31 - 2) // 32
    i = at & _MASK
    out = table.numbers
    u, tangent, log_u, log_envelope = out[j, U], out[j, TANGENT], out[j, LOG_U], out[j, LOG_ENVELOPE]
    last = table.state[j]
    table.state[j] = ring.state[i]
    a, b, c, d = ring.u[i], ring.tangent[i], ring.log_u[i], ring.log_envelope[i]
    out[j, U], out[j, TANGENT], out[j, LOG_U], out[j, LOG_ENVELOPE] = a, b, c, d
    return last, at + 1, u, tangent, log_u, log_envelope


@inlined_kernel
def take_uniform(table, ring, last, at):
    """As `take`, where only the uniform deviate is wanted."""
    last, at, u, tangent, log_u, log_envelope = take(table, ring, last, at)
    return last, at, u


@inlined_kernel
def take_pair(table, ring, last, at):
    """Two normal deviates of mean 0 and variance 1 (polar Box-Muller), float32: the one to use, and the spare."""
    while True:
        last, at, u = take_uniform(table, ring, last, at)
        v1 = np.float32(2.0 * np.float64(u) - 1.0)
        last, at, u = take_uniform(table, ring, last, at)
        v2 = np.float32(2.0 * np.float64(u) - 1.0)
        rsq = np.float32(np.float32(v1 * v1) + np.float32(v2 * v2))
        if rsq < 1.0 and rsq != 0.0:
            break
    fac = polar_factor(np.float64(rsq))
    return last, at, np.float32(v2 * fac), np.float32(v1 * fac)


@inlined_kernel
def polar_factor(rsq):
    """What makes two uniform deviates with this sum of squares normal, float32."""
    value = math.sqrt(-2.0 * logarithm(rsq) / rsq)
    low = np.float32(value * (1.0 - 1e-11))
    if low == np.float32(value * (1.0 + 1e-11)):
        return low
    return np.float32(math.sqrt(-2.0 * math.log(rsq) / rsq))
