"""Orientations: every form says the same, and nanoBragg reads what nb-orient writes."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.formats.matrix import read_matrix
from nanobragg_numba.geometry import lattice
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
    assert main([*arguments, "-o", "out.mat"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and word in error
    assert not (tmp_path / "out.mat").exists()
