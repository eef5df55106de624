"""Any file is either read or refused by the package's own error; what is written is read back."""

import contextlib
import io
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paths import GOLDEN

from nanobragg_numba.errors import FormatError
from nanobragg_numba.formats.fdump import read_fdump, write_fdump
from nanobragg_numba.formats.float_image import read_float_image, write_float_image
from nanobragg_numba.formats.grid import HklGrid, HklRanges
from nanobragg_numba.formats.hkl import HklTable, grid, read_hkl, write_hkl
from nanobragg_numba.formats.matrix import read_matrix, write_matrix
from nanobragg_numba.formats.pgm import read_pgm, write_pgm
from nanobragg_numba.formats.smv import read_smv, smv_header_bytes, write_smv
from nanobragg_numba.formats.sources import read_sources, write_sources
from nanobragg_numba.formats.stol import read_stol, write_stol

finite = st.floats(allow_nan=False, allow_infinity=False)
index = st.integers(-7, 7)
sides = st.tuples(st.integers(1, 6), st.integers(1, 6))

READERS = {
    "hkl": read_hkl,
    "fdump": read_fdump,
    "smv": read_smv,
    "pgm": read_pgm,
    "matrix": read_matrix,
    "sources": read_sources,
    "stol": read_stol,
    "float": lambda path: read_float_image(path, 3, 4),
}
SEEDS = {
    "hkl": "inputs/1orc_P1.hkl",
    "fdump": "cases/fdump_read/Fdump.bin",
    "smv": "inputs/mask.img",
    "pgm": "cases/orc_still/image.pgm",
    "matrix": "inputs/1orc.mat",
    "sources": "inputs/sources.txt",
    "stol": "inputs/bg.stol",
    "float": "cases/orc_still/floatimage.bin",
}
# Words that lead a reader deep into itself.
FRAGMENTS = [
    *(b"{\n", b"HEADER_BYTES=", b"SIZE1=", b"SIZE2=", b"BYTE_ORDER=big_endian;", b"}\f", b";\n"),
    *(b"P5\n", b"# pixels scaled by ", b"255\n", b"\n\f", b"0 0 0 0 0 0\n\f", b"# ", b"\r", b","),
    *(b"1 2 3 4\n", b"1 0 0 0 1 0 0 0 1\n", b"-5", b"1e400", b"nan", b"0x1p3", b" ", b"\n"),
]
noise = st.lists(
    st.sampled_from(FRAGMENTS)
    | st.integers(-(10**12), 10**12).map(lambda n: b"%d" % n)
    | st.binary(max_size=8),
    max_size=40,
).map(b"".join)


@contextlib.contextmanager
def on_disk(data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(data)
        yield path


def there_and_back(reader, write, *args):
    file = io.BytesIO()
    write(file, *args)
    with on_disk(file.getvalue()) as path:
        return reader(path)


def read_or_refuse(reader, data):
    with on_disk(data) as path, contextlib.suppress(FormatError):
        reader(path)


@pytest.mark.parametrize("kind", READERS)
@settings(deadline=None, max_examples=120)
@given(data=noise | noise.map(lambda data: data.ljust(600)))
def test_random_bytes(kind, data):
    read_or_refuse(READERS[kind], data)


@pytest.mark.parametrize("kind", READERS)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_damaged_files(kind, data):
    original = (GOLDEN / SEEDS[kind]).read_bytes()[:20000]
    cut = data.draw(st.integers(0, len(original)))
    place = data.draw(st.integers(0, min(cut, 600)))
    foreign = data.draw(st.binary(max_size=6) | st.sampled_from(FRAGMENTS))
    read_or_refuse(READERS[kind], original[:place] + foreign + original[place + len(foreign) : cut])


@pytest.mark.parametrize("kind", ["fdump", "smv", "pgm"])
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_truncated_binary_files_are_refused(kind, data):
    original = (GOLDEN / SEEDS[kind]).read_bytes()
    cut = data.draw(st.integers(0, len(original) - 1) | st.integers(len(original) - 9, len(original) - 1))
    with on_disk(original[:cut]) as path, pytest.raises(FormatError):
        READERS[kind](path)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(index, index, index, finite), min_size=1, max_size=20), finite)
def test_hkl_there_and_back(lines, default_F):
    h, k, l, F = (np.array(column) for column in zip(*lines, strict=True))
    table = there_and_back(read_hkl, write_hkl, HklTable(h, k, l, F.astype(float)))
    assert table.n_lines == len(lines)
    for read, sent in ((table.h, h), (table.k, k), (table.l, l), (table.F, F)):
        assert np.array_equal(read, sent)
    spread, ranges = grid(table, default_F)
    last = {line[:3]: line[3] for line in lines}
    for a, b, c in np.ndindex(ranges.counts):
        place = a + ranges.h_min, b + ranges.k_min, c + ranges.l_min
        assert spread[a, b, c] == last.get(place, default_F)
    assert there_and_back(read_fdump, write_fdump, HklGrid(spread, ranges)).ranges == ranges


@settings(deadline=None, max_examples=150)
@given(st.text(alphabet="0123456789.eE+- \n", max_size=60))
def test_fast_and_careful_reading_of_numbers_agree(text):
    """A last line that only the careful reader takes changes nothing before it."""
    outcomes = []
    for data in (text.encode(), text.encode() + b"\n0x1 2 3 4\n"):
        try:
            with on_disk(b"1 2 3 4\n" + data) as path:
                table = read_hkl(path)
            outcomes.append(np.column_stack([table.h, table.k, table.l, table.F]))
        except FormatError:
            outcomes.append(None)
    plain, careful = outcomes
    assert (plain is None) == (careful is None)
    if plain is not None and careful is not None:
        assert np.array_equal(plain, careful[:-1])


@settings(deadline=None, max_examples=60)
@given(sides, st.randoms(use_true_random=False), finite)
def test_images_there_and_back(shape, random, scale):
    pixels = np.frombuffer(random.randbytes(2 * shape[0] * shape[1]), np.uint16).reshape(shape)
    header = smv_header_bytes([f"SIZE1={shape[1]};", f"SIZE2={shape[0]};"])
    assert np.array_equal(there_and_back(read_smv, write_smv, header, pixels).pixels, pixels)

    picture = there_and_back(read_pgm, write_pgm, scale, pixels.astype(np.uint8))
    assert np.array_equal(picture.pixels, pixels.astype(np.uint8))
    assert picture.scale == float(f"{scale:g}")

    floats = pixels.astype(np.float32) / np.float32(3.0)
    read = there_and_back(lambda path: read_float_image(path, *shape), write_float_image, floats)
    assert np.array_equal(read, floats)


@settings(deadline=None, max_examples=60)
@given(st.lists(index, min_size=3, max_size=3), sides, st.integers(1, 6), st.binary(min_size=8))
def test_dumps_there_and_back(low, shape, depth, content):
    counts = (*shape, depth)
    ends = [end for n, count in zip(low, counts, strict=True) for end in (n, n + count - 1)]
    F = np.resize(np.frombuffer(content, np.uint8), [count + 1 for count in counts]).astype(float)
    dump = there_and_back(read_fdump, write_fdump, HklGrid(F, HklRanges(*ends)))
    assert np.array_equal(dump.F, F)
    assert list(dump.ranges) == ends


@settings(deadline=None, max_examples=60)
@given(st.lists(finite, min_size=9, max_size=9))
def test_matrices_there_and_back(values):
    matrix = np.array(values).reshape(3, 3)
    try:
        assert np.array_equal(there_and_back(read_matrix, write_matrix, matrix), matrix)
    except FormatError as error:
        assert "determinant" in str(error)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(finite, min_size=1, max_size=5), min_size=1, max_size=8))
def test_sources_there_and_back(lines):
    rows = [tuple(line + [None] * (5 - len(line))) for line in lines]
    assert there_and_back(read_sources, write_sources, rows) == rows


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(finite, finite), min_size=1, max_size=8))
def test_background_tables_there_and_back(rows):
    assert np.array_equal(there_and_back(read_stol, write_stol, np.array(rows)), np.array(rows))
