"""Text inputs: structure factors, matrices, sources, backgrounds."""

import numpy as np
import pytest
from paths import GOLDEN

from nanobragg_numba.errors import FormatError
from nanobragg_numba.formats.hkl import grid, read_hkl
from nanobragg_numba.formats.matrix import read_matrix
from nanobragg_numba.formats.sources import read_sources
from nanobragg_numba.formats.stol import read_stol

READERS = [read_hkl, read_matrix, read_sources, read_stol]


@pytest.fixture
def put(tmp_path):
    def put(text):
        path = tmp_path / "file.txt"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return put


def rows(table):
    return list(
        zip(table.h.tolist(), table.k.tolist(), table.l.tolist(), table.F.tolist(), strict=True)
    )


def test_a_real_list():
    table = read_hkl(GOLDEN / "inputs" / "1orc_P1.hkl")
    assert (table.n_lines, table.note) == (17603, None)
    assert table.ranges() == (-13, 13, -15, 15, -19, 19)
    expected = [
        (int(h), int(k), int(l), float(F))
        for h, k, l, F in map(
            str.split, (GOLDEN / "inputs" / "1orc_P1.hkl").read_text().splitlines()
        )
    ]
    assert rows(table) == expected


def test_later_lines_override_and_repeats_count():
    table = read_hkl(GOLDEN / "inputs" / "repeated.hkl")
    assert table.n_lines == 3053
    last = {row[:3]: row[3] for row in rows(table)}
    assert len(last) < table.n_lines
    F, ranges = grid(table, 0.0)
    for (h, k, l), value in last.items():
        assert F[h - ranges.h_min, k - ranges.k_min, l - ranges.l_min] == value


def test_default_F_fills_the_gaps_but_not_the_extra_planes(put):
    F, ranges = grid(read_hkl(put("0 0 0 5\n1 1 1 6\n")), 2.0)
    assert ranges == (0, 1, 0, 1, 0, 1)
    assert F.shape == (3, 3, 3)
    assert F[:2, :2, :2].ravel().tolist() == [5.0, 2, 2, 2, 2, 2, 2, 6]
    assert F.sum() == 23.0


@pytest.mark.parametrize(
    "text",
    [
        "1 2 3 4.5\n-1 -2 -3 1e1\n",
        "\n\n  1\t2 3 4.5  \n\n-1 -2 -3 +10.\n\n",
        "# h k l F\n1 2 3 4.5 # strong\n#\n-1 -2 -3 10",
        "1 2 3 4.5\r\n-1 -2 -3 10\r\n",
        "1 2 3 4.5\r-1 -2 -3 10\r",
        "1.0 2 3e0 4.5\n-1 -2 -3 0x0A\n",
        b"# caf\xe9\n1 2 3 4.5\n-1 -2 -3 10\n",
    ],
)
def test_ways_to_write_one_list(put, text):
    table = read_hkl(put(text))
    assert rows(table) == [(1, 2, 3, 4.5), (-1, -2, -3, 10.0)]
    assert table.note is None


@pytest.mark.parametrize(
    "text",
    [
        "1 2 3 4.5 0.1\n-1 -2 -3 10 0.2\n",
        "1 2 3 4.5\n-1 -2 -3 10 0.2\n",
        "1 2 3 4.5 A B\n-1 -2 -3 10 C\n",
    ],
)
def test_more_columns_are_noted(put, text):
    table = read_hkl(put(text))
    assert rows(table) == [(1, 2, 3, 4.5), (-1, -2, -3, 10.0)]
    assert "only the first four columns" in table.note


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1 2 3 4\n1 2 3\n", r"line 2: expected h k l F, found 3 column"),
        ("# c\n\n1 2 3 4\n1 2 x 4\n", r"line 4: l is not a finite number: 'x'"),
        ("1 2.5 3 4\n", r"line 1: the index k is not an integer: '2.5'"),
        ("1 2 3 4\n1e10 2 3 4\n", r"line 2: the index h is too large"),
        ("1 2 3 nan\n", r"line 1: F is not a finite number"),
        ("1 2 3 inf\n", r"line 1: F is not a finite number"),
        ("1 2 3 1e999\n", r"line 1: F is not a finite number"),
        ("1 2 3 1.0D+02\n", r"line 1: F is not a finite number"),
        ("1 2 3 4-5\n", r"line 1: F is not a finite number"),
        ("1 2 3 --4\n", r"line 1: F is not a finite number"),
        ("1 2 3 1_0\n", r"line 1: F is not a finite number"),
        ("1,2,3,4\n", r"line 1: expected h k l F"),
        ("1 2\n3 4\n", r"line 1: expected h k l F"),
        ("1 2 3\n", r"line 1: expected h k l F"),
        ("# nothing\n", "no reflection"),
        ("1 2 3 4\n\0", "not a text file"),
    ],
)
def test_lists_that_are_wrong(put, text, words):
    with pytest.raises(FormatError, match=words):
        read_hkl(put(text))


def test_indices_that_would_need_a_huge_grid(put):
    table = read_hkl(put("0 0 0 1\n2000000000 2000000000 2000000000 1\n"))
    with pytest.raises(FormatError, match="check the indices"):
        grid(table, 0.0)


def test_a_matrix_has_rows_x_y_z():
    matrix = read_matrix(GOLDEN / "inputs" / "1orc.mat")
    assert matrix.tolist() == [
        [-0.01925190, 0.01875534, 0.00228760],
        [-0.00455572, 0.00010721, -0.02043812],
        [-0.02087515, -0.01732032, 0.00235062],
    ]


def test_what_follows_the_nine_numbers_is_ignored(put):
    assert read_matrix(put("1 0 0 0 1 0 0 0\n1 the rest")).tolist() == np.eye(3).tolist()
    assert read_matrix(put("1e-200 0 0 0 1e-200 0 0 0 1e-200")).trace() == 3e-200


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "this one has 0"),
        ("1 0 0 0 1 0 0 0", "this one has 8"),
        ("1 0 0 0 x 0 0 0 1", "number 5 of 9 is not a finite number: 'x'"),
        ("1 0 0 0 1 0 0 0 nan", "number 9"),
        ("1 0 0 0 inf 0 0 0 1", "number 5"),
        ("0 0 0 0 0 0 0 0 0", "determinant"),
        ("1 2 3 4 5 6 7 8 9", "determinant"),
        ("0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9", "determinant"),
    ],
)
def test_matrices_that_are_wrong(put, text, words):
    with pytest.raises(FormatError, match=words):
        read_matrix(put(text))


def test_sources_of_the_reference_cases():
    assert read_sources(GOLDEN / "inputs" / "sources.txt") == [
        (-10.0, 0.02, 0.01, 0.5, 1.5e-10),
        (-10.0, -0.02, 0.0, 1.5, 1.49e-10),
        (-10.0, 0.0, -0.03, 1.0, 1.51e-10),
    ]
    assert read_sources(GOLDEN / "inputs" / "sources_xyz.txt") == [
        (-10.0, 0.02, 0.01, None, None),
        (-10.0, -0.02, 0.03, None, None),
    ]


def test_more_than_five_values_of_a_source(put):
    """C reads as many as it has names for, like the first four of a list of reflections."""
    assert read_sources(put("1 2 3 4 5 6\n1 2 3 4 5 more words\n")) == [(1.0, 2.0, 3.0, 4.0, 5.0)] * 2


def test_every_separator(put):
    assert read_sources(put("1\t2,3;4:5\n!-1 , 2\n")) == [
        (1.0, 2.0, 3.0, 4.0, 5.0),
        (-1.0, 2.0, None, None, None),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (" ,\n", "no source"),
        ("1 2 3\n1 b 3\n", "line 2: Y is not a finite number: 'b'"),
        ("1 2 3 4 nan\n", "line 1: lambda is not a finite number"),
    ],
)
def test_source_lists_that_are_wrong(put, text, words):
    with pytest.raises(FormatError, match=words):
        read_sources(put(text))


def test_a_background_table():
    table = read_stol(GOLDEN / "inputs" / "bg.stol")
    assert table.shape == (12, 2)
    assert table[1].tolist() == [0.05, 2.5508]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# stol F\n", "no line with numbers"),
        ("0 1\n0.5\n", "line 2: expected two finite numbers: '0.5'"),
        ("0 F\n", "line 1"),
        ("nan 1\n", "line 1"),
    ],
)
def test_background_tables_that_are_wrong(put, text, words):
    with pytest.raises(FormatError, match=words):
        read_stol(put(text))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("path", ["missing.txt", "/dev/zero", "/dev/null", "/", "a\0b"])
def test_what_is_no_input_file(reader, path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FormatError):
        reader(path)
