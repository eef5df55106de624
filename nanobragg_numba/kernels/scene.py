"""What the pixel loop sees of an experiment: plain numbers and arrays."""

from typing import NamedTuple

import numpy as np

from nanobragg_numba.native.calls import declare_arrays

SQUARE, ROUND, GAUSS, TOPHAT = 0, 1, 2, 3
"""Spot shapes, the values of `Scene.shape`."""

FLAT, CURVED_AS_IN_C, CURVED = 0, 1, 2
"""Detector surfaces, the values of `Scene.curved`."""

Array = np.ndarray


class Scene(NamedTuple):
    """One experiment, flattened. Lengths in metres, angles in radians; flags are 0 or 1.

    Arrays are C-contiguous float64 unless said otherwise.
    """

    # detector
    fpixels: int
    spixels: int
    pixel_size: float
    subpixel_size: float
    oversample: int
    roi_xmin: int  # region of interest, inclusive, clipped to the detector
    roi_xmax: int
    roi_ymin: int
    roi_ymax: int
    mask: Array  # uint16 (spixels, fpixels), 0 = not rendered; (0, 0) = no mask
    fdet: Array  # (3,) unit vector along the fast axis
    sdet: Array  # (3,) along the slow axis
    odet: Array  # (3,) the normal, along which layers are stacked
    pix0: Array  # (3,) corner of the first pixel
    beam: Array  # (3,) unit vector along the incident beam
    distance: float
    close_distance: float
    curved: int
    Fbeam: float  # beam centre along the fast and slow axis, from the corner of the first pixel
    Sbeam: float
    point_pixel: int
    # sensor
    thick_steps: int
    thickstep: float
    thickness: float
    mu: float
    # beam
    incident: Array  # (n_sources, 3) unit incident directions
    wavelengths: Array  # (n_sources,)
    nopolar: int
    kahn: float
    polar_axes: Array  # (3 n,) polarization vector as each row finds it; n = 1 where it has settled, else spixels
    polar_drift: Array  # (n,) how far its components move within a row (see `kernels.loop.polar_axis`)
    dmin: float
    fluence: float  # photons/m^2
    r_e_sqr: float  # m^2
    # sampling
    phi: Array  # (n_phi,)
    steps: float  # sources * domains * phi steps * oversample^2
    oversample_thick: int
    oversample_polar: int
    oversample_omega: int
    # crystal
    abc: Array  # (n_phi, n_domains, 9) real-space a, b, c, rotated by phi step and domain
    abc_first: Array  # the same for the first sweep of the run (see `engine.flatten`)
    Na: float
    Nb: float
    Nc: float
    shape: int
    fudge: float
    a_star: Array  # (3,) 1/Angstrom, of the unrotated crystal
    b_star: Array
    c_star: Array
    # structure factors, electrons
    has_F: int
    F: Array  # (h_range+1, k_range+1, l_range+1), element [h-h_min, k-k_min, l-l_min]
    h_min: int
    h_max: int
    h_range: int
    k_min: int
    k_max: int
    k_range: int
    l_min: int
    l_max: int
    l_range: int
    default_F: float
    interpolate: int
    # background
    I_bg: float
    water_size: float


declare_arrays(
    Scene, mask="uint16[2]", incident="float64[2]", abc="float64[3]", abc_first="float64[3]", F="float64[3]"
)  # fmt: skip
