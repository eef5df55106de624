"""Three-vectors as three numbers, with the order of operations that decides the last bit."""

import math

from nanobragg_numba.kernels.decorators import kernel


@kernel
def dot(x1, x2, x3, y1, y2, y3):
    """Scalar product, summed from left to right."""
    return x1 * y1 + x2 * y2 + x3 * y3


@kernel
def length(x1, x2, x3):
    """Euclidean length."""
    return math.sqrt(x1 * x1 + x2 * x2 + x3 * x3)


@kernel
def unit(x1, x2, x3):
    """Components divided by the length, and the length; a vector without length stays zero."""
    size = math.sqrt(x1 * x1 + x2 * x2 + x3 * x3)
    if size == 0.0:
        return 0.0, 0.0, 0.0, size
    return x1 / size, x2 / size, x3 / size, size


@kernel
def cross(x1, x2, x3, y1, y2, y3):
    """Vector product x times y."""
    return x2 * y3 - x3 * y2, x3 * y1 - x1 * y3, x1 * y2 - x2 * y1


@kernel
def rotate_axis(v1, v2, v3, u1, u2, u3, phi):
    """Vector v turned right-handedly about the unit axis u by phi radians (Rodrigues' formula)."""
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
