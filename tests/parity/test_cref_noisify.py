"""The C reference of noisify equals what noisify wrote: every file, every line."""

import shutil
from pathlib import Path

import pytest
from check_golden import check_case
from compare_programs import run_c
from paths import NOISIFY_GOLDEN

CASES = sorted(path.name for path in NOISIFY_GOLDEN.joinpath("cases").iterdir())


@pytest.mark.parametrize("case", CASES)
def test_case(case: str, noisify_binary: Path) -> None:
    assert check_case(noisify_binary, NOISIFY_GOLDEN, case) == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(NOISIFY_GOLDEN / "inputs", tmp_path / "inputs")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ("", 9, ""),
        ("-bin nowhere.bin", 1, "nowhere.bin"),
        ("-bin inputs", 1, "no regular file"),
        ("-bin inputs/faint.bin -bits 8", 1, "-bits 8"),
        ("-bin inputs/faint.bin -psf", 1, "-psf"),
        ("-bin inputs/faint.bin -gain three", 1, "three"),
        ("-bin inputs/faint.bin -detpixels -4", 1, "-4"),
        ("-bin inputs/faint.bin -detpixels 60000", 1, "too many"),
        ("-bin inputs/faint.bin -detpixels 100", 1, "quarter"),
        ("-bin inputs/faint.bin -pixel 0", 1, "pixel"),
        ("-bin inputs/faint.bin -psf gauss -psf_radius -2", 1, "-2"),
        ("-bin inputs/faint.bin -psf gauss -psf_radius 3e9", 1, "3e9"),
        ("-bin inputs/nan.bin -nonoise -psf gauss", 1, "-psf_radius"),
        ("-bin inputs/faint.bin -header inputs/faint.bin", 1, "no SMV"),
        ("-bin inputs/faint.bin -header nowhere.img", 1, "nowhere.img"),
        ("-bin inputs/faint.bin -intfile inputs/faint.bin", 1, "overwritten"),
        ("-bin inputs/faint.bin -intfile /dev/full", 1, "/dev/full"),
        ("-bin inputs/faint.bin -strict -unheard_of", 1, "-unheard_of"),
    ],
)
def test_bad_input_is_one_line(arguments: str, code: int, says: str, noisify_binary: Path, folder: Path) -> None:
    outcome = run_c(noisify_binary, arguments.split(), folder)
    assert outcome.code == code
    assert says in outcome.stderr
    assert len(outcome.stderr.splitlines()) == (code == 1)


def test_pixels_that_are_no_number_are_counted(noisify_binary: Path, folder: Path) -> None:
    outcome = run_c(noisify_binary, ["-bin", "inputs/nan.bin", "-seed", "1"], folder)
    assert outcome.code == 0
    assert "hold no finite number" in outcome.stderr
