"""Bad tables: one line where there is nothing to be done, else what C does, and a word about it."""

import io
import shutil
from contextlib import redirect_stderr, redirect_stdout

import numpy as np
import pytest
from compare_programs import run_c

from nanobragg_numba.programs.nonbragg.cli import main

SMALL = "-stol bad.stol -distance 40 -pixel 0.5 -detpixels 12 -noprogress -seed 1"
HOPELESS = {
    "empty": ("", "is empty"),
    "blank": (" \t,\n\n", "no point"),
    "words": ("0.1 2\nstol F\n", "line 2"),
    "no_F": ("0.1\n0.2 nan\n", "no structure factor"),
    "nan": ("0.1 2\nnan 3\n", "line 2"),
    "infinite": ("inf 2\n", "line 1"),
    "too_large": ("1e300 2\n", "beyond all numbers"),
}
AS_IN_C = {
    "unsorted": ("0.2 3\n0.1 5\n0.4 1\n0.3 2\n", "table-order"),
    "repeated": ("0.1 3\n0.1 5\n0.3 2\n", "table-order"),
    "negative_F": ("0 -3\n0.1 2\n0.2 -4\n0.3 1\n", ""),
    "below_zero": ("-0.2 3\n-0.1 5\n0.1 4\n", ""),
    "one": ("0.1 4\n", ""),
    "two": ("0.1 4\n0.3 2\n", ""),
    "a_missing_F": ("0 3\n0.1\n0.2 nan\n0.3 4\n0.4 2\n", "missing-F"),
    "comment": ("# stol F\n0.05 3\n0.1 4\n0.3 2\n", "comment-lines"),
    "more_columns": ("0,3;7!8\n0.1:4 9 9\n0.3\t2\n", ""),
    "tiny_and_huge": ("0 1e-30\n0.1 1e20\n0.2 1e-30\n", ""),
}


def run(argv):
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(argv)
    return code, err.getvalue()


@pytest.mark.parametrize("name", HOPELESS)
def test_a_table_of_no_use_is_told_in_one_line_and_nothing_is_written(name, nonbragg_binary, tmp_path, monkeypatch):
    text, says = HOPELESS[name]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.stol").write_text(text)
    code, err = run(SMALL.split())
    lines = [line for line in err.splitlines() if "compiling" not in line]
    assert code == 1 and len(lines) == 1 and says in lines[0] and "bad.stol" in lines[0]
    assert [path.name for path in tmp_path.iterdir()] == ["bad.stol"]
    if name != "too_large":  # which C renders beyond the table
        assert run_c(nonbragg_binary, SMALL.split(), tmp_path).code == 1


@pytest.mark.parametrize("engine", ["row", "loop"])
@pytest.mark.parametrize("name", AS_IN_C)
def test_what_c_makes_something_of_we_make_the_same_of(name, engine, nonbragg_binary, tmp_path, monkeypatch):
    text, defect = AS_IN_C[name]
    theirs = tmp_path / "c"
    theirs.mkdir()
    for folder in (tmp_path, theirs):
        (folder / "bad.stol").write_text(text)
    monkeypatch.chdir(tmp_path)
    code, err = run(["-engine", engine, *SMALL.split()])
    assert code == 0, err
    named = {name for name in ("table-order", "missing-F", "comment-lines") if f" {name}: " in err}
    assert named == ({defect} if defect else set())
    c = run_c(nonbragg_binary, SMALL.split(), theirs)
    assert c.code == 0
    for image in ("floatimage.bin", "intimage.img", "image.pgm", "noiseimage.img"):
        assert (tmp_path / image).read_bytes() == c.files[image], image


def test_a_table_that_is_a_folder_or_not_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for prepare in ((tmp_path / "bad.stol").mkdir, lambda: shutil.rmtree(tmp_path / "bad.stol")):
        prepare()
        code, err = run(SMALL.split())
        assert code == 1 and "bad.stol" in err and len(err.splitlines()) == 1


def test_a_repeated_abscissa_makes_pixels_that_are_no_numbers(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.stol").write_text(AS_IN_C["repeated"][0])
    assert run(SMALL.split())[0] == 0
    assert not np.isfinite(np.fromfile("floatimage.bin", np.float32)).all()
