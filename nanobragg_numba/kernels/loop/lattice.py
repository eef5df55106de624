"""Shape transforms of the crystal: what the number of unit cells along each axis does to a reflection."""

import math

from nanobragg_numba.kernels.decorators import inner_kernel, kernel


@kernel
def sincg(x, N):
    """Interference of N unit cells: sin(N x) / sin(x), with its limit N at x = 0.

    References
    ----------
    James, R. W. (1962). The Optical Principles of the Diffraction of X-rays, chapter I; of nanocrystals: Kirian, R. A.
    et al. (2010). Opt. Express 18, 5713-5723.
    """
    if x == 0.0:
        return N
    return math.sin(x * N) / math.sin(x)


@inner_kernel
def sinc3(x):
    """Transform of a sphere, 3 (sin x / x - cos x) / x^2, with its limit 1 at x = 0.

    References
    ----------
    Guinier, A. & Fournet, G. (1955). Small-Angle Scattering of X-rays, chapter 2: the amplitude of a sphere, after
    Rayleigh.
    """
    if x == 0.0:
        return 1.0
    return 3.0 * (math.sin(x) / x - math.cos(x)) / (x * x)


@inner_kernel
def radius_squared(dh, dk, dl, a_star, b_star, c_star, Na, Nb, Nc):
    """Squared distance from the reflection, in units of the reciprocal crystal size (1/Angstrom^2 scaled).

    Parameters
    ----------
    dh, dk, dl : float
        Distance from the nearest reflection, indices.
    a_star, b_star, c_star : (3,)
        Reciprocal cell, 1/Angstrom.
    Na, Nb, Nc : float
        Unit cells along each axis.
    """
    d1 = dh * a_star[0] + dk * b_star[0] + dl * c_star[0]
    d2 = dh * a_star[1] + dk * b_star[1] + dl * c_star[1]
    d3 = dh * a_star[2] + dk * b_star[2] + dl * c_star[2]
    return (d1 * d1 + d2 * d2 + d3 * d3) * Na * Na * Nb * Nb * Nc * Nc


@inner_kernel
def round_crystal(dh, dk, dl, Na, Nb, Nc, fudge):
    """F_latt of an ellipsoidal crystal: its number of cells times the transform of a sphere.

    Parameters
    ----------
    dh, dk, dl : float
        Distance from the nearest reflection, indices.
    Na, Nb, Nc : float
        Unit cells along each axis.
    fudge : float
        Scale of the squared distance, for spots of another width.
    """
    q = dh * dh * Na * Na + dk * dk * Nb * Nb + dl * dl * Nc * Nc
    return Na * Nb * Nc * 0.723601254558268 * sinc3(math.pi * math.sqrt(q * fudge))


@inner_kernel
def gauss_crystal(r2, Na, Nb, Nc, fudge):
    """F_latt of spots with a Gaussian profile.

    Parameters
    ----------
    r2 : float
        Of `radius_squared`.
    Na, Nb, Nc : float
        Unit cells along each axis.
    fudge : float
        Scale of the squared distance.
    """
    return Na * Nb * Nc * math.exp(-(r2 / 0.63 * fudge))


@inner_kernel
def tophat_crystal(r2, Na, Nb, Nc, fudge):
    """F_latt of spots with a sharp edge.

    Parameters
    ----------
    r2 : float
        Of `radius_squared`.
    Na, Nb, Nc : float
        Unit cells along each axis.
    fudge : float
        Scale of the squared distance.
    """
    return Na * Nb * Nc * (1.0 if r2 * fudge < 0.3969 else 0.0)
