"""An input file that changes without changing its size is another one: while it is read, and between two shots."""

import os
from pathlib import Path

import pytest

from nanobragg_numba.errors import FormatError
from nanobragg_numba.io.inputs import open_input
from nanobragg_numba.programs.nanobragg.resolve.structure_factors import FactorCache
from nanobragg_numba.programs.nanobragg.run import experiment_from
from nanobragg_numba.programs.shared.files import UNCACHED, CachedFiles

LATER = 5_000_000_000


def rewrite(path: Path, text: str) -> None:
    """Write as many bytes at a later time."""
    status = path.stat()
    assert len(text) == status.st_size
    path.write_text(text)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + LATER))


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path):
    path = tmp_path / "a.hkl"
    path.write_text("1 0 0 5\n")
    with pytest.raises(FormatError, match="changed while"), open_input(path, "list") as file:
        assert file.read() == b"1 0 0 5\n"
        rewrite(path, "1 0 0 6\n")
    with open_input(path, "list") as file:
        assert file.read() == b"1 0 0 6\n"


def test_structure_factors_of_the_same_size_are_read_again(tmp_path):
    path = tmp_path / "a.hkl"
    path.write_text("1 0 0 5\n")
    cached = FactorCache()
    argv = f"-cell 50 60 70 90 90 90 -hkl {path} -detpixels 8".split()
    factors = [experiment_from(argv, cached).experiment.structure_factors for _ in range(2)]
    assert factors[0] is factors[1] and factors[0].grid.max() == 5.0
    rewrite(path, "1 0 0 6\n")
    assert experiment_from(argv, cached).experiment.structure_factors.grid.max() == 6.0


def test_the_cell_of_coordinates_of_the_same_size_is_read_again(tmp_path):
    cryst = "CRYST1   34.770   39.170   48.310  90.00  90.00  90.00 P 21 21 21    4\n"
    atom = "ATOM      1  N   MET A   1       1.000   2.000   3.000  1.00 20.00           N\n"
    path = tmp_path / "model.pdb"
    path.write_text(cryst + atom)
    cached = FactorCache()
    assert [cached.cell(str(path))[0] for _ in range(2)] == [34.77, 34.77]
    rewrite(path, cryst.replace("34.770", "35.770") + atom)
    assert cached.cell(str(path))[0] == 35.77


def test_kept_files_are_read_once_and_others_each_time(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("one")
    cached = CachedFiles()
    reader = Path.read_text
    assert cached.read(reader, path) == UNCACHED.read(reader, path) == "one"
    rewrite(path, "two")
    assert (cached.read(reader, path), UNCACHED.read(reader, path)) == ("one", "two")
    assert cached.read(os.path.exists, str(tmp_path / "none")) is False
    (tmp_path / "none").write_text("")
    assert cached.read(os.path.exists, str(tmp_path / "none")) is False
    made = [cached.made(lambda number: [number], 1)]
    assert made == [[1]]
    assert cached.made(list, (1, 2)) is cached.made(list, (1, 2))
    assert cached.made(list, (3,)) == [3] and cached.made(list, (1, 2)) == [1, 2]
