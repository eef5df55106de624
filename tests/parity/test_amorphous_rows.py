"""The row engine of amorphous matter: its cubics and bounds against exact arithmetic and the loop kernel, its bytes."""

import os
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from paths import NONBRAGG_GOLDEN, ROOT
from ways import numba_alone

import nanobragg_numba as nb
from nanobragg_numba.engine.amorphous import AmorphousRender, tap_amorphous
from nanobragg_numba.engine.amorphous_rows import amorphous_rows
from nanobragg_numba.experiment.amorphous import ScatteringTable
from nanobragg_numba.kernels.amorphous import slots
from nanobragg_numba.kernels.amorphous.row import render_block
from nanobragg_numba.kernels.decorators import kernel
from nanobragg_numba.kernels.loop import taps as slot
from nanobragg_numba.kernels.row.slots import BLOCK
from nanobragg_numba.programs.nonbragg.run import Run

TABLES = NONBRAGG_GOLDEN / "inputs"
SMALL = "-distance 60 -pixel 1 -detpixels 61 -lambda 1 -fluence 1e22 -noprogress -seed 1"
SCENES = [
    f"-stol {TABLES}/liquid.stol",
    f"-stol {TABLES}/liquid.stol -nopolar -point_pixel",
    f"-stol {TABLES}/dense.stol -polar 1 -distance 2",  # up to 90 degrees, where the factor vanishes
    f"-stol {TABLES}/contrast.stol -polar -0.7 -oversample 2 -dispersion 5 -dispsteps 4 -divergence 40 -divsteps 3",
    f"-stol {TABLES}/negative.stol -polar 0.9 -twotheta 60",
    f"-stol {TABLES}/steep.stol -detector_rotx 20 -detector_roty -30",
    f"-stol {TABLES}/one.stol -polar 0.5",
    f"-stol {TABLES}/two.stol -curved_det 1 -polar 0.99",
    f"-stol {TABLES}/below_zero.stol -sourcefile {TABLES}/sources_minus.txt",
    f"-stol {TABLES}/coarse.stol -polar 0.8 -polar_vector 1 0.02 0",  # nearly along the beam
    f"-stol {TABLES}/close.stol -polar 0.3 -polar_vector 0.3 -0.7 0.2",
    f"-4stol {TABLES}/air.stol -lambda 0.2 -fix extrapolation",
    f"-stol {TABLES}/zero.stol",
    f"-stol {TABLES}/odd.stol -Xbeam 0.5 -Ybeam 0.5 -distance 1e4",  # sin(theta) is next to nothing
]  # fmt: skip


@kernel
def sums_of_block(scene, rows, w, spixel, count):
    render_block(scene, rows, w, spixel, 0, count)


def render_of(args, engine="row"):
    run = Run(f"{SMALL} {args}")
    return AmorphousRender(run.resolve().experiment, engine)


@pytest.mark.parametrize("args", SCENES)
def test_sums_are_within_their_bound_of_the_loop_kernels(args):
    render = render_of(args)
    scene, rows = render.scene, render._rows
    assert render.engine == "row"
    progress = render.new_progress()
    w, checked = np.zeros(slots.AMORPHOUS_SLOTS * BLOCK), 0
    for spixel in range(0, scene.spixels, 6):
        sums_of_block(scene, rows, w, spixel, scene.fpixels)
        for fpixel in range(0, scene.fpixels, 3):
            I = tap_amorphous(scene, progress, spixel, fpixel).last[slot.LAST_I]
            difference = abs(w[slots.INTENSITY + fpixel] - I)
            assert not difference > w[slots.INTENSITY_ERROR + fpixel], (spixel, fpixel)
            checked += np.isfinite(w[slots.INTENSITY_ERROR + fpixel])
    assert checked > 100


@pytest.mark.parametrize("args", SCENES)
def test_both_engines_make_the_same_bytes(args):
    in_rows, in_loops = render_of(args).run(2), render_of(args, "loop").run(1)
    assert in_rows.engine == "row" and in_loops.engine == "loop"
    assert in_rows.image.tobytes() == in_loops.image.tobytes()
    assert in_rows.beyond == in_loops.beyond
    assert in_rows.omega == pytest.approx(in_loops.omega, rel=1e-12)


@pytest.mark.parametrize("threads", [1, 2, 5, 64])
def test_native_and_numba_make_the_same_bytes_on_any_number_of_threads(threads):
    native = render_of(SCENES[3]).run(threads)
    with numba_alone():
        numba = render_of(SCENES[3]).run(threads)
    assert native.image.tobytes() == numba.image.tobytes()
    assert (native.omega, native.recomputed, native.beyond) == (numba.omega, numba.recomputed, numba.beyond)


def exact_value(t, F, m, x):
    """The cubic through four points, without any rounding."""
    points = [(Fraction(float(t[m + i])), Fraction(float(F[m + i]))) for i in (-1, 0, 1, 2)]
    total = Fraction(0)
    for j, (tj, Fj) in enumerate(points):
        term = Fj
        for k, (tk, _) in enumerate(points):
            if k != j:
                term *= (x - tk) / (tj - tk)
        total += term
    return total


@pytest.mark.parametrize("name", ["liquid", "dense", "steep", "one", "two", "negative", "close", "contrast"])
def test_cubics_in_cells_are_lagranges_within_their_error(name):
    render = render_of(f"-stol {TABLES}/{name}.stol")
    scene, rows = render.scene, render._rows
    t, F = scene.stol[2 : 2 + scene.points], scene.F[2 : 2 + scene.points]
    per_stol = rows.per_scattering[0] * 2.0 * scene.wavelengths[0]
    draw = np.random.default_rng(1)
    for x in draw.uniform(0.0, len(rows.knots) - 2, 200):
        cell = int(x)
        side = 2 * cell + (x >= rows.knots[cell])
        place = Fraction(float(x)) / Fraction(float(per_stol))
        m = int(np.searchsorted(t, float(place), side="right")) - 1
        f = Fraction(float(x)) - cell
        made = sum(Fraction(float(c)) * f**k for k, c in enumerate(rows.cubics[4 * side : 4 * side + 4]))
        assert abs(made - exact_value(t, F, m, place)) <= Fraction(float(min(rows.F_error[side], 1e300)))


def test_crowded_cells_and_ends_of_the_table(tmp_path):
    """Two abscissae next to each other: what lies between them, and at the ends, is the loop kernel's."""
    (tmp_path / "near.stol").write_text("0.1 3\n0.2 4\n0.2000000001 9\n0.35 2\n")
    args = f"-stol {tmp_path}/near.stol -detpixels 400 -pixel 0.15"
    render = render_of(args)
    assert np.isinf(render._rows.F_error).sum() >= 2
    in_rows, in_loops = render.run(1), render_of(args, "loop").run(1)
    assert in_rows.recomputed > 0
    assert in_rows.image.tobytes() == in_loops.image.tobytes()
    assert in_rows.beyond and in_loops.beyond


@pytest.mark.parametrize(
    "args",
    [
        f"-stol {TABLES}/liquid.stol -Fmap", f"-stol {TABLES}/shuffled.stol", f"-stol {TABLES}/repeated.stol",
        f"-stol {TABLES}/liquid.stol -polar 0.5 -polar_vector 1 0 0", f"-stol {TABLES}/liquid.stol -polar 1e9",
    ],
)  # fmt: skip
def test_what_the_bounds_do_not_cover_is_done_by_the_loop_kernel(args):
    render = render_of(args)
    assert render.engine == "loop"
    assert render.run(2).image.tobytes() == render_of(args, "loop").run(1).image.tobytes()


def test_structure_factors_that_nearly_overflow_are_done_by_the_loop_kernel():
    render = render_of(f"-stol {TABLES}/liquid.stol")
    factors, points = render.scene.F * 1e20, slice(2, 2 + render.scene.points)
    table = ScatteringTable("", 1e10, render.scene.stol[points], factors[points])
    assert amorphous_rows(render.scene._replace(F=factors), table).suits == 0


def test_few_pixels_are_in_doubt():
    """One in a thousand or less, of a table with 701 points."""
    result = nb.amorphous(f"{SMALL} -stol {TABLES}/dense.stol -detpixels 256 -pixel 0.25 -polar 0.9")
    assert 0 <= result.progress.recomputed < 256 * 256 / 100


PLAIN = f"""
import os, sys
os.chdir(sys.argv[1])
from nanobragg_numba.programs.nonbragg.cli import main
assert main("-stol {TABLES}/liquid.stol -detpixels 256 -polar 0.9 -seed 3".split()) == 0
print(*sorted({{"numba", "llvmlite", "scipy", "PIL", "tqdm"}} & set(sys.modules)))
"""


def test_a_plain_image_imports_nothing_heavy(tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    done = subprocess.run(
        [sys.executable, "-c", PLAIN, str(tmp_path)], env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == ""
