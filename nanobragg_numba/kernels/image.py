"""From photons to statistics and integers, pixel after pixel in the order of the file."""

import math

import numpy as np

from nanobragg_numba.kernels.decorators import kernel
from nanobragg_numba.kernels.loop.pixel_loop import is_rendered, solid_angle, subpixel_position
from nanobragg_numba.kernels.noise.poisson import poisson_deviate
from nanobragg_numba.kernels.vectors import length


@kernel
def image_statistics(scene, image):
    """Mean, spread and maximum of an image.

    Parameters
    ----------
    scene : Scene
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
    for s in range(scene.roi_ymin, scene.roi_ymax + 1):
        for f in range(scene.roi_xmin, scene.roi_xmax + 1):
            if not is_rendered(scene, s, f):
                continue
            pixel = image[s, f]
            rendered += 1
            total += pixel
            total_squares += np.float32(pixel * pixel)
            if pixel > largest:
                largest = np.float64(pixel)
                max_spixel, max_fpixel = s, f
    mean = total / np.float64(rendered)
    rms = math.sqrt(total_squares / np.float64(max(rendered - 1, 1)))
    deviations = 0.0
    in_roi = 0
    for s in range(scene.roi_ymin, scene.roi_ymax + 1):
        for f in range(scene.roi_xmin, scene.roi_xmax + 1):
            in_roi += 1
            deviations += (image[s, f] - mean) * (image[s, f] - mean)
    rmsd = math.sqrt(deviations / np.float64(max(in_roi - 1, 1)))
    return mean, rms, rmsd, largest, max_spixel, max_fpixel


@kernel
def integer_pixels(scene, image, scale, adc, out):
    """Fill `out`, (spixels, fpixels) uint16 zeros, with image*scale + adc inside the region of interest."""
    for s in range(scene.roi_ymin, scene.roi_ymax + 1):
        for f in range(scene.roi_xmin, scene.roi_xmax + 1):
            t = image[s, f] * scale + adc
            if t < 0.0:
                t = 0.0
            if t > 65535.0:
                t = 65535.0
            out[s, f] = np.uint16(np.floor(np.float32(t + 0.5)))


@kernel
def preview_bytes(scene, image, scale, out):
    """Fill `out`, (spixels, fpixels) uint8 zeros, with image*scale, at most 255, inside the region of interest."""
    for s in range(scene.roi_ymin, scene.roi_ymax + 1):
        for f in range(scene.roi_xmin, scene.roi_xmax + 1):
            t = image[s, f] * scale
            if t > 255.0:
                t = 255.0
            out[s, f] = np.uint8(np.int64(t))


@kernel
def noise_pixels(scene, generator, draws, image, row0, row1, adc, photons, out):
    """Fill rows row0 to row1 of `out` with photon-counting noise; serial, each deviate follows from the last.

    Parameters
    ----------
    photons : float
        Sum of the deviates so far.

    Returns
    -------
    photons : float
        With these rows in it.
    overloads : int
        Pixels beyond 65535.
    """
    overloads = 0
    for s in range(max(row0, scene.roi_ymin), min(row1, scene.roi_ymax + 1)):
        for f in range(scene.roi_xmin, scene.roi_xmax + 1):
            deviate = np.float64(poisson_deviate(generator, draws, image[s, f]))
            photons += deviate
            t = deviate + adc
            if t > 65535.0:
                t = 65535.0
                overloads += 1
            out[s, f] = np.uint16(np.int64(t))
    return photons, overloads


@kernel
def solid_angle_in_order(scene):
    """Sum of the solid angles in force over pixels, layers and subpixels, one by one in loop order, sr."""
    total = 0.0
    for s in range(scene.roi_ymin, scene.roi_ymax + 1):
        for f in range(scene.roi_xmin, scene.roi_xmax + 1):
            if not is_rendered(scene, s, f):
                continue
            omega = 0.0
            for layer in range(scene.thick_steps):
                for sub in range(scene.oversample * scene.oversample):
                    subS, subF = sub // scene.oversample, sub % scene.oversample
                    pos1, pos2, pos3 = subpixel_position(scene, s, f, layer, subS, subF)
                    if omega == 0.0 or scene.oversample_omega:
                        omega = solid_angle(scene, length(pos1, pos2, pos3))
                    total += omega
    return total
