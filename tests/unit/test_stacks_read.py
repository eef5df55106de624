"""Stacks of shots opened again: nb-show and nb-convert, each frame with its own matrix and wavelength."""

import csv
import dataclasses
import json
import math

import fabio
import h5py
import numpy as np
import pytest

from nanobragg_numba.formats.nexus.reader import NexusReader
from nanobragg_numba.formats.nexus.record import FrameRecord, Shot, run_records
from nanobragg_numba.formats.nexus.writer import NexusWriter, nexus_bytes
from nanobragg_numba.formats.picture import read_picture
from nanobragg_numba.geometry.frames import geometry_of
from nanobragg_numba.programs.nanobragg.geometry_files import crystal_record
from nanobragg_numba.programs.nanobragg.run import experiment_from
from nanobragg_numba.tools.convert import main as convert
from nanobragg_numba.tools.show.cli import main as show

BASE = "-cell 40 50 60 90 90 90 -default_F 100 -N 6 -distance 80 -pixel 0.8 -detpixels 64 -dump /nowhere"
SHOTS = ["-misset 10 20 30 -lambda 1.1 -phi 20", "-misset 50 60 70 -lambda 1.4 -phi 0",
         "-misset 3 2 1 -lambda 1 -phi 5"]  # fmt: skip
MASK = np.zeros((64, 64), bool)
MASK[7, 9] = True


def record(shot, more=""):
    experiment = experiment_from(f"{BASE} {SHOTS[shot]} {more}").experiment
    truth = Shot(shot, 1e24, 1 + shot, 1, SHOTS[shot], "0" * 64)
    return FrameRecord(geometry_of(experiment), crystal_record(experiment), truth)


@pytest.fixture()
def stack(tmp_path, monkeypatch):
    """A stack of three stills in the current folder; frame i holds i + 1 everywhere."""
    monkeypatch.chdir(tmp_path)
    writer = NexusWriter("stack.nxs", 5, "counts")
    writer.hidden = MASK
    for shot in range(3):
        writer.add(np.full((64, 64), shot + 1, np.uint16), record(shot))
    writer.finish()
    return tmp_path / "stack.nxs"


def table(*arguments):
    place = arguments.index("--") if "--" in arguments else len(arguments)
    options = ["--csv", "a.csv", "--min-partiality", "0.3", "--dmin", "5"]
    assert show([*arguments[:place], *options, *arguments[place:]]) == 0
    with open("a.csv") as file:
        return [tuple(row[key] for key in ("h", "k", "l", "x", "y", "phi")) for row in csv.DictReader(file)]


def test_each_frame_shows_the_spots_of_its_own_run(stack):
    seen = set()
    for shot, arguments in enumerate(SHOTS):
        by_file = table("stack.nxs", "--frame", str(shot))
        assert by_file == table("stack.nxs", "--frame", str(shot), "--", *f"{BASE} {arguments}".split())
        assert len(by_file) > 5 and {row[5] for row in by_file} == {arguments.split()[-1] + ".0000"}
        seen.add(tuple(by_file))
    assert len(seen) == 3
    assert table("stack.nxs") == table("stack.nxs", "--frame", "0")  # shots have no sum


def test_a_frame_too_many_is_one_line(stack, capsys):
    assert show(["stack.nxs", "--frame", "3", "-o", "a.png"]) == 1
    assert capsys.readouterr().err == "nb-show: stack.nxs: has 3 frames, counted from 0, so no frame 3\n"


def test_a_stack_comes_back_whole(stack):
    assert convert(["stack.nxs", "-o", "again.nxs", "--compression", "none"]) == 0
    with h5py.File("stack.nxs") as first, h5py.File("again.nxs") as second:
        names = []
        first.visit(names.append)
        assert second["/entry/data/data"].compression is None
        for name in names:
            if isinstance(first[name], h5py.Dataset) and not name.endswith(("_time", "estimated")):
                ours, theirs = np.asarray(second[name][()]), np.asarray(first[name][()])
                exact = theirs.dtype.kind != "f"
                assert np.array_equal(ours, theirs) if exact else np.allclose(ours, theirs, atol=1e-12), name
    with NexusReader("again.nxs") as file:
        assert np.array_equal(file.mask(), MASK)


def test_an_experiment_list_of_stills_has_each_crystal_as_it_stands(stack):
    assert convert(["stack.nxs", "-o", "a.expt"]) == 0
    content = json.loads((stack.parent / "a.expt").read_text())
    assert content["goniometer"] == content["scan"] == [] and len(content["experiment"]) == 3
    assert [beam["wavelength"] for beam in content["beam"]] == pytest.approx([1.1, 1.4, 1.0])
    assert [files["single_file_indices"] for files in content["imageset"]] == [[0], [1], [2]]
    assert {name for files in content["imageset"] for name in files["images"]} == {str(stack)}
    for shot, experiment in enumerate(content["experiment"]):
        truth = experiment_from(f"{BASE} {SHOTS[shot]}").experiment
        angle = math.radians(float(SHOTS[shot].split()[-1]))
        # the spindle is the laboratory's z and imgCIF's x; imgCIF's z is minus x
        c, s = math.cos(angle), math.sin(angle)
        about_z = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])
        imgcif = np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]])
        crystal = content["crystal"][experiment["crystal"]]
        for name in "abc":
            vector = imgcif @ about_z @ np.array(getattr(truth.crystal, name)) * 1e10
            assert np.allclose(crystal[f"real_space_{name}"], vector), (shot, name)


def test_one_shot_of_a_stack_becomes_other_files(stack, capsys):
    assert convert(["stack.nxs", "--frame", "1", "-o", "a.cbf", "-o", "a.poni", "-o", "a.png", "-o", "a.expt"]) == 0
    assert (fabio.open("a.cbf").data == 2).all()
    assert read_picture("a.cbf").geometry.wavelength == pytest.approx(1.4)
    assert convert(["stack.nxs", "-o", "b.cbf"]) == 2
    assert capsys.readouterr().err == "nb-convert: stack.nxs holds 3 shots; choose one with --frame\n"


def test_what_follows_in_one_rotation_is_a_run(tmp_path, monkeypatch):
    """Frames that begin where the one before ends have a sum; others do not."""
    monkeypatch.chdir(tmp_path)
    experiment = experiment_from(f"{BASE} -phi 10 -osc 3 -phisteps 3").experiment
    records = run_records(geometry_of(experiment), crystal_record(experiment), 3)
    frames = [np.full((64, 64), i + 1, np.float32) for i in range(3)]
    (tmp_path / "run.nxs").write_bytes(nexus_bytes(frames, records, MASK))
    whole = read_picture("run.nxs")
    assert whole.pixels[0, 0] == 6.0 and math.degrees(whole.geometry.oscillation) == pytest.approx(3.0)
    gap = dataclasses.replace(records[2].geometry, phi0=records[2].geometry.phi0 + 0.1)
    records[2] = FrameRecord(gap, records[2].crystal)
    (tmp_path / "gap.nxs").write_bytes(nexus_bytes(frames, records, MASK))
    picture = read_picture("gap.nxs")
    assert picture.pixels[0, 0] == 1.0 and (picture.frame, picture.count) == (0, 3)


def test_a_stack_that_is_cut_off_is_one_line(stack, capsys):
    content = stack.read_bytes()
    for length in (len(content) - 100, len(content) // 2, 100):
        stack.write_bytes(content[:length])
        assert show(["stack.nxs", "-o", "a.png"]) == 1
        error = capsys.readouterr().err
        assert error.count("\n") == 1 and "stack.nxs: not an NXmx file that can be read" in error


def test_a_dataset_that_cannot_be_made_leaves_nothing(tmp_path, monkeypatch):
    """A shot is tried again: the second attempt must find the file as the first one did."""
    from nanobragg_numba.errors import FormatError

    make = h5py.Group.create_dataset
    fail = [True]

    def once(self, name, *arguments, **options):
        if name == "data" and "maxshape" in options and fail.pop():
            fail.append(False)
            raise OSError("Can't open directory")
        if not fail:
            fail.append(False)
        return make(self, name, *arguments, **options)

    monkeypatch.setattr(h5py.Group, "create_dataset", once)
    writer = NexusWriter(str(tmp_path / "a.nxs"), 1, "counts")
    writer.hidden = MASK
    with pytest.raises(FormatError, match="a.nxs: HDF5 says Can't open directory"):
        writer.add(np.ones((64, 64), np.uint16), record(0))
    writer.add(np.ones((64, 64), np.uint16), record(0))
    writer.finish()
    with NexusReader(tmp_path / "a.nxs") as file:
        assert file.count == 1 and (file.pixels(0) == 1).all()
