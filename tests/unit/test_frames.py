"""-frames: a rotation split into the frames of a NeXus file."""

import json
import os

import h5py
import numpy as np
import nxmx
import pytest

from nanobragg_numba.formats.float_image import read_float_image
from nanobragg_numba.formats.smv import read_smv
from nanobragg_numba.programs.nanobragg import simulation
from nanobragg_numba.programs.nanobragg.api import simulate
from nanobragg_numba.programs.nanobragg.cli import main


def quick(extra):
    crystal = "-cell 40 50 60 90 90 90 -default_F 100 -N 3 -misset 10 20 30 -oversample 1"
    panel = "-distance 80 -pixel 0.17 -detpixels_f 41 -detpixels_s 37 -lambda 1.1 -noprogress -seed 1"
    return f"{crystal} {panel} {extra}".split()


ROTATION = "-phi 10 -osc 3 -phisteps 12 -mosaic 0.2 -mosaic_domains 3 -fluence 1e29"


@pytest.mark.parametrize("water", ["0", "0.01"])
def test_frames_add_up_to_the_whole(water, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main([*quick(ROTATION), "-water", water, "-nexusfile", "a.nxs", "-frames", "4"]) == 0
    whole = read_float_image("floatimage.bin", 37, 41)
    with h5py.File("a.nxs") as file:
        frames = file["/entry/data/data"][()]
    assert frames.shape == (4, 37, 41)
    # float32 of each frame and of the whole: half a unit in the last place each, and the frames' are smaller
    assert np.abs(frames.sum(axis=0, dtype=np.float64) - whole).max() <= whole.max() * 2.0**-23


def test_frames_share_the_rotation(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main([*quick(ROTATION), "-nexusfile", "a.nxs", "-frames", "4", "-exptfile", "a.expt"]) == 0
    with h5py.File("a.nxs") as file:
        frames = file["/entry/data/data"][()]
        phi = nxmx.NXmx(file).entries[0].samples[0].depends_on
        assert np.allclose(phi[()].to("deg").magnitude, [10, 10.75, 11.5, 12.25])
        assert np.allclose(phi.end[()].to("deg").magnitude, [10.75, 11.5, 12.25, 13])
    assert np.abs(frames[0] - frames[3]).max() > 0.01 * frames.max()
    alone = simulate(quick(ROTATION.replace("-phi 10 -osc 3 -phisteps 12", "-phi 12.25 -osc 0.75 -phisteps 3")))
    assert np.allclose(frames[3], alone.image / 4, rtol=1e-5)
    scan = json.loads(open("a.expt").read())["scan"][0]
    assert scan["image_range"] == [1, 4] and scan["oscillation"] == [10.0, 0.75]


def test_frames_leave_the_other_files_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(quick(ROTATION)) == 0
    names = ("floatimage.bin", "intimage.img", "noiseimage.img", "image.pgm")
    plain = {name: (tmp_path / name).read_bytes() for name in names}
    ours = ["-nexusfile", "a.nxs", "-frames", "4", "-cbffile", "a.cbf", "-exptfile", "a.expt"]
    assert main([*quick(ROTATION), *ours]) == 0
    assert plain == {name: (tmp_path / name).read_bytes() for name in names}


def test_frames_with_noise(tmp_path, monkeypatch):
    """Each frame is the noise image of its own command, with a seed of its own and without an offset."""
    monkeypatch.chdir(tmp_path)
    ours = ["-nexusfile", "a.nxs", "-frames", "4", "-framenoise", "-exptfile", "a.expt"]
    rotation = ROTATION.replace("1e29", "4e29")
    assert main([*quick(rotation), *ours, "-seed", "7"]) == 0
    with h5py.File("a.nxs") as file:
        frames = file["/entry/data/data"][()]
        assert file["/entry/data/data"].attrs["units"] == "counts" and frames.dtype == np.uint16
        assert file["/entry/instrument/detector/saturation_value"][()] == 65535
    assert json.loads(open("a.expt").read())["detector"][0]["panels"][0]["trusted_range"] == [-1.0, 65535.0]
    for k in range(4):
        turned = rotation.replace("-phi 10 -osc 3 -phisteps 12", f"-phi {10 + 0.75 * k} -osc 0.75 -phisteps 3")
        words = [*quick(turned.replace("4e29", "1e29")), "-seed", str(7 + k), "-adc", "0"]
        assert main([*words, "-noisefile", "n.img"]) == 0
        assert np.array_equal(frames[k], read_smv("n.img").pixels)
    assert frames.max() > 0 and not np.array_equal(frames[0], frames[1])


def test_frames_only_are_rendered_once(tmp_path, monkeypatch):
    """The same frames, no image of the whole, and half the evaluations."""
    monkeypatch.chdir(tmp_path)
    rendered = []
    real = simulation.render
    monkeypatch.setattr(simulation, "render", lambda *args: rendered.append(args[0]) or real(*args))
    ours = ["-nexusfile", "a.nxs", "-frames", "4", "-exptfile", "a.expt"]
    assert main([*quick(ROTATION), *ours]) == 0
    with h5py.File("a.nxs") as file:
        frames = file["/entry/data/data"][()]
    twice = sum(len(scene.phi) for scene in rendered)
    rendered.clear()
    for name in os.listdir("."):
        os.remove(name)
    assert main([*quick(ROTATION), *ours, "-framesonly"]) == 0
    assert sorted(os.listdir(".")) == ["a.expt", "a.nxs"]
    with h5py.File("a.nxs") as file:
        assert np.array_equal(file["/entry/data/data"][()], frames)
    assert (twice, sum(len(scene.phi) for scene in rendered)) == (24, 12)


def test_frames_only_without_a_file_for_them(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main([*quick(ROTATION), "-framesonly"]) == 1
    assert "-framesonly writes nothing without -nexusfile" in capsys.readouterr().err
    assert os.listdir(".") == []


@pytest.mark.parametrize("kind, filters", [("gzip", {"gzip"}), ("bitshuffle", {"32008"}), ("none", set())])
def test_the_compression_of_a_nexus_file(kind, filters, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main([*quick(ROTATION), "-nexusfile", "a.nxs", "-compression", kind]) == 0
    with h5py.File("a.nxs") as file:
        assert set(file["/entry/data/data"]._filters) - {"shuffle"} == filters


def test_an_unknown_compression(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main([*quick(ROTATION), "-nexusfile", "a.nxs", "-compression", "zip"]) == 2
    assert "-compression zip: known are gzip, bitshuffle, none" in capsys.readouterr().err
    assert os.listdir(".") == []


def test_frames_without_a_nexus_file_are_pointed_out(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main([*quick("-osc 1 -phisteps 4"), "-frames", "2"]) == 0
    assert "-frames has no effect" in capsys.readouterr().err


def frames_of(extra):
    assert main([*quick(extra), "-nexusfile", "a.nxs", "-frames", "2"]) == 0
    with h5py.File("a.nxs") as file:
        return file["/entry/data/data"][()]


def test_a_frame_that_begins_at_zero_has_the_crystal_at_rest(tmp_path, monkeypatch):
    """C would put the end of the rotation there; the whole image does, unless that is fixed."""
    monkeypatch.chdir(tmp_path)
    rotation = ROTATION.replace("-phi 10 -osc 3 -phisteps 12", "-osc 8 -phisteps 4")
    as_in_c = frames_of(rotation)
    whole_in_c = read_float_image("floatimage.bin", 37, 41)
    fixed = frames_of(f"{rotation} -fix phi-zero")
    whole = read_float_image("floatimage.bin", 37, 41)
    assert np.array_equal(as_in_c, fixed)
    assert np.abs(fixed.sum(axis=0, dtype=np.float64) - whole).max() <= whole.max() * 2.0**-23
    assert np.abs(whole - whole_in_c).max() > 0.01 * whole.max()
