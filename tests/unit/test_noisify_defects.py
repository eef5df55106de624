"""Defects of noisify that lie in arguments, text and headers: as in C, and mended."""

import re

import fabio
import numpy as np
import pytest
from noisify_runs import run_noisify, with_inputs


def both(argv: str, fix: str, folder):
    """Outcomes of a command line as it is, and with the defect mended; only the first may warn of it."""
    found = []
    for number, more in enumerate(("", f"-fix {fix}")):
        inside = folder / str(number)
        inside.mkdir()
        outcome = run_noisify([*argv.split(), *more.split()], with_inputs(inside))
        assert (f"warning: {fix}:" in outcome.stderr) == (not more and fix != "psf-radius-text") or outcome.code
        found.append(outcome)
    return found


@pytest.mark.parametrize(
    ("args", "fix", "key", "values"),
    [
        ("-phi 30 -phisteps 4", "phi-steps", "PHI", ("4", "30")),
        ("-detsize 1.2", "detsize", "SIZE1", ("24", "12")),
        ("-header inputs/header_256.img -pixel 0.3", "header-order", "PIXEL_SIZE", ("0.2", "0.3")),
    ],
)
def test_defects_of_options(args: str, fix: str, key: str, values: tuple[str, str], tmp_path) -> None:
    with_inputs(tmp_path)
    for more, expected in zip(("", f"-fix {fix}"), values):
        argv = ["-bin", "inputs/faint.bin", "-seed", "1", *args.split(), *more.split()]
        outcome = run_noisify(argv, tmp_path)
        assert outcome.code == 0, outcome.stderr
        assert (f"warning: {fix}:" in outcome.stderr) == (not more)
        header = outcome.files["noiseimage.img"][:512].decode("latin-1")
        assert f"{key}={expected};" in header


def test_an_automatic_radius_is_said_once(tmp_path) -> None:
    first, second = both("-bin inputs/dim.bin -seed 1 -psf gauss", "psf-radius-text", tmp_path)
    assert first.code == second.code == 0
    assert first.files == second.files
    said = [outcome.stdout.splitlines() for outcome in (first, second)]
    assert "  with rendering radius: 0" in said[0]
    said[0].remove("  with rendering radius: 0")
    said[1].remove("fixes: psf-radius-text")
    assert said[0] == said[1]


def test_a_name_that_contains_floatimage_is_an_input_or_the_value_that_it_is(tmp_path) -> None:
    argv = "-bin inputs/faint.bin -seed 1 -noisefile noisy_floatimage.bin"
    first, second = both(argv, "float-name", tmp_path)
    assert first.code == 1 and "noisy_floatimage.bin" in first.stderr and first.files == {}
    assert second.code == 0 and second.files.keys() == {"noisy_floatimage.bin", "intimage.img", "image.pgm"}


def test_a_value_that_is_an_input_by_its_name_is_warned_of(tmp_path) -> None:
    argv = "-bin inputs/faint.bin -header inputs/floatimage.bin -header inputs/header_256.img -seed 1"
    first, second = both(argv, "float-name", tmp_path)
    assert first.code == second.code == 0
    assert "importing 768 pixel intensites: inputs/floatimage.bin" in first.stdout
    assert "importing 768 pixel intensites: inputs/faint.bin" in second.stdout


def with_copied_header(order: str, bits: int, fix: str, folder):
    """The noise image under a header of 16 bits in some order, and the same as bytes."""
    folder.mkdir()
    header = with_inputs(folder) / "inputs" / "header_256.img"
    content = header.read_bytes().replace(b"BYTE_ORDER=little_endian;", f"BYTE_ORDER={order};".encode())
    header.write_bytes(content.replace(b"}\f", b"TYPE=unsigned_short;\n}\f")[:256].ljust(256))
    argv = ["-bin", "inputs/faint.bin", "-header", "inputs/header_256.img", "-seed", "1", "-bits", str(bits)]
    outcome = run_noisify([*argv, *(["-fix", fix] if fix else [])], folder)
    assert outcome.code == 0, outcome.stderr
    assert ("warning: header-type:" in outcome.stderr) == (not fix)
    return outcome.files["noiseimage.img"]


def test_a_copied_header_says_the_order_that_is_written(tmp_path) -> None:
    """As fabio reads it, which believes BYTE_ORDER."""
    same = []
    for fix in ("", "header-type"):
        content = with_copied_header("big_endian", 16, fix, tmp_path / f"fix {fix}")
        as_read = fabio.open(str(tmp_path / f"fix {fix}" / "noiseimage.img")).data
        same.append(np.array_equal(as_read.ravel(), np.frombuffer(content[256:], "<u2")))
    assert same == [False, True]


def test_a_copied_header_says_the_type_that_is_written(tmp_path) -> None:
    types = []
    for fix in ("", "header-type"):
        content = with_copied_header("little_endian", 32, fix, tmp_path / f"fix {fix}")
        assert len(content) == 256 + 4 * 24 * 32
        types.append(re.findall(rb"(?m)^TYPE=(\w+);", content[:256]))
    assert types == [[b"unsigned_short"], [b"long_integer"]]


def test_options_that_win_over_a_header_are_in_the_file(tmp_path) -> None:
    argv = "-bin inputs/crystal.bin -seed 1 -header inputs/header.img -detpixels 32 -distance 80 -Xbeam 3"
    first, second = both(argv, "header-order", tmp_path)
    assert first.code == second.code == 0, second.stderr
    shapes, distances = [], []
    for number in range(2):
        image = fabio.open(str(tmp_path / str(number) / "noiseimage.img"))
        shapes.append(image.data.shape)
        distances.append((float(image.header["DISTANCE"]), float(image.header["BEAM_CENTER_X"])))
    assert shapes == [(64, 64), (32, 32)]
    assert distances == [(63.0, 9.4), (80.0, 3.0)]
    assert len(second.files["noiseimage.img"]) == 512 + 2 * 32 * 32


def test_a_short_float_image_is_filled_up_or_refused(tmp_path) -> None:
    first, second = both("-bin inputs/half.bin -seed 1 -detpixels 64 -calibration 0 -adc 7", "short-file", tmp_path)
    assert first.code == 0
    size = (tmp_path / "0" / "inputs" / "half.bin").stat().st_size
    pixels = size // 4
    counts = np.frombuffer(first.files["noiseimage.img"][512:], "<u2")
    assert 64 * 64 // 4 <= pixels < counts.size == 64 * 64
    assert (counts[pixels + 1 :] == 7).all() and (counts[:pixels] != 7).any()
    assert second.code == 1 and second.files == {}
    assert f"{size} bytes" in second.stderr and "16384" in second.stderr
