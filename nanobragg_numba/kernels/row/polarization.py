"""Polarization factors of a block; see `loop.polarization`."""

import math

import numpy as np

from nanobragg_numba.kernels.decorators import inner_kernel
from nanobragg_numba.kernels.loop.polarization import polarization_planes
from nanobragg_numba.kernels.row.bounds import (
    AXIS_FLOOR,
    AXIS_ROUNDING,
    AXIS_TURN,
    POLAR_ANGLE,
    POLAR_ROUNDING,
    SMALLEST_SAFE,
)
from nanobragg_numba.kernels.row.slots import (
    D1,
    D2,
    D3,
    LANES,
    LIVE,
    POLAR,
    POLAR_ERROR,
)
from nanobragg_numba.kernels.vector_math import wide_vectors
from nanobragg_numba.kernels.vectors import cross, length


@inner_kernel
def polarize_unpolarized(w, chunks, i1, i2, i3, always):
    """Set the polarization factors that are still zero, for an unpolarized beam.

    As in C the diffracted vector is normalized once more on the way, for the sources that follow.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    i1, i2, i3 : float
        Unit vector from the source.
    always : bool
        Set all of them.
    """
    wide_vectors()
    size = length(i1, i2, i3)
    i1, i2, i3 = i1 / size, i2 / size, i3 / size
    for i in range(chunks * LANES):
        d1, d2, d3 = w[D1 + i], w[D2 + i], w[D3 + i]
        old = w[POLAR + i]
        asked = (always | (old == 0.0)) & (w[LIVE + i] != 0.0)
        size = np.sqrt(d1 * d1 + d2 * d2 + d3 * d3)
        n1, n2, n3 = d1 / size, d2 / size, d3 / size
        cos2theta = i1 * n1 + i2 * n2 + i3 * n3
        polar = 0.5 * (1.0 + cos2theta * cos2theta)
        w[POLAR + i] = polar if asked else old
        w[D1 + i] = n1 if asked else d1
        w[D2 + i] = n2 if asked else d2
        w[D3 + i] = n3 if asked else d3


@inner_kernel
def polarize_within_bound(w, chunks, i1, i2, i3, kahn, axis, drift, always):
    """As `polarize_unpolarized`, for any Kahn factor, with a bound of the error.

    The angle psi of the diffracted beam from the electric field appears in cos(2 psi) alone, and that is
    (x^2 - y^2) / (x^2 + y^2) for the components x and y along the two fields. A factor that cannot be told
    from zero, which C would compute again for the next source, is made NaN.

    Parameters
    ----------
    axis : three numbers
        Polarization axis.
    drift : float
        How far the components of C's may be from it.
    """
    wide_vectors()
    size = length(i1, i2, i3)
    i1, i2, i3 = i1 / size, i2 / size, i3 / size
    b1, b2, b3, e1, e2, e3 = polarization_planes(i1, i2, i3, axis)
    turned = 0.0
    if drift > 0.0:
        c1, c2, c3 = cross(axis[0], axis[1], axis[2], i1, i2, i3)
        turned = abs(kahn) * ((AXIS_TURN * drift + AXIS_ROUNDING) / length(c1, c2, c3) + AXIS_FLOOR)
    for i in range(chunks * LANES):
        d1, d2, d3 = w[D1 + i], w[D2 + i], w[D3 + i]
        old = w[POLAR + i]
        asked = (always | (old == 0.0)) & (w[LIVE + i] != 0.0)
        size = np.sqrt(d1 * d1 + d2 * d2 + d3 * d3)
        n1, n2, n3 = d1 / size, d2 / size, d3 / size
        cos2theta = i1 * n1 + i2 * n2 + i3 * n3
        cos2theta_sqr = cos2theta * cos2theta
        sin2theta_sqr = 1.0 - cos2theta_sqr
        y = n1 * b1 + n2 * b2 + n3 * b3
        x = n1 * e1 + n2 * e2 + n3 * e3
        across = x * x + y * y
        polar = 0.5 * (1.0 + cos2theta_sqr - kahn * ((x * x - y * y) / across) * sin2theta_sqr)
        error = POLAR_ROUNDING + POLAR_ANGLE * abs(kahn * sin2theta_sqr) + turned
        certain = (polar > 2.0 * error) & (across > SMALLEST_SAFE)
        polar = polar if certain else math.nan
        w[POLAR + i] = polar if asked else old
        w[POLAR_ERROR + i] = error if asked else w[POLAR_ERROR + i]
        w[D1 + i] = n1 if asked else d1
        w[D2 + i] = n2 if asked else d2
        w[D3 + i] = n3 if asked else d3
