"""nb-sweep: a table of shots, each of them byte for byte the single command, rendered once."""

import os
import shlex
import subprocess
from pathlib import Path

import fabio
import h5py
import numpy as np
import pytest
from sweeps import (
    COUNT,
    DRAWN,
    assert_whole,
    command,
    expected_pixels,
    frames,
    manifest,
    printed,
    single,
    sweep,
    write_base,
)  # fmt: skip

from nanobragg_numba.geometry.lattice import rotation_of_misset
from nanobragg_numba.programs.nanobragg.run import experiment_from
from nanobragg_numba.sweep.draw import random_missets
from nanobragg_numba.sweep.locks import locked
from nanobragg_numba.tools.sweep import build_parser, main, workers_of


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Path:
    """A finished sweep of drawn shots in stacks."""
    folder = tmp_path_factory.mktemp("drawn")
    done = sweep(write_base(folder), *DRAWN, "--out", str(folder / "out"), "--chunk", "5", "--workers", "2")
    assert done.stdout.splitlines()[0] == f"{folder}/out: {COUNT} of {COUNT} shots done, 0 failed, 0 pending"
    return folder / "out"


def test_every_frame_is_the_single_command(drawn, tmp_path):
    assert sorted(path.name for path in (drawn / "stacks").iterdir()) == [f"stack_{i:06d}.nxs" for i in range(5)]
    assert_whole(drawn, expected_pixels(tmp_path / "singles", drawn))


def test_shots_differ_and_a_lone_one_is_the_same(drawn, tmp_path):
    """A row alone decides: a table of one row, at another index, differs by its seed only."""
    there = frames(drawn)
    assert len({pixels.tobytes() for pixels in there.values()}) == COUNT
    header, *rows = (drawn / "shots.csv").read_text().splitlines()
    (tmp_path / "one.csv").write_text(f"{header},seed,mosaic_seed\n{rows[11]},12,12\n")
    sweep(str(drawn.parent / "base.args"), "--shots", str(tmp_path / "one.csv"), "--out", str(tmp_path / "out"),
          "--workers", "1")  # fmt: skip
    assert np.array_equal(frames(tmp_path / "out")[0], there[11])


def test_truth_of_each_frame(drawn):
    with h5py.File(drawn / "stacks/stack_000002.nxs") as file:
        own, sample = file["entry/sample/nanobragg"], file["entry/sample"]
        assert own["shot"][()].tolist() == [10, 11, 12, 13, 14]
        assert own["seed"][()].tolist() == [11, 12, 13, 14, 15]
        assert file["entry/data/data"].attrs["units"] == "counts"
        for frame, shot in enumerate(own["shot"][()].tolist()):
            said = shlex.split(printed("--out", str(drawn), "--command", str(shot)))[1:]
            experiment = experiment_from(said).experiment
            wavelength = file["entry/instrument/beam/incident_wavelength"][frame]
            assert wavelength == own["wavelength"][frame] == experiment.beam.wavelength * 1e10
            assert own["fluence"][frame] == experiment.beam.fluence
            assert own["unit_cells"][frame].tolist() == [experiment.crystal.Na] * 3
            # UB, seen from the frame of NeXus, has the crystal's own metric, and differs between shots
            UB = sample["ub_matrix"][frame]
            real = np.array([experiment.crystal.a, experiment.crystal.b, experiment.crystal.c]) * 1e10
            assert np.allclose(UB.T @ UB @ (real @ real.T), np.eye(3), atol=1e-9)
            assert np.allclose(abs(np.linalg.det(sample["orientation_matrix"][frame])), 1.0)
            assert " ".join(own["arguments"][frame].decode().split()[:2]) in " ".join(said)


def test_stacks_are_read_by_others(drawn):
    stack = fabio.open(f"{drawn}/stacks/stack_000001.nxs::/entry/data/data")
    assert stack.nframes == 5
    assert np.array_equal(stack.get_frame(3).data, frames(drawn)[8])


def test_started_again_it_renders_nothing(drawn):
    before = {path: path.stat().st_mtime_ns for path in (drawn / "stacks").iterdir()}
    for arguments in ((), (str(drawn.parent / "base.args"), *DRAWN, "--chunk", "5")):
        done = sweep(*arguments, "--out", str(drawn))
        assert "shots/s" not in done.stdout
    assert {path: path.stat().st_mtime_ns for path in (drawn / "stacks").iterdir()} == before
    assert manifest(drawn, "SELECT DISTINCT attempts FROM shots") == [(1,)]


def test_missing_and_damaged_files_are_rendered_again(drawn, tmp_path):
    out, expected = tmp_path / "out", frames(drawn)
    sweep(str(drawn.parent / "base.args"), *DRAWN, "--chunk", "5", "--out", str(out))
    (out / "stacks/stack_000001.nxs").unlink()
    damaged = out / "stacks/stack_000003.nxs"
    content = bytearray(damaged.read_bytes())
    content[-1] ^= 1
    damaged.write_bytes(content)
    assert "damaged: stacks/stack_000003.nxs" in printed("status", str(out), "--verify")
    (out / "stacks/.nanobragg-0.part").write_bytes(b"left by a killed worker")
    assert "10 shots in" in sweep("--out", str(out)).stdout
    assert_whole(out, expected)


def test_files_of_their_own(drawn, tmp_path):
    out = tmp_path / "out"
    sweep(str(drawn.parent / "base.args"), "--shots", str(drawn / "shots.csv"), "--out", str(out), "--format",
          "smv,cbf,float")  # fmt: skip
    written = sorted((out / "images/0000").iterdir())
    assert len(written) == 3 * COUNT
    for shot in range(COUNT):
        files = single(tmp_path / str(shot), printed("--out", str(out), "--command", str(shot)))
        assert len(files) == 3
        assert all((out / "images/0000" / name).read_bytes() == content for name, content in files.items())


def test_photons_and_random_misset(tmp_path):
    base = write_base(tmp_path, "-misset random -nonoise -seed 5 -mosaic_seed 9")
    (tmp_path / "shots.csv").write_text("round_xtal,N\nyes,5\nno,6\n,7\n")
    sweep(base, "--shots", str(tmp_path / "shots.csv"), "--out", str(tmp_path / "out"))
    there = frames(tmp_path / "out")
    for shot, pixels in there.items():
        line = printed("--out", str(tmp_path / "out"), "--command", str(shot))
        assert ("-round_xtal" in line) == (shot == 0) and f"-seed {5 + shot} -mosaic_seed {9 + shot}" in line
        files = single(tmp_path / str(shot), line)
        assert pixels.dtype == np.float32 and files[f"shot_{shot:07d}.bin"] == pixels.tobytes()


def test_one_crystal_for_all_shots(tmp_path):
    """Frames of a rotation share mosaic domains and orientation; noise stays their own."""
    base = write_base(tmp_path, "-misset random -mosaic 1 -mosaic_domains 5 -seed 5 -mosaic_seed 9 -misset_seed 7 0 0")
    (tmp_path / "shots.csv").write_text("phi\n10\n10\n40\n")
    words = [base, "--shots", str(tmp_path / "shots.csv"), "--out", str(tmp_path / "out"), "--same-crystal",
             "--compression", "none"]  # fmt: skip
    sweep(*words, "--pixels", "photons")
    there = frames(tmp_path / "out")
    assert np.array_equal(there[0], there[1]) and not np.array_equal(there[0], there[2])
    for shot in there:
        line = printed("--out", str(tmp_path / "out"), "--command", str(shot))
        assert f"-seed {5 + shot} -mosaic_seed 9 " in line and line.startswith("nanoBragg -misset_seed 7 ")
    with h5py.File(tmp_path / "out/stacks/stack_000000.nxs") as file:
        assert not file["entry/data/data"]._filters
    for forgotten, said in (("--same-crystal", "--same-crystal"), ("none", "--compression")):
        other = [word for word in words if word != forgotten]
        other = other[:-1] if forgotten == "none" else other
        done = subprocess.run(command(*other, "--pixels", "photons"), capture_output=True, text=True)
        assert done.returncode == 1 and said in done.stderr, done.stderr


def test_a_longer_table_begins_as_a_shorter_one(tmp_path):
    base = write_base(tmp_path)
    lines = [printed(base, "--count", str(count), *DRAWN[2:], "--command", "17") for count in (18, 9000)]
    assert lines[0] == lines[1]
    assert lines[0] != printed(base, "--count", "18", *DRAWN[2:], "--seed", "8", "--command", "17")


def test_orientations_are_uniform():
    cells = random_missets(np.random.default_rng(1), 4000)
    axes = np.array([rotation_of_misset(tuple(map(float, cell.split()))) for cell in cells])
    # the mean of each component of a uniform rotation is 0, its mean square 1/3: five standard errors
    assert np.abs(axes.mean(axis=0)).max() < 5 * np.sqrt(1 / 3 / 4000)
    assert np.abs((axes**2).mean(axis=0) - 1 / 3).max() < 5 * np.sqrt(4 / 45 / 4000)


def test_fewer_shots_than_a_chunk_are_made_several_at_once(tmp_path):
    """By threads of one process: the stack, its order and what is said of failed shots are as with one at a time."""
    rows = [f"70 80 90 75 85 95,{N}" for N in (5, 7, 9, 11, 8)]
    rows.insert(2, "70 80 90 30 30 150,5")
    (tmp_path / "shots.csv").write_text("\n".join(["cell,N", *rows]) + "\n")
    arguments = [write_base(tmp_path), "--shots", str(tmp_path / "shots.csv")]
    for name, workers in (("one", "1"), ("several", "3")):
        done = sweep(*arguments, "--out", str(tmp_path / name), "--workers", workers, code=3)
        assert "5 of 6 shots done, 1 failed" in done.stdout
    one, several = ((tmp_path / name / "stacks/stack_000000.nxs").read_bytes() for name in ("one", "several"))
    assert one == several
    query = "SELECT shot, state, attempts, digest, message, file, frame FROM shots ORDER BY shot"
    assert manifest(tmp_path / "one", query) == manifest(tmp_path / "several", query)


@pytest.mark.parametrize(
    ("chunks", "workers", "expected"), [(1, 4, (1, 4)), (3, 4, (3, 1)), (2, 5, (2, 2)), (9, 4, (4, 1)), (0, 4, (1, 4))]
)
def test_how_many_shots_at_once(chunks, workers, expected):
    options = build_parser().parse_args(["base.args", "--workers", str(workers)])
    assert workers_of(options, chunks) == expected


def test_another_table_or_base_is_refused_unless_new(drawn, tmp_path, capsys):
    base = write_base(tmp_path)
    table = tmp_path / "shots.csv"
    table.write_text("N\n5\n6\n")
    same = [base, "--shots", str(table), "--out", str(tmp_path / "out"), "--format", "float"]
    sweep(*same)
    table.write_text("N\n5\n7\n")
    sweep(*same, code=1)
    table.write_text("N\n5\n6\n")
    sweep(*same)
    with open(tmp_path / "factors.hkl", "a") as file:
        file.write("1 2 3 4\n")
    assert "content of input files" in sweep(*same, code=1).stderr
    before = (tmp_path / "out/images/0000/shot_0000001.bin").read_bytes()
    table.write_text("N\n5\n8\n")
    assert "2 of 2 shots done" in sweep(*same, "--new").stdout
    assert (tmp_path / "out/images/0000/shot_0000001.bin").read_bytes() != before


def test_failed_shots_are_reported_and_the_rest_goes_on(tmp_path):
    base = write_base(tmp_path)
    (tmp_path / "shots.csv").write_text("cell,N\n,5\n70 80 90 30 30 150,5\n,7\n70 80 90 30 30 150,\n,9\n")
    out = tmp_path / "out"
    done = sweep(base, "--shots", str(tmp_path / "shots.csv"), "--out", str(out), "--retries", "2", code=3)
    assert "3 of 5 shots done, 2 failed" in done.stdout
    assert "shot 1 failed after 3 attempts: -cell 70 80 90 30 30 150: no such cell exists" in done.stdout
    assert sorted(frames(out)) == [0, 2, 4]
    assert "2 failed" in printed("status", str(out))
    assert sweep("--out", str(out), "--retries", "0", code=3).stdout.count("after 4 attempts") == 2
    assert sorted(frames(out)) == [0, 2, 4]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--count", "3", "--vary", "lamda=normal(1,2)"], "did you mean lambda"),
        (["--count", "3", "--vary", "lambda=gamma(1,2)"], "normal(MEAN,SIGMA)"),
        (["--count", "3", "--vary", "cell=normal(1,2)"], "does not take one number"),
        (["--count", "3", "--vary", "lambda=normal(1)"], "normal takes MEAN,SIGMA"),
        (["--count", "3", "--vary", "fluence=lognormal(-1,1)"], "above 0"),
        (["--count", "0"], "--count must be"),
        (["--count", "3", "--vary", "distance=normal(100,1)"], "share one detector"),
        (["--count", "3", "--vary", "N=uniform(1,2)", "--vary", "N=uniform(1,2)"], "twice"),
        (["--count", "3", "--format", "tiff"], "--format takes nexus"),
        (["--count", "3", "--retries", "-1"], "--retries must be"),
        ([], "say which shots"),
        (["--shots", "TABLE", "--orient", "random"], "do not go with --shots"),
    ],
)
def test_mistakes_are_one_line(arguments, message, tmp_path, capsys):
    assert main([write_base(tmp_path), *arguments, "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1 and error.startswith("nb-sweep: ")


@pytest.mark.parametrize(
    "table, message, code",
    [
        ("N,seed\n5\n", "line 2: 1 cells, and the header has 2", 1),
        ("N\nfive six\n", "shot 0: column N: -N takes N, not 'five six'", 2),
        ("floatfile\nx.bin\n", "files are chosen by --format", 2),
        ("N\n", "holds no shots", 1),
        (None, "cannot read the table", 1),
    ],
)
def test_mistakes_in_the_table(table, message, code, tmp_path, capsys):
    if table is not None:
        (tmp_path / "shots.csv").write_text(table)
    arguments = [write_base(tmp_path), "--shots", str(tmp_path / "shots.csv"), "--out", str(tmp_path / "out")]
    assert main(arguments) == code
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert not (tmp_path / "out/manifest.sqlite").exists()


@pytest.mark.parametrize("option", ["-cbffile x.cbf", "-frames 3", "-threads 4", "-noisefile n.img"])
def test_the_base_names_no_outputs(option, tmp_path, capsys):
    assert main([write_base(tmp_path, option), "--count", "2", "--out", str(tmp_path / "out")]) == 2
    assert option.split()[0] in capsys.readouterr().err


def test_two_sweeps_in_one_folder(drawn):
    with locked(drawn):
        assert "another nb-sweep is at work" in sweep("--out", str(drawn), code=1).stderr


def test_beside_its_own_base_and_other_files(tmp_path):
    base = write_base(tmp_path)
    (tmp_path / "shots.csv").write_text("N , lambda\n5, 1.0\n\n")
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks/notes.txt").write_text("mine")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    sweep(base, "--shots", str(tmp_path / "shots.csv"), "--out", str(tmp_path), "--workers", "1")
    sweep(base, "--shots", str(tmp_path / "shots.csv"), "--out", str(tmp_path), "--workers", "1", "--new")
    assert {path: path.read_bytes() for path in before} == before
    assert (tmp_path / "stacks/stack_000000.nxs").exists()


def test_status_of_nothing(tmp_path, capsys):
    assert main(["status", str(tmp_path)]) == 1
    assert "holds no sweep" in capsys.readouterr().err


def test_memory_stays_flat(tmp_path):
    """A worker's memory does not grow with the shots that it has rendered."""
    base = write_base(tmp_path)
    peaks = []
    for count in (30, 200):
        script = (
            "import resource, sys\nfrom nanobragg_numba.tools.sweep import main\n"
            "code = main(sys.argv[1:])\nprint(max(resource.getrusage(who).ru_maxrss for who in "
            "(resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))\nsys.exit(code)"
        )
        done = subprocess.run([command()[0], "-c", script, base, "--count", str(count), "--orient", "random", "--out",
                               str(tmp_path / str(count)), "--workers", "1", "--chunk", "10"],
                              capture_output=True, text=True, env={**os.environ})  # fmt: skip
        assert done.returncode == 0, done.stderr
        peaks.append(int(done.stdout.split()[-1]))  # KiB
    assert peaks[1] - peaks[0] < 8 * 1024
