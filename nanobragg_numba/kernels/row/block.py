"""What a block of pixels begins with, and what a subpixel, a layer and a source make of it."""

from nanobragg_numba.kernels.decorators import inlined_kernel
from nanobragg_numba.kernels.loop.polar_axis import axis_of_row, drift_of_row, normalized
from nanobragg_numba.kernels.row.geometry import (
    add_solid_angles,
    any_zero,
    captures,
    cut_resolution,
    fill,
    number_pixels,
    place_curved_pixels,
    place_pixels,
    scatter,
    solid_angles,
)
from nanobragg_numba.kernels.row.polarization import polarize_unpolarized, polarize_within_bound
from nanobragg_numba.kernels.row.slots import (
    CAPTURE,
    F_CELL,
    F_LATT_ERROR,
    INTENSITY,
    INTENSITY_ERROR,
    LIVE,
    OMEGA,
    OMEGA_SUM,
    POLAR,
    POLAR_ERROR,
)


@inlined_kernel
def start_block(scene, w, chunks, first):
    """Set the slots of a block to what a pixel begins with.

    Parameters
    ----------
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    scene : Scene
    first : int
        Fast index of the first pixel.
    """
    number_pixels(w, chunks, first)
    fill(w, chunks, OMEGA, 0.0)
    fill(w, chunks, OMEGA_SUM, 0.0)
    fill(w, chunks, POLAR, 1.0 if scene.nopolar else 0.0)
    fill(w, chunks, POLAR_ERROR, 0.0)
    fill(w, chunks, LIVE, 1.0)
    fill(w, chunks, F_CELL, scene.default_F)
    fill(w, chunks, F_LATT_ERROR, 0.0)
    fill(w, chunks, INTENSITY, scene.I_bg)
    fill(w, chunks, INTENSITY_ERROR, 0.0)


@inlined_kernel
def place_block(scene, w, chunks, count, spixel, layer, sub):
    """Find the positions of one subpixel of every pixel in one layer, and what depends on the position alone.

    Parameters
    ----------
    scene : Scene
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    count : int
        Pixels.
    spixel, layer, sub : int
        Slow index, layer of the sensor, number of the subpixel.
    """
    subS, subF = sub // scene.oversample, sub % scene.oversample
    Odet = layer * scene.thickstep
    Sdet = scene.subpixel_size * (spixel * scene.oversample + subS) + scene.subpixel_size / 2.0
    if scene.curved:
        place_curved_pixels(w, count, scene, subF, Sdet, Odet)
    else:
        place_pixels(
            w, chunks, scene.oversample, subF, scene.subpixel_size, Sdet, Odet,
            scene.fdet, scene.sdet, scene.odet, scene.pix0,
        )  # fmt: skip
    if scene.oversample_omega or any_zero(w, chunks, OMEGA):
        solid_angles(w, chunks, scene.pixel_size, scene.close_distance, scene.point_pixel, scene.oversample_omega != 0)
    add_solid_angles(w, chunks)
    if sub == 0:
        fill(w, chunks, CAPTURE, 1.0 if scene.thickness == 0.0 else 0.0)
    if scene.oversample_thick or (layer == scene.thick_steps - 1 and any_zero(w, chunks, CAPTURE)):
        captures(w, count, scene, layer, scene.oversample_thick != 0)


@inlined_kernel
def light_block(scene, w, chunks, spixel, source, largest_q_sqr):
    """Find the scattering vectors and polarization factors that one source makes.

    Parameters
    ----------
    scene : Scene
    w, chunks
        Work array and its chunks of LANES pixels; see `slots`.
    spixel, source : int
        Slow index, number of the source.
    largest_q_sqr : float
        Of `largest_scattering`, 1/m^2.
    """
    i1, i2, i3 = scene.incident[source, 0], scene.incident[source, 1], scene.incident[source, 2]
    scatter(w, chunks, i1, i2, i3, scene.wavelengths[source], largest_q_sqr)
    if scene.dmin > 0.0:
        cut_resolution(w, chunks, scene.dmin)
    always = scene.oversample_polar != 0
    if always or any_zero(w, chunks, POLAR):
        if scene.kahn == 0.0:
            polarize_unpolarized(w, chunks, i1, i2, i3, always)
        else:
            axis, drift = normalized(axis_of_row(scene, spixel)), drift_of_row(scene, spixel)
            polarize_within_bound(w, chunks, i1, i2, i3, scene.kahn, axis, drift, always)
