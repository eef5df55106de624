"""nonBragg against what the C program wrote, byte for byte and line for line."""

import filecmp
import hashlib
import io
import json
import shutil
from contextlib import nullcontext, redirect_stderr, redirect_stdout

import numpy as np
import pytest
from check_golden import comparable_text
from golden_cases import Finished
from paths import NONBRAGG_GOLDEN
from platform_check import assert_images_agree, require_same_libm
from ways import numba_alone

from nanobragg_numba.programs.nonbragg.cli import BANNER, main

CASES = sorted(path.name for path in NONBRAGG_GOLDEN.joinpath("cases").iterdir())
LARGE = json.loads((NONBRAGG_GOLDEN / "large.json").read_text())


@pytest.fixture
def folder(tmp_path, monkeypatch):
    shutil.copytree(NONBRAGG_GOLDEN / "inputs", tmp_path / "inputs")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(argv, folder):
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(argv)
    return Finished(code, out.getvalue().replace(f"{BANNER}\n", ""), err.getvalue(), folder)


def kernels(way):
    """A block with machine code that is ready, or with Numba."""
    return numba_alone() if way == "numba" else nullcontext()


@pytest.mark.parametrize("way", ["native", "numba"])
@pytest.mark.parametrize("engine", ["row", "loop"])
@pytest.mark.parametrize("case", CASES)
def test_every_file_and_line(case, engine, way, folder):
    """Threads are spread over the cases: 1, 2 and 5."""
    reference = NONBRAGG_GOLDEN / "cases" / case
    threads = ["1", "2", "5"][(CASES.index(case) + (engine == "row") + (way == "native")) % 3]
    with kernels(way):
        finished = run(["-engine", engine, "-threads", threads, *(reference / "args").read_text().split()], folder)
    assert finished.code == 0, finished.stderr
    expected = {path.name for path in reference.iterdir()} - {"args", "stdout.txt"}
    assert {path.name for path in folder.iterdir()} - {"inputs"} == expected
    floats = [path for path in expected if path.endswith(".bin")]
    for name in floats:
        assert_images_agree(*(np.fromfile(place / name, np.float32) for place in (folder, reference)))
    require_same_libm("files and text")
    differing = [name for name in expected if not filecmp.cmp(folder / name, reference / name, shallow=False)]
    assert not differing
    assert comparable_text(finished.stdout) == comparable_text((reference / "stdout.txt").read_text())


ROWS = [("native", "1", "row"), ("native", "5", "row"), ("numba", "2", "row")]
LOOPS = [("native", "2", "loop"), ("numba", "5", "loop")]  # minutes for the largest images


@pytest.mark.parametrize(
    ("name", "way", "threads", "engine"),
    [(name, *how) for name in sorted(LARGE) for how in (ROWS if "4096" in name else ROWS + LOOPS)],
)
def test_large_images(name, way, threads, engine, folder):
    entry = LARGE[name]
    with kernels(way):
        finished = run([*entry["args"].split(), "-threads", threads, "-engine", engine], folder)
    assert finished.code == 0, finished.stderr
    image = np.fromfile(folder / "floatimage.bin", np.float32)
    assert image[: len(entry["first_pixels"])] == pytest.approx(entry["first_pixels"], rel=1e-6)
    require_same_libm("digests")
    digests = {file: hashlib.sha256((folder / file).read_bytes()).hexdigest() for file in entry["sha256"]}
    assert digests == entry["sha256"]
