"""From photons to statistics and integers, pixel after pixel in the order of the file; no scene is needed."""

import math

import numpy as np

from nanobragg_numba.constants import LARGEST_COUNT
from nanobragg_numba.kernels.decorators import entry_kernel
from nanobragg_numba.kernels.integers import to_int
from nanobragg_numba.kernels.window import Window, is_rendered


@entry_kernel(Window, "float32[2]", results=("float", "float", "float", "float", "int", "int"))
def image_statistics(window, image):
    """Mean, spread and maximum of an image.

    Parameters
    ----------
    window : Window
    image : (spixels, fpixels) float32

    Returns
    -------
    mean, rms, rmsd, largest : float
        Over the rendered pixels, rmsd over the whole region of interest.
    max_spixel, max_fpixel : int
        Where the first strictly largest pixel is; -1 if no pixel is above zero.
    """
    total = 0.0
    total_squares = 0.0
    rendered = 0
    largest = 0.0
    max_spixel = max_fpixel = -1
    for s in range(window.roi_ymin, window.roi_ymax + 1):
        for f in range(window.roi_xmin, window.roi_xmax + 1):
            if not is_rendered(window, s, f):
                continue
            pixel = image[s, f]
            rendered += 1
            total += pixel
            total_squares += np.float32(pixel * pixel)
            if pixel > largest:
                largest = np.float64(pixel)
                max_spixel, max_fpixel = s, f
    mean = total / np.float64(max(rendered, 1))
    rms = math.sqrt(total_squares / np.float64(max(rendered - 1, 1)))
    deviations = 0.0
    in_roi = 0
    for s in range(window.roi_ymin, window.roi_ymax + 1):
        for f in range(window.roi_xmin, window.roi_xmax + 1):
            in_roi += 1
            deviations += (image[s, f] - mean) * (image[s, f] - mean)
    rmsd = math.sqrt(deviations / np.float64(max(in_roi - 1, 1)))
    return mean, rms, rmsd, largest, max_spixel, max_fpixel


@entry_kernel(Window, "float32[2]", "float", "float", "uint16[2]")
def integer_pixels(window, image, scale, adc, out):
    """Fill the region of interest with image*scale + adc, rounded and clipped to what a pixel holds.

    Parameters
    ----------
    window : Window
    image : (spixels, fpixels) float32
    scale, adc : float
    out : (spixels, fpixels) uint16
        Zeros.
    """
    for s in range(window.roi_ymin, window.roi_ymax + 1):
        for f in range(window.roi_xmin, window.roi_xmax + 1):
            t = image[s, f] * scale + adc
            if t < 0.0:
                t = 0.0
            if t > LARGEST_COUNT:
                t = LARGEST_COUNT
            out[s, f] = np.uint16(to_int(np.floor(np.float32(t + 0.5))))


@entry_kernel(Window, "float32[2]", "float", "uint8[2]")
def preview_bytes(window, image, scale, out):
    """Fill the region of interest with image*scale, at most 255.

    Parameters
    ----------
    window : Window
    image : (spixels, fpixels) float32
    scale : float
    out : (spixels, fpixels) uint8
        Zeros.
    """
    for s in range(window.roi_ymin, window.roi_ymax + 1):
        for f in range(window.roi_xmin, window.roi_xmax + 1):
            t = image[s, f] * scale
            if t > 255.0:
                t = 255.0
            out[s, f] = np.uint8(to_int(t))
