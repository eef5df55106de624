"""Counting photons: flicker, calibration error and Poisson deviates, one pixel after the other.

Which random number is used for what is known only when it is its turn, so this is one chain. All that can be known
before is prepared by `streams`.

A Poisson deviate of a mean from 12 on is found by rejection. C compares a uniform deviate with t, whose exponent it
computes in float32 with errors as large as the thirteenth part of a unit for a mean of a thousand. Here both sides are
compared as logarithms, computed well enough, and only where they are closer than C's own errors can be is the exponent
computed as C does. With d = 2^-24, count k, mean x and L = log(x), C's errors in the exponent are at most
d*(2kL + (kL + log k!) + 2xL + xL + x + |exponent|), and log k! < 4.5 kL because k < 65536 and x >= 12. So
16 d (k + x) L bounds them all. `_SLACK` bounds what the logarithms that are stored as float32 miss.
"""

import math

import numpy as np

from nanobragg_numba.kernels.decorators import inlined_kernel, inner_kernel, kernel
from nanobragg_numba.kernels.noise.plain import CALIBRATION, HAS_SPARE, MEAN, NOISE, SPARE
from nanobragg_numba.kernels.noise.poisson import gammln
from nanobragg_numba.kernels.noise.streams import RESERVE, fill, take, take_pair, take_uniform
from nanobragg_numba.kernels.vector_math import exponential, logarithm

_FACTORIALS = 1 << 16
_MARGIN = 16.0 / (1 << 24)
_SLACK = 2e-5
_HALF_LOG_2PI = 0.9189385332046727
LAST = 2
"""Place of the state that picks the next number, behind those of the numbers used of each stream."""


def new_factorials() -> np.ndarray:
    """Room for gammln(k + 1) of each k, float32; not a number where it has not been needed yet."""
    return np.full(_FACTORIALS, np.nan, np.float32)


@inlined_kernel
def _log_factorial(factorials, count):
    k = np.int64(count)
    value = factorials[k]
    if value != value:
        value = gammln(np.float32(np.float64(count) + 1.0))
        factorials[k] = value
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
def _small(table, ring, last, at, limit):
    count = np.float32(-1.0)
    t = np.float32(1.0)
    while True:
        count += np.float32(1.0)
        last, at, u = take_uniform(table, ring, last, at)
        t = np.float32(t * u)
        if not t > limit:
            return last, at, count


@inner_kernel
def _accepted(x, em, y, u):
    """Whether a count is accepted, with every rounding of C."""
    alxm = np.float32(math.log(np.float64(x)))
    g = np.float32(x * alxm) - gammln(np.float32(np.float64(x) + 1.0))
    exponent = np.float32(np.float32(np.float32(em * alxm) - gammln(np.float32(np.float64(em) + 1.0))) - g)
    t = np.float32(0.9 * (1.0 + np.float64(np.float32(y * y))) * math.exp(np.float64(exponent)))
    return not u > t


@inlined_kernel
def _large(table, ring, last, at, factorials, x):
    mean = np.float64(x)
    sq = np.float32(math.sqrt(2.0 * mean))
    log_mean = logarithm(mean)
    # mean*log(mean) - log(gamma(mean + 1)), by Stirling's series; its next term is below 4e-9
    g = mean - 0.5 * log_mean - _HALF_LOG_2PI - (1.0 / 12.0 - (1.0 / 360.0) / (mean * mean)) / mean
    while True:
        while True:
            last, at, u, y, log_u, log_envelope = take(table, ring, last, at)
            em = np.float32(np.float32(sq * y) + x)
            if not em < 0.0:
                break
        em = np.float32(np.floor(em))
        last, at, u, other_y, log_u, other_envelope = take(table, ring, last, at)
        if em < _FACTORIALS:
            count = np.float64(em)
            exponent = count * log_mean - np.float64(_log_factorial(factorials, em)) - g
            excess = np.float64(log_u) - np.float64(log_envelope) - exponent  # of log u over log t
            margin = _MARGIN * (count + mean) * log_mean + _SLACK
            if excess > margin:
                continue
            if excess < -margin:
                return last, at, em
        if _accepted(x, em, y, u):
            return last, at, em


@kernel
def count_photons(photons, start, stop, flicker, calibration, table, rings, prepared, seeding, begun, used, memory,
                  factorials):  # fmt: skip
    """Replace the photons of each pixel by the number that is counted, as far as what is prepared reaches.

    Parameters
    ----------
    photons : (n,) float32
    start, stop : int
        Pixels.
    flicker, calibration : float
        Relative errors, drawn for each pixel where above 0.
    table : Table
    rings : pair of Entries
        What is prepared of the noise and the calibration stream.
    prepared : (2,) int64
        How many numbers of each are prepared, counted from the beginning.
    seeding : pair of Entries
        What each stream fills the table with when it is first used, where begun says so.
    begun : (2,) int64
        0: not used yet, and it will fill the table; 1: nothing is left to be done.
    used : (3,) int64
        How many numbers of each stream are used up, and the state that picks the next number.
    memory : (6,) float32
        See `plain`.
    factorials : (m,) float32

    Returns
    -------
    int
        The first pixel that is not done yet.
    """
    noise, errors = rings
    at, at_errors, last = used[NOISE], used[CALIBRATION], used[LAST]
    spare, has_spare = memory[SPARE], memory[HAS_SPARE] != 0.0
    # the limit of a mean of -1 is 0 until another mean is seen
    untouched = memory[MEAN] == -1.0
    known_mean, known_limit = np.float32(math.nan), np.float32(0.0)
    i = start
    while i < stop and at + RESERVE < prepared[NOISE] and at_errors + RESERVE < prepared[CALIBRATION]:
        p = np.float64(photons[i])
        if flicker > 0.0:
            if has_spare:
                deviate, has_spare = spare, False
            else:
                if begun[NOISE] == 0:
                    begun[NOISE] = 1
                    last = fill(table, seeding[NOISE])
                last, at, deviate, spare = take_pair(table, noise, last, at)
                has_spare = True
            p = p * (1.0 + flicker * np.float64(deviate))
        if calibration > 0.0:
            if has_spare:
                deviate, has_spare = spare, False
            else:
                if begun[CALIBRATION] == 0:
                    begun[CALIBRATION] = 1
                    last = fill(table, seeding[CALIBRATION])
                last, at_errors, deviate, spare = take_pair(table, errors, last, at_errors)
                has_spare = True
            p = p * (1.0 + calibration * np.float64(deviate))
        x = np.float32(p)
        if x > 1.0e6 and has_spare:
            deviate, has_spare = spare, False
            photons[i] = np.float32(np.float64(x) + math.sqrt(np.float64(x)) * np.float64(deviate))
            i += 1
            continue
        if begun[NOISE] == 0:
            begun[NOISE] = 1
            last = fill(table, seeding[NOISE])
        if x > 1.0e6:
            last, at, deviate, spare = take_pair(table, noise, last, at)
            has_spare = True
            photons[i] = np.float32(np.float64(x) + math.sqrt(np.float64(x)) * np.float64(deviate))
        elif x < 12.0:
            if x != known_mean:
                known_mean = x
                known_limit = _small_limit(x)
            if untouched and x != -1.0:
                untouched = False
            last, at, photons[i] = _small(table, noise, last, at, np.float32(0.0) if untouched else known_limit)
        elif x >= 12.0:
            untouched = False
            last, at, photons[i] = _large(table, noise, last, at, factorials, x)
        else:  # not a number: two draws
            untouched = False
            last, at, u = take_uniform(table, noise, last, at)
            last, at, u = take_uniform(table, noise, last, at)
            photons[i] = x
        i += 1
    used[NOISE], used[CALIBRATION], used[LAST] = at, at_errors, last
    memory[SPARE] = spare
    memory[HAS_SPARE] = 1.0 if has_spare else 0.0
    memory[MEAN] = -1.0 if untouched else 0.0
    return i


@kernel
def gauss_deviates(out, start, table, ring, prepared, seeding, begun, used, memory):
    """Fill `out`, (n,) float32, from `start` on with normal deviates of the noise stream, as far as it is prepared."""
    at, last = used[NOISE], used[LAST]
    spare, has_spare = memory[SPARE], memory[HAS_SPARE] != 0.0
    i = start
    while i < out.size and at + RESERVE < prepared[NOISE]:
        if has_spare:
            out[i] = spare
            has_spare = False
        else:
            if begun[NOISE] == 0:
                begun[NOISE] = 1
                last = fill(table, seeding[NOISE])
            last, at, out[i], spare = take_pair(table, ring, last, at)
            has_spare = True
        i += 1
    used[NOISE], used[LAST] = at, last
    memory[SPARE] = spare
    memory[HAS_SPARE] = 1.0 if has_spare else 0.0
    return i
