"""The loop kernel's driver."""

from numba import prange

from nanobragg_numba.kernels.decorators import parallel_kernel
from nanobragg_numba.kernels.loop.pixel_loop import pixel_value
from nanobragg_numba.kernels.loop.polar_axis import axis_of_row
from nanobragg_numba.kernels.window import is_rendered


@parallel_kernel
def render_rows(scene, row0, image, omega_rows, start_pixel, interpolate, left_range, fixes=None):
    """Render consecutive rows, one thread a row.

    Parameters
    ----------
    scene : Scene
    row0 : int
        Slow index of the first row.
    image : (n_rows, fpixels) float32
        Receives photons; pixels that are not rendered are left as they are.
    omega_rows : (n_rows,) float64
        Receives the solid angles in force, summed over the row, sr.
    start_pixel : int
        slow*fpixels + fast of the pixel that makes the run's first phi sweep.
    interpolate : bool
    left_range : (n_rows,) int64
        Receives the fast index of the first pixel that left the range of interpolation, or -1.
    fixes : Fixes or None
        See `pixel_value`.
    """
    for row in prange(image.shape[0]):
        spixel = row0 + row
        omega_row = 0.0
        left_range[row] = -1
        axis = axis_of_row(scene, spixel)
        for fpixel in range(scene.fpixels):
            if not is_rendered(scene, spixel, fpixel):
                continue
            first = spixel * scene.fpixels + fpixel == start_pixel
            value, omega_sum, first, still, axis = pixel_value(
                scene, spixel, fpixel, first, interpolate, axis, None, fixes
            )
            image[row, fpixel] = value
            omega_row += omega_sum
            if interpolate and not still and left_range[row] < 0:
                left_range[row] = fpixel
        omega_rows[row] = omega_row
