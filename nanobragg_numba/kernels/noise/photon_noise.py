"""Photon-counting noise of an image; no scene is needed."""

import numpy as np

from nanobragg_numba.constants import LARGEST_COUNT
from nanobragg_numba.kernels.decorators import entry_kernel
from nanobragg_numba.kernels.integers import to_int
from nanobragg_numba.kernels.noise.poisson import Draws, poisson_deviate
from nanobragg_numba.kernels.noise.random import Generator
from nanobragg_numba.kernels.window import Window


@entry_kernel(
    Window, Generator, Draws, "float32[2]", "int", "int", "float", "bool", "float", "uint16[2]",
    results=("float", "int"),
)  # fmt: skip
def noise_pixels(window, generator, draws, image, row0, row1, adc, clip, photons, out):
    """Fill rows row0 to row1 of `out` with photon-counting noise; serial, each deviate follows from the last.

    Parameters
    ----------
    window : Window
    generator : Generator
    draws : Draws
    image : (spixels, fpixels) float32
        Mean of each pixel, photons.
    row0, row1 : int
    adc : float
        Offset of every pixel.
    clip : bool
        Negative sums are 0; else their low 16 bits are left.
    photons : float
        Sum of the deviates so far.
    out : (spixels, fpixels) uint16
        Zeros where nothing has been drawn yet.

    Returns
    -------
    photons : float
        With these rows in it.
    overloads : int
        Pixels beyond LARGEST_COUNT.
    """
    overloads = 0
    for s in range(max(row0, window.roi_ymin), min(row1, window.roi_ymax + 1)):
        for f in range(window.roi_xmin, window.roi_xmax + 1):
            deviate = np.float64(poisson_deviate(generator, draws, image[s, f]))
            photons += deviate
            t = deviate + adc
            if t > LARGEST_COUNT:
                t = LARGEST_COUNT
                overloads += 1
            if clip and t < 0.0:
                t = 0.0
            out[s, f] = np.uint16(to_int(t))
    return photons, overloads
