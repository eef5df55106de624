"""Structure factors found from an image, and statistics, pixel after pixel in the order of the file."""

import math

import numpy as np

from nanobragg_numba.kernels.amorphous.pixel_loop import OMEGA, POLAR, STOL
from nanobragg_numba.kernels.amorphous.scene import AmorphousScene
from nanobragg_numba.kernels.amorphous.table import FRONT
from nanobragg_numba.kernels.decorators import entry_kernel
from nanobragg_numba.kernels.integers import to_int
from nanobragg_numba.kernels.loop.geometry import pixel_position, solid_angle
from nanobragg_numba.kernels.vectors import length
from nanobragg_numba.kernels.window import Window


@entry_kernel(
    AmorphousScene, "uint16[2]", "int64[1]", "float", "float", "float64[1]", "int32[2]", "float64[3]", "float32[2]",
    "int32[2]", "int64[1]", group="amorphous",
)  # fmt: skip
def find_pixels(scene, counts, ignored, adc, gain, signs, brackets, remains, F, bins, in_bin):
    """Find F of every rendered pixel of an image, and its bin of the table.

    Parameters
    ----------
    scene : AmorphousScene
    counts : (spixels, fpixels) uint16
    ignored : (n,) int64
        Values of pixels that count for nothing.
    adc, gain : float
        Photons are (value - adc) / gain.
    signs : (2,) float64
        1 and -1: a compiler that knew them would turn the sign of a NaN, which is printed.
    brackets : (spixels, fpixels) int32
    remains : (spixels, fpixels, REMAINS) float64
        What the render has left of each pixel.
    F : (spixels, fpixels) float32
        Receives the structure factors, electrons.
    bins : (spixels, fpixels) int32
        Receives the bins; 0 for what does not count.
    in_bin : (n_bins,) int64
        Receives how many pixels each has.
    """
    for s in range(scene.roi_ymin, scene.roi_ymax + 1):
        for f in range(scene.roi_xmin, scene.roi_xmax + 1):
            value = counts[s, f]
            photons = np.float32((value - adc) / gain)
            sign = signs[1 if photons < np.float32(0.0) else 0]
            stol, polar, omega = remains[s, f, STOL], remains[s, f, POLAR], remains[s, f, OMEGA]
            square = abs(np.float64(photons)) / polar / omega / scene.fluence / scene.r_e_sqr / scene.molecules
            F[s, f] = sign * math.sqrt(square * scene.steps)
            m = np.int64(brackets[s, f])
            if stol > (scene.stol[m + FRONT] + scene.stol[m + 1 + FRONT]) / 2.0:
                m += 1
            for i in range(ignored.shape[0]):
                if value == ignored[i]:
                    m = 0
            bins[s, f] = m
            in_bin[m] += 1


@entry_kernel("float32[2]", "int32[2]", "int64[1]", "float32[1]", group="amorphous")
def fill_bins(F, bins, cursor, values):
    """Put every pixel's F where its bin's cursor stands; values of one bin may run into the next ones.

    Parameters
    ----------
    F : (spixels, fpixels) float32
        Found from the image, electrons.
    bins : (spixels, fpixels) int32
        Bin of the table that each pixel belongs to.
    cursor : (n_bins,) int64
        Next free place of each bin in `values`; moved on.
    values : (n,) float32
        Filled.
    """
    for s in range(F.shape[0]):
        for f in range(F.shape[1]):
            b = bins[s, f]
            values[cursor[b]] = F[s, f]
            cursor[b] += 1


@entry_kernel("float32[1]", results=("float", "float"), group="amorphous")
def mean_and_deviation(values):
    """Mean and spread of float32 values, summed in order in float32."""
    total = np.float32(0.0)
    for i in range(values.shape[0]):
        total = np.float32(total + values[i])
    mean = np.float32(0.0)
    if values.shape[0] > 0:
        mean = np.float32(total / np.float32(values.shape[0]))
    squares = np.float32(0.0)
    for i in range(values.shape[0]):
        difference = np.float32(values[i] - mean)
        squares = np.float32(squares + np.float32(difference * difference))
    return mean, np.float32(math.sqrt(np.float64(np.float32(squares / np.float32(values.shape[0])))))


@entry_kernel(
    Window, "float32[2]", "int", "int", results=("float", "float", "float", "float", "int", "int"), group="amorphous"
)
def amorphous_statistics(window, image, count, shift):
    """Mean, spread and maximum of an image.

    Parameters
    ----------
    window : Window
    image : (spixels, fpixels) float32
    count : int
        By what the mean is divided; negative for the number of rendered pixels.
    shift : int
        Of which pixels the spread is taken: 1 for those after each of the region of interest, in the order of the
        file, with a 0 behind the last.

    Returns
    -------
    mean, rms, rmsd, largest : float
    max_spixel, max_fpixel : int
        Where the first strictly largest pixel is; -1 if no pixel is above zero.
    """
    total = total_squares = largest = 0.0
    rendered = 0
    max_spixel = max_fpixel = -1
    for s in range(window.roi_ymin, window.roi_ymax + 1):
        for f in range(window.roi_xmin, window.roi_xmax + 1):
            pixel = image[s, f]
            rendered += 1
            total += pixel
            total_squares += np.float32(pixel * pixel)
            if pixel > largest:
                largest = np.float64(pixel)
                max_spixel, max_fpixel = s, f
    if count < 0:
        count = rendered
    mean = total / np.float64(max(count, 1))
    rms = math.sqrt(total_squares / np.float64(max(count - 1, 1)))
    deviations = 0.0
    for s in range(window.roi_ymin, window.roi_ymax + 1):
        for f in range(window.roi_xmin, window.roi_xmax + 1):
            i = s * window.fpixels + f + shift
            row = i // window.fpixels
            pixel = image[row, i - row * window.fpixels] if row < window.spixels else np.float32(0.0)
            deviations += (pixel - mean) * (pixel - mean)
    rmsd = math.sqrt(deviations / np.float64(max(rendered - 1, 1)))
    return mean, rms, rmsd, largest, max_spixel, max_fpixel


@entry_kernel(Window, "float32[2]", "float", "int", "uint8[2]", group="amorphous")
def wrapped_bytes(window, image, scale, clip, out):
    """Fill the region of interest with image*scale, at most 255, as the C program makes bytes of it.

    Parameters
    ----------
    window : Window
    image : (spixels, fpixels) float32
    scale : float
    clip : int
        Negative numbers are 0; else the low 8 bits of a 32-bit integer, and 0 where that cannot hold the number.
    out : (spixels, fpixels) uint8
        Zeros.
    """
    for s in range(window.roi_ymin, window.roi_ymax + 1):
        for f in range(window.roi_xmin, window.roi_xmax + 1):
            t = image[s, f] * scale
            if t > 255.0:
                t = 255.0
            if not (clip and t < 0.0):
                out[s, f] = np.uint8(to_int(t))


@entry_kernel(AmorphousScene, results=("float",), group="amorphous")
def amorphous_solid_angle(scene):
    """Sum of the solid angles of all subpixels, one by one in loop order, sr."""
    total = 0.0
    for s in range(scene.roi_ymin, scene.roi_ymax + 1):
        for f in range(scene.roi_xmin, scene.roi_xmax + 1):
            for subS in range(scene.oversample):
                for subF in range(scene.oversample):
                    Fdet = scene.subpixel_size * (f * scene.oversample + subF) + scene.subpixel_size / 2.0
                    Sdet = scene.subpixel_size * (s * scene.oversample + subS) + scene.subpixel_size / 2.0
                    pos1, pos2, pos3 = pixel_position(scene, Fdet, Sdet, 0.0)
                    total += solid_angle(scene, length(pos1, pos2, pos3))
    return total
