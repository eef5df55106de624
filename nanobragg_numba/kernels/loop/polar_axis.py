"""The polarization axis, which the C program normalizes once more, in place, each time it asks for a polarization.

Most axes are the same vector from the second call on. About one in 150 ends in two vectors that take turns, call by
call, and a few move on by a unit in the last place for hundreds of calls and more. So a pixel's axis depends on how
many calls the pixels before it have made. Here they are counted, without the sums over phi steps and domains.
"""

from nanobragg_numba.kernels.decorators import inner_kernel, kernel
from nanobragg_numba.kernels.loop.geometry import skipped_by_resolution, subpixel_position
from nanobragg_numba.kernels.loop.polarization import polarization_factor
from nanobragg_numba.kernels.vectors import dot, length, unit
from nanobragg_numba.kernels.window import is_rendered

_STEP = 8.0 * 2.0**-53
"""Most that one normalization moves a component of a vector that has been normalized before."""

_CERTAIN = 1e-9
"""A polarization factor above this in a rough estimate is not zero."""


@inner_kernel
def normalized(axis):
    """The axis after one call more, three numbers."""
    a1, a2, a3, _ = unit(axis[0], axis[1], axis[2])
    return a1, a2, a3


@inner_kernel
def same(a, b):
    """Whether two axes are equal."""
    return a[0] == b[0] and a[1] == b[1] and a[2] == b[2]


@inner_kernel
def after_calls(axis, calls):
    """The axis after so many calls more."""
    while calls > 0:
        following = normalized(axis)
        if same(following, axis):
            return axis
        calls -= 1
        if same(normalized(following), axis):  # these two take turns
            return axis if calls % 2 else following
        axis = following
    return axis


@inner_kernel
def axis_of_row(scene, spixel):
    """The axis as the pixels above a row have left it, three numbers."""
    row = 3 * spixel if scene.polar_drift.shape[0] > 1 else 0
    return scene.polar_axes[row], scene.polar_axes[row + 1], scene.polar_axes[row + 2]


@inner_kernel
def drift_of_row(scene, spixel):
    """How far, at most, the components of the axis are from those of the row's first call in its other calls."""
    return scene.polar_drift[spixel if scene.polar_drift.shape[0] > 1 else 0]


@inner_kernel
def is_surely_polarized(scene, i1, i2, i3, d1, d2, d3):
    """Whether a polarization factor cannot be zero, whatever the axis.

    Parameters
    ----------
    scene : Scene
    i1, i2, i3 : float
        Unit vector from the source.
    d1, d2, d3 : float
        Unit vector to the pixel.
    """
    cosine = dot(i1, i2, i3, d1, d2, d3)
    return 1.0 + cosine * cosine - abs(scene.kahn) * (1.0 - cosine * cosine) > _CERTAIN


@inner_kernel
def after_pixel(scene, spixel, fpixel, axis):
    """The axis after the calls of one pixel, as `pixel_value` makes them, and their number.

    Parameters
    ----------
    scene : Scene
    spixel, fpixel : int
        Slow and fast index.
    axis : (3,)
        As the pixel finds it.
    """
    calls = 0
    for layer in range(scene.thick_steps):
        for sub in range(scene.oversample * scene.oversample):
            subS, subF = sub // scene.oversample, sub % scene.oversample
            pos1, pos2, pos3 = subpixel_position(scene, spixel, fpixel, layer, subS, subF)
            d1, d2, d3, _ = unit(pos1, pos2, pos3)
            for source in range(scene.incident.shape[0]):
                i1, i2, i3 = scene.incident[source, 0], scene.incident[source, 1], scene.incident[source, 2]
                lambda_s = scene.wavelengths[source]
                q1, q2, q3 = (d1 - i1) / lambda_s, (d2 - i2) / lambda_s, (d3 - i3) / lambda_s
                if skipped_by_resolution(scene, 0.5 * length(q1, q2, q3)):
                    continue
                i1, i2, i3, _ = unit(i1, i2, i3)
                d1, d2, d3, _ = unit(d1, d2, d3)
                axis = normalized(axis)
                calls += 1
                if scene.oversample_polar:
                    continue
                if is_surely_polarized(scene, i1, i2, i3, d1, d2, d3):
                    return axis, calls
                if polarization_factor(scene.kahn, i1, i2, i3, d1, d2, d3, axis) != 0.0:
                    return axis, calls
    return axis, calls


@inner_kernel
def calls_of_every_pixel(scene):
    """How many calls a pixel makes, where that is the same for all; else -1."""
    if scene.nopolar and not scene.oversample_polar:
        return 0
    if scene.dmin > 0.0:
        return -1
    if scene.oversample_polar:
        return scene.thick_steps * scene.oversample * scene.oversample * scene.incident.shape[0]
    return 1 if abs(scene.kahn) < 1.0 - _CERTAIN else -1


@inner_kernel
def after_pixels(scene, spixel, first, stop, axis):
    """The axis after the calls of some pixels of a row.

    Parameters
    ----------
    scene : Scene
    spixel : int
    first, stop : int
        Fast indices, the second one excluded.
    axis : three numbers
        As it is before them.

    Returns
    -------
    axis : three numbers
    calls : int
    """
    each = calls_of_every_pixel(scene)
    calls = 0
    for fpixel in range(first, stop):
        if not is_rendered(scene, spixel, fpixel):
            continue
        if each >= 0:
            calls += each
        else:
            axis, more = after_pixel(scene, spixel, fpixel, axis)
            calls += more
    return (after_calls(axis, calls) if each >= 0 else axis), calls


@inner_kernel
def axis_before(scene, spixel, fpixel):
    """The axis that a pixel finds, three numbers.

    Parameters
    ----------
    scene : Scene
    spixel, fpixel : int
        Slow and fast index.
    """
    axis = axis_of_row(scene, spixel)
    if drift_of_row(scene, spixel) > 0.0:
        axis, _ = after_pixels(scene, spixel, scene.roi_xmin, fpixel, axis)
    return axis


@kernel
def follow_axis(scene, axes, drift):
    """Find the axis that each row begins with.

    Parameters
    ----------
    scene : Scene
        Its `polar_axes` hold the axis before the first call of the run.
    axes : (3*spixels,) float64
        Receives the axis as each row finds it.
    drift : (spixels,) float64
        Receives how far, at most, components are from those of the row's first call in its other calls.
    """
    axis = scene.polar_axes[0], scene.polar_axes[1], scene.polar_axes[2]
    for spixel in range(scene.spixels):
        for n in range(3):
            axes[3 * spixel + n] = axis[n]
        first = normalized(axis)
        second = normalized(first)
        after, calls = after_pixels(scene, spixel, scene.roi_xmin, scene.roi_xmax + 1, axis)
        if same(first, second):
            drift[spixel] = 0.0
        elif same(second, axis):
            drift[spixel] = max(abs(first[0] - axis[0]), abs(first[1] - axis[1]), abs(first[2] - axis[2]))
        else:
            drift[spixel] = _STEP * calls
        axis = after
