"""The command against what the C program wrote, byte for byte and line for line."""

import hashlib
import json

import numpy as np
import pytest
from golden_cases import (
    CASES,
    NOT_WRITTEN_BY_THE_COMMAND,
    arguments,
    comparable,
    prepare_folder,
    run_here,
    written_files,
)
from golden_defects import OTHER_WARNINGS, defects_of, named_defects
from paths import GOLDEN
from platform_check import assert_files_agree, assert_texts_agree, require_same_libm

from nanobragg_numba.engine.names import ENGINES, ROW

LARGE = json.loads((GOLDEN / "large.json").read_text())


@pytest.mark.parametrize("engine", [*ENGINES, "row without native code"])
@pytest.mark.parametrize("case", CASES)
def test_every_file_and_line(case, engine, tmp_path, monkeypatch, request):
    if engine not in ENGINES:
        engine = ROW
        request.getfixturevalue("numba_alone")
    prepare_folder(tmp_path)
    for argv in arguments(case):
        finished = run_here([*argv, "-engine", engine], tmp_path, monkeypatch)
        assert finished.code == 0, finished.stderr
    reference = GOLDEN / "cases" / case
    expected = {path.name for path in reference.iterdir()} - NOT_WRITTEN_BY_THE_COMMAND
    assert written_files(tmp_path) - {"Fdump.bin"} == expected - {"Fdump.bin"}
    assert named_defects(finished.stderr) == sorted(defects_of(case))
    assert len(finished.stderr.splitlines()) == len(defects_of(case)) + OTHER_WARNINGS.get(case, 0)

    ours, theirs = ({name: (folder / name).read_bytes() for name in expected} for folder in (tmp_path, reference))
    uncompared = assert_files_agree(ours, theirs)
    assert_texts_agree(comparable(finished.stdout), comparable((reference / "stdout.txt").read_text()))
    if uncompared:
        require_same_libm(", ".join(uncompared))


@pytest.mark.parametrize(
    "threads, native", [("1", True), ("2", True), ("5", True), ("7", True), ("2", False)], ids=lambda value: str(value)
)
@pytest.mark.parametrize("name", sorted(LARGE))
def test_large_images(name, threads, native, tmp_path, monkeypatch, request):
    if not native:
        request.getfixturevalue("numba_alone")
    prepare_folder(tmp_path)
    entry = LARGE[name]
    finished = run_here([*entry["args"].split(), "-threads", threads], tmp_path, monkeypatch)
    assert finished.code == 0, finished.stderr
    image = np.fromfile(tmp_path / "floatimage.bin", np.float32)
    assert image[: len(entry["first_pixels"])] == pytest.approx(entry["first_pixels"], rel=1e-6)
    assert float(image.max()) == pytest.approx(entry["float_max"], rel=1e-6)
    require_same_libm("digests of large images")
    digests = {file: hashlib.sha256((tmp_path / file).read_bytes()).hexdigest() for file in entry["sha256"]}
    assert digests == entry["sha256"]


@pytest.mark.parametrize("name", [name for name in sorted(LARGE) if "4096" not in name])
def test_large_images_by_the_loop_kernel(name, tmp_path, monkeypatch):
    prepare_folder(tmp_path)
    run_here([*LARGE[name]["args"].split(), "-engine", "loop"], tmp_path, monkeypatch)
    image = np.fromfile(tmp_path / "floatimage.bin", np.float32)
    assert float(image.max()) == pytest.approx(LARGE[name]["float_max"], rel=1e-6)
    require_same_libm("digests of large images")
    digest = hashlib.sha256((tmp_path / "floatimage.bin").read_bytes()).hexdigest()
    assert digest == LARGE[name]["sha256"]["floatimage.bin"]
