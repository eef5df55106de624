"""Structure factors that workers share, and the table of shots that needs each file only once."""

import os
from pathlib import Path

import numpy as np
import pytest
from paths import EXAMPLES
from sweeps import write_base

from nanobragg_numba.programs.nanobragg.run import experiment_from
from nanobragg_numba.sweep.factors import SharedFactors
from nanobragg_numba.sweep.plan import FACTORS, read_base


@pytest.fixture
def argv(tmp_path) -> list[str]:
    return read_base(write_base(tmp_path))


def read_counter(monkeypatch) -> list[str]:
    """Names of the lists that are read from now on."""
    from nanobragg_numba.programs.nanobragg.resolve import structure_factors

    read, names = structure_factors.read_hkl, []
    monkeypatch.setattr(structure_factors, "read_hkl", lambda name: (names.append(name), read(name))[1])
    return names


def test_the_second_worker_maps_what_the_first_one_has_read(argv, tmp_path, monkeypatch):
    names = read_counter(monkeypatch)
    alone = experiment_from(argv).experiment.structure_factors
    shared = [experiment_from(argv, SharedFactors(tmp_path / FACTORS)).experiment.structure_factors for _ in range(3)]
    assert len(names) == 2  # one of them for `alone`
    for each in shared:
        assert each == alone  # all but the grid
        assert np.array_equal(each.grid, alone.grid) and each.grid.flags.writeable and type(each.grid) is np.ndarray
    shared[0].grid[:] = 0.0  # a copy of its own
    assert np.array_equal(shared[1].grid, alone.grid)


def test_a_worker_maps_one_grid_for_all_its_shots(argv, tmp_path):
    kept = SharedFactors(tmp_path / FACTORS)
    first, second = (experiment_from(argv, kept).experiment.structure_factors for _ in range(2))
    assert first is second


def test_a_list_that_changes_is_read_again(argv, tmp_path):
    kept = SharedFactors(tmp_path / FACTORS)
    before = experiment_from(argv, kept).experiment.structure_factors
    path = Path(argv[argv.index("-hkl") + 1])
    path.write_text("0 0 1 500\n")
    os.utime(path, ns=(1, 1))
    after = experiment_from(argv, kept).experiment.structure_factors
    assert after.initialized == 1 and before.initialized > 1


def test_where_nothing_can_be_shared_each_has_its_own(argv, tmp_path):
    (tmp_path / FACTORS).write_text("in the way")
    factors = experiment_from(argv, SharedFactors(tmp_path / FACTORS)).experiment.structure_factors
    assert np.array_equal(factors.grid, experiment_from(argv).experiment.structure_factors.grid)


def test_without_a_list_there_is_nothing_to_share(tmp_path):
    argv = "-cell 70 80 90 90 90 90 -default_F 7 -dumpfile /nowhere".split()
    factors = experiment_from(argv, SharedFactors(tmp_path / FACTORS)).experiment.structure_factors
    assert factors.grid is None and factors.default_F == 7.0 and not (tmp_path / FACTORS).exists()


def test_coordinates_are_opened_for_their_cell_once(tmp_path, monkeypatch):
    from nanobragg_numba.reflections import read

    crystal = EXAMPLES / "1orc/1orc.pdb"
    calls = []
    cell_of_file = read.file_cell
    monkeypatch.setattr(read, "file_cell", lambda path: (calls.append(path), cell_of_file(path))[1])
    kept = SharedFactors(tmp_path / FACTORS)
    argv = ["-hkl", str(crystal), "-sf_dmin", "6"]
    cells = [experiment_from(argv, kept).experiment.crystal.a for _ in range(3)]
    assert len(calls) == 1 and cells[0] == cells[1] == cells[2] == experiment_from(argv).experiment.crystal.a
