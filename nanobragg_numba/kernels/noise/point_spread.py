"""What a point spread is made of: its kernel, the radius of each pixel's spread, and what lies beyond.

The kernel of a Gaussian, or of the light in a fiber optic taper, integrated over each pixel with the formulas of the C
program, whose differences of integrals far from the centre are a matter of the last bits.
"""

import math

import numpy as np

from nanobragg_numba.kernels.decorators import entry_kernel, inlined_kernel, inner_kernel

GAUSS, FIBER = 1, 2
FIBER_WIDTH = 0.652383013252053
"""g of a fiber's point spread, in full widths at half maximum."""
_SHARED = 13
NEIGHBOURHOODS = 1 << (31 - _SHARED)
"""Of positive float32 numbers that share all but their last bits."""
UNKNOWN, _SEVERAL = -1, -2
_LOG_16 = 2.772588722239781
_SQRT_LOG_16 = 1.6651092223153954


@entry_kernel("float", "int", "float64[2]", "float64[2]", group="noisify")
def gauss_kernel(w, R, edges, out):
    """Kernel of a Gaussian, integrated over each pixel.

    Parameters
    ----------
    w : float
        Full width at half maximum, pixels.
    R : int
        Radius.
    edges : (2, 2R+1) float64
        Room for the error function at the edges of the pixels along an axis.
    out : (2R+1, 2R+1) float64
        Rows along dx; 0 outside the circle.
    """
    h = 1.0 / w / 2
    for d in range(-R, R + 1):
        edges[0, d + R] = math.erf((d / w + h) * _SQRT_LOG_16)
        edges[1, d + R] = math.erf((d / w - h) * _SQRT_LOG_16)
    for dy in range(-R, R + 1):
        c, d = edges[0, dy + R], edges[1, dy + R]
        for dx in range(-R, R + 1):
            a, b = edges[0, dx + R], edges[1, dx + R]
            value = 0.125 * (a * c * 2.0) - 0.125 * (a * d * 2.0) - 0.125 * (b * c * 2.0) + 0.125 * (b * d * 2.0)
            out[dy + R, dx + R] = value if dx * dx + dy * dy <= R * R else 0.0


@entry_kernel("float", "int", "int", "float64[2]", group="noisify")
def fiber_corners(g, start, stop, out):
    """Integral of a fiber's point spread from 0 to the corners of pixels, of which one quadrant is enough.

    Parameters
    ----------
    g : float
        Pixels.
    start, stop : int
        Rows to be filled.
    out : (n, n) float64
        At (j + 0.5, i + 0.5) in row i.

    References
    ----------
    Holton, J. M., Nielsen, C. & Frankel, K. A. (2012). J. Synchrotron Rad. 19, 1006-1011: light from a fiber falls off
    as g/(2 pi (g^2 + r^2)^(3/2)), a Moffat function (Moffat, A. F. J. (1969). Astron. Astrophys. 3, 455).
    """
    for i in range(start, stop):
        b = i + 0.5
        for j in range(out.shape[1]):
            a = j + 0.5
            out[i, j] = math.atan((a * b) / (g * math.sqrt(g * g + a * a + b * b))) / 2.0 / math.pi


@inlined_kernel
def fiber_value(corners, dx, dy):
    """Part of a fiber's light that falls on a pixel: the integral at its corners, odd in both coordinates.

    Parameters
    ----------
    corners : (n, n) float64
        Of `fiber_corners`.
    dx, dy : int
        Distance from the fiber, pixels.
    """
    right, left = (dx, dx - 1) if dx > 0 else (-dx - 1, -dx)
    upper, lower = (dy, dy - 1) if dy > 0 else (-dy - 1, -dy)
    sign_right, sign_left = 1.0 if dx >= 0 else -1.0, 1.0 if dx > 0 else -1.0
    sign_upper, sign_lower = 1.0 if dy >= 0 else -1.0, 1.0 if dy > 0 else -1.0
    if dx == 0:
        right = left = 0
    if dy == 0:
        upper = lower = 0
    return (
        sign_right * sign_upper * corners[upper, right]
        - sign_right * sign_lower * corners[lower, right]
        - sign_left * sign_upper * corners[upper, left]
        + sign_left * sign_lower * corners[lower, left]
    )


@entry_kernel("float64[2]", "int", "float64[2]", group="noisify")
def fiber_kernel(corners, R, out):
    """Kernel of a fiber, as `gauss_kernel`, from its integrals.

    Parameters
    ----------
    corners : (n, n) float64
        Of `fiber_corners`.
    R : int
        Radius, pixels.
    out : (2R+1, 2R+1) float64
        Filled; 0 outside the circle.
    """
    for dy in range(-R, R + 1):
        for dx in range(-R, R + 1):
            out[dy + R, dx + R] = fiber_value(corners, dx, dy) if dx * dx + dy * dy <= R * R else 0.0


@entry_kernel("int", "float", "float", "float", results=("float",), group="noisify")
def automatic_radius(kind, w, g, value):
    """Radius beyond which a tenth of the shot noise of so many photons lies, before it is cut to an integer.

    Parameters
    ----------
    kind : int
        GAUSS or FIBER.
    w : float
        Full width at half maximum, pixels.
    g : float
        Width of the fiber's function, pixels.
    value : float
        Photons.
    """
    if kind == FIBER:
        return 1.0 + np.ceil(g * (value / (math.sqrt(value) / 10.0)))
    root = -math.log((math.sqrt(value) / 10.0) / value) / _LOG_16
    if root < 0.0:  # below 0.01 photons the formula has no value
        return 1.0
    return 1.0 + np.ceil(math.sqrt(root) * w)


@inlined_kernel
def _radius(kind, w, g, given, largest, value):
    if given > 0:
        return min(given, largest)
    radius = automatic_radius(kind, w, g, value)
    return np.int64(radius) if radius < largest else largest


@inner_kernel
def _shared_radius(k, kind, w, g, largest):
    """The radius of a neighbourhood of numbers, or _SEVERAL.

    It grows with the number; from one float32 to the next by far more than double precision errs, before it is cut. So
    all have the radius that the first and the last one have.
    """
    first, last = np.int32(k << _SHARED).view(np.float32), np.int32((k + 1 << _SHARED) - 1).view(np.float32)
    if not (first > 0.0 and last < math.inf):
        return _SEVERAL
    low = _radius(kind, w, g, 0, largest, np.float64(first))
    return low if low == _radius(kind, w, g, 0, largest, np.float64(last)) else _SEVERAL


@entry_kernel(
    "float32[1]", "int", "int", "int", "float", "float", "int", "int", "int32[1]", "int16[1]", group="noisify",
)  # fmt: skip
def source_radii(photons, start, stop, kind, w, g, given, largest, known, out):
    """Radius of every pixel that is spread, 0 of the others.

    Parameters
    ----------
    photons : (n,) float32
    start, stop : int
        Pixels.
    given : int
        Radius of all, or 0.
    largest : int
        No radius is larger.
    known : (NEIGHBOURHOODS,) int32
        Radius of all numbers that share their first bits; UNKNOWN where it has not been needed yet.
    out : (n,) int
    """
    for i in range(start, stop):
        value = np.float64(photons[i])
        if value <= 0.0:
            out[i] = 0
            continue
        k = (np.int64(np.float32(photons[i]).view(np.int32)) >> _SHARED) & (NEIGHBOURHOODS - 1)
        if given == 0 and known[k] == UNKNOWN:
            known[k] = _shared_radius(k, kind, w, g, largest)
        if given == 0 and known[k] >= 0:
            out[i] = known[k]
        else:
            out[i] = _radius(kind, w, g, given, largest, value)


@entry_kernel("float32[1]", "int16[1]", "int", "float", "float", "float64[1]", results=("float",), group="noisify")
def lost_photons(photons, radii, kind, w, g, factors):
    """Photons beyond the radii, summed in order.

    Parameters
    ----------
    factors : (n,) float64
        What depends on the radius alone; not a number where it has not been needed yet.
    """
    total = 0.0
    for i in range(photons.size):
        r = np.int64(radii[i])
        if r == 0:
            continue
        value = np.float64(photons[i])
        factor = factors[r]
        if factor != factor:
            if kind == GAUSS:
                factor = math.exp(-_LOG_16 * ((r / w) * (r / w)))
            else:
                factor = math.sqrt(g * g + np.float64(r * r))
            factors[r] = factor
        lost = value * factor if kind == GAUSS else value * g / factor
        if total == total:  # of two undefined numbers the first one keeps its sign
            total += lost
    return total
