"""Counting photons: flicker, calibration error and Poisson deviates, one pixel after the other.

Which random number is used for what is known only when it is its turn, so this is one chain. All that can be known
before is prepared by `streams`.

A Poisson deviate of a mean from 12 on is found by rejection. A candidate is a whole number below sq*tan(pi*u) + mean,
which C computes in float32; it is exact unless the prepared tangent's error and these roundings reach the next whole
number (`_doubt`). C then compares a uniform deviate with t, whose exponent it computes in float32 with errors as large
as the thirteenth part of a unit for a mean of a thousand. Here both sides are compared as logarithms, computed well
enough, and only where they are closer than C's own errors can be is the exponent computed as C does. With d = 2^-24,
count k, mean x and L = log(x), C's errors in the exponent are at most
d*(2kL + (kL + log k!) + 2xL + xL + x + |exponent|), and log k! < 4.5 kL because k < 65536 and x >= 12. So
16 d (k + x) L bounds them all. `_SLACK` bounds what the logarithms that are stored as float32 miss.
"""

import math
from typing import NamedTuple

import numpy as np

from nanobragg_numba.kernels.decorators import entry_kernel, inlined_kernel, inner_kernel
from nanobragg_numba.kernels.noise.plain import CALIBRATION, HAS_SPARE, MEAN, NOISE, SPARE
from nanobragg_numba.kernels.noise.poisson import gammln
from nanobragg_numba.kernels.noise.streams import BLOCK, SLOT, Streams, fill, take
from nanobragg_numba.kernels.vector_math import exponential
from nanobragg_numba.native.calls import declare_arrays

_FACTORIALS = 1 << 16
_MARGIN = 16.0 / (1 << 24)
_SLACK = 2e-5
_HALF_LOG_2PI = 0.9189385332046727
_PARTS = 128
_MANTISSA = (1 << 52) - 1
_ONE = 1023 << 52
_LN2 = math.log(2.0)


class Tables(NamedTuple):
    """What deviates are computed with.

    Attributes
    ----------
    memory : (6,) float32
        See `plain`.
    factorials : (m,) float64
        gammln(k + 1) of each k; not a number where it has not been needed yet.
    logarithms : (n, 2) float64
        For each part of the numbers from 1 to 2 a reciprocal near its middle, and the logarithm of its inverse.
    """

    memory: np.ndarray
    factorials: np.ndarray
    logarithms: np.ndarray


declare_arrays(Tables, memory="float32[1]", logarithms="float64[2]")


def new_tables(memory: np.ndarray) -> Tables:
    """Tables for some memory."""
    reciprocals = [1.0 / (1.0 + (part + 0.5) / _PARTS) for part in range(_PARTS)]
    logarithms = np.array([(each, -math.log(each)) for each in reciprocals])
    return Tables(memory, np.full(_FACTORIALS, np.nan), logarithms)


@inlined_kernel
def logarithm(tables, x):
    """Compute log(x) of a positive normal double: x = 2^k m, m = (1 + r)/c with c out of a table; errs by 4e-16."""
    bits = np.float64(x).view(np.int64)
    part = (bits >> 45) & (_PARTS - 1)
    m = np.int64((bits & _MANTISSA) | _ONE).view(np.float64)
    k = np.float64((bits >> 52) - 1023)
    r = m * tables.logarithms[part, 0] - 1.0
    z = r * r
    p = z * ((r * (1.0 / 3.0) - 0.5) + z * (r * 0.2 - 0.25))
    return (k * _LN2 + tables.logarithms[part, 1]) + (r + p)


@inner_kernel
def _new_factorial(tables, k):
    value = np.float64(gammln(np.float32(np.float64(k) + 1.0)))
    tables.factorials[k] = value
    return value


@inlined_kernel
def _small_limit(x):
    """The exponential that a product of uniform deviates must not exceed, float32."""
    if x > -700.0:
        value = exponential(np.float64(-x))
        low = np.float32(value * (1.0 - 1e-12))
        if low == np.float32(value * (1.0 + 1e-12)):
            return low
    return np.float32(math.exp(np.float64(-x)))


@inlined_kernel
def _small(streams, at, slot, limit):
    count = np.float32(-1.0)
    t = np.float32(1.0)
    while True:
        count += np.float32(1.0)
        i, at, slot = take(streams, NOISE, at, slot)
        t = np.float32(t * streams.u[i])
        if not t > limit:
            return at, slot, count


@inner_kernel
def _tangent(u):
    return np.float32(math.tan(math.pi * np.float64(u)))


@inner_kernel
def _candidate(sq, x, u):
    """A candidate with every rounding of C, float32; -1 where it is negative."""
    em = np.float32(np.float32(sq * _tangent(u)) + x)
    return np.float32(-1.0) if em < 0.0 else np.float32(np.floor(em))


@inner_kernel
def _accepted(x, em, candidate_u, u):
    """Whether a candidate is accepted, with every rounding of C."""
    y = _tangent(candidate_u)
    alxm = np.float32(math.log(np.float64(x)))
    g = np.float32(x * alxm) - gammln(np.float32(np.float64(x) + 1.0))
    exponent = np.float32(np.float32(np.float32(em * alxm) - gammln(np.float32(np.float64(em) + 1.0))) - g)
    t = np.float32(0.9 * (1.0 + np.float64(np.float32(y * y))) * math.exp(np.float64(exponent)))
    return not u > t


@inlined_kernel
def _doubt(root, y, value):
    """How far a candidate may be off before it is cut: tangent within 1e-6*(1 + |y|), and three roundings."""
    return root * (1.0 + abs(y)) * 2e-6 + abs(value) * 2.4e-7


@inlined_kernel
def _terms(tables, mean):
    """What does not depend on k, in log t; log mean! by Stirling's series, whose next term is below 4e-9.

    log t = log(0.9*(1 + y^2)) + (k + 1/2)*log_mean - log k! - base
    """
    log_mean = logarithm(tables, mean)
    base = mean - _HALF_LOG_2PI - (1.0 / 12.0 - (1.0 / 360.0) / (mean * mean)) / mean
    return np.float32(math.sqrt(2.0 * mean)), log_mean, base


@inlined_kernel
def _excess(log_u, log_envelope, em, factorial, log_mean, base):
    """Of log u over log t."""
    return np.float64(log_u - log_envelope) + ((factorial + base) - (em + 0.5) * log_mean)


@inlined_kernel
def _margin(em, mean, log_mean):
    return _MARGIN * (em + mean) * log_mean + _SLACK


@inlined_kernel
def _is_large(x):
    return (x >= 12.0) & (x <= 1.0e6)


@inlined_kernel
def _slow(streams, tables, at, slot, x, terms):
    """Candidate by candidate."""
    sq, log_mean, base = terms
    mean, root = np.float64(x), np.float64(sq)
    while True:
        i, at, slot = take(streams, NOISE, at, slot)
        y, log_envelope, candidate_u = np.float64(streams.tangent[i]), streams.log_envelope[i], streams.u[i]
        value = root * y + mean
        doubt = _doubt(root, y, value)
        if value < -doubt:
            continue
        k = np.int64(value) if value < 65535.0 else np.int64(0)
        em = np.float64(k)
        rest = value - em
        if not (rest > doubt and rest < 1.0 - doubt):
            em = np.float64(_candidate(sq, x, candidate_u))
            if em < 0.0:
                continue
            k = np.int64(em) if em < _FACTORIALS else np.int64(0)
        i, at, slot = take(streams, NOISE, at, slot)
        if em < _FACTORIALS:
            factorial = tables.factorials[k]
            if factorial != factorial:
                factorial = _new_factorial(tables, k)
            excess = _excess(streams.log_u[i], log_envelope, em, factorial, log_mean, base)
            margin = _margin(em, mean, log_mean)
            if excess > margin:
                continue
            if excess < -margin:
                return at, slot, np.float32(em)
        if _accepted(x, np.float32(em), candidate_u, streams.u[i]):
            return at, slot, np.float32(em)


@inlined_kernel
def _judged(streams, tables, candidate, test, mean, root, log_mean, base):
    """What is sure of a candidate without the C library: the candidate, 1 if it is rejected, 1 if it is accepted."""
    i, j = candidate >> 5, test >> 5
    y = np.float64(streams.tangent[i])
    value = root * y + mean
    doubt = _doubt(root, y, value)
    inside = (value > doubt) & (value < 65535.0)
    k = np.int64(value) if inside else np.int64(0)
    em = np.float64(k)
    rest = value - em
    excess = _excess(streams.log_u[j], streams.log_envelope[i], em, tables.factorials[np.uint64(k)], log_mean, base)
    margin = _margin(em, mean, log_mean)
    sure = inside & (rest > doubt) & (rest < 1.0 - doubt)
    return em, np.int64(sure & (excess > margin)), np.int64(sure & (excess < -margin))


@inlined_kernel
def _put_back(table, slot, code, is_used):
    """Undo the taking of a number unless it has been used, without a branch."""
    there = table[slot]
    table[slot] = there ^ ((there ^ np.uint32(code)) & np.uint32(is_used - 1))


@inlined_kernel
def _quick(streams, tables, at, slot, x, terms):
    """The first three candidates at once, because which one is accepted cannot be foreseen by a processor.

    Returns
    -------
    at, slot : int
        Behind what was used; the other numbers are as if they had not been taken.
    count : float
    is_done : bool
        Otherwise the count must be found from here on.
    """
    sq, log_mean, base = terms
    mean, root = np.float64(x), np.float64(sq)
    table, made = streams.table, streams.code
    slot_0 = np.uint64(slot)
    code_0 = np.int64(table[slot_0])
    table[slot_0] = made[np.uint64(at)]
    slot_1 = np.uint64(code_0 & 31)
    code_1 = np.int64(table[slot_1])
    table[slot_1] = made[np.uint64(at + 1)]
    slot_2 = np.uint64(code_1 & 31)
    code_2 = np.int64(table[slot_2])
    table[slot_2] = made[np.uint64(at + 2)]
    slot_3 = np.uint64(code_2 & 31)
    code_3 = np.int64(table[slot_3])
    table[slot_3] = made[np.uint64(at + 3)]
    slot_4 = np.uint64(code_3 & 31)
    code_4 = np.int64(table[slot_4])
    table[slot_4] = made[np.uint64(at + 4)]
    slot_5 = np.uint64(code_4 & 31)
    code_5 = np.int64(table[slot_5])
    table[slot_5] = made[np.uint64(at + 5)]
    a, no_a, yes_a = _judged(streams, tables, code_0, code_1, mean, root, log_mean, base)
    b, no_b, yes_b = _judged(streams, tables, code_2, code_3, mean, root, log_mean, base)
    c, no_c, yes_c = _judged(streams, tables, code_4, code_5, mean, root, log_mean, base)
    no_b &= no_a
    no_c &= no_b
    rejected = no_a + no_b + no_c
    is_done = ((yes_a | (yes_b << 1) | (yes_c << 2)) >> rejected) & 1
    used_b = no_a & (no_b | is_done)
    used_c = no_b & (no_c | is_done)
    used_a = no_a | is_done
    _put_back(table, slot_5, code_5, used_c)
    _put_back(table, slot_4, code_4, used_c)
    _put_back(table, slot_3, code_3, used_b)
    _put_back(table, slot_2, code_2, used_b)
    _put_back(table, slot_1, code_1, used_a)
    _put_back(table, slot_0, code_0, used_a)
    pairs = rejected + is_done
    slots = slot | ((code_1 & 31) << 8) | ((code_3 & 31) << 16) | ((code_5 & 31) << 24)
    count = a + np.float64(no_a) * (b - a) + np.float64(no_b) * (c - b)
    return at + 2 * pairs, (slots >> (8 * pairs)) & 31, np.float32(count), is_done != 0


@inlined_kernel
def _large(streams, tables, at, slot, x, terms):
    if at <= BLOCK - 6:
        at, slot, count, is_done = _quick(streams, tables, at, slot, x, terms)
        if is_done:
            return at, slot, count
    return _slow(streams, tables, at, slot, x, terms)


@inlined_kernel
def _pair(streams, tables, stream, at, slot):
    """Two normal deviates of mean 0 and variance 1 (polar Box-Muller), float32: the one to use, and the spare."""
    while True:
        i, at, slot = take(streams, stream, at, slot)
        v1 = np.float32(2.0 * np.float64(streams.u[i]) - 1.0)
        i, at, slot = take(streams, stream, at, slot)
        v2 = np.float32(2.0 * np.float64(streams.u[i]) - 1.0)
        rsq = np.float32(np.float32(v1 * v1) + np.float32(v2 * v2))
        if rsq < 1.0 and rsq != 0.0:
            break
    fac = _polar_factor(tables, np.float64(rsq))
    return at, slot, np.float32(v2 * fac), np.float32(v1 * fac)


@inlined_kernel
def _polar_factor(tables, rsq):
    """What makes two uniform deviates with this sum of squares normal, float32."""
    value = math.sqrt(-2.0 * logarithm(tables, rsq) / rsq)
    low = np.float32(value * (1.0 - 1e-11))
    if rsq < 0.999 and low == np.float32(value * (1.0 + 1e-11)):  # near 1 the logarithm's relative error is larger
        return low
    return np.float32(math.sqrt(-2.0 * math.log(rsq) / rsq))


@inlined_kernel
def _normal(x, deviate):
    return np.float32(np.float64(x) + math.sqrt(np.float64(x)) * np.float64(deviate))


@entry_kernel("float32[1]", "int", "int", "float", "float", Streams, Tables, group="noisify")
def count_photons(photons, start, stop, flicker, calibration, streams, tables):
    """Replace the photons of each pixel by the number that is counted.

    Parameters
    ----------
    photons : (n,) float32
    start, stop : int
        Pixels.
    flicker, calibration : float
        Relative errors, drawn for each pixel where above 0.
    streams : Streams
    tables : Tables
    """
    memory = tables.memory
    at, at_errors, slot = streams.used[NOISE], streams.used[CALIBRATION], streams.used[SLOT]
    spare, has_spare = memory[SPARE], memory[HAS_SPARE] != 0.0
    # the limit of a mean of -1 is 0 until another mean is seen
    untouched = memory[MEAN] == -1.0
    known_mean, known_limit = np.float32(math.nan), np.float32(0.0)
    x, x_after = np.float32(0.0), np.float32(0.0)
    terms = terms_after = _terms(tables, 12.0)
    is_known = False  # whether mean and terms of the next pixel are there already
    for i in range(start, stop):
        if is_known:
            x, terms, is_known = x_after, terms_after, False
        else:
            p = np.float64(photons[i])
            if flicker > 0.0:
                if has_spare:
                    deviate, has_spare = spare, False
                else:
                    if streams.begun[NOISE] == 0:
                        slot = fill(streams, NOISE)
                    at, slot, deviate, spare = _pair(streams, tables, NOISE, at, slot)
                    has_spare = True
                p = p * (1.0 + flicker * np.float64(deviate))
            if calibration > 0.0:
                if has_spare:
                    deviate, has_spare = spare, False
                else:
                    if streams.begun[CALIBRATION] == 0:
                        slot = fill(streams, CALIBRATION)
                    at_errors, slot, deviate, spare = _pair(streams, tables, CALIBRATION, at_errors, slot)
                    has_spare = True
                p = p * (1.0 + calibration * np.float64(deviate))
            x = np.float32(p)
            if _is_large(x):
                terms = _terms(tables, np.float64(x))
                if has_spare and i + 1 < stop and calibration > 0.0 and not flicker > 0.0:
                    x_after = np.float32(np.float64(photons[i + 1]) * (1.0 + calibration * np.float64(spare)))
                    if _is_large(x_after):
                        terms_after = _terms(tables, np.float64(x_after))
                        is_known, has_spare = True, False
        if x > 1.0e6 and has_spare:
            has_spare = False
            photons[i] = _normal(x, spare)
            continue
        if streams.begun[NOISE] == 0:
            slot = fill(streams, NOISE)
        if _is_large(x):
            untouched = False
            at, slot, photons[i] = _large(streams, tables, at, slot, x, terms)
        elif x > 1.0e6:
            at, slot, deviate, spare = _pair(streams, tables, NOISE, at, slot)
            has_spare = True
            photons[i] = _normal(x, deviate)
        elif x < 12.0:
            if x != known_mean:
                known_mean = x
                known_limit = _small_limit(x)
            if untouched and x != -1.0:
                untouched = False
            at, slot, photons[i] = _small(streams, at, slot, np.float32(0.0) if untouched else known_limit)
        else:  # not a number: two draws
            untouched = False
            k, at, slot = take(streams, NOISE, at, slot)
            k, at, slot = take(streams, NOISE, at, slot)
            photons[i] = x
    streams.used[NOISE], streams.used[CALIBRATION], streams.used[SLOT] = at, at_errors, slot
    memory[SPARE] = spare
    memory[HAS_SPARE] = 1.0 if has_spare else 0.0
    memory[MEAN] = -1.0 if untouched else 0.0


@entry_kernel("float32[1]", Streams, Tables, group="noisify")
def draw_deviates(out, streams, tables):
    """Fill with normal deviates of the noise stream.

    Parameters
    ----------
    out : (n,) float32
    streams : Streams
    tables : Tables
        Its memory keeps the other deviate of a pair.
    """
    memory = tables.memory
    at, slot = streams.used[NOISE], streams.used[SLOT]
    spare, has_spare = memory[SPARE], memory[HAS_SPARE] != 0.0
    for i in range(out.size):
        if has_spare:
            out[i] = spare
            has_spare = False
        else:
            if streams.begun[NOISE] == 0:
                slot = fill(streams, NOISE)
            at, slot, out[i], spare = _pair(streams, tables, NOISE, at, slot)
            has_spare = True
    streams.used[NOISE], streams.used[SLOT] = at, slot
    memory[SPARE] = spare
    memory[HAS_SPARE] = 1.0 if has_spare else 0.0
