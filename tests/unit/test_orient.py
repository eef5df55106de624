"""Orientations: every form says the same, and nanoBragg reads what nb-orient writes."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.formats.dials_crystal import read_expt_crystal
from nanobragg_numba.formats.matrix import read_matrix, read_orientation
from nanobragg_numba.geometry import lattice
from nanobragg_numba.programs.nanobragg.cli import main as nanobragg
from nanobragg_numba.programs.nanobragg.resolve.convention import AXES
from nanobragg_numba.programs.nanobragg.run import experiment_from
from nanobragg_numba.tools.orient import main

TRICLINIC = (40.0, 50.0, 65.0, 70.0, 80.0, 95.0)
QUICK = "-default_F 1 -N 2 -lambda 1.1 -detpixels 8 -dump none.bin"


def printed(capsys, arguments):
    assert main(arguments) == 0
    lines = dict(line.split(": ") for line in capsys.readouterr().out.splitlines() if ": " in line)
    return {name: [float(v) for v in text.split()] for name, text in lines.items()}


def cell_arguments(cell):
    return ["--cell", *map(str, cell)]


def crystal_of(matrix_file, extra=""):
    return experiment_from(f"-mat {matrix_file} {QUICK} {extra}").experiment.crystal


def test_nanobragg_finds_the_cell_of_a_written_matrix(tmp_path):
    target = tmp_path / "A.mat"
    assert main(["--random", "--seed", "3", *cell_arguments(TRICLINIC), "--wavelength", "1.1", "-o", str(target)]) == 0
    crystal = crystal_of(target)
    real = np.array([crystal.a, crystal.b, crystal.c]) * 1e10
    assert np.allclose(np.linalg.norm(real, axis=1), TRICLINIC[:3], rtol=1e-12)
    for (j, k), angle in zip(((1, 2), (2, 0), (0, 1)), TRICLINIC[3:]):
        cosine = real[j] @ real[k] / np.linalg.norm(real[j]) / np.linalg.norm(real[k])
        assert abs(math.degrees(math.acos(cosine)) - angle) < 1e-9


def test_misset_is_that_of_nanobragg(tmp_path):
    target = tmp_path / "A.mat"
    cell = "40 50 60 90 90 90"
    arguments = ["--misset", "10", "-20", "130", "--cell", *cell.split(), "--wavelength", "1.1", "-o", str(target)]
    assert main(arguments) == 0
    by_matrix = crystal_of(target)
    by_angles = experiment_from(f"-cell {cell} -misset 10 -20 130 {QUICK}").experiment.crystal
    for name in ("a", "b", "c", "a_star", "b_star", "c_star"):
        scale = np.linalg.norm(getattr(by_angles, name))
        assert np.allclose(getattr(by_matrix, name), getattr(by_angles, name), rtol=0, atol=1e-12 * scale)


@pytest.mark.parametrize("misset", [(10, -20, 130), (0, 0, 0), (180, 0, 0), (5, 90, 0), (0.001, -89.9, 179)])
def test_forms_convert_into_each_other(tmp_path, capsys, misset):
    target = tmp_path / "A.mat"
    first = printed(capsys, ["--misset", *map(str, misset), *cell_arguments(TRICLINIC), "-o", str(target)])
    quaternion = [f"{v:.16g}" for v in first["quaternion"]]
    second = printed(capsys, ["--quaternion", *quaternion, *cell_arguments(TRICLINIC)])
    third = printed(capsys, ["--mat", str(target)])
    U = lattice.rotation_of_misset(misset)
    for form in (first, second, third):
        assert np.allclose(lattice.rotation_of_misset(form["misset"]), U, atol=1e-10)
        assert np.allclose(lattice.rotation_of_quaternion(form["quaternion"]), U, atol=1e-12)
        assert np.allclose(form["cell"], TRICLINIC, rtol=1e-6)


@pytest.mark.parametrize("convention", sorted(AXES))
def test_an_experiment_list_comes_back(tmp_path, capsys, convention):
    """Through the imgCIF frame and back, for the laboratory of every convention."""
    first = tmp_path / "A.mat"
    arguments = ["--random", "--seed", "8", *cell_arguments(TRICLINIC), "--wavelength", "0.97", "--convention",
                 convention, "-o", str(first), "-o", str(tmp_path / "A.expt")]  # fmt: skip
    assert main(arguments) == 0
    again = ["--expt", str(tmp_path / "A.expt"), "--convention", convention, "-o", str(tmp_path / "B.mat")]
    form = printed(capsys, again)
    assert form["wavelength"] == [0.97]
    assert np.allclose(read_matrix(first), read_matrix(tmp_path / "B.mat"), rtol=0, atol=1e-15)


def test_an_experiment_list_in_another_frame(tmp_path, capsys):
    """DIALS's own words: beam along +x, spindle +z, so the frame is that of the mosflm convention."""
    real = np.diag([30.0, 40.0, 50.0]) @ lattice.rotation_of_misset((12, 34, 56)).T
    content = {
        "__id__": "ExperimentList",
        "experiment": [{"__id__": "Experiment", "beam": 0, "goniometer": 0, "crystal": 0}],
        "beam": [{"direction": [-1.0, 0.0, 0.0], "wavelength": 1.3}],
        "goniometer": [{"rotation_axis": [0.0, 0.0, 1.0], "fixed_rotation": [1, 0, 0, 0, 1, 0, 0, 0, 1],
                        "setting_rotation": [1, 0, 0, 0, 1, 0, 0, 0, 1]}],
        "crystal": [{"__id__": "crystal", "space_group_hall_symbol": " P 1",
                     **{f"real_space_{n}": row.tolist() for n, row in zip("abc", real)}}],
    }  # fmt: skip
    path = tmp_path / "dials.expt"
    path.write_text(json.dumps(content))
    form = printed(capsys, ["--expt", str(path), "--convention", "mosflm"])
    assert np.allclose(form["misset"], (12, 34, 56), atol=1e-9) and form["wavelength"] == [1.3]


def expt(crystals, goniometer=None, beams=None, pairs=None):
    """An experiment list in the imgCIF frame: cubic crystals of these edges, as they stand at spindle zero."""
    beams = beams or [{"direction": [0.0, 0.0, 1.0], "wavelength": 0.97}]
    pairs = pairs or [(i, 0) for i in range(len(crystals))]
    models = [{f"real_space_{n}": (edge * np.eye(3)[i]).tolist() for i, n in enumerate("abc")} for edge in crystals]
    content = {
        "__id__": "ExperimentList", "beam": beams, "crystal": models,
        "experiment": [{"__id__": "Experiment", "beam": beam, "crystal": crystal, "goniometer": 0}
                       for crystal, beam in pairs],
        "goniometer": [goniometer or {"rotation_axis": [1.0, 0.0, 0.0]}],
    }  # fmt: skip
    return json.dumps(content)


def test_a_wavelength_that_is_given_wins(tmp_path, capsys):
    """Over the experiment list's and the matrix's; the crystal stays the same."""
    (tmp_path / "a.expt").write_text(expt([30.0]))
    source, target, third = (str(tmp_path / name) for name in ("a.expt", "a.mat", "b.mat"))
    assert printed(capsys, ["--expt", source])["wavelength"] == [0.97]
    form = printed(capsys, ["--expt", source, "--wavelength", "1.3", "-o", target])
    assert form["wavelength"] == [1.3] and np.allclose(form["cell"], [30, 30, 30, 90, 90, 90])
    assert np.allclose(np.linalg.norm(read_matrix(target), axis=0), 1.3 / 30.0, rtol=1e-14)
    assert printed(capsys, ["--mat", target])["wavelength"] == [1.3]
    form = printed(capsys, ["--mat", target, "--wavelength", "2", "-o", third])
    assert form["wavelength"] == [2.0] and np.allclose(form["cell"], [30, 30, 30, 90, 90, 90])
    assert np.allclose(np.linalg.norm(read_matrix(third), axis=0), 2.0 / 30.0, rtol=1e-14)


def test_a_matrix_keeps_its_wavelength_behind_the_nine_numbers(tmp_path, capsys):
    target = tmp_path / "A.mat"
    assert main(["--random", *cell_arguments(TRICLINIC), "-o", str(target)]) == 0
    lines = target.read_text().splitlines()
    assert lines[3:] == ["# wavelength 1.0"] and len(" ".join(lines[:3]).split()) == 9
    assert read_orientation(target).wavelength == 1.0


def test_a_run_at_another_wavelength_than_its_matrix_says_so(tmp_path, capsys, monkeypatch):
    """The image is C's all the same: with and without the line behind the nine numbers."""
    monkeypatch.chdir(tmp_path)
    assert main(["--random", *cell_arguments(TRICLINIC), "-o", "A.mat"]) == 0
    plain = (tmp_path / "A.mat").read_text().split("#")[0]
    (tmp_path / "plain.mat").write_text(plain)
    run = ["-default_F", "1", "-N", "2", "-detpixels", "8", "-nonoise", "-nopgm", "-noprogress"]
    capsys.readouterr()
    said, images = [], []
    for name, wavelength in (("A.mat", "1.3"), ("plain.mat", "1.3"), ("A.mat", "1")):
        assert nanobragg(["-mat", name, "-lambda", wavelength, *run]) == 0
        said.append([line for line in capsys.readouterr().err.splitlines() if "wavelength" in line])
        images.append((tmp_path / "floatimage.bin").read_bytes())
    assert len(said[0]) == 1
    assert "A.mat" in said[0][0] and "1.3 times" in said[0][0] and "--wavelength 1.3" in said[0][0]
    assert said[1:] == [[], []]
    assert images[0] == images[1]


@pytest.mark.parametrize("text, wavelength", [
    ("# wavelength 1.3\n", 1.3), ("#wavelength 9.7e-1\r\n", 0.97), ("", None), ("# wavelength\n", None),
    ("# wavelength nan\n", None), ("# wavelength -1\n", None), ("# wavelength 0\n", None), ("wavelength 2\n", None),
    ("0.0 0.0 0.0\n1 0 0\n# wavelength 1.5", 1.5), ("# wavelength 1e999\n", None),
])  # fmt: skip
def test_what_counts_as_the_wavelength_of_a_matrix(tmp_path, text, wavelength):
    (tmp_path / "A.mat").write_bytes(b"1 0 0 0 1 0 0 0 1\n" + text.encode())
    assert read_orientation(tmp_path / "A.mat").wavelength == wavelength
    assert read_matrix(tmp_path / "A.mat").tolist() == np.eye(3).tolist()


def test_a_matrix_that_does_not_say_its_wavelength_needs_one(tmp_path, capsys):
    (tmp_path / "A.mat").write_text("0.05 0 0 0 0.05 0 0 0 0.05\n")
    assert main(["--mat", str(tmp_path / "A.mat")]) == 2
    assert "--wavelength" in capsys.readouterr().err
    assert printed(capsys, ["--mat", str(tmp_path / "A.mat"), "--wavelength", "2"])["cell"][:3] == [40.0, 40.0, 40.0]


def test_several_crystals_are_named_and_one_must_be_chosen(tmp_path, capsys):
    path = tmp_path / "two.expt"
    path.write_text(expt([30.0, 47.5]))
    assert main(["--expt", str(path)]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "2 crystals" in error and "--experiment" in error and "47.5" in error and "0 (" in error and "1 (" in error
    for number, edge in enumerate((30.0, 47.5)):
        assert printed(capsys, ["--expt", str(path), "--experiment", str(number)])["cell"][0] == edge
    for number in ("2", "-1"):
        assert main(["--expt", str(path), "--experiment", number]) == 1
        assert "no" in capsys.readouterr().err


def test_one_crystal_of_several_experiments_needs_no_choice(tmp_path, capsys):
    path = tmp_path / "scans.expt"
    path.write_text(expt([30.0], pairs=[(0, 0), (0, 0)]))
    assert printed(capsys, ["--expt", str(path)])["cell"][0] == 30.0
    beams = [{"direction": [0.0, 0.0, 1.0], "wavelength": w} for w in (0.97, 1.2)]
    path.write_text(expt([30.0], beams=beams, pairs=[(0, 0), (0, 1)]))
    assert main(["--expt", str(path)]) == 1
    assert "--experiment" in capsys.readouterr().err


@pytest.mark.parametrize("axis, off", [([1.0, 0.0, 0.0], None), ([1.0, 0.0, 0.1], "84.29"), ([1.0, 0.3, 0.0], None)])
def test_an_axis_that_is_not_across_the_beam_says_what_is_lost(tmp_path, capsys, axis, off):
    path = tmp_path / "a.expt"
    path.write_text(expt([30.0], goniometer={"rotation_axis": axis}))
    assert main(["--expt", str(path)]) == 0
    error = capsys.readouterr().err
    assert (off in error and error.count("\n") == 1) if off else error == ""


def test_a_goniometer_of_several_axes_is_taken_as_it_stands(tmp_path, capsys):
    """Worked out by hand: phi turns by 90 degrees about Y within chi, at 90 about Z, within the scanned omega about X.

    The crystal's a is X; phi takes it to -Z, which chi leaves. b is Y, which phi leaves and chi takes to -X. c is Z;
    phi takes it to X, chi to Y.
    """
    goniometer = {
        "axes": [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]], "angles": [90.0, 90.0, 33.0],
        "names": ["PHI", "CHI", "OMEGA"], "scan_axis": 2,
    }  # fmt: skip
    path = tmp_path / "three.expt"
    path.write_text(expt([30.0], goniometer=goniometer))
    found = read_expt_crystal(path)
    assert np.allclose(found.real / 30.0, [[0, 0, -1], [-1, 0, 0], [0, 1, 0]], atol=1e-15)
    assert main(["--expt", str(path)]) == 0
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "3 axes" in error and "PHI at 90, CHI at 90" in error and "OMEGA" in error


def test_an_axis_outside_of_the_scanned_one_turns_that_as_well(tmp_path):
    """phi, about X, is scanned within omega, at 90 about Z: its axis lies along Y in the laboratory."""
    goniometer = {"axes": [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]], "angles": [10.0, 90.0], "names": ["PHI", "OMEGA"],
                  "scan_axis": 0}  # fmt: skip
    path = tmp_path / "two.expt"
    path.write_text(expt([30.0], goniometer=goniometer))
    # omega takes a, X, to Y, which is the axis and so the X of the frame of the matrix; b, Y, goes to -X, that is Y of
    # the frame, and c stays along Z
    assert np.allclose(read_expt_crystal(path).real / 30.0, np.eye(3), atol=1e-15)


def test_random_orientations_are_seeded_and_uniform():
    assert np.array_equal(lattice.random_rotation(5), lattice.random_rotation(5))
    assert not np.array_equal(lattice.random_rotation(5), lattice.random_rotation(6))
    turned = np.array([lattice.random_rotation(seed) for seed in range(3000)])
    # The images of a fixed vector fill the sphere: mean 0, mean square of each component 1/3. Uniform rotations
    # turn by pi/2 + 2/pi on average. Bounds are five standard errors of 3000 draws (below 0.6, 0.3, 0.65 each).
    images = turned[:, :, 0]
    assert np.abs(images.mean(axis=0)).max() < 5 * 0.58 / math.sqrt(3000)
    assert np.abs((images**2).mean(axis=0) - 1 / 3).max() < 5 * 0.3 / math.sqrt(3000)
    angles = np.arccos(np.clip((np.trace(turned, axis1=1, axis2=2) - 1) / 2, -1, 1))
    assert abs(angles.mean() - (math.pi / 2 + 2 / math.pi)) < 5 * 0.65 / math.sqrt(3000)


edges = st.floats(5.0, 300.0)
angles = st.floats(65.0, 115.0)


@settings(max_examples=60, deadline=None)
@given(st.tuples(edges, edges, edges, angles, angles, angles), st.integers(0, 10**6))
def test_cell_and_orientation_come_back(cell, seed):
    U = lattice.random_rotation(seed)
    reciprocal = U @ lattice.standard_reciprocal(cell)
    assert np.allclose(lattice.cell_of(reciprocal), cell, rtol=1e-9)
    assert np.allclose(lattice.orientation(reciprocal), U, atol=1e-9)
    assert np.allclose(lattice.rotation_of_quaternion(lattice.quaternion_of_rotation(U)), U, atol=1e-12)
    assert np.allclose(lattice.rotation_of_misset(lattice.misset_of_rotation(U)), U, atol=1e-9)


def test_a_left_handed_matrix_is_no_orientation():
    with pytest.raises(ExperimentError, match="left-handed"):
        lattice.orientation(np.diag([1.0, 1.0, -1.0]))


@pytest.mark.parametrize(
    "arguments, word",
    [(["--random"], "--cell"), (["--random", "--cell", "1", "2", "3", "4", "5", "6", "7"], "six"),
     (["--random", "--cell", "10", "10", "10", "10", "90", "170"], "no such cell"),
     (["--quaternion", "0", "0", "0", "0", "--cell", "10"], "quaternion"), (["--mat", "none.mat"], "none.mat"),
     (["--expt", "bad.expt"], "bad.expt"), (["--expt", "empty.expt"], "no crystal"),
     (["--random", "--cell", "10", "--wavelength", "-1"], "wavelength")],
)  # fmt: skip
def test_bad_input_is_one_line(arguments, word, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.expt").write_text("[1, 2]")
    (tmp_path / "empty.expt").write_text('{"experiment": [{"beam": 0}], "beam": [{}]}')
    assert main([*arguments, "-o", "out.mat"]) == (2 if word in ("--cell", "six", "wavelength") else 1)
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and word in error
    assert not (tmp_path / "out.mat").exists()
