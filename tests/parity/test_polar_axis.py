"""The polarization axis, normalized in place at every use: vectors that take turns, and vectors that creep on."""

import math
import random
from pathlib import Path

import numpy as np
import pytest
from check_golden import NEGATIVE_ZERO
from compare_programs import Outcome, compare, run_c, run_python

from nanobragg_numba.engine.flatten import flatten
from nanobragg_numba.kernels.decorators import uncompiled
from nanobragg_numba.kernels.loop.pixel_loop import tapped_pixel
from nanobragg_numba.kernels.loop.polarization import polarization_factor
from nanobragg_numba.kernels.loop.taps import LAST_POLAR, new_taps
from nanobragg_numba.kernels.row.bounds import AXIS_FLOOR, AXIS_ROUNDING, AXIS_TURN
from nanobragg_numba.kernels.scene import Scene
from nanobragg_numba.kernels.vectors import cross, length, unit
from nanobragg_numba.programs.nanobragg.api import experiment_from

TURNS = "0.6510346185815178 -0.7553631854560736 -0.07470196427183813"
CREEPS = "0.94 0.85 0.03"
SMALL = (
    "-cell 40 50 60 80 90 100 -default_F 10 -N 5 -lambda 1.2 -distance 40 -pixel 1.1 -detpixels 28 -oversample 1 "
    "-seed 1 -nopgm -trace_prefix T"
)
MASKED = "-cell 40 50 60 80 90 100 -default_F 10 -N 5 -lambda 1.2 -oversample 1 -seed 1 -nopgm -mask inputs/mask.img"
TRACED = "-trace_pixel 0 0 -trace_pixel 0 1 -trace_pixel 3 8 -trace_pixel 11 13 -trace_pixel 27 27"


def assert_alike(cref: Path, command: str, *extra: str) -> None:
    c, py = run_c(cref, command.split()), run_python([*command.split(), *extra])
    assert c.code == 0, c.stderr
    for outcome in (c, py):
        outcome.stdout = NEGATIVE_ZERO.sub("0", outcome.stdout)
    assert compare(c, py) == [], command


@pytest.mark.parametrize("engine", ["row", "loop"])
@pytest.mark.parametrize("axis", [TURNS, CREEPS])
@pytest.mark.parametrize(
    "options",
    [
        "-polar 0.95",
        "-polar 1",
        "-polar 1.7 -oversample 2",
        "-polar 1 -oversample 2 -oversample_polar",
        "-polar 0.9 -dmin 4 -divergence 3 -divsteps 3 -oversample 2",
        "-polar 1 -dmin 3 -dispersion 2 -dispsteps 3 -oversample_polar",
        "-polar 1 -roi 3 20 2 11",
        "-polar 0.9 -nopolar",
        "-polar 0.9 -nopolar -oversample_polar",
        "-polar 0.9 -nopolar -polar 0.9 -detector_thick 100 -detector_abs 100 -thicksteps 3 -oversample_polar",
    ],
)
def test_traces_and_images(engine: str, axis: str, options: str, cref_binary: Path) -> None:
    assert_alike(cref_binary, f"{SMALL} -polar_vector {axis} {options} {TRACED}", "-engine", engine)


@pytest.mark.parametrize("threads", ["1", "2", "3"])
@pytest.mark.parametrize("axis", [TURNS, CREEPS])
def test_masked_pixels_do_not_count(axis: str, threads: str, cref_binary: Path) -> None:
    command = f"{MASKED} -polar_vector {axis} -polar 0.95 -trace_pixel 20 31 -trace_pixel 50 8 -trace_prefix T"
    assert_alike(cref_binary, command, "-threads", threads)


def test_every_traced_pixel_of_an_axis_that_takes_turns(cref_binary: Path) -> None:
    """A settled axis in its place differs in some of these tokens, see below."""
    pixels = " ".join(f"-trace_pixel {s} {f}" for s in range(0, 28, 4) for f in range(0, 28, 4))
    assert_alike(cref_binary, f"{SMALL} -polar 0.95 -polar_vector {TURNS} {pixels}")


def _scene(options: str) -> Scene:
    return flatten(experiment_from(f"{SMALL} {options}").experiment)


def _polar_factors(scene: Scene) -> list[float]:
    """Polarization factors of all pixels, from their taps."""
    factors = []
    for spixel in range(scene.spixels):
        for fpixel in range(scene.fpixels):
            taps = new_taps(200)
            tapped_pixel(scene, spixel, fpixel, False, False, taps)
            factors.append(taps.last[LAST_POLAR])
    return factors


@pytest.mark.parametrize("axis", [TURNS, CREEPS])
def test_the_axis_matters(axis: str) -> None:
    """What the comparisons above would miss if the last digits of the factor did not depend on it."""
    scene = _scene(f"-polar 0.95 -polar_vector {axis}")
    settled = scene._replace(polar_axes=scene.polar_axes[:3].copy(), polar_drift=np.zeros(1))
    different = sum(a != b for a, b in zip(_polar_factors(scene), _polar_factors(settled)))
    assert different > 10


def _normalized(axis: tuple[float, ...], calls: int) -> tuple[float, ...]:
    for _ in range(calls):
        axis = uncompiled(unit)(*axis)[:3]
    return axis


@pytest.mark.parametrize(
    ("options", "calls"), [("", 28), ("-oversample 3", 28), ("-oversample 3 -oversample_polar", 252)]
)
@pytest.mark.parametrize("axis", [TURNS, CREEPS])
def test_rows_begin_where_the_calls_before_them_end(axis: str, options: str, calls: int) -> None:
    scene = _scene(f"-polar 0.95 -polar_vector {axis} {options}")
    start = tuple(scene.polar_axes[:3])
    for row in (1, 2, 3, 20, 27):
        assert tuple(scene.polar_axes[3 * row : 3 * row + 3]) == _normalized(start, calls * row)
    creeping = axis == CREEPS
    assert scene.polar_drift[0] > 0.0
    assert (scene.polar_drift[-1] == 0.0) == creeping  # that one settles after 651 calls
    moved = max(abs(a - b) for a, b in zip(_normalized(start, 1), _normalized(start, calls)))
    assert scene.polar_drift[0] >= moved


@pytest.mark.parametrize("options", ["-polar 0", "-polar 0.9 -nopolar", "-polar 0.9 -polar_vector 0 0 1"])
def test_an_axis_without_effect_or_movement_is_not_followed(options: str) -> None:
    assert len(_scene(f"-polar_vector {TURNS} {options}").polar_drift) == 1


def test_the_bound_for_an_axis_that_moves() -> None:
    """Twice the axis, a little apart: the factors differ by less than the row engine allows."""
    rng = random.Random(5)
    nearest = 0.0
    for _ in range(20_000):
        incident, diffracted, axis = (uncompiled(unit)(*(rng.gauss(0, 1) for _ in range(3)))[:3] for _ in range(3))
        if rng.random() < 0.5:
            small = 10.0 ** rng.uniform(-9, 0)
            axis = uncompiled(unit)(*(i + small * a for i, a in zip(incident, axis)))[:3]
        if rng.random() < 0.3:
            small = 10.0 ** rng.uniform(-12, 0)
            diffracted = uncompiled(unit)(*(i + small * d for i, d in zip(incident, diffracted)))[:3]
        drift = 10.0 ** rng.uniform(-16, -9)
        moved = tuple(a + rng.uniform(-drift, drift) for a in axis)
        kahn = rng.uniform(-1.5, 1.5)
        one, other = (
            polarization_factor(kahn, *incident, *diffracted, np.array(a)) for a in (axis, moved)
        )
        across = uncompiled(length)(*uncompiled(cross)(*axis, *incident))
        bound = abs(kahn) * ((AXIS_TURN * drift + AXIS_ROUNDING) / across + AXIS_FLOOR)
        assert abs(one - other) <= bound
        nearest = max(nearest, abs(one - other) / bound)
    assert math.isfinite(nearest) and nearest > 0.05  # the bound is of the right size


def test_few_pixels_are_done_twice() -> None:
    """The row engine's bounds stay narrow enough."""
    outcome: Outcome = run_python([*f"{SMALL} -detpixels 200 -pixel 0.2 -polar 0.95".split(), "-polar_vector",
                                   *TURNS.split(), "-verbose", "-nonoise"])  # fmt: skip
    (line,) = (line for line in outcome.stderr.splitlines() if "recomputed by the loop kernel" in line)
    assert int(line.split()[1]) < 20
