"""Engines behind one protocol: which one is chosen, and that each does what the run asks of it."""

import numpy as np
import pytest

import nanobragg_numba as nb
from nanobragg_numba.engine.engines import engine_for
from nanobragg_numba.engine.flatten import flatten
from nanobragg_numba.engine.names import DEFAULT, ENGINES, LOOP, ROW
from nanobragg_numba.engine.protocol import Rows
from nanobragg_numba.kernels.loop import taps as slot
from nanobragg_numba.kernels.loop.taps import new_taps
from nanobragg_numba.kernels.scene import Scene

ARGUMENTS = "-cell 40 50 60 80 90 100 -default_F 100 -N 5 -lambda 1 -distance 100 -detpixels 24 -pixel 1 -oversample 1"


def scene_of(more: str = "") -> Scene:
    return flatten(nb.experiment_from(f"{ARGUMENTS} {more}").experiment)


def test_the_asked_engine_or_the_one_that_does_everything():
    assert engine_for(scene_of()).name == DEFAULT == ROW and engine_for(scene_of(), LOOP).name == LOOP
    assert engine_for(scene_of("-fluence 1 -water -1")).name == LOOP  # a background below nothing


def test_an_unknown_name_is_refused():
    with pytest.raises(nb.NanoBraggError, match="no engine is called 'raw': choose from row, loop"):
        engine_for(scene_of(), "raw")
    with pytest.raises(nb.NanoBraggError, match="no engine"):
        nb.simulate(ARGUMENTS, engine="raw")


@pytest.mark.parametrize("name", ENGINES)
def test_rows_are_filled_in_any_order(name):
    scene = scene_of("-roi 3 20 2 21")
    whole = nb.simulate(f"{ARGUMENTS} -roi 3 20 2 21", engine=LOOP)
    engine = engine_for(scene, name)
    image = np.full((24, 24), -1.0, np.float32)
    omega = 0.0
    with engine.prepare(2) as used:
        assert 1 <= used <= 2 and engine.is_ready()
        for row0, row1 in ((16, 24), (0, 5), (5, 16)):
            rows = Rows.of(image, row0, row1)
            engine.rows(rows, -1, False)
            omega += rows.omega.sum()
    rendered = image != -1.0
    assert rendered.sum() == 18 * 20 and np.array_equal(image[rendered], whole.image[rendered])
    assert omega / scene.steps == pytest.approx(whole.statistics.solid_angle, rel=1e-12)


@pytest.mark.parametrize("name", ENGINES)
def test_a_pixel_is_recorded(name):
    engine = engine_for(scene_of(), name)
    recorded = new_taps(100)
    engine.tap(12, 13, False, False, recorded)
    found = recorded.records[: recorded.count[0], 0].astype(int).tolist()
    first, last = range(slot.F_LATT + 1), range(slot.I_BEFORE_SCALING, slot.FLOATIMAGE_ACCUMULATED + 1)
    assert found == [*first, slot.PHI_STEP, slot.F_CELL, *last]  # those of a square crystal at a single phi
