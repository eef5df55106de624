"""The drivers that spread rows of amorphous matter over threads."""

import numpy as np
from numba import prange

from nanobragg_numba.kernels.amorphous.pixel_loop import pixel_value
from nanobragg_numba.kernels.decorators import parallel_kernel


@parallel_kernel
def render_rows(scene, row0, image, omega_rows, brackets, remains):
    """As `render_in_order`, one thread a row, for tables whose search has no memory."""
    last = remains.shape[1] - 1
    for row in prange(image.shape[0]):
        spixel = row0 + row
        omega_row = 0.0
        if spixel >= scene.roi_ymin and spixel <= scene.roi_ymax:
            bracket = np.int64(0)
            for fpixel in range(scene.roi_xmin, scene.roi_xmax + 1):
                remain = remains[row, min(fpixel, last)]
                value, omega, bracket = pixel_value(scene, spixel, fpixel, bracket, remain, None)
                image[row, fpixel] = value
                brackets[row, fpixel] = bracket
                omega_row += omega
        omega_rows[row] = omega_row
