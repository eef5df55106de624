"""noisify against what the C program wrote, byte for byte and line for line: natively and by Numba."""

import hashlib
import json
import shlex

import pytest
from noisify_runs import CASES, lines, run_noisify, with_inputs
from paths import GOLDEN, NOISIFY_GOLDEN
from platform_check import require_same_libm
from ways import numba_alone

from nanobragg_numba.kernels import ready

LARGE = json.loads((NOISIFY_GOLDEN / "large.json").read_text())


@pytest.fixture
def way(request):
    """Machine code that is ready, where this machine has it, or Numba."""
    if request.param == "numba":
        with numba_alone():
            yield
    else:
        assert ready.prepare(["noisify"]) or ready.why_not("noisify")
        yield


@pytest.mark.parametrize("way", ["native", "numba"], indirect=True)
@pytest.mark.parametrize("threads", ["1", "2", "5"])
@pytest.mark.parametrize("case", CASES)
def test_every_file_and_line(case, threads, way, tmp_path):
    reference = NOISIFY_GOLDEN / "cases" / case
    arguments = shlex.split((reference / "args").read_text())
    outcome = run_noisify(["-threads", threads, *arguments], with_inputs(tmp_path))
    assert outcome.code == 0, outcome.stderr
    expected = {path.name: path.read_bytes() for path in reference.iterdir() if path.name not in ("args", "stdout.txt")}
    assert outcome.files.keys() == expected.keys()
    require_same_libm("noise, which draws other random numbers after the first pixel that differs")
    assert lines(outcome.stdout) == lines((reference / "stdout.txt").read_text())
    assert [name for name in expected if outcome.files[name] != expected[name]] == []


@pytest.fixture(scope="module")
def float_images(tmp_path_factory):
    """Folders with the float images of the large cases, by the nanoBragg arguments that make them."""
    import shutil
    from contextlib import chdir, redirect_stdout
    from io import StringIO

    from nanobragg_numba.programs.nanobragg.cli import main

    made = {}
    for entry in LARGE.values():
        if entry["nanobragg"] in made:
            continue
        folder = made[entry["nanobragg"]] = tmp_path_factory.mktemp("large")
        shutil.copytree(GOLDEN / "inputs", folder / "inputs")
        with chdir(folder), redirect_stdout(StringIO()):
            assert main(entry["nanobragg"].split()) == 0
    return made


@pytest.mark.parametrize(("way", "threads"), [("native", "2"), ("numba", "1")], indirect=["way"])
@pytest.mark.parametrize("name", sorted(LARGE))
def test_large_images(name, way, threads, float_images):
    entry = LARGE[name]
    folder = float_images[entry["nanobragg"]]
    outcome = run_noisify([*entry["args"].split(), "-threads", threads], folder)
    assert outcome.code == 0, outcome.stderr
    require_same_libm("digests of large images")
    digests = {file: hashlib.sha256(outcome.files[file]).hexdigest() for file in entry["sha256"]}
    assert digests == entry["sha256"]
    assert lines(outcome.stdout) == lines(entry["stdout"])
