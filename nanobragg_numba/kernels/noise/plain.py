"""Deviates of two streams that share one table, drawn one after the other as they are defined.

Nothing is prepared ahead and every function is the C library's, so these are what the quick ones of `streams` are held
against. They also serve seeds so odd that zeros get into the table (2147483647, say), which is then seeded
anew in between.
"""

import math

import numpy as np

from nanobragg_numba.kernels.decorators import inner_kernel, kernel
from nanobragg_numba.kernels.noise.poisson import gammln
from nanobragg_numba.kernels.noise.random import ran1

NOISE, CALIBRATION = 0, 1
"""Streams: places in `Generator.seeds`."""

MEAN, G, SQ, ALXM, SPARE, HAS_SPARE = range(6)
"""Places in the memory of the deviates, (6,) float32."""


def new_memory() -> np.ndarray:
    """What the deviates remember before the first of them."""
    memory = np.zeros(6, np.float32)
    memory[MEAN] = -1.0
    return memory


@inner_kernel
def gauss_deviate(generator, memory, stream):
    """Normal deviate of mean 0 and variance 1 (polar Box-Muller), float32; the other of a pair is kept.

    Parameters
    ----------
    generator : Generator
    memory : (6,) float32
        Keeps the other of the pair.
    stream : int
        NOISE or CALIBRATION.

    References
    ----------
    Box, G. E. P. & Muller, M. E. (1958). Ann. Math. Stat. 29, 610; in the polar form of Press et al., Numerical Recipes
    in C, 2nd edition (1992), section 7.2 (gasdev).
    """
    if memory[HAS_SPARE] != 0.0:
        memory[HAS_SPARE] = 0.0
        return memory[SPARE]
    while True:
        v1 = np.float32(2.0 * np.float64(ran1(generator, stream)) - 1.0)
        v2 = np.float32(2.0 * np.float64(ran1(generator, stream)) - 1.0)
        rsq = np.float32(np.float32(v1 * v1) + np.float32(v2 * v2))
        if rsq < 1.0 and rsq != 0.0:
            break
    fac = np.float32(math.sqrt(-2.0 * math.log(np.float64(rsq)) / np.float64(rsq)))
    memory[SPARE] = np.float32(v1 * fac)
    memory[HAS_SPARE] = 1.0
    return np.float32(v2 * fac)


@inner_kernel
def _small(generator, memory, x):
    if x != memory[MEAN]:
        memory[MEAN] = x
        memory[G] = np.float32(math.exp(np.float64(-x)))
    count = np.float32(-1.0)
    t = np.float32(1.0)
    while True:
        count += np.float32(1.0)
        t = np.float32(t * ran1(generator, NOISE))
        if not t > memory[G]:
            return count


@inner_kernel
def _large(generator, memory, x):
    if x != memory[MEAN]:
        memory[MEAN] = x
        memory[SQ] = np.float32(math.sqrt(2.0 * np.float64(x)))
        memory[ALXM] = np.float32(math.log(np.float64(x)))
        memory[G] = np.float32(x * memory[ALXM]) - gammln(np.float32(np.float64(x) + 1.0))
    while True:
        while True:
            y = np.float32(math.tan(math.pi * np.float64(ran1(generator, NOISE))))
            em = np.float32(np.float32(memory[SQ] * y) + x)
            if not em < 0.0:
                break
        em = np.float32(np.floor(em))
        exponent = np.float32(
            np.float32(np.float32(em * memory[ALXM]) - gammln(np.float32(np.float64(em) + 1.0))) - memory[G]
        )
        t = np.float32(0.9 * (1.0 + np.float64(np.float32(y * y))) * math.exp(np.float64(exponent)))
        if not ran1(generator, NOISE) > t:
            return em


@inner_kernel
def poisson_deviate(generator, memory, x):
    """Poisson deviate of a float32 mean, as float32, from the noise stream; a normal one for a mean above a million.

    Parameters
    ----------
    generator : Generator
    memory : (6,) float32
        What the last mean has given.
    x : float32
        Mean.

    References
    ----------
    By multiplication for a mean below 12, else by rejection from a Lorentzian: Press et al., Numerical Recipes in C,
    2nd edition (1992), section 7.3 (poidev).
    """
    if x > 1.0e6:
        gauss = np.float64(gauss_deviate(generator, memory, NOISE))
        return np.float32(np.float64(x) + math.sqrt(np.float64(x)) * gauss)
    if x < 12.0:
        return _small(generator, memory, x)
    return _large(generator, memory, x)


@kernel
def count_photons(generator, memory, photons, flicker, calibration):
    """Replace the photons of each pixel, (n,) float32, by the number that is counted; see `chain.count_photons`.

    Parameters
    ----------
    generator : Generator
    memory : (6,) float32
    photons : (n,) float32
        Mean photons; counts afterwards.
    flicker, calibration : float
        Relative standard deviation of the beam and of the pixels; 0: none.
    """
    for i in range(photons.size):
        p = np.float64(photons[i])
        if flicker > 0.0:
            p = p * (1.0 + flicker * np.float64(gauss_deviate(generator, memory, NOISE)))
        if calibration > 0.0:
            p = p * (1.0 + calibration * np.float64(gauss_deviate(generator, memory, CALIBRATION)))
        photons[i] = poisson_deviate(generator, memory, np.float32(p))


@kernel
def gauss_deviates(generator, memory, out):
    """Fill `out`, (n,) float32, with normal deviates of the noise stream.

    Parameters
    ----------
    generator : Generator
    memory : (6,) float32
    out : (n,) float32
        Filled.
    """
    for i in range(out.size):
        out[i] = gauss_deviate(generator, memory, NOISE)
