"""nonBragg against arithmetic of its own: a pixel by mpmath, solid angles, thickness, water by hand."""

import math

import mpmath
import numpy as np
import pytest

import nanobragg_numba as nb
from nanobragg_numba.constants import AVOGADRO, R_E_SQR
from nanobragg_numba.scattering.catalogue import material

mpf = mpmath.mpf


def test_a_pixel_by_mpmath(tmp_path):
    """Two wavelengths, four subpixels, a Kahn factor, a tilted detector and every fix, in forty digits."""
    (tmp_path / "t.stol").write_text("0.0 5\n0.1 7\n0.2 4\n0.3 3\n0.4 1\n")
    args = (
        f"-stol {tmp_path}/t.stol -lambda 1.1 -dispersion 2 -dispsteps 2 -polar 0.7 -oversample 2 -detpixels 12 "
        "-pixel 2 -distance 30 -detector_roty 20 -pivot beam -fluence 1e20 -samplesize 0.2 -density 1.3 -MW 44 -fix all"
    )
    result = nb.amorphous(args)
    experiment = result.experiment
    panel, sources = experiment.detector.panel, experiment.sources
    slow, fast = 3, 9
    with mpmath.workdps(40):
        fdet, sdet, pix0 = ([mpf(float(x)) for x in v] for v in (panel.fdet, panel.sdet, panel.pix0))
        normal = [mpf(float(x)) for x in panel.odet]
        pixel, total = mpf("0.002"), mpf(0)
        for sub in range(4):
            along = [pixel * (index + mpf(2 * part + 1) / 4) for index, part in ((fast, sub % 2), (slow, sub // 2))]
            place = [along[0] * f + along[1] * s + p for f, s, p in zip(fdet, sdet, pix0)]
            distance = mpmath.norm(mpmath.matrix(place))
            d = [x / distance for x in place]
            omega = pixel**2 / distance**2 * sum(a * b for a, b in zip(d, normal))
            psi = mpmath.atan2(d[1], d[2])  # of the axes across a beam along x, polarized along z
            cosine = d[0]
            polar = (1 + cosine**2 - mpf(0.7) * mpmath.cos(2 * psi) * (1 - cosine**2)) / 2
            assert polar > 0
            for wavelength in sources.wavelengths:
                stol = mpmath.sqrt((1 - cosine) / 2) / (mpf(float(wavelength)) * 10**10)
                k = min(max(int(stol * 10), 1), 2)
                points = [(mpf(i) / 10, mpf([5, 7, 4, 3, 1][i])) for i in range(k - 1, k + 3)]
                total += sum(
                    F * mpmath.fprod((stol - t) / (own - t) for t, _ in points if t != own) for own, F in points
                ) ** 2 * polar * omega
        volume = mpf("0.0001") ** 2 * mpf("0.0002")  # the beam clips it
        molecules = volume * mpf("1.3e6") * mpf(AVOGADRO) / 44
        expected = float(total * mpf(R_E_SQR) * mpf("1e20") * molecules / (4 * len(sources.wavelengths)))
    assert float(result.image[slow, fast]) == pytest.approx(expected, rel=1e-5)


def test_the_solid_angle_of_a_square_is_the_analytic_one():
    """4 asin of a b over the root of (a^2 + d^2)(b^2 + d^2), for half sides a, b; summed over pixels to 1e-5."""
    args = "-stol water -detpixels 400 -pixel 0.25 -distance 60 -Xclose 50 -Yclose 50 -oversample 2 -fix solid-angle"
    angle = nb.amorphous(f"{args} -pivot sample").statistics.solid_angle
    exact = 4 * math.asin(50 * 50 / math.sqrt((50**2 + 60**2) * (50**2 + 60**2)))
    assert angle == pytest.approx(exact, rel=1e-5)


def test_photons_are_proportional_to_what_is_in_the_beam():
    args = "-stol water -detpixels 3 -pixel 5 -distance 60 -nopolar"
    one = nb.amorphous(f"{args} -thickness 1 -width 0.1 -height 0.1 -beamsize 0.1").image
    thick = nb.amorphous(f"{args} -thickness 3 -width 5 -height 5 -beamsize 0.1").image  # the beam clips it
    dense = nb.amorphous(f"{args} -thickness 1 -width 0.1 -height 0.1 -beamsize 0.1 -density 2 -MW 9").image
    assert thick == pytest.approx(3 * one, rel=1e-6)
    assert dense == pytest.approx(4 * one, rel=1e-6)


def test_photons_of_a_pixel_of_water_by_hand():
    """1 mm of water at 12 keV, one pixel at the maximum of the ring, as in docs/amorphous.md."""
    wavelength = 12398.42 / 12000
    theta = math.asin(2.0 / (4 * math.pi) * wavelength)
    args = (
        "-stol water -energy 12000 -density 0.997 -MW 18.0153 -thickness 1 -width 0.1 -height 0.1 -beamsize 0.1 "
        "-flux 1e12 -exposure 1 -distance 200 -pixel 0.1 -detpixels_f 1 -detpixels_s 1 "
        f"-Xbeam {0.05 - 200 * math.tan(2 * theta)!r} -Ybeam 0.05"
    )
    photons = float(nb.amorphous(args).image[0, 0])
    F = np.interp(2.0 / (4 * math.pi), *material("water").table().T)
    molecules = 0.997e6 * 1e-3 * 1e-8 * AVOGADRO / 18.0153
    omega = 1e-8 / (0.2 / math.cos(2 * theta)) ** 2 * math.cos(2 * theta)
    polarization = (1 + math.cos(2 * theta) ** 2) / 2
    expected = 1e20 * molecules * R_E_SQR * F * F * polarization * omega
    assert photons == pytest.approx(expected, rel=2e-3)
    assert expected == pytest.approx(3400, rel=0.01)  # as the page says
