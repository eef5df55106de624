"""The taps of nb-trace: what they count agrees with the trace tokens and with each other."""

import re
import shlex

import numpy as np
import pytest
from paths import GOLDEN
from trace_text import LOG_IDS, LOGS

from nanobragg_numba.engine.flatten import flatten
from nanobragg_numba.engine.run import render
from nanobragg_numba.programs.nanobragg.run import experiment_from
from nanobragg_numba.tools.trace.arguments import TAP_NAMES
from nanobragg_numba.tools.trace.pixels import trace_pixels
from nanobragg_numba.tools.trace.taps import TAPS, f_cell, hkl, intensity, omega
from nanobragg_numba.trace.parse import read_log


@pytest.fixture(autouse=True)
def beside_the_inputs(monkeypatch):
    monkeypatch.chdir(GOLDEN)


def arguments_in(folder):
    return shlex.split((folder / "args").read_text())


@pytest.fixture(params=LOGS, ids=LOG_IDS)
def traced(request):
    """One reference log, and the same pixel traced with every tap."""
    slow, fast = (int(word) for word in request.param.stem.split("_")[1:])
    result = trace_pixels(arguments_in(request.param.parent), [(slow, fast)], TAP_NAMES)
    return read_log(request.param), result.pixels[0]


def values_of(log, key):
    return [entry.values for entry in log.entries if entry.key == key]


def test_omega(traced):
    log, pixel = traced
    found = omega(pixel)
    scene = pixel.scene
    assert len(found["subpixels"]) == scene.thick_steps * scene.oversample**2
    in_force = [(float(f"{row['in_force']:.15g}"),) for row in found["subpixels"]]
    assert in_force == values_of(log, "omega_pixel_sr")
    assert f"{found['used']:.15g}" == f"{values_of(log, 'omega_pixel')[0][0]:.15g}"
    own = np.array([row["omega"] for row in found["subpixels"]])
    # Two ways to add the same few doubles: no more than a few units in the last place.
    assert found["mean"] == pytest.approx(own.sum() / len(own), rel=1e-15 * len(own))
    if scene.oversample_omega:
        assert found["used"] == own[-1]
    else:
        assert found["used"] == found["first"] == own[0]
    assert all(own > 0.0)


def test_hkl(traced):
    log, pixel = traced
    rows = hkl(pixel)["subpixels"]
    expected = values_of(log, "hkl_rounded")
    assert [tuple(row["hkl_rounded"]) for row in rows if row["hkl_rounded"]] == expected
    factors = [(float(f"{row['F_cell']:.15g}"),) for row in rows if row["F_cell"] is not None]
    assert factors == values_of(log, "F_cell")


def test_intensity(traced):
    log, pixel = traced
    sums = intensity(pixel)
    rows = sums["subpixels"]
    assert rows[-1]["running_sum"] == sums["before_normalization"]
    assert sum(row["terms"] for row in rows) == len(pixel.terms)
    assert f"{sums['final']:.15g}" == f"{values_of(log, 'I_pixel_final')[0][0]:.15g}"
    if not sums["applied_per_term"]:
        total = sums["background"] + sum(row["F_cell2_F_latt2"] for row in rows)
        # Another order of adding n positive terms: within n half units in the last place.
        bound = max(len(pixel.terms), 4) * 2.3e-16
        assert total == pytest.approx(sums["before_normalization"], rel=bound)
        final = total / sums["steps"]
        for factor in sums["factors"].values():
            final *= factor
        assert final == pytest.approx(sums["final"], rel=bound + 1e-15)


def test_f_cell(traced):
    _, pixel = traced
    scene = pixel.scene
    counts = f_cell(pixel)
    assert 0 <= counts["lookups"] <= scene.steps * scene.thick_steps
    assert counts["out_of_range"] <= counts["default_used"] <= counts["lookups"]
    if scene.has_F:
        assert counts["default_used"] == counts["out_of_range"]
        assert counts["list_bounds"][0] == [scene.h_min, scene.h_max]
    else:
        assert counts["default_used"] == counts["lookups"]
        assert counts["list_bounds"] is None
    if counts["lookups"]:
        (first,) = [row for row in hkl(pixel)["subpixels"] if row["F_cell"] is not None][:1]
        bounds = counts["index_bounds"]
        indices = zip(first["hkl_rounded"], bounds, strict=True)
        assert all(low <= index <= high for index, (low, high) in indices)


def test_lookups_in_and_out_of_the_list_are_told_apart():
    arguments = [*arguments_in(GOLDEN / "cases/interpolate_leaves_range"), "-nointerpolate"]
    inside, outside = trace_pixels(arguments, [(0, 0), (30, 40)], ["f_cell"]).pixels
    assert f_cell(inside)["out_of_range"] == 0
    assert f_cell(inside)["zeros"] == int((inside.terms[:, 4] == 0.0).sum())
    counts = f_cell(outside)
    # Four subpixels, all beyond the list, whose default factor is 0.
    assert (counts["lookups"], counts["out_of_range"], counts["zeros"]) == (4, 4, 4)


def test_interpolation_is_told_as_it_was_at_the_pixel():
    arguments = arguments_in(GOLDEN / "cases/interpolate_leaves_range")
    scene = flatten(experiment_from(arguments).experiment)
    ended = render(scene, 1, engine="loop").left_range_at
    pixels = [divmod(ended + step, scene.fpixels) for step in (-1, 0, 1)]
    result = trace_pixels(arguments, pixels, ["f_cell"])
    said = [f_cell(pixel)["interpolation"] for pixel in result.pixels]
    assert said == ["on", "turned off in this pixel", "off"]
    stdout = (GOLDEN / "cases/interpolate_leaves_range/stdout.txt").read_text()
    warning = re.search(r"WARNING: out of range for three point.*", stdout)[0]
    assert [warning in result.lines(i) for i in range(3)] == [False, True, False]


def test_every_tap_has_its_function():
    assert tuple(TAPS) == TAP_NAMES
