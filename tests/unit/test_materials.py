"""Tables of liquids, oils and ice against what is published of them; Compton scattering."""

import math
import subprocess
import sys

import gemmi
import numpy as np
import pytest
import xraylib
from scipy.interpolate import PchipInterpolator
from scipy.signal import find_peaks

import nanobragg_numba as nb
from nanobragg_numba.formats.stol import read_stol
from nanobragg_numba.scattering import ice, water
from nanobragg_numba.scattering.catalogue import NAMES, material
from nanobragg_numba.scattering.chains import hard_spheres
from nanobragg_numba.scattering.curves import monotonic_curve, trapezoid
from nanobragg_numba.tools import stol

COMMAND = "from nanobragg_numba.programs.nonbragg.cli import main; main()"


def maxima(q, curve):
    return q[find_peaks(curve, prominence=0.01 * np.ptp(curve))[0]]


def test_water_has_the_published_shells():
    """Skinner et al. 2013: maxima and minimum of g, and 4.3 neighbours within the first minimum, give or take 0.2."""
    r = np.linspace(0.0, 13.0, 13001)
    g = water.radial_distribution(r)
    tops = maxima(r, g)
    assert tops[:2] == pytest.approx([2.80, 4.5], abs=0.02)
    assert np.interp([2.80, 3.45, 4.5], r, g) == pytest.approx([2.57, 0.84, 1.12], abs=1e-3)
    shell = r <= 3.3
    neighbours = 4.0 * math.pi * water.MOLECULES_PER_A3 * np.trapezoid((g * r * r)[shell], r[shell])
    assert neighbours == pytest.approx(4.3, abs=0.2)


def test_water_peaks_where_the_literature_says():
    """S near 2.0 and 2.9/Angstrom; the falling form factor moves what is seen inwards, to 1.98 and 2.8."""
    q = np.linspace(0.05, 6.0, 2381)
    assert maxima(q, water.oxygen_structure(q))[:2] == pytest.approx([2.02, 2.90], abs=0.05)
    assert maxima(q, water.water_square(q / (4.0 * math.pi)))[:2] == pytest.approx([1.98, 2.80], abs=0.05)


def test_the_small_angle_limit_of_water_is_its_compressibility():
    """Density x k T x compressibility at 298 K, times the electrons of a molecule squared."""
    limit = water.MOLECULES_PER_A3 * 1e30 * 1.380649e-23 * 298.15 * 4.525e-10
    assert water.SMALL_ANGLE_LIMIT == pytest.approx(limit, rel=0.01)
    assert water.water_square(np.array([0.0]))[0] == pytest.approx(100.0 * limit, rel=0.03)


def test_far_out_molecules_of_water_scatter_by_themselves():
    s = np.array([1.2, 1.5])
    f_O, f_H = ([gemmi.Element(name).it92.calculate_sf(v * v) for v in s] for name in "OH")
    assert water.water_square(s) == pytest.approx(np.square(f_O) + 2.0 * np.square(f_H), rel=0.05)


def test_hard_spheres_have_carnahans_compressibility_nearly():
    """Percus and Yevick's S(0) is (1 - n)^4/(1 + 2 n)^2; far out S is 1."""
    for packing in (0.1, 0.3, 0.45):
        assert hard_spheres(np.array([1e-9]), packing)[0] == pytest.approx(
            (1 - packing) ** 4 / (1 + 2 * packing) ** 2, rel=1e-3
        )
    assert hard_spheres(np.array([80.0]), 0.3)[0] == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize(("name", "spacing"), [("oil", 4.6), ("kapton", 5.4)])
def test_halos_stand_where_they_are_found(name, spacing):
    table = material(name).table()
    q = 4.0 * math.pi * table[:, 0]
    assert maxima(q, table[:, 1])[0] == pytest.approx(2.0 * math.pi / spacing, rel=0.05)


def test_ice_rings_stand_at_the_spacings_of_ice():
    """100, 002, 101, 102, 110, 103 from a = 4.497, c = 7.322 Angstrom."""
    q = np.linspace(1.0, 3.2, 22001)
    square = ice.ice_square(q / (4.0 * math.pi), 500.0)
    places = [1 / math.sqrt(4 / 3 * (h * h + h * k + k * k) / 4.497**2 + l * l / 7.322**2) for h, k, l in (
        (1, 0, 0), (0, 0, 2), (1, 0, 1), (1, 0, 2), (1, 1, 0), (1, 0, 3))]  # fmt: skip
    assert maxima(q, square) == pytest.approx([2 * math.pi / d for d in places], abs=2e-3)
    assert places[0] == pytest.approx(3.90, abs=0.01)


def test_ice_has_the_symmetry_of_its_space_group():
    """Places of the oxygens are an orbit of P63/mmc, the hydrogens 16 half ones at 0.98 Angstrom from an oxygen."""
    operations = gemmi.SpaceGroup("P 63/m m c").operations()
    for places, count in ((ice.oxygens(), 4), (ice.hydrogens(), 16)):
        wrapped = {tuple(np.round(np.mod(place + 1e-6, 1.0), 4)) for place in places}
        assert len(wrapped) == count
        for place in places:
            for operation in operations:
                image = np.mod(np.array(operation.apply_to_xyz(place.tolist())) + 1e-6, 1.0)
                assert any(np.allclose((image - other + 0.5) % 1.0, 0.5, atol=2e-3) for other in wrapped)


def test_the_width_of_ice_rings_is_scherrers_and_their_area_is_the_structure_factor():
    """100 alone: full width 2 pi 0.9/L, area m F^2 2 pi^2/(V q^2) per cell."""
    q = np.linspace(1.5, 1.68, 20001)
    square = ice.ice_square(q / (4.0 * math.pi), 500.0)
    background = min(square[0], square[-1])
    above = q[square - background > (square.max() - background) / 2]
    assert above[-1] - above[0] == pytest.approx(2 * math.pi * 0.9 / 500.0, rel=0.02)
    s = 1.0 / (2.0 * 3.8945)
    phases = [np.exp(2j * math.pi * places[:, 0]).sum() for places in (ice.oxygens(), ice.hydrogens())]
    f_O, f_H = (gemmi.Element(name).it92.calculate_sf(s * s) for name in "OH")
    F = abs(f_O * phases[0] + 0.5 * f_H * phases[1]) * math.exp(-ice.B_FACTOR * s * s)
    volume = 4.497**2 * 7.322 * math.sqrt(3.0) / 2.0
    expected = 6 * F**2 * 2 * math.pi**2 / (volume * (4 * math.pi * s) ** 2) / 4
    assert np.trapezoid(square - background, q) == pytest.approx(expected, rel=0.02)


def test_compton_scattering_is_that_of_free_atoms():
    with_it, without = (material("water", compton=compton).table() for compton in (True, False))
    difference = with_it[:, 1] ** 2 - without[:, 1] ** 2
    for place in (40, 200, 600):
        s = with_it[place, 0]
        assert difference[place] == pytest.approx(xraylib.SF_Compt(8, s) + 2 * xraylib.SF_Compt(1, s), rel=1e-6)
    assert difference[0] == pytest.approx(0.0, abs=1e-9)
    assert np.isfinite(material("ice", compton=True).table()).all()  # whose first points are next to the beam
    assert 9.0 < difference[-1] < 10.0  # all ten electrons, far out


@pytest.mark.parametrize("name", NAMES)
def test_nb_stol_and_nonbragg_know_every_name(name, tmp_path, capsys):
    assert stol.main([name, "-o", str(tmp_path / "table.stol")]) == 0
    words = capsys.readouterr().out.split()
    assert float(words[3]) == pytest.approx(material(name).density, rel=1e-4)
    table = read_stol(tmp_path / "table.stol")
    assert np.isfinite(table).all() and (table[:, 1] >= 0.0).all()
    by_file, by_name = (
        nb.amorphous(f"-stol {which} -detpixels 40 -pixel 1 -distance 50") for which in (tmp_path / "table.stol", name)
    )
    assert by_file.image.tobytes() == by_name.image.tobytes()


def test_curves_are_scipys():
    x, y = np.array([0.0, 0.5, 2.0, 2.5, 4.0]), np.array([1.0, 3.0, 3.5, 0.5, 0.5])
    places = np.linspace(0.5, 2.5, 101)  # away from the ends, which are flat here
    inner = (places > 0.5) & (places < 2.5)
    assert monotonic_curve(x, y, places)[inner] == pytest.approx(PchipInterpolator(x, y)(places)[inner], rel=1e-12)
    assert trapezoid(np.array([y, 2 * y]), x) == pytest.approx(np.trapezoid([y, 2 * y], x))


@pytest.mark.parametrize("name", NAMES)
def test_the_command_takes_the_names_without_scipy(name, tmp_path):
    argv = f"-stol {name} -detpixels 8 -noprogress".split()
    done = subprocess.run([sys.executable, "-c", COMMAND, *argv], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_compton_of_nonbragg_is_for_names_alone(tmp_path):
    args = "-detpixels 4 -pixel 5 -distance 20"
    with_it, without = (nb.amorphous(f"-stol water {more} {args}").image for more in ("-compton", ""))
    assert np.count_nonzero(with_it > without) == 15 and with_it[2, 1] == without[2, 1]  # none straight ahead
    (tmp_path / "a.stol").write_text("0 1\n1 1\n")
    with pytest.raises(nb.NanoBraggError, match="nb-stol --compton"):
        nb.amorphous(f"-stol {tmp_path}/a.stol -compton {args}")
