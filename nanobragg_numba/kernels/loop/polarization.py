"""Polarization of the scattered beam (Kahn et al., J. Appl. Cryst. 15, 330, 1982)."""

import math

from nanobragg_numba.kernels.decorators import inner_kernel, kernel
from nanobragg_numba.kernels.vectors import cross, dot, unit


@inner_kernel
def polarization_planes(i1, i2, i3, axis):
    """Unit vectors along the magnetic and the electric field of a wave.

    Parameters
    ----------
    i1, i2, i3 : float
        Direction of the wave, of length 1.
    axis : (3,)
        Polarization vector.
    """
    b1, b2, b3 = cross(axis[0], axis[1], axis[2], i1, i2, i3)
    b1, b2, b3, _ = unit(b1, b2, b3)
    e1, e2, e3 = cross(i1, i2, i3, b1, b2, b3)
    e1, e2, e3, _ = unit(e1, e2, e3)
    return b1, b2, b3, e1, e2, e3


@kernel
def polarization_factor(kahn, i1, i2, i3, d1, d2, d3, axis):
    """Fraction of the intensity that is left after polarization.

    Parameters
    ----------
    kahn : float
        Kahn factor, 0 for an unpolarized beam, 1 for a fully polarized one.
    i1, i2, i3, d1, d2, d3 : float
        Incident and diffracted unit vectors, components divided by their length.
    axis : (3,) array
        Polarization vector, already at its fixed point under normalization.

    References
    ----------
    Kahn, R., Fourme, R., Gadet, A., Janin, J., Dumas, C. & Andre, D. (1982). J. Appl. Cryst. 15, 330-337.
    """
    cos2theta = dot(i1, i2, i3, d1, d2, d3)
    cos2theta_sqr = cos2theta * cos2theta
    sin2theta_sqr = 1.0 - cos2theta_sqr
    psi = 0.0
    if kahn != 0.0:
        b1, b2, b3, e1, e2, e3 = polarization_planes(i1, i2, i3, axis)
        psi = -math.atan2(dot(d1, d2, d3, b1, b2, b3), dot(d1, d2, d3, e1, e2, e3))
    return 0.5 * (1.0 + cos2theta_sqr - kahn * math.cos(2.0 * psi) * sin2theta_sqr)
