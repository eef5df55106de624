"""The row engine writes the loop kernel's bytes: on random commands, any number of threads, any vector length."""

import os
import subprocess
import sys

import numpy as np
import pytest
from paths import SUPPORT
from random_commands import random_command
from row_scenes import BASE, ORC, SMALL, VARIED, both, differing, digests, inputs_folder, scene_of

from nanobragg_numba.engine.run import render

RANDOM, BATCH = 500, 50


@pytest.fixture(scope="module")
def loop_digests():
    return digests("loop", 2)


@pytest.mark.parametrize("first", range(0, RANDOM, BATCH))
def test_random_commands(first):
    """The command lines whose seeds follow those that are compared with the C reference."""
    row_pixels = recomputed = 0
    with inputs_folder():
        for seed in range(5000 + first, 5000 + first + BATCH):
            command = random_command(seed)
            row, loop = both(scene_of(command))
            assert differing(row, loop) == 0, " ".join(command)
            assert row.left_range_at == loop.left_range_at
            assert row.omega == pytest.approx(loop.omega, rel=1e-12)  # rows are summed in the same order
            row_pixels += row.image.size
            recomputed += row.recomputed
    assert recomputed < 0.05 * row_pixels  # the row engine does the work


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads(threads, loop_digests):
    environment = {**os.environ, "NUMBA_NUM_THREADS": str(threads)}
    assert digests_elsewhere(threads, environment) == loop_digests


@pytest.mark.parametrize(
    "name, features",
    [("haswell", "+avx2,+fma"), ("generic", "")],
    ids=["AVX2", "SSE2"],
)
def test_processor_features(name, features, loop_digests):
    """Other vectors, other fused operations, other roundings on the way: the same bytes in the end."""
    if "x86" not in os.uname().machine:
        name, features = "generic", ""
    environment = {**os.environ, "NUMBA_CPU_NAME": name, "NUMBA_CPU_FEATURES": features}
    assert digests_elsewhere(2, environment) == loop_digests


def digests_elsewhere(threads, environment):
    command = [sys.executable, str(SUPPORT / "row_scenes.py"), str(threads)]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=600)
    return finished.stdout.split()


ODD = (
    "-polar 3", "-polar -3", "-default_F 0 -polar 3", "-N 3000000", "-N -3", "-Na 1 -Nb 7 -Nc 0",
    "-gauss_xtal -fudge 0", "-gauss_xtal -fudge 1e-3 -oversample_omega", "-round_xtal -fudge 1e14",
    "-round_xtal -fudge 0", "-fluence 0", "-fluence 1e67", "-fluence 1e300", "-fluence 3e-17", "-water -5",
    "-water 1e5", "-dmin 1e9", "-default_F 1e70", "-default_F 1e-70 -fluence 1e120",
    "-oversample_polar -polar 3 -oversample 2", "-distance 0.0001", "-distance 1e9", "-lambda 1e-4", "-lambda 1e4",
    "-detector_thick 1e5 -detector_abs 10 -thicksteps 9 -oversample_thick -oversample_omega",
    "-cell 1e5 1e5 1e5 90 90 90 -N 50", "-roi 0 0 0 60",
)  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
def test_odd_numbers(odd):
    with inputs_folder():
        row, loop = both(scene_of(f"{BASE} -oversample 1 {odd}"))
    assert differing(row, loop) == 0


def test_scenes_outside_the_premises_are_left_to_the_loop_kernel():
    with inputs_folder():
        for odd in ("-water -5", "-default_F 1e70", "-round_xtal -fudge 1e14"):
            assert render(scene_of(f"{BASE} -oversample 1 {odd}"), 1, "row").engine.name == "loop"
        assert render(scene_of(BASE), 1, "row").engine.name == "row"


def test_arguments_out_of_range_are_handed_over():
    with inputs_folder():
        row, loop = both(scene_of(f"{BASE} -oversample 1 -N 3000000"))
    assert 0 < row.recomputed < row.image.size  # those far from the beam
    assert differing(row, loop) == 0


def test_zero_is_zero():
    commands = (
        f"{BASE} -default_F 0",
        f"{BASE} -oversample 1 -tophat_spots -fudge 1",
        f"{ORC} -oversample 1 -N 5 -nointerpolate -default_F 0",
    )
    with inputs_folder():
        for command in commands:
            row, loop = both(scene_of(command))
            assert np.array_equal(row.image == 0.0, loop.image == 0.0)
            assert np.count_nonzero(row.image == 0.0) > 10
            assert row.recomputed < 5


def test_interpolation_ends_at_the_same_pixel():
    with inputs_folder():
        scene = scene_of(SMALL)
        row, loop = both(scene)
        assert row.left_range_at == loop.left_range_at >= 0
        assert differing(row, loop) == 0


@pytest.mark.parametrize("command", [VARIED[0], VARIED[1], VARIED[3]], ids=["square", "sampled", "round"])
def test_pixels_on_a_rounding_boundary(command):
    """The adversary: the fluence is chosen so that a pixel lies half-way between two float32 numbers.

    Symmetric images, and pixels whose values agree to within the bound, come along. Each choice puts at least
    the pixel that it was made for inside the bound, and the bytes must not care.
    """
    with inputs_folder():
        scene = scene_of(command)
    values = np.float64(render(scene, 2, "loop").image)
    chosen = np.flatnonzero(values.ravel() > 0.0)[:: values.size // 40]
    hits = 0
    for flat in chosen.tolist():
        fluence = boundary_fluence(scene, *divmod(flat, scene.fpixels))
        row, loop = both(scene._replace(fluence=fluence))
        assert differing(row, loop) == 0
        hits += row.recomputed > 0
    assert len(chosen) >= 30
    assert hits >= 0.9 * len(chosen)


def boundary_fluence(scene, spixel, fpixel):
    """A fluence near the scene's that puts one pixel half-way between two float32 numbers, to the last bit or so."""
    from nanobragg_numba.kernels.loop.pixel_loop import tapped_pixel
    from nanobragg_numba.kernels.loop.taps import new_taps

    fluence = scene.fluence
    for _ in range(4):
        value = tapped_pixel(scene._replace(fluence=fluence), spixel, fpixel, False, False, new_taps(1000))[0]
        below = np.float32(value)
        below = below if below <= value else np.nextafter(below, np.float32(0))
        halfway = (np.float64(below) + np.float64(np.nextafter(below, np.float32(np.inf)))) / 2.0
        fluence *= halfway / value
    return float(fluence)


def test_an_image_of_nothing_but_boundaries():
    """A flat background on a curved detector: all pixels share a value, and the fluence puts it on a boundary."""
    with inputs_folder():
        scene = scene_of(f"{BASE} -oversample 1 -curved_det -nopolar -default_F 0 -water 50")
    row, loop = both(scene._replace(fluence=boundary_fluence(scene, 20, 20)))
    assert differing(row, loop) == 0
    assert row.recomputed > row.image.size // 2
