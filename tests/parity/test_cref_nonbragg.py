"""The C reference of nonBragg equals what nonBragg wrote: every file, every line."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from check_golden import check_case
from compare_programs import run_c
from paths import NONBRAGG_GOLDEN

CASES = sorted(path.name for path in NONBRAGG_GOLDEN.joinpath("cases").iterdir())
SMALL = "-stol inputs/liquid.stol -distance 40 -pixel 0.5 -detpixels 12 -noprogress -seed 1"


@pytest.mark.parametrize("case", CASES)
def test_case(case: str, nonbragg_binary: Path) -> None:
    assert check_case(nonbragg_binary, NONBRAGG_GOLDEN, case) == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(NONBRAGG_GOLDEN / "inputs", tmp_path / "inputs")
    return tmp_path


def test_large_image(nonbragg_binary: Path, folder: Path) -> None:
    entry = json.loads((NONBRAGG_GOLDEN / "large.json").read_text())["air_1024_noise"]
    outcome = run_c(nonbragg_binary, entry["args"].split(), folder)
    assert {file: hashlib.sha256(outcome.files[file]).hexdigest() for file in entry["sha256"]} == entry["sha256"]


TABLES = {
    "empty": ("", "no point"),
    "blank": (" \t,\n\n", "no point"),
    "words": ("0.1 2\nstol F\n", "line 2"),
    "no_F": ("0.1\n0.2 nan\n", "no structure factor"),
    "nan": ("0.1 2\nnan 3\n", "line 2"),
    "infinite": ("inf 2\n", "line 1"),
}


@pytest.mark.parametrize("name", TABLES)
def test_bad_table_is_one_line(name: str, nonbragg_binary: Path, folder: Path) -> None:
    text, says = TABLES[name]
    (folder / "bad.stol").write_text(text)
    outcome = run_c(nonbragg_binary, [*SMALL.split(), "-stol", "bad.stol"], folder)
    assert outcome.code == 1
    assert says in outcome.stderr
    assert len(outcome.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ("-img inputs/ring.img", 9, ""),
        (f"{SMALL} -stol nowhere.stol", 1, "nowhere.stol"),
        (f"{SMALL} -img nowhere.img", 1, "nowhere.img"),
        (f"{SMALL} -img inputs/ring.img", 1, "the detector has"),
        (f"{SMALL} -lambda 0", 1, "wavelength"),
        (f"{SMALL} -pixel 0", 1, "pixel size"),
        (f"{SMALL} -distance 0", 1, "distance"),
        (f"{SMALL} -detpixels -3", 1, "-3"),
        (f"{SMALL} -divergence 1 -hdivstep 100 -vdivstep 100", 1, "no beam direction"),
        (f"{SMALL} -source_distance 0", 1, "stands at the sample"),
        (f"{SMALL} -gain x", 1, "not a number"),
        (f"{SMALL} -intfile /dev/full", 1, "/dev/full"),
        (f"{SMALL} -trace_pixel 12 0", 1, "no such pixel"),
        (f"{SMALL} -strict -mosflm", 1, "-mosflm"),
    ],
)
def test_bad_input_is_one_line(arguments: str, code: int, says: str, nonbragg_binary: Path, folder: Path) -> None:
    outcome = run_c(nonbragg_binary, arguments.split(), folder)
    assert outcome.code == code
    assert says in outcome.stderr
    assert len(outcome.stderr.splitlines()) == (code == 1)
