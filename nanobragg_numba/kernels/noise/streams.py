"""Streams of random numbers that are prepared ahead although they share one table.

A uniform deviate is a number that some stream put into the shared table earlier, and which one comes out depends on all
that was drawn before. But what a stream puts in is known: its states follow from one another. So the numbers of each
stream are made a block at a time, together with what may be wanted of each when it comes out, its tangent and two
logarithms, by vector instructions. The table holds only where its numbers stand. What is left between one deviate and
the next is to take a place out of the table and put the next one in.

The tangents and logarithms are rough. Wherever a decision would be within their errors, `chain` takes the C library's.
"""

import math
from typing import NamedTuple

import numpy as np

from nanobragg_numba.kernels.decorators import entry_kernel, inlined_kernel, inner_kernel
from nanobragg_numba.kernels.noise.random import random_step
from nanobragg_numba.kernels.vector_math import multiply_add, wide_vectors
from nanobragg_numba.native.calls import declare_arrays

BLOCK = 2048
"""Numbers of a stream that are prepared at a time."""
_SHUFFLE = 32
_KEPT = 2 * BLOCK  # where the numbers of a block that is made anew go, as far as they are in the table still
_SEEDING = _KEPT + _SHUFFLE  # what each stream fills the table with
_PLACES = _SEEDING + 2 * _SHUFFLE
_WARM_UP = 40
_LANES = 64
_JUMP = pow(16807, _LANES, 2147483647)  # so many steps at once
_MODULUS = 2147483647
_INVERSE = 1.0 / 2147483647
_LARGEST = np.float32(1.0 - 1.2e-7)
SLOT = 2
"""Place of the table's next slot, behind those of the numbers used of each stream's block."""

_ROOT_HALF = np.int32(0x3F3504F3)  # bits of the square root of 1/2
_LN2 = np.float32(math.log(2.0))
_LOG_09 = np.float32(math.log(0.9))
# Chebyshev fits, for float32: (log(1 + f) - f)/f^2 on [sqrt(1/2) - 1, sqrt(2) - 1], so that the logarithm errs by 8e-7;
# sin(pi r)/r and cos(pi r) in powers of r^2 up to 1/4, which err by 4e-8 of themselves and by 1.1e-7.
_LOGARITHM = tuple(map(np.float32, (
    -0.5000032782554626, 0.33324143290519714, -0.24940933287143707, 0.20377881824970245, -0.18389609456062317,
    0.12001245468854904,
)))  # fmt: skip
_SINE = tuple(map(np.float32, (
    3.1415927410125732, -5.167710304260254, 2.550077438354492, -0.5982903838157654, 0.07765591144561768,
)))  # fmt: skip
_COSINE = tuple(map(np.float32, (
    0.9999999403953552, -4.934792995452881, 4.05841064453125, -1.3318729400634766, 0.21968242526054382,
)))  # fmt: skip


class Streams(NamedTuple):
    """Two streams and the table that they share.

    Attributes
    ----------
    code : (n,) uint32
        Of each number 32 times its place, n being 2 BLOCK and some more, and the slot that the next one is taken from.
    u : (n,) float32
        The uniform deviate.
    tangent : (n,) float32
        tan(pi*u), within 1e-6*(1 + |tan|).
    log_u, log_envelope : (n,) float32
        Logarithms of u and of 0.9*(1 + tan(pi*u)^2), within 1e-5 of where C's roundings leave them.
    table : (32,) uint32
        Codes.
    states : (2,) int64
        The last that has been made of each stream.
    scratch : (BLOCK,) uint32
        States of a block.
    used : (3,) int64
        How many numbers of each stream's block are used up, and the slot that the next one is taken from.
    begun : (2,) int64
        Of each stream, 0: not used yet, and it will fill the table; 1: nothing is left to be done.
    """

    code: np.ndarray
    u: np.ndarray
    tangent: np.ndarray
    log_u: np.ndarray
    log_envelope: np.ndarray
    table: np.ndarray
    states: np.ndarray
    scratch: np.ndarray
    used: np.ndarray
    begun: np.ndarray


declare_arrays(
    Streams, code="uint32[1]", u="float32[1]", tangent="float32[1]", log_u="float32[1]", log_envelope="float32[1]",
    table="uint32[1]", states="int64[1]", scratch="uint32[1]", used="int64[1]", begun="int64[1]",
)  # fmt: skip


def new_streams(noise: int, calibration: int) -> Streams:
    """Two streams of which nothing is prepared, and no table yet."""
    u, tangent, log_u, log_envelope = np.zeros((4, _PLACES), np.float32)
    return Streams(
        np.zeros(_PLACES, np.uint32), u, tangent, log_u, log_envelope, np.zeros(_SHUFFLE, np.uint32),
        np.array([noise, calibration], np.int64), np.zeros(BLOCK, np.uint32),
        np.array([BLOCK, BLOCK, 0], np.int64), np.ones(2, np.int64),
    )  # fmt: skip


@inlined_kernel
def _rough_logarithm(x):
    """Logarithm of a positive normal float32, in float32: x = 2^k (1 + f), and log(1 + f) - f is f^2 times L(f)."""
    bits = np.float32(x).view(np.int32)
    k = np.int32(np.int32(bits - _ROOT_HALF) >> np.int32(23))
    f = np.float32(np.int32(bits - np.int32(k << np.int32(23))).view(np.float32) - np.float32(1.0))
    p = multiply_add(_LOGARITHM[5], f, _LOGARITHM[4])
    p = multiply_add(p, f, _LOGARITHM[3])
    p = multiply_add(p, f, _LOGARITHM[2])
    p = multiply_add(p, f, _LOGARITHM[1])
    p = multiply_add(p, f, _LOGARITHM[0])
    return multiply_add(np.float32(f * f), p, multiply_add(np.float32(k), _LN2, f))


@inner_kernel
def _uniform(state, u):
    wide_vectors()
    for i in range(u.size):
        value = np.float32(_INVERSE * np.float64(np.int32(state[i])))
        u[i] = _LARGEST if np.float64(value) > 1.0 - 1.2e-7 else value


@inner_kernel
def _describe(u, tangent, log_u, log_envelope):
    """Tangents and logarithms; tan(pi*u) is -cot(pi*r), and 1 + tan(pi*u)^2 is 1/sin(pi*r)^2."""
    wide_vectors()
    for i in range(u.size):
        r = np.float32(u[i] - np.float32(0.5))
        t = np.float32(r * r)
        p = multiply_add(_SINE[4], t, _SINE[3])
        p = multiply_add(p, t, _SINE[2])
        p = multiply_add(p, t, _SINE[1])
        sine = np.float32(multiply_add(p, t, _SINE[0]) * r)
        q = multiply_add(_COSINE[4], t, _COSINE[3])
        q = multiply_add(q, t, _COSINE[2])
        q = multiply_add(q, t, _COSINE[1])
        cosine = multiply_add(q, t, _COSINE[0])
        tangent[i] = np.float32(-cosine / sine)
        log_envelope[i] = np.float32(_LOG_09 - np.float32(2.0) * _rough_logarithm(abs(sine)))
    for i in range(u.size):
        log_u[i] = _rough_logarithm(u[i])


@inner_kernel
def _add(streams, first, count):
    """All that may be wanted of numbers whose states are in the scratch, at the places from `first` on."""
    last = first + count
    for i in range(count):
        streams.code[first + i] = np.uint32(((first + i) << 5) | (np.int64(streams.scratch[i]) >> 26))
    _uniform(streams.scratch[:count], streams.u[first:last])
    _describe(
        streams.u[first:last], streams.tangent[first:last], streams.log_u[first:last], streams.log_envelope[first:last]
    )


@inner_kernel
def _jump(before, after):
    wide_vectors()
    for i in range(after.size):
        product = np.int64(before[i]) * _JUMP
        state = (product & _MODULUS) + (product >> 31)
        after[i] = np.uint32(state - _MODULUS if state >= _MODULUS else state)


@inner_kernel
def refill(streams, stream):
    """Make the next block of a stream; what the table still holds of the one before is moved out of the way."""
    first = stream * BLOCK
    for slot in range(_SHUFFLE):
        i = np.int64(streams.table[slot]) >> 5
        if first <= i < first + BLOCK:
            k = _KEPT + slot
            streams.u[k], streams.tangent[k] = streams.u[i], streams.tangent[i]
            streams.log_u[k], streams.log_envelope[k] = streams.log_u[i], streams.log_envelope[i]
            streams.table[slot] = np.uint32((k << 5) | (np.int64(streams.table[slot]) & 31))
    state = streams.states[stream]
    for i in range(_LANES):
        state = random_step(state)
        streams.scratch[i] = np.uint32(state)
    for i in range(_LANES, BLOCK, _LANES):
        _jump(streams.scratch[i - _LANES : i], streams.scratch[i : i + _LANES])
    streams.states[stream] = np.int64(streams.scratch[BLOCK - 1])
    _add(streams, first, BLOCK)


@entry_kernel(Streams, "int", group="noisify")
def warm_up(streams, stream):
    """Seed a stream: make the numbers with which it fills the table when it is first used."""
    seed = streams.states[stream]
    state = 1 if -seed < 1 else -seed
    for j in range(_WARM_UP - 1, -1, -1):
        state = random_step(state)
        if j < _SHUFFLE:
            streams.scratch[j] = np.uint32(state)
    _add(streams, _SEEDING + stream * _SHUFFLE, _SHUFFLE)
    streams.states[stream] = state
    streams.begun[stream] = 0


@inlined_kernel
def fill(streams, stream):
    """Fill the table with what a stream seeds it with. Returns the slot that the next number is taken from."""
    streams.begun[stream] = 1
    first = _SEEDING + stream * _SHUFFLE
    for j in range(_SHUFFLE):
        streams.table[j] = streams.code[first + j]
    return np.int64(streams.table[0]) & 31


@inlined_kernel
def take(streams, stream, at, slot):
    """Take a number out of the table and put the stream's next one in.

    Parameters
    ----------
    table : Table
    ring : Entries
        Of the stream.
    last : int
        State that picks the number.
    at : int
        How many numbers of the stream have been used.

    Returns
    -------
    i : int
        Where the number stands; until the next one is taken.
    at : int
        How many numbers of the stream's block are used up.
    slot : int
        Which the next number is taken from.
    """
    if at == BLOCK:
        refill(streams, stream)
        at = np.int64(0)
    code = np.int64(streams.table[np.uint64(slot)])  # indices without a sign need no test for counting from the end
    streams.table[np.uint64(slot)] = streams.code[np.uint64(stream * BLOCK + at)]
    return code >> 5, at + 1, code & 31
