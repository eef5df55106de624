"""Where pixels are, how large they look, and what their sensor captures."""

import math

from nanobragg_numba.kernels.decorators import entry_kernel, inner_kernel, kernel
from nanobragg_numba.kernels.scene import CURVED, Scene
from nanobragg_numba.kernels.vectors import cross, dot, length, rotate_axis
from nanobragg_numba.kernels.window import is_rendered


@kernel
def arcs(scene, Fdet, Sdet):
    """Angles about the slow and the fast axis that lead from the beam centre to a point of a curved detector.

    Parameters
    ----------
    scene : Scene
    Fdet, Sdet : float
        Place along the axes of the detector, m.

    Returns
    -------
    about_slow, about_fast : float
        rad.
    """
    fdet, sdet, beam = scene.fdet, scene.sdet, scene.beam
    n1, n2, n3 = cross(fdet[0], fdet[1], fdet[2], sdet[0], sdet[1], sdet[2])
    # Right-handed axes: a turn about the slow one moves the beam along the fast one, a turn about that one back
    # along the slow one. Left-handed axes: the other way round.
    hand = 1.0 if dot(n1, n2, n3, beam[0], beam[1], beam[2]) >= 0.0 else -1.0
    return hand * (Fdet - scene.Fbeam) / scene.distance, -hand * (Sdet - scene.Sbeam) / scene.distance


@entry_kernel(Scene, "float", "float", "float", results=("float", "float", "float"))
def pixel_position(scene, Fdet, Sdet, Odet):
    """Laboratory position of a point of the detector, three numbers in m.

    Parameters
    ----------
    scene : Scene
    Fdet, Sdet, Odet : float
        Place along the axes of the detector, m.
    """
    fdet, sdet, odet, pix0 = scene.fdet, scene.sdet, scene.odet, scene.pix0
    pos1 = Fdet * fdet[0] + Sdet * sdet[0] + Odet * odet[0] + pix0[0]
    pos2 = Fdet * fdet[1] + Sdet * sdet[1] + Odet * odet[1] + pix0[1]
    pos3 = Fdet * fdet[2] + Sdet * sdet[2] + Odet * odet[2] + pix0[2]
    if scene.curved:
        v1 = scene.distance * scene.beam[0]
        v2 = scene.distance * scene.beam[1]
        v3 = scene.distance * scene.beam[2]
        about_slow, about_fast = pos2 / scene.distance, pos3 / scene.distance
        if scene.curved == CURVED:
            about_slow, about_fast = arcs(scene, Fdet, Sdet)
        v1, v2, v3 = rotate_axis(v1, v2, v3, sdet[0], sdet[1], sdet[2], about_slow)
        pos1, pos2, pos3 = rotate_axis(v1, v2, v3, fdet[0], fdet[1], fdet[2], about_fast)
    return pos1, pos2, pos3


@inner_kernel
def subpixel_position(scene, spixel, fpixel, layer, subS, subF):
    """Laboratory position of the centre of a subpixel in a layer, m.

    Parameters
    ----------
    scene : Scene
    spixel, fpixel : int
        Slow and fast index of the pixel.
    layer : int
        Of the sensor, from its surface.
    subS, subF : int
        Slow and fast index of the subpixel in its pixel.
    """
    Fdet = scene.subpixel_size * (fpixel * scene.oversample + subF) + scene.subpixel_size / 2.0
    Sdet = scene.subpixel_size * (spixel * scene.oversample + subS) + scene.subpixel_size / 2.0
    return pixel_position(scene, Fdet, Sdet, layer * scene.thickstep)


@kernel
def solid_angle(scene, airpath):
    """Solid angle of a pixel at the distance airpath, sr, with obliquity unless it is a point."""
    if scene.point_pixel:
        return 1.0 / airpath / airpath
    return scene.pixel_size * scene.pixel_size / airpath / airpath * scene.close_distance / airpath


@inner_kernel
def layer_capture(scene, layer, parallax):
    """Fraction of the photons absorbed in one layer of the sensor, by the law of Beer and Lambert.

    Parameters
    ----------
    scene : Scene
        mu in 1/m and thickstep in m.
    layer : int
        From the surface.
    parallax : float
        Cosine between the ray and the normal of the sensor.
    """
    thickstep, mu = scene.thickstep, scene.mu
    return math.exp(-layer * thickstep * mu / parallax) - math.exp(
        -(layer + 1) * thickstep * mu / parallax
    )


@inner_kernel
def skipped_by_resolution(scene, stol):
    """Whether -dmin cuts this scattering vector off; stol is sin(theta)/lambda in 1/m."""
    return scene.dmin > 0.0 and stol > 0.0 and scene.dmin > 0.5 / stol


@entry_kernel(Scene, results=("float",))
def solid_angle_in_order(scene):
    """Sum of the solid angles in force over pixels, layers and subpixels, one by one in loop order, sr."""
    total = 0.0
    for s in range(scene.roi_ymin, scene.roi_ymax + 1):
        for f in range(scene.roi_xmin, scene.roi_xmax + 1):
            if not is_rendered(scene, s, f):
                continue
            omega = 0.0
            for layer in range(scene.thick_steps):
                for sub in range(scene.oversample * scene.oversample):
                    subS, subF = sub // scene.oversample, sub % scene.oversample
                    pos1, pos2, pos3 = subpixel_position(scene, s, f, layer, subS, subF)
                    if omega == 0.0 or scene.oversample_omega:
                        omega = solid_angle(scene, length(pos1, pos2, pos3))
                    total += omega
    return total
