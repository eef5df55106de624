"""Three-vectors as three numbers, with the order of operations that decides the last bit."""

import math

from nanobragg_numba.kernels.decorators import kernel


@kernel
def dot(x1, x2, x3, y1, y2, y3):
    """Scalar product, summed from left to right.

    Parameters
    ----------
    x1, x2, x3, y1, y2, y3 : float
        Components of the two vectors.
    """
    return x1 * y1 + x2 * y2 + x3 * y3


@kernel
def length(x1, x2, x3):
    """Euclidean length.

    Parameters
    ----------
    x1, x2, x3 : float
        Components.
    """
    return math.sqrt(x1 * x1 + x2 * x2 + x3 * x3)


@kernel
def unit(x1, x2, x3):
    """Components divided by the length, and the length; a vector without length stays zero.

    Parameters
    ----------
    x1, x2, x3 : float
        Components.
    """
    size = math.sqrt(x1 * x1 + x2 * x2 + x3 * x3)
    if size == 0.0:
        return 0.0, 0.0, 0.0, size
    return x1 / size, x2 / size, x3 / size, size


@kernel
def cross(x1, x2, x3, y1, y2, y3):
    """Vector product x times y.

    Parameters
    ----------
    x1, x2, x3, y1, y2, y3 : float
        Components of the two vectors.
    """
    return x2 * y3 - x3 * y2, x3 * y1 - x1 * y3, x1 * y2 - x2 * y1


@kernel
def rotate_axis(v1, v2, v3, u1, u2, u3, phi):
    """Vector v turned right-handedly about a unit axis.

    Parameters
    ----------
    v1, v2, v3 : float
        Components of the vector.
    u1, u2, u3 : float
        Components of the axis, whose length is 1.
    phi : float
        rad.

    References
    ----------
    The rotation formula of O. Rodrigues, J. Math. Pures Appl. 5 (1840), 380-440.
    """
    sinphi = math.sin(phi)
    cosphi = math.cos(phi)
    d = (u1 * v1 + u2 * v2 + u3 * v3) * (1.0 - cosphi)
    return (
        u1 * d + v1 * cosphi + (-u3 * v2 + u2 * v3) * sinphi,
        u2 * d + v2 * cosphi + (u3 * v1 - u1 * v3) * sinphi,
        u3 * d + v3 * cosphi + (-u2 * v1 + u1 * v2) * sinphi,
    )


@kernel
def rotate_xyz(v1, v2, v3, rotx, roty, rotz):
    """Vector v turned about x, then y, then z, in radians; an angle of zero is skipped.

    The products with zero are kept: they decide the sign of a zero.

    Parameters
    ----------
    v1, v2, v3 : float
        Components of the vector.
    rotx, roty, rotz : float
        rad.
    """
    if rotx != 0.0:
        v2, v3 = (
            v2 * math.cos(rotx) + v3 * -math.sin(rotx),
            v2 * math.sin(rotx) + v3 * math.cos(rotx),
        )
    if roty != 0.0:
        v1, v3 = (
            v1 * math.cos(roty) + v2 * 0.0 + v3 * math.sin(roty),
            v1 * -math.sin(roty) + v2 * 0.0 + v3 * math.cos(roty),
        )
    if rotz != 0.0:
        v1, v2 = (
            v1 * math.cos(rotz) + v2 * -math.sin(rotz),
            v1 * math.sin(rotz) + v2 * math.cos(rotz),
        )
    return v1, v2, v3
