"""The C reference equals what nanoBragg wrote: every file, every line, every trace token."""

import hashlib
import json
from pathlib import Path

import pytest
from check_golden import check_case, check_trace, trace_pixels
from compare_programs import compare, run_c
from cref_build import CREF, NO_COMPILER, build, find_compiler
from golden_cases import CASES
from paths import GOLDEN

TRACES = [
    (name, slow, fast)
    for name in sorted(path.name for path in GOLDEN.joinpath("traces").iterdir())
    for slow, fast in trace_pixels(GOLDEN, name)
]

# Cases whose bytes or text depend on what the sequential program carries from pixel to pixel.
CARRYING = [
    "custom_polar_long", "dmin_polar", "dmin_sweeps", "everything_sampled", "img_and_mask",
    "interpolate_leaves_range", "interpolate_mixed", "interpolate_out_of_range", "nopolar", "phi_from_zero",
    "phi_through_zero", "printout_roi", "progress", "progress_roi", "roi", "unknown_flags", "water_tophat",
]  # fmt: skip

SMALL = "-cell 40 50 60 80 90 100 -default_F 10 -N 3 -lambda 1 -distance 60 -pixel 0.4 -detpixels 24 -seed 1"


@pytest.mark.parametrize("case", CASES)
def test_case(case: str, cref_binary: Path) -> None:
    assert check_case(cref_binary, GOLDEN, case) == []


@pytest.mark.parametrize(("name", "slow", "fast"), TRACES)
def test_trace(name: str, slow: int, fast: int, cref_binary: Path) -> None:
    assert check_trace(cref_binary, GOLDEN, name, slow, fast) == []


@pytest.mark.parametrize("threads", ["1", "2", "3"])
@pytest.mark.parametrize("case", CARRYING)
def test_case_with_threads(case: str, threads: str, cref_omp_binary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    assert check_case(cref_omp_binary, GOLDEN, case) == []


@pytest.mark.parametrize("threads", ["1", "2"])
@pytest.mark.parametrize("name", ["cubic_1024", "orc_still_1024"])
def test_large_image(name: str, threads: str, cref_omp_binary: Path) -> None:
    entry = json.loads((GOLDEN / "large.json").read_text())[name]
    outcome = run_c(cref_omp_binary, entry["args"].split(), OMP_NUM_THREADS=threads)
    digests = {file: hashlib.sha256(outcome.files[file]).hexdigest() for file in entry["sha256"]}
    assert digests == entry["sha256"]


def test_a_changed_byte_is_found(cref_binary: Path, tmp_path: Path) -> None:
    """The comparison itself: one byte of one golden file changed, one line of text, one token."""
    golden = tmp_path / "golden"
    for kind in ("cases/one_pixel", "traces/polar"):
        source = GOLDEN / kind
        (golden / kind).mkdir(parents=True)
        for file in source.iterdir():
            (golden / kind / file.name).write_bytes(file.read_bytes())
    (golden / "inputs").mkdir()
    case = golden / "cases" / "one_pixel"
    image = bytearray((case / "floatimage.bin").read_bytes())
    image[-1] ^= 1
    (case / "floatimage.bin").write_bytes(image)
    text = (case / "stdout.txt").read_text()
    (case / "stdout.txt").write_text(text.replace("max_I = ", "max_I =  "))
    problems = check_case(cref_binary, golden, "one_pixel")
    assert "floatimage.bin differs" in problems
    assert any(problem.startswith("stdout: ") for problem in problems)
    (slow, fast), *_ = trace_pixels(golden, "polar")
    log = golden / "traces" / "polar" / f"pixel_{slow}_{fast}.log"
    log.write_text(log.read_text().replace("TRACE_C: polar 0.9", "TRACE_C: polar 0.8"))
    assert check_trace(cref_binary, golden, "polar", slow, fast) != []


def test_several_traced_pixels_and_another_prefix(cref_binary: Path) -> None:
    options = "-trace_pixel 3 4 -trace_pixel 0 0 -trace_prefix OTHER"
    traced = run_c(cref_binary, [*SMALL.split(), *options.split()])
    plain = run_c(cref_binary, SMALL.split())
    lines = traced.stdout.splitlines()
    assert [line for line in lines if "TRACE_CONFIG" in line] == [
        "TRACE_CONFIG: tracing pixel (spixel=0, fpixel=0)",
        "TRACE_CONFIG: tracing pixel (spixel=3, fpixel=4)",
    ]
    assert sum(line.startswith("OTHER: I_pixel_final ") for line in lines) == 2
    assert "TRACE_C" not in traced.stdout.replace("TRACE_CONFIG", "")
    assert traced.files == plain.files


def test_sums_do_not_depend_on_the_region_cut(cref_binary: Path, cref_omp_binary: Path) -> None:
    """A band that ends anywhere: the fast build on images smaller and larger than one band."""
    for options in ("-detpixels 300 -pixel 0.02", "-detpixels 7", "-roi 3 9 5 5"):
        command = [*SMALL.split(), *options.split(), "-oversample", "1"]
        assert compare(run_c(cref_binary, command), run_c(cref_omp_binary, command)) == []


def test_old_output_survives_a_run_that_fails(cref_binary: Path, tmp_path: Path) -> None:
    (tmp_path / "floatimage.bin").write_bytes(b"old")
    outcome = run_c(cref_binary, [*SMALL.split(), "-hkl", "nowhere.hkl"], tmp_path)
    assert outcome.code == 1
    assert outcome.files == {"floatimage.bin": b"old"}


def test_output_that_is_no_regular_file_is_written_in_place(cref_binary: Path, tmp_path: Path) -> None:
    outcome = run_c(cref_binary, [*SMALL.split(), "-intfile", "/dev/null", "-noprogress"], tmp_path)
    assert outcome.code == 0
    assert Path("/dev/null").is_char_device()


def test_a_full_disk_is_an_error(cref_binary: Path, tmp_path: Path) -> None:
    outcome = run_c(cref_binary, [*SMALL.split(), "-intfile", "/dev/full", "-noprogress"], tmp_path)
    assert outcome.code == 1
    assert "/dev/full" in outcome.stderr


def test_missing_compiler_is_said_loudly(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    assert find_compiler() is None
    with pytest.raises(RuntimeError, match="no C compiler"):
        build("nanobragg_ref", tmp_path)
    assert "install them" in NO_COMPILER


def test_files_are_short_and_named_in_the_makefile() -> None:
    makefile = (CREF / "Makefile").read_text()
    for source in [*CREF.glob("common/*.[ch]"), *CREF.glob("nanobragg/*.[ch]"), *CREF.glob("noisify/*.[ch]")]:
        assert len(source.read_text().splitlines()) < 500, source.name
        assert source.suffix == ".h" or f" {source.name}" in makefile
