"""The driver of amorphous matter for one thread of several: rows in vectors, or pixel by pixel."""

import numpy as np

from nanobragg_numba.kernels.amorphous.pixel_loop import pixel_value
from nanobragg_numba.kernels.amorphous.row import is_beyond, render_row
from nanobragg_numba.kernels.amorphous.scene import AmorphousRows, AmorphousScene
from nanobragg_numba.kernels.decorators import entry_kernel, inner_kernel


@inner_kernel
def render_row_in_order(scene, spixel, bracket, image_row, brackets, remains):
    """Render one row pixel by pixel.

    Parameters
    ----------
    bracket : int
        Point of the table where the search of the evaluation before ended.
    brackets : (fpixels or 1,) int32
        Receives where each pixel's last search ended.
    remains : (fpixels or 1, REMAINS) float64

    Returns
    -------
    omega_sum : float
    beyond : int
        Whether the last evaluation of any pixel lay beyond the table.
    bracket : int
    """
    omega_sum = 0.0
    beyond = 0
    last_bracket, last_remain = brackets.shape[0] - 1, remains.shape[0] - 1
    for fpixel in range(scene.roi_xmin, scene.roi_xmax + 1):
        remain = remains[min(fpixel, last_remain)]
        value, omega, bracket = pixel_value(scene, spixel, fpixel, bracket, remain, None)
        image_row[fpixel] = value
        brackets[min(fpixel, last_bracket)] = bracket
        omega_sum += omega
        beyond |= is_beyond(scene, bracket)
    return omega_sum, beyond, bracket


@entry_kernel(
    AmorphousScene, AmorphousRows, "bool", "int", "int", "int", "int", "float32[2]", "float64[1]", "int64[1]",
    "int64[1]", "int32[2]", "float64[3]", "float64[1]", results=("int",), group="amorphous",
)  # fmt: skip
def render_amorphous_piece(
    scene, rows, in_vectors, row0, first, stop, bracket, image, omega_rows, recomputed, beyond, brackets, remains, work
):
    """Render some of consecutive rows on one thread.

    Parameters
    ----------
    scene : AmorphousScene
    rows : AmorphousRows
    in_vectors : bool
        By the row engine, for which `rows.suits`; else pixel by pixel.
    row0 : int
        Slow index of row 0 of the arrays.
    first, stop : int
        Rows of the arrays.
    bracket : int
        Point of the table where the search before this piece ended: it matters where the table does not increase.
    image : (n_rows, fpixels) float32
        Receives photons or, for an F map, electrons.
    omega_rows : (n_rows,) float64
        Receives the solid angles, summed over the row, sr.
    recomputed : (n_rows,) int64
        Receives how many pixels of each row the loop kernel did for the row engine.
    beyond : (n_rows,) int64
        Receives 1 where the last evaluation of a pixel lay beyond the table.
    brackets : (n_rows, fpixels or 1) int32
        Receives the point of the table where each pixel's last search ended, without vectors.
    remains : (n_rows, fpixels or 1, REMAINS) float64
        Receives what `pixel_value` says.
    work : (AMORPHOUS_SLOTS*BLOCK,) float64
        Room for one block.

    Returns
    -------
    bracket : int
        Where the last search ended, without vectors.
    """
    bracket = np.int64(bracket)
    for row in range(first, stop):
        spixel = row0 + row
        if spixel < scene.roi_ymin or spixel > scene.roi_ymax:
            continue
        if in_vectors:
            omega_rows[row], recomputed[row], beyond[row] = render_row(
                scene, rows, work, spixel, image[row], remains[row, 0]
            )
        else:
            omega_rows[row], beyond[row], bracket = render_row_in_order(
                scene, spixel, bracket, image[row], brackets[row], remains[row]
            )
    return bracket
