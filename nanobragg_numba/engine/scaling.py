"""From photons to integers: statistics, scales, and the pixels of the integer and PGM images.

All but `measure`, which adds what only a rendered scene has, takes any image of floats and the window that counts.
"""

import math

import numpy as np

from nanobragg_numba.experiment.sampling import Outputs
from nanobragg_numba.kernels.amorphous.scene import AmorphousScene
from nanobragg_numba.kernels.image import image_statistics, integer_pixels, preview_bytes
from nanobragg_numba.kernels.loop.geometry import solid_angle_in_order
from nanobragg_numba.kernels.scene import Scene
from nanobragg_numba.kernels.window import Window, window_of
from nanobragg_numba.records import dataclass


@dataclass(frozen=True)
class ImageStatistics:
    """What the pixels of an image amount to.

    Attributes
    ----------
    mean, rms, rmsd, largest : float
        In the unit of the pixels.
    spixel, fpixel : int
        Where the first of the largest pixels is; -1 if none is above zero.
    """

    mean: float
    rms: float
    rmsd: float
    largest: float
    spixel: int
    fpixel: int

    def int_scale(self, asked: float = 0.0) -> float:
        """Scale of the integer image: as asked for, or such that the largest pixel becomes 55000."""
        if asked > 0.0:
            return asked
        return 55000.0 / self.largest if self.largest > 0.0 else 1.0

    def pgm_scale(self, otherwise: float, asked: float = 0.0) -> float:
        """Scale of the PGM image: as asked for, or such that five standard deviations become 250."""
        if asked > 0.0:
            return asked
        return 250.0 / (5.0 * self.rmsd) if self.rmsd > 0.0 else otherwise


@dataclass(frozen=True)
class Statistics:
    """What an image amounts to.

    Attributes
    ----------
    mean, rms, rmsd, largest : float
        Photons.
    max_Fdet, max_Sdet : float
        Last subpixel of the largest pixel, m; 0 if no pixel is above zero.
    solid_angle : float
        Of the rendered pixels, sr.
    int_scale, pgm_scale : float
        Scales of the integer and PGM images.
    """

    mean: float
    rms: float
    rmsd: float
    largest: float
    max_Fdet: float
    max_Sdet: float
    solid_angle: float
    int_scale: float
    pgm_scale: float


def subpixel_place(scene: Scene | AmorphousScene, pixel: int) -> float:
    """Place of the last subpixel of a pixel along an axis, m."""
    last = pixel * scene.oversample + (scene.oversample - 1)
    return scene.subpixel_size * last + scene.subpixel_size / 2.0


def as_made(value: float) -> float:
    """A value, with the sign that a nan gets from the processor when it comes from 0/0; C prints it."""
    return math.copysign(value, -1.0) if math.isnan(value) else value


def measured_solid_angle(scene: Scene, omega: float, as_in_c: bool) -> float:
    """Solid angle as the report prints it, six digits.

    Rows were summed in parallel, in another order than C's. Where that could change the printed digits
    the sum is made once more in C's order.

    Parameters
    ----------
    scene : Scene
    omega : float
        Solid angles of all terms, sr, summed row by row.
    as_in_c : bool
        The sum is one that C prints, so that its digits matter.

    Returns
    -------
    float
        Mean solid angle per step, sr.
    """
    angle = omega / scene.steps
    if as_in_c and is_near_a_digit(angle):
        return solid_angle_in_order(scene) / scene.steps
    return angle


def is_near_a_digit(angle: float) -> bool:
    """Whether another order of summation could change a digit that is printed of a solid angle."""
    slack = 1e-9  # far above the rounding of any sum that fits in memory
    return any(f"{v * (1 - slack):g}" != f"{v * (1 + slack):g}" for v in (angle, sphere_percentage(angle)))


def sphere_percentage(solid_angle: float) -> float:
    """Part of the whole sphere, per cent."""
    return 100 * solid_angle / 4 / math.pi


def measure(scene: Scene, image: np.ndarray, omega: float, outputs: Outputs, as_in_c: bool = True) -> Statistics:
    """Statistics of a finished image and the scales that follow from them.

    Parameters
    ----------
    scene : Scene
    image : (spixels, fpixels) float32
    omega : float
        Sum of the solid angles in force, sr.
    outputs : Outputs
    as_in_c : bool
        No defect is fixed, and the solid angle shall have C's digits.
    """
    found = statistics_of(window_of(scene), image)
    int_scale = found.int_scale(outputs.scale)
    somewhere = found.spixel >= 0
    return Statistics(
        found.mean, found.rms, found.rmsd, found.largest,
        subpixel_place(scene, found.fpixel) if somewhere else 0.0,
        subpixel_place(scene, found.spixel) if somewhere else 0.0,
        measured_solid_angle(scene, omega, as_in_c), int_scale, found.pgm_scale(int_scale, outputs.pgm_scale),
    )  # fmt: skip


def statistics_of(window: Window, image: np.ndarray) -> ImageStatistics:
    """Statistics of an image.

    Parameters
    ----------
    window : Window
    image : (spixels, fpixels) float32
    """
    mean, rms, rmsd, largest, spixel, fpixel = image_statistics(window, image)
    return ImageStatistics(as_made(mean), as_made(rms), as_made(rmsd), largest, spixel, fpixel)


def integer_image(window: Window, image: np.ndarray, scale: float, adc: float) -> np.ndarray:
    """Pixels of the integer image.

    Parameters
    ----------
    window : Window
    image : (spixels, fpixels) float32
    scale, adc : float

    Returns
    -------
    (spixels, fpixels) uint16
        Zero outside the region of interest.
    """
    out = np.zeros(image.shape, np.uint16)
    integer_pixels(window, image, scale, adc, out)
    return out


def pgm_image(window: Window, image: np.ndarray, scale: float) -> np.ndarray:
    """Pixels of the PGM image.

    Parameters
    ----------
    window : Window
    image : (spixels, fpixels) float32
    scale : float

    Returns
    -------
    (spixels, fpixels) uint8
        Zero outside the region of interest.
    """
    out = np.zeros(image.shape, np.uint8)
    preview_bytes(window, image, scale, out)
    return out
