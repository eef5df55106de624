"""nonBragg against what the C program wrote, byte for byte and line for line."""

import filecmp
import hashlib
import io
import json
import shutil
from contextlib import redirect_stderr, redirect_stdout

import numpy as np
import pytest
from check_golden import comparable_text
from golden_cases import Finished
from paths import NONBRAGG_GOLDEN
from platform_check import assert_images_agree, require_same_libm

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


@pytest.mark.parametrize("engine", ["row", "loop"])
@pytest.mark.parametrize("case", CASES)
def test_every_file_and_line(case, engine, folder):
    reference = NONBRAGG_GOLDEN / "cases" / case
    finished = run(["-engine", engine, *(reference / "args").read_text().split()], folder)
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


@pytest.mark.parametrize("threads", ["1", "2", "5"])
@pytest.mark.parametrize("name", sorted(LARGE))
def test_large_images(name, threads, folder):
    entry = LARGE[name]
    finished = run([*entry["args"].split(), "-threads", threads], folder)
    assert finished.code == 0, finished.stderr
    image = np.fromfile(folder / "floatimage.bin", np.float32)
    assert image[: len(entry["first_pixels"])] == pytest.approx(entry["first_pixels"], rel=1e-6)
    require_same_libm("digests")
    digests = {file: hashlib.sha256((folder / file).read_bytes()).hexdigest() for file in entry["sha256"]}
    assert digests == entry["sha256"]
