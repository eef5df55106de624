"""nb-convert: what comes out of files equals what the run itself writes."""

import json

import fabio
import h5py
import numpy as np
import pyFAI
import pytest
from PIL import Image

from nanobragg_numba.formats.float_image import read_float_image
from nanobragg_numba.formats.picture import read_picture
from nanobragg_numba.formats.smv import read_smv
from nanobragg_numba.programs.nanobragg.cli import main as nanobragg
from nanobragg_numba.tools.convert import main

CRYSTAL = "-cell 40 50 60 90 90 90 -default_F 100 -N 3 -misset 10 20 30 -oversample 1 -dump no.bin"
PANEL = "-distance 80 -pixel 0.17 -detpixels_f 41 -detpixels_s 37 -lambda 1.1 -noprogress -seed 1"
TILT = "-detector_rotx 5 -detector_roty -7 -detector_rotz 11 -twotheta 13"


def run(extra=""):
    arguments = f"{CRYSTAL} {PANEL} {extra}".split()
    files = ["-nexusfile", "run.nxs", "-cbffile", "run.cbf", "-exptfile", "run.expt", "-ponifile", "run.poni"]
    assert nanobragg([*arguments, *files]) == 0
    return arguments


def positions(name):
    geometry = read_picture(name).geometry
    slow, fast = np.meshgrid(np.arange(0.5, 37, 6), np.arange(0.5, 41, 8))
    return geometry.positions(slow, fast) * 1000.0


def same_geometry_files(tolerance_mm):
    """Experiment list and poni of the run and of the conversion put the corners in the same place."""
    panels = [json.loads(open(name).read())["detector"][0]["panels"][0] for name in ("run.expt", "out.expt")]
    for key in ("origin", "fast_axis", "slow_axis", "pixel_size"):
        assert np.allclose(panels[0][key], panels[1][key], atol=tolerance_mm), key
    ponis = [pyFAI.load(name) for name in ("run.poni", "out.poni")]
    corners = np.array([0.0, 0, 36, 36]), np.array([0.0, 40, 0, 40])
    seen = [np.array(poni.calc_pos_zyx(None, *corners)) for poni in ponis]
    assert np.allclose(seen[0], seen[1], atol=tolerance_mm / 1000.0)


ALL = ["-o", "out.nxs", "-o", "out.cbf", "-o", "out.expt", "-o", "out.poni"]


@pytest.mark.parametrize("extra", ["", TILT, f"-xds {TILT}", "-phi 4 -osc 1 -phisteps 3"])
def test_with_the_arguments_of_the_run_all_is_exact(extra, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = run(f"{extra} -adc 40")  # asked for, so that the CBF file has it, too
    assert main(["floatimage.bin", "-o", "out.nxs", "--", *arguments]) == 0
    assert main(["noiseimage.img", *ALL[2:], "--", *arguments]) == 0
    with h5py.File("out.nxs") as ours, h5py.File("run.nxs") as theirs:
        names = []
        theirs.visit(names.append)
        for name in names:
            if isinstance(theirs[name], h5py.Dataset) and not name.endswith(("_time", "estimated")):
                assert np.array_equal(ours[name][()], theirs[name][()]), name
    assert open("out.cbf", "rb").read() == open("run.cbf", "rb").read()
    same_geometry_files(0.0)
    crystals = [json.loads(open(name).read())["crystal"] for name in ("run.expt", "out.expt")]
    assert crystals[0] == crystals[1] and crystals[0]


@pytest.mark.parametrize("convention", ["mosflm", "denzo", "xds", "adxv", "dials"])
@pytest.mark.parametrize("twotheta", [0, 13])
def test_a_header_is_enough_for_an_upright_detector(convention, twotheta, tmp_path, monkeypatch):
    """Also on a two-theta arm; six digits of the header are a micrometre here."""
    monkeypatch.chdir(tmp_path)
    run(f"-{convention} -phi 4 -osc 1 -phisteps 3" + (f" -twotheta {twotheta}" if twotheta else ""))
    assert main(["intimage.img", *ALL, "--convention", convention]) == 0
    for name in ("out.nxs", "out.cbf"):
        assert np.abs(positions(name) - positions("run.nxs" if name == "out.nxs" else "run.cbf")).max() < 1e-3
    same_geometry_files(1e-3)
    pixels = read_smv("intimage.img").pixels
    assert np.array_equal(fabio.open("out.cbf").data, pixels)
    with h5py.File("out.nxs") as file:
        assert np.array_equal(file["/entry/data/data"][0], pixels)
    scans = [json.loads(open(name).read())["scan"] for name in ("run.expt", "out.expt")]
    assert scans[0] == scans[1]


def test_from_nexus_and_cbf_and_back(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run(TILT)
    assert main(["run.nxs", "-o", "a.cbf", "-o", "out.poni", "-o", "out.expt"]) == 0
    assert main(["run.cbf", "-o", "b.nxs", "-o", "b.png"]) == 0
    assert np.abs(positions("a.cbf") - positions("run.cbf")).max() < 1e-9
    assert np.abs(positions("b.nxs") - positions("run.nxs")).max() < 1e-9
    same_geometry_files(1e-9)
    photons = read_float_image("floatimage.bin", 37, 41)
    assert np.array_equal(fabio.open("a.cbf").data, np.rint(photons))
    assert Image.open("b.png").size == (41, 37)


def test_several_images_become_frames(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for i in range(3):
        run(f"-phi {4 + i} -osc 1 -phisteps 2 -intfile {i}.img -floatfile {i}.bin")
    names = [f"{i}.img" for i in range(3)]
    assert main([*names, "-o", "out.nxs", "-o", "out.expt"]) == 0
    with h5py.File("out.nxs") as file:
        assert np.allclose(file["/entry/sample/transformations/phi"][()], [4, 5, 6])
        for i, name in enumerate(names):
            assert np.array_equal(file["/entry/data/data"][i], read_smv(name).pixels)
    assert json.loads(open("out.expt").read())["scan"][0]["oscillation"] == [4.0, 1.0]
    assert main([names[0], names[2], "-o", "gap.nxs"]) == 1
    assert main([*names, "-o", "many.cbf"]) == 2


def test_the_crystal_of_a_matrix(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run()
    (tmp_path / "A.mat").write_text("0.01 0 0\n0 0.02 0\n0 0 0.03\n")
    assert main(["intimage.img", "-o", "out.expt", "--mat", "A.mat"]) == 0
    crystal = json.loads(open("out.expt").read())["crystal"][0]
    # mosflm's x is imgCIF's -Z, y is Y and z is X; 1.1 is the wavelength
    assert np.allclose(crystal["real_space_a"], [0, 0, -110.0])
    assert np.allclose(crystal["real_space_c"], [1.1 / 0.03, 0, 0])


@pytest.mark.parametrize(
    "arguments, word",
    [(["none.img", "-o", "a.nxs"], "none.img"), (["tilted.img", "-o", "a.nxs"], "after --"),
     (["tilted.img", "-o", "a.txt"], "a.txt"), (["tilted.img", "tiny.img", "-o", "a.nxs"], "sizes"),
     (["tiny.img", "-o", "a.nxs"], "geometry"),
     (["tilted.img", "-o", "a.nxs", "--", "-cell", "10"], "nothing to render")],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_bad_input_is_one_line(arguments, word, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    run(f"{TILT} -intfile tilted.img")
    (tmp_path / "tiny.img").write_bytes(b"{\nHEADER_BYTES=512;\nSIZE1=2;\nSIZE2=2;\n}\f".ljust(520))
    capsys.readouterr()
    before = {path.name for path in tmp_path.iterdir()}
    assert main(arguments) == (2 if word == "a.txt" else 1)
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and word in error
    assert {path.name for path in tmp_path.iterdir()} == before
