"""Tables of free molecules, against arithmetic of their own; nb-stol and the names that -stol takes."""

import math

import numpy as np
import pytest

import nanobragg_numba as nb
from nanobragg_numba.constants import AVOGADRO, R_E_SQR
from nanobragg_numba.formats.nexus.reader import NexusReader
from nanobragg_numba.formats.stol import read_stol
from nanobragg_numba.scattering.catalogue import material
from nanobragg_numba.scattering.gases import GASES, density_of, weight_of
from nanobragg_numba.tools import add, stol


def test_straight_ahead_all_electrons_scatter_in_phase():
    electrons = {"nitrogen": 14, "oxygen": 16, "helium": 2, "argon": 18}
    for name, count in electrons.items():
        assert material(name).table()[0, 1] == pytest.approx(count, rel=2e-3)


def test_far_out_the_atoms_of_a_molecule_scatter_by_themselves():
    """Two nitrogen atoms: F^2 is 2 f^2 where sin(x)/x is 0, at q r = pi n."""
    import gemmi

    table = material("nitrogen").table()
    s = 1.0 / (4.0 * 1.09768) * 4  # q r = 4 pi
    f = gemmi.Element("N").it92.calculate_sf(s * s)
    assert np.interp(s, table[:, 0], table[:, 1] ** 2) == pytest.approx(2 * f * f, rel=1e-3)


def test_density_of_air_is_that_of_the_tables():
    """1.2041 kg/m^3 at 20 C and 101 325 Pa, 28.96 g/mol: the standard values for dry air."""
    assert density_of(GASES["air"], 101325.0, 293.15) * 1e3 == pytest.approx(1.2041, rel=1e-3)
    assert weight_of(GASES["air"]) == pytest.approx(28.96, abs=0.01)


def test_photons_of_a_pixel_of_air_by_hand():
    """100 mm of air at 12 keV, one pixel at 10 degrees: r_e^2 F^2 P Omega, times molecules and photons."""
    density = density_of(GASES["air"], 101325.0, 295.0)
    args = (
        f"-stol air -energy 12000 -density {density!r} -MW {weight_of(GASES['air'])!r} -thickness 100 -width 0.1 "
        "-height 0.1 -beamsize 0.1 -flux 1e12 -exposure 1 -distance 200 -pixel 0.1 -detpixels_f 1 -detpixels_s 1 "
        f"-Xbeam {0.05 - 200 * math.tan(math.radians(10))!r} -Ybeam 0.05"
    )
    photons = float(nb.amorphous(args).image[0, 0])
    wavelength = 12398.42 / 12000
    F = np.interp(math.sin(math.radians(5)) / wavelength, *material("air").table().T)
    molecules = density * 1e6 * 0.1 * 1e-8 * AVOGADRO / weight_of(GASES["air"])
    path = 0.2 / math.cos(math.radians(10))
    omega = 1e-8 / path**2 * math.cos(math.radians(10))
    polarization = 0.5 * (1 + math.cos(math.radians(10)) ** 2)
    expected = 1e12 / 1e-8 * molecules * R_E_SQR * F * F * polarization * omega
    assert photons == pytest.approx(expected, rel=2e-3)


def test_the_whole_sphere_receives_the_cross_section():
    """Six square detectors around the sample: the photons on them are those of the integral over the angle."""
    common = "-stol nitrogen -lambda 1 -fluence 1e22 -nopolar -pixel 2 -detpixels 101 -distance 101 -oversample 2"
    sides = ["1 0 0|0 1 0|0 0 1", "-1 0 0|0 1 0|0 0 -1", "0 1 0|0 0 1|1 0 0", "0 -1 0|0 0 1|-1 0 0",
             "0 0 1|1 0 0|0 1 0", "0 0 -1|1 0 0|0 -1 0"]  # fmt: skip
    total = 0.0
    for side in sides:
        normal, fast, slow = ([float(v) for v in vector.split()] for vector in side.split("|"))
        assert np.allclose(np.cross(fast, slow), normal)
        axes = f"-fdet_vector {fast[0]} {fast[1]} {fast[2]} -sdet_vector {slow[0]} {slow[1]} {slow[2]}"
        result = nb.amorphous(f"{common} {axes} -pivot sample -close_distance 101 -Xclose 101 -Yclose 101")
        total += float(result.image.sum(dtype=np.float64))
        sample = result.experiment.sample
    twotheta = np.linspace(0, math.pi, 20001)
    F = np.interp(np.sin(twotheta / 2), *material("nitrogen").table().T)
    cross_section = R_E_SQR * np.trapezoid(F**2 * 2 * math.pi * np.sin(twotheta), twotheta)
    assert total == pytest.approx(1e22 * sample.molecules * cross_section, rel=1e-3)


def test_nb_stol_writes_what_nonbragg_reads(tmp_path, capsys):
    out = tmp_path / "n2.stol"
    (tmp_path / "n2.xyz").write_text("2\nnitrogen\nN 0 0 0\nN 0 0 1.09768\n")
    assert stol.main([str(tmp_path / "n2.xyz"), "-o", str(out)]) == 0
    assert "-MW 28.01" in capsys.readouterr().out
    assert np.array_equal(read_stol(out), material("nitrogen").table())
    assert stol.main(["beer", "-o", str(out)]) != 0
    assert "no table 'beer'" in capsys.readouterr().err
    (tmp_path / "bad.xyz").write_text("3\nx\nN 0 0 0\n")
    assert stol.main([str(tmp_path / "bad.xyz"), "-o", str(out)]) != 0


def test_nb_add(tmp_path, capsys):
    a, b = np.array([1e8, 1.0, np.nan], np.float32), np.array([1.0, 3.0, 0.0], np.float32)
    for name, image in (("a.bin", a), ("b.bin", b)):
        (tmp_path / name).write_bytes(image.tobytes())
    words = [str(tmp_path / "a.bin"), f"{tmp_path}/b.bin:0.5", "-o", str(tmp_path / "sum.bin")]
    assert add.main(words) == 0
    single = np.fromfile(tmp_path / "sum.bin", np.float32)
    assert np.array_equal(single, a + b * np.float32(0.5), equal_nan=True)
    assert add.main([f"{tmp_path}/a.bin", f"{tmp_path}/b.bin:3", f"{tmp_path}/b.bin:3", "--exact", *words[2:]]) == 0
    assert np.fromfile(tmp_path / "sum.bin", np.float32)[0] == np.float32(1e8 + 6.0)
    (tmp_path / "c.bin").write_bytes(b[:2].tobytes())
    assert add.main([f"{tmp_path}/a.bin", f"{tmp_path}/c.bin", *words[2:]]) != 0
    assert "2 pixels" in capsys.readouterr().err


def test_nb_add_takes_nexus_images(tmp_path, capsys):
    """An image of one frame is added to every frame of a stack; geometry and mask stay, raw images go with them."""
    shared = "-lambda 1 -detpixels 30 -pixel 1 -distance 60 -nonoise"
    spots = f"-cell 50 60 70 90 90 90 -default_F 100 -N 5 {shared} -seed 1 -osc 1 -phisteps 3 -frames 3 -roi 0 20 0 29"
    spots += f" -nexusfile {tmp_path}/spots.nxs -floatfile {tmp_path}/s.bin -intfile {tmp_path}/s.img"
    spots += f" -pgmfile {tmp_path}/s.pgm"
    nb.simulate(spots, write_files=True)
    water = f"-stol water {shared} -floatfile {tmp_path}/water.bin -intfile {tmp_path}/i.img -pgmfile {tmp_path}/i.pgm"
    nb.amorphous(water, write_files=True)
    names = [str(tmp_path / name) for name in ("spots.nxs", "water.bin:0.5")]
    assert add.main([*names, "-o", str(tmp_path / "sum.nxs")]) == 0, capsys.readouterr().err
    water = np.fromfile(tmp_path / "water.bin", np.float32).reshape(30, 30)
    with NexusReader(tmp_path / "spots.nxs") as before, NexusReader(tmp_path / "sum.nxs") as after:
        assert after.count == 3 and after.unit == "photons"
        hidden = before.mask()
        assert hidden.any() and np.array_equal(hidden, after.mask())
        for i in range(3):
            expected = before.pixels(i) + water * np.float32(0.5)
            assert np.array_equal(after.pixels(i)[~hidden], expected[~hidden])
            geometries = before.record(i).geometry, after.record(i).geometry
            assert geometries[0].wavelength == geometries[1].wavelength
            assert geometries[0].phi0 == geometries[1].phi0
    for words, says in (
        ([*names, "-o", str(tmp_path / "sum.bin")], "3 frames"),
        ([names[1], "-o", str(tmp_path / "sum.nxs")], "no geometry"),
        ([names[0], str(tmp_path / "i.img"), "-o", str(tmp_path / "sum.nxs")], "pixels"),
    ):
        assert add.main(words) != 0
        assert says in capsys.readouterr().err
