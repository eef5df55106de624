"""Which pixels of an image count: its size, the region of interest and the mask."""

from typing import Any, NamedTuple

import numpy as np

from nanobragg_numba.kernels.decorators import kernel
from nanobragg_numba.native.calls import declare_arrays


class Window(NamedTuple):
    """What kernels that only look at images need to know; a Scene has the same fields among its own.

    Attributes
    ----------
    fpixels, spixels : int
        Pixels along the fast and the slow axis.
    roi_xmin, roi_xmax, roi_ymin, roi_ymax : int
        Region of interest along both, bounds included, clipped to the image.
    mask : (spixels, fpixels) uint16
        Zero pixels are not rendered; (0, 0) for no mask.
    """

    fpixels: int
    spixels: int
    roi_xmin: int
    roi_xmax: int
    roi_ymin: int
    roi_ymax: int
    mask: np.ndarray


declare_arrays(Window, mask="uint16[2]")


def window_of(scene: Any) -> Window:
    """The window of a Scene, or of another record with the fields of a Window."""
    return Window(*(getattr(scene, name) for name in Window._fields))


def whole_window(spixels: int, fpixels: int) -> Window:
    """The window of an image all of whose pixels count."""
    return Window(fpixels, spixels, 0, fpixels - 1, 0, spixels - 1, np.zeros((0, 0), np.uint16))


@kernel
def is_rendered(window, spixel, fpixel):
    """Whether a pixel is in the region of interest and not masked out.

    Parameters
    ----------
    window : Window or Scene
    spixel, fpixel : int
        Slow and fast index.
    """
    if spixel < window.roi_ymin or spixel > window.roi_ymax:
        return False
    if fpixel < window.roi_xmin or fpixel > window.roi_xmax:
        return False
    return window.mask.shape[0] == 0 or window.mask[spixel, fpixel] != 0
