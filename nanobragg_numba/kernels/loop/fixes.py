"""What the pixel loop computes differently where defects of the C program are fixed.

The loop nest takes it as an argument that is None where nothing is fixed: the compiler then leaves all of it out.
"""

from typing import NamedTuple

from nanobragg_numba.kernels.decorators import inner_kernel
from nanobragg_numba.kernels.scene import Array


class Fixes(NamedTuple):
    """Fixes of the loops; flags are 0 or 1.

    Attributes
    ----------
    interpolation : int
        Interpolation is off for evaluations that are out of range alone.
    thickness : int
        The capture fraction is that of each layer and subpixel.
    product : int
        Factors of the -oversample_ options are applied once to each term.
    first_subpixel : int
        Solid angle and polarization are those of each subpixel, layer and source.
    weights : (n_sources,) float64
        Of the sources, with a mean of 1.
    stars : (n_phi, n_domains, 9) float64
        Reciprocal vectors a*, b*, c* that shape the spots, 1/Angstrom, for every sweep but the first.
    stars_first : same shape
        For the first sweep of the run.
    """

    interpolation: int
    thickness: int
    product: int
    first_subpixel: int
    weights: Array
    stars: Array
    stars_first: Array


@inner_kernel
def own_factors(scene, fixes):
    """Which of capture fraction, polarization and solid angle each term is multiplied by on its own.

    An -oversample_ option that is not fixed goes on multiplying the running sum, whatever else is fixed.
    """
    thick = fixes.product if scene.oversample_thick else fixes.thickness
    polar = fixes.product if scene.oversample_polar else fixes.first_subpixel
    omega = fixes.product if scene.oversample_omega else fixes.first_subpixel
    return thick != 0, polar != 0, omega != 0


@inner_kernel
def background_share(scene, own_capture):
    """What of the background belongs to one source of one subpixel; layers that are captured one by one add up."""
    shares = scene.oversample * scene.oversample * scene.incident.shape[0]
    if not own_capture:
        shares *= scene.thick_steps
    return scene.I_bg / shares
