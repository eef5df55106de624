"""From photons to the integers of a detector, pixel by pixel: scale, gain, offset, read-out noise, cutting.

Images are flat here, (n,), and every kernel works on the pixels from `start` to `stop`, so that threads can share them.
"""

import math

import numpy as np

from nanobragg_numba.constants import LARGEST_COUNT
from nanobragg_numba.kernels.decorators import entry_kernel, inlined_kernel

LARGEST_16 = float(LARGEST_COUNT)
LARGEST_32 = 2147483647.0


@entry_kernel("float32[1]", "int", "int", "float", "float", results=("float", "int", "int"), group="noisify")
def scale_photons(image, start, stop, factor, scale):
    """Make photons of intensities, in place: float32((factor*scale)*I).

    Parameters
    ----------
    image : (n,) float32
        Intensities; photons afterwards.
    start, stop : int
        Range of pixels.
    factor : float
        Fluence times the squared classical radius of the electron.
    scale : float
        -scale.

    Returns
    -------
    largest : float
        Of the intensities, or 0.
    negative, undefined : int
        Pixels whose intensity is below 0; pixels whose photons are not finite.
    """
    largest = 0.0
    negative = undefined = 0
    both = factor * scale
    for i in range(start, stop):
        intensity = np.float64(image[i])
        largest = intensity if largest < intensity else largest
        negative += 1 if intensity < 0.0 else 0
        photons = np.float32(both * intensity)
        image[i] = photons
        undefined += 0 if abs(photons) < np.float32(math.inf) else 1
    return largest, negative, undefined


@inlined_kernel
def _cut_16(adu):
    """Toward zero to a signed 32-bit integer, of which 16 bits are kept; 0 for what does not fit."""
    return np.uint16(np.int32(adu)) if -2147483649.0 < adu < 2147483648.0 else np.uint16(0)


@inlined_kernel
def _cut_32(adu):
    """Toward zero to a signed 64-bit integer, of which 32 bits are kept; 0 for what does not fit."""
    fits = -9223372036854775808.0 <= adu < 9223372036854775808.0
    return np.uint32(np.int64(adu) & 0xFFFFFFFF) if fits else np.uint32(0)


@inlined_kernel
def _mended(adu, nearest, not_below_zero):
    if nearest:
        adu = np.floor(adu + 0.5)
    if not_below_zero and adu < 0.0:
        adu = 0.0
    return adu


@inlined_kernel
def _is_cut(adu):
    """Whether rounding would give another integer than cutting."""
    fraction = adu - np.trunc(adu)
    return fraction >= 0.5 or fraction < -0.5


@entry_kernel(
    "float32[1]", "int", "int", "float", "float", "float", "bool", "bool", "uint16[1]", "uint32[1]", "uint8[1]",
    results=("int", "int", "int"), group="noisify",
)  # fmt: skip
def noiseless_counts(photons, start, stop, gain, adc, limit, nearest, not_below_zero, narrow, wide, preview):
    """Integers of the noiseless image, and bytes of its preview.

    Parameters
    ----------
    photons : (n,) float32
    gain, adc : float
        ADU per photon, offset.
    limit : float
        Larger numbers become it.
    nearest, not_below_zero : bool
        Round instead of cutting; 0 instead of negative numbers.
    narrow, wide : (n,) uint16, uint32
        One of them is empty.
    preview : (n,) uint8, or empty

    Returns
    -------
    below_zero, cut, large : int
        Pixels that are -1 or less, that rounding would change, that are larger than 16 bits hold.
    """
    is_wide = wide.size > 0
    below_zero = cut = large = 0
    for i in range(start, stop):
        adu = np.float64(photons[i]) * gain + adc
        large += 1 if adu > LARGEST_16 else 0
        if adu > limit:
            adu = limit
        below_zero += 1 if adu <= -1.0 else 0
        cut += 1 if _is_cut(adu) else 0
        adu = _mended(adu, nearest, not_below_zero)
        low = _cut_16(LARGEST_16 if adu > LARGEST_16 else adu)
        if is_wide:
            wide[i] = _cut_32(adu)
        else:
            narrow[i] = low
        if preview.size:
            preview[i] = np.uint8(low) if low < 255 else np.uint8(255)
    return below_zero, cut, large


@entry_kernel(
    "float32[1]", "int", "int", "float", "float", "float", "float32[1]", "bool", "bool", "float", "uint16[1]",
    "uint32[1]", results=("float", "int", "int", "int"), group="noisify",
)  # fmt: skip
def noise_counts(photons, start, stop, gain, adc, readout, deviates, nearest, not_below_zero, total, narrow, wide):
    """Integers of the noise image.

    Parameters
    ----------
    photons : (n,) float32
    readout : float
        Standard deviation, ADU; nothing is added unless it is above 0.
    deviates : (stop - start,) float32
        Normal deviates for these pixels.
    total : float
        Sum of the photons so far; of several undefined numbers the first one keeps its sign.
    narrow, wide : (n,) uint16, uint32
        One of them is empty.

    Returns
    -------
    total : float
    overloads : int
    below_zero, cut : int
        Pixels that are -1 or less, that rounding would change.
    """
    is_wide = wide.size > 0
    overloads = below_zero = cut = 0
    for i in range(start, stop):
        value = np.float64(photons[i])
        if total == total:
            total += value
        adu = value * gain + adc
        if readout > 0.0:
            adu = adu + readout * np.float64(deviates[i - start])
        below_zero += 1 if adu <= -1.0 else 0
        cut += 1 if _is_cut(adu) and adu < LARGEST_16 else 0
        adu = _mended(adu, nearest, not_below_zero)
        if adu > LARGEST_32:
            adu = LARGEST_32
            overloads += 1 if is_wide else 0
        if is_wide:
            wide[i] = _cut_32(adu)
        else:
            if adu > LARGEST_16:
                adu = LARGEST_16
                overloads += 1
            narrow[i] = _cut_16(adu)
    return total, overloads, below_zero, cut


@entry_kernel("float32[1]", results=("float",), group="noisify")
def photon_sum(photons):
    """Sum in order; of several undefined numbers the last one decides the sign."""
    total = 0.0
    for i in range(photons.size):
        value = np.float64(photons[i])
        total = value if value != value else total + value
    return total


@entry_kernel("float32[1]", "int", "int", group="noisify")
def round_counts(photons, start, stop):
    """Finite counts to the nearest integer, in place.

    Parameters
    ----------
    photons : (n,) float32
        Changed in place.
    start, stop : int
        Range of pixels.
    """
    for i in range(start, stop):
        if abs(photons[i]) < np.float32(math.inf):
            photons[i] = np.float32(np.floor(np.float64(photons[i]) + 0.5))
