"""Photons out of NeXus and CBF files, and counts in such files with the geometry that the photons had."""

import json
import subprocess
import sys

import fabio
import h5py
import hdf5plugin  # noqa: F401  (the filters that h5py needs)
import numpy as np
import pytest
from noisify_runs import run_noisify
from paths import ROOT
from PIL import Image

import nanobragg_numba as nb
from nanobragg_numba.formats.picture import read_picture

STILL = (
    "-cell 50 60 70 90 90 90 -default_F 100 -N 5 -lambda 1.3 -distance 80 -detpixels_x 40 -detpixels_y 30 -pixel 0.2 "
    "-Xbeam 3.5 -Ybeam 2.5 -phi 12 -osc 0.5 -noprogress -nopgm -nonoise -water 40"
)


@pytest.fixture(scope="module")
def photons(tmp_path_factory):
    """A folder with the same photons as NeXus, CBF and a float image."""
    from contextlib import chdir, redirect_stdout
    from io import StringIO

    from nanobragg_numba.programs.nanobragg.cli import main

    folder = tmp_path_factory.mktemp("photons")
    with chdir(folder), redirect_stdout(StringIO()):
        assert main([*STILL.split(), "-nexusfile", "in.nxs", "-cbffile", "in.cbf"]) == 0
    return folder


def assert_same_geometry(one, other, turned):
    """Of two files; where one is CBF and the other NeXus, imgCIF's frame is turned about y by half a turn."""
    assert one.pixel == pytest.approx(other.pixel, rel=1e-6)
    assert one.wavelength == pytest.approx(other.wavelength, rel=1e-6)
    assert np.allclose(one.beam_centre, other.beam_centre, atol=1e-4)
    corners = np.array([0.0, 0.0, 30.0, 30.0]), np.array([0.0, 40.0, 0.0, 40.0])
    expected = other.positions(*corners) * ((-1, 1, -1) if turned else (1, 1, 1))
    assert np.allclose(one.positions(*corners), expected, atol=1e-8)
    assert (one.phi0, one.oscillation) == pytest.approx((other.phi0, other.oscillation))


@pytest.mark.parametrize("suffix", ["nxs", "cbf"])
def test_photons_are_read_with_their_geometry(suffix, photons):
    picture = read_picture(photons / f"in.{suffix}")
    assert picture.pixels.max() > 0
    found = nb.noisify(photons / f"in.{suffix}", "-seed 1 -scale 1000")
    expected = nb.noisify(picture.pixels, "-seed 1 -scale 1000")
    assert np.array_equal(found.counts, expected.counts)
    assert found.counts.shape == (30, 40)
    # the point spread needs the size of a pixel, which the file says
    spread = nb.noisify(photons / f"in.{suffix}", "-seed 1 -scale 1000 -psf gauss -psf_fwhm 300")
    given = nb.noisify(picture.pixels, "-seed 1 -scale 1000 -psf gauss -psf_fwhm 300 -pixel 0.2")
    assert np.array_equal(spread.counts, given.counts)


def test_a_float_image_and_its_nexus_file_give_the_same_counts(photons):
    raw = nb.noisify(photons / "floatimage.bin", "-seed 1 -scale 1000 -detpixels_x 40")
    nexus = nb.noisify(photons / "in.nxs", "-seed 1 -scale 1000")
    assert np.array_equal(raw.counts, nexus.counts)


@pytest.mark.parametrize("suffix", ["nxs", "cbf"])
@pytest.mark.parametrize("bits", [16, 32])
def test_counts_are_written_with_the_geometry_of_the_photons(suffix, bits, photons, tmp_path):
    argv = f"-bin {photons}/in.{suffix} -seed 1 -scale 1000 -bits {bits} -nexusfile out.nxs -cbffile out.cbf"
    outcome = run_noisify(argv.split(), tmp_path)
    assert outcome.code == 0, outcome.stderr
    counts = np.frombuffer(outcome.files["noiseimage.img"][512:], f"<u{bits // 8}").reshape(30, 40)
    assert np.array_equal(fabio.open(str(tmp_path / "out.cbf")).data, counts)
    with h5py.File(tmp_path / "out.nxs") as file:
        assert np.array_equal(np.squeeze(file["entry/data/data"][()]), counts)
    before = read_picture(photons / f"in.{suffix}").geometry
    for name in ("out.nxs", "out.cbf"):
        assert_same_geometry(read_picture(tmp_path / name).geometry, before, turned=not name.endswith(suffix))


def test_the_header_of_the_counts_says_what_the_photons_said(photons, tmp_path):
    outcome = run_noisify(["-bin", f"{photons}/in.nxs", "-seed", "1"], tmp_path)
    header = outcome.files["noiseimage.img"][:512].decode("latin-1")
    for line in ("SIZE1=40;", "SIZE2=30;", "PIXEL_SIZE=0.2;", "DISTANCE=80;", "WAVELENGTH=1.3;", "OSC_RANGE=0.5;"):
        assert line in header, header


def test_options_win_over_the_geometry_of_a_file(photons, tmp_path):
    outcome = run_noisify(["-bin", f"{photons}/in.nxs", "-seed", "1", "-distance", "123", "-phi", "3"], tmp_path)
    header = outcome.files["noiseimage.img"][:512].decode("latin-1")
    assert "DISTANCE=123;" in header and "PHI=3;" in header
    outcome = run_noisify(["-bin", f"{photons}/in.nxs", "-detpixels", "41"], tmp_path)
    assert outcome.code == 1 and "40 x 30" in outcome.stderr


def run_script(script: str, *words: str) -> None:
    done = subprocess.run([sys.executable, str(ROOT / script), *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_picture_before_and_after(tmp_path):
    run_script("examples/before_and_after_noisify.py", str(tmp_path / "a.png"))
    picture = np.asarray(Image.open(tmp_path / "a.png").convert("L"))
    assert picture.shape == (336, 640) and picture.std() > 20


def test_the_measurement_beside_c(tmp_path):
    run_script("benchmarks/noisify.py", "--side", "64", "--turns", "1", "--out", str(tmp_path))
    rows = json.loads((tmp_path / "noisify.json").read_text())["workloads"]
    assert len(rows) == 7 and all(min(row["whole"]["c"]) > 0 and min(row["whole"]["ours"]) > 0 for row in rows)
    assert (tmp_path / "noisify.md").read_text().count("\n| ") == 9
