"""Image files and dumps: what the C program wrote is read, and written again byte for byte."""

import io

import numpy as np
import pytest
from paths import GOLDEN

from nanobragg_numba.errors import FormatError
from nanobragg_numba.formats.fdump import read_fdump, write_fdump
from nanobragg_numba.formats.float_image import read_float_image, write_float_image
from nanobragg_numba.formats.grid import HklGrid, HklRanges
from nanobragg_numba.formats.hkl import grid, read_hkl
from nanobragg_numba.formats.pgm import read_pgm, write_pgm
from nanobragg_numba.formats.smv import SmvHeader, read_smv, smv_header_bytes, write_smv


def written(write, *args):
    file = io.BytesIO()
    write(file, *args)
    return file.getvalue()


def put(folder, data):
    path = folder / "file"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["intimage.img", "noiseimage.img"])
def test_every_smv_image_is_written_again(name):
    paths = sorted(GOLDEN.glob(f"cases/*/{name}"))
    assert len(paths) > 100
    for path in paths:
        data = path.read_bytes()
        image = read_smv(path)
        lines = data[2 : data.index(b"\n}")].decode().split("\n")
        header = smv_header_bytes(lines)
        pixels = image.pixels
        if len(header) != 512:
            # The header says 512 all the same, so that a reader sees shifted pixels.
            assert path.parent.name == "long_header"
            pixels = np.frombuffer(data[len(header) :], "<u2").reshape(pixels.shape)
        assert written(write_smv, header, pixels) == data, path


def test_every_pgm_image_is_written_again():
    paths = sorted(GOLDEN.glob("cases/*/image.pgm"))
    assert len(paths) > 100
    for path in paths:
        image = read_pgm(path)
        assert written(write_pgm, image.scale, image.pixels) == path.read_bytes(), path


def test_float_image_and_int_image_have_one_orientation():
    case = GOLDEN / "cases" / "orc_still"
    data = (case / "floatimage.bin").read_bytes()
    image = read_float_image(case / "floatimage.bin", 96, 96)
    assert written(write_float_image, image) == data
    brightest = np.unravel_index(image.argmax(), image.shape)
    assert read_smv(case / "intimage.img").pixels[brightest] >= 55000


def test_dump_of_a_list_is_the_dump_that_c_wrote():
    table = read_hkl(GOLDEN / "inputs" / "small.hkl")
    expected = GOLDEN / "cases" / "fdump_write" / "my.bin"
    assert written(write_fdump, grid(table, 2.0)) == expected.read_bytes()


def test_dump_that_c_wrote_is_read():
    dump = read_fdump(GOLDEN / "cases" / "fdump_read" / "Fdump.bin")
    table = read_hkl(GOLDEN / "inputs" / "small.hkl")
    assert dump.ranges == table.ranges()
    indices = table.h - dump.ranges.h_min, table.k - dump.ranges.k_min, table.l - dump.ranges.l_min
    assert np.array_equal(dump.F[indices], table.F)
    assert dump.F.shape == dump.ranges.shape == tuple(count + 1 for count in dump.ranges.counts)
    assert not dump.F[-1].any()


def test_header_keys_are_the_last_substring():
    header = read_smv(GOLDEN / "inputs" / "header.img").header
    assert header.number("DISTANCE") == 62.5, "CLOSE_DISTANCE comes later"
    assert header.number("ORGX") == 30.5, "part of XDS_ORGX"
    assert header.number("PHI") == 10.0
    assert header.number("ABSENT") is None
    assert SmvHeader("A B=3;\nA=7;").number("A") == 7.0
    assert SmvHeader("A=7;\nA B=3;").number("A") == 3.0, "the next = may belong to another word"
    assert SmvHeader("A=7;\nA").number("A") is None


@pytest.mark.parametrize("text", ["A=;", "A=x;", "A=nan;", "A=inf;", "A=1e999;"])
def test_header_values_that_are_no_numbers(text):
    with pytest.raises(FormatError, match="A in the header is no finite number"):
        SmvHeader(text).number("A")


def smv(*lines, pixels=b"\1\0\2\0\3\0\4\0\5\0\6\0"):
    return smv_header_bytes(["HEADER_BYTES=512;", *lines]) + pixels


def test_smv_of_the_other_byte_order_is_swapped(tmp_path):
    pixels = np.arange(6, dtype=np.uint16).reshape(2, 3) * 300
    for order, kind in (("big_endian", ">u2"), ("little_endian", "<u2")):
        data = smv(
            f"BYTE_ORDER={order};", "SIZE1=3;", "SIZE2=2;", pixels=pixels.astype(kind).tobytes()
        )
        image = read_smv(put(tmp_path, data))
        assert np.array_equal(image.pixels, pixels)
        assert image.pixels.dtype == np.uint16


def test_smv_header_of_another_length(tmp_path):
    text = b"{\nHEADER_BYTES=1024;\nSIZE1=1;\nSIZE2=2;\n" + b" " * 700 + b"\nPHI=3;\n}\f"
    image = read_smv(put(tmp_path, text.ljust(1024) + b"\7\0\x08\0"))
    assert image.header.number("PHI") == 3.0
    assert image.pixels.tolist() == [[7], [8]]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not an SMV file"),
        (b"P5\n", "not an SMV file"),
        (b"{\nHEADER_BYTES=512;\nSIZE1=1;\nSIZE2=1;\n}\f", "HEADER_BYTES=512, but there are 40"),
        (smv("SIZE1=3;"), "no SIZE2"),
        (smv("SIZE1=3;", "SIZE2=3;"), "make 530 bytes, but there are 524"),
        (smv("SIZE1=-3;", "SIZE2=2;"), "SIZE1=-3"),
        (smv("SIZE1=0;", "SIZE2=2;"), "SIZE1=0"),
        (smv("SIZE1=2.5;", "SIZE2=2;"), "SIZE1=2.5"),
        (smv("SIZE1=1e300;", "SIZE2=2;"), "SIZE1=1e"),
        (smv("SIZE1=2000000000;", "SIZE2=2000000000;"), "more pixels than"),
        (smv("SIZE1=100000;", "SIZE2=20000;"), "shorter than its header says"),
        (b"{HEADER_BYTES=-5;".ljust(600), "HEADER_BYTES=-5"),
        (b"{HEADER_BYTES=0;".ljust(600), "HEADER_BYTES=0"),
        (b"{HEADER_BYTES=1e15;".ljust(600), "HEADER_BYTES=1e"),
        (b"{HEADER_BYTES=5000;".ljust(600), "HEADER_BYTES=5000, but there are 600"),
        (b"{HEADER_BYTES=many;".ljust(600), "no finite number"),
    ],
)
def test_smv_files_that_lie(tmp_path, data, words):
    with pytest.raises(FormatError, match=words):
        read_smv(put(tmp_path, data))


def test_smv_header_is_padded_and_never_cut():
    assert smv_header_bytes(["A=1;"]) == b"{\nA=1;\n}\f".ljust(512)
    assert len(smv_header_bytes(["A" * 600])) == 605


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "does not begin with six"),
        (b"0 1 0 1 0\n\f", "does not begin with six"),
        (b"0 1 0 1 0 1\n", "ask for 216 bytes behind them"),
        (b"0 0 0 0 0 0\n\f" + b"\0" * 60, "ask for 64 bytes behind them and white space"),
        (b"0 0 0 0 0 0\n\f" + b"\0" * 65, "ask for 64 bytes behind them and white space, but it has 67"),
        (b"1 0 0 0 0 0\n\f" + b"\0" * 64, "below the smallest"),
        (b"0 99999 0 99999 0 9999\n\f", "more than 2 GiB"),
        (b"0 0 0 0 0 0\n\f" + b"\xff" * 64, "not finite"),
    ],
)
def test_dumps_that_lie(tmp_path, data, words):
    with pytest.raises(FormatError, match=words):
        read_fdump(put(tmp_path, data))


def test_a_grid_beyond_memory_is_refused():
    with pytest.raises(FormatError, match="check the indices"):
        HklRanges(0, 2000000000, 0, 2000000000, 0, 2000000000).zeros("list")


def test_a_dump_is_its_ranges_and_its_doubles():
    F = np.arange(12.0).reshape(2, 3, 2)
    data = written(write_fdump, HklGrid(F, HklRanges(-1, -1, 2, 3, 0, 0)))
    assert data == b"-1 -1 2 3 0 0\n\f" + F.tobytes()


@pytest.mark.parametrize(
    "data",
    [b"", b"P2\n1 1\n255\n0", b"P5\n0 1\n255\n", b"P5\n1 1\n65535\n\0\0", b"P5\n2 2\n255\n\0\0\0"],
)
def test_pgm_files_that_lie(tmp_path, data):
    with pytest.raises(FormatError):
        read_pgm(put(tmp_path, data))


def test_pgm_of_another_program(tmp_path):
    image = read_pgm(put(tmp_path, b"P5 # made by hand\n3 1\n255\n\n\x20\0"))
    assert image.pixels.tolist() == [[10, 32, 0]]
    assert image.scale is None


@pytest.mark.parametrize(("slow", "fast"), [(2, 3), (0, 5), (-1, -1), (10**9, 10**9)])
def test_float_image_of_another_size(tmp_path, slow, fast):
    with pytest.raises(FormatError):
        read_float_image(put(tmp_path, b"\0" * 20), slow, fast)
