"""The row engine's driver with Numba's threads: where the native one is not to be had."""

import numpy as np
from numba import get_thread_id, prange
from numba.core import config

from nanobragg_numba.kernels.decorators import parallel_kernel
from nanobragg_numba.kernels.row.engine import render_row
from nanobragg_numba.kernels.row.slots import BLOCK, SLOTS


@parallel_kernel
def render_rows_guarded(scene, row0, image, omega_rows, start_pixel, interpolate, left_range, recomputed, work):
    """Render consecutive rows, one thread a row; see `loop.parallel.render_rows` for what is not named here.

    Parameters
    ----------
    recomputed : (n_rows,) int64
        Receives how many pixels of each row the loop kernel did.
    work : (n_threads, SLOTS*BLOCK) float64
        Room for one block on each thread; see `new_work`.
    """
    F = scene.F.reshape(-1)
    for row in prange(image.shape[0]):
        omega_rows[row], recomputed[row], left_range[row] = render_row(
            scene, F, work[get_thread_id()], row0 + row, start_pixel, interpolate, image[row]
        )


def new_work():
    """Room for one block on each thread that Numba can start."""
    return np.empty((config.NUMBA_NUM_THREADS, SLOTS * BLOCK))
