"""The row engine's driver for one thread of several, without Numba."""

from nanobragg_numba.kernels.decorators import entry_kernel
from nanobragg_numba.kernels.row.engine import render_row
from nanobragg_numba.kernels.scene import Scene


@entry_kernel(
    Scene, "float64[1]", "int", "int", "int", "float32[2]", "float64[1]", "int", "bool", "int64[1]", "int64[1]",
    "float64[1]", group="rows",
)  # fmt: skip
def render_piece(
    scene, F, row0, first, stop, image, omega_rows, start_pixel, interpolate, left_range, recomputed, work
):  # fmt: skip
    """Render some of consecutive rows on one thread.

    Parameters
    ----------
    scene : Scene
    F : (n,) float64
        `scene.F`, flat.
    row0 : int
        Slow index of row 0 of `image`.
    first, stop : int
        Rows of `image`.
    image : (n_rows, fpixels) float32
        Receives photons; pixels that are not rendered are left as they are.
    omega_rows : (n_rows,) float64
        Receives the solid angles in force, summed over the row, sr.
    start_pixel : int
        slow*fpixels + fast of the pixel that makes the run's first phi sweep.
    interpolate : bool
    left_range : (n_rows,) int64
        Receives the fast index of the first pixel that left the range of interpolation, or -1.
    recomputed : (n_rows,) int64
        Receives how many pixels of each row the loop kernel did.
    work : (SLOTS*BLOCK,) float64
        Room for one block.
    """
    for row in range(first, stop):
        omega_rows[row], recomputed[row], left_range[row] = render_row(
            scene, F, work, row0 + row, start_pixel, interpolate, image[row]
        )
