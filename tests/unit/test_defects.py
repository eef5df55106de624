"""The defects of the C program: each is reproduced and named, and each fix agrees with independent arithmetic."""

import dataclasses
import io
import re
from contextlib import redirect_stderr, redirect_stdout
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from compare_programs import run_c, run_python
from golden_cases import arguments, prepare_folder
from golden_defects import defects_of, named_defects
from paths import GOLDEN, ROOT
from platform_check import assert_files_agree, assert_images_agree, require_same_libm

import nanobragg_numba as nb
from nanobragg_numba.engine.flatten import flatten
from nanobragg_numba.formats.smv import read_smv
from nanobragg_numba.kernels.loop import taps as slot
from nanobragg_numba.kernels.loop.geometry import pixel_position
from nanobragg_numba.programs.nanobragg.cli import main
from nanobragg_numba.programs.nanobragg.defects import table as defects
from nanobragg_numba.programs.nanobragg.defects.base import NanoBraggDefect
from nanobragg_numba.programs.nanobragg.defects.subpixels import first_subpixel_error
from nanobragg_numba.programs.nanobragg.defects.triggered import kernel_fixes
from nanobragg_numba.programs.nanobragg.parse import parse
from nanobragg_numba.tools.trace.pixels import trace_pixels

ROUNDED = 2.0**-23
"""Relative difference between two sums of positive float32 pixels, each rounded once."""

TRICLINIC = "-cell 70 80 90 75 85 95 -default_F 100 -N 5 -lambda 1.5 -distance 50 -pixel 0.8 -detpixels 48"
PLAIN = f"{TRICLINIC} -oversample 1"
GAUSS = f"{PLAIN} -gauss_xtal -fudge 20"

SHOWN_BY_CASE = {
    "phi-zero": "phi_from_zero", "interpolation": "interpolate_leaves_range", "thickness": "absorption",
    "oversample-product": "oversample_omega", "first-subpixel": "oversample", "source-weights": "sourcefile",
    "cell": "triclinic", "misset-seed": "misset_seed_last", "twotheta-axis": "twotheta_axis_last",
    "pix0": "pix0_vector", "curved-detector": "curved_det", "smv-header": "long_header", "header-twotheta": "mask",
}  # fmt: skip
SHOWN_BY_TRACE = "spot-orientation"
"""The size of a spot does not depend on the orientation it is measured in: only the inner numbers show it."""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    prepare_folder(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def image(args: str) -> np.ndarray:
    return nb.simulate(args).image.astype(np.float64)


def agree(ours: np.ndarray, theirs: np.ndarray, relative: float = ROUNDED) -> bool:
    """Equal within `relative`; the absolute part is for angles that differ in the last bit, 1e-16 radians.

    Such an angle moves h by some 1e-14 and F_latt of N cells by N^2 of that, against N^3 at the peak.
    """
    return bool(np.all(np.abs(ours - theirs) <= relative * np.abs(theirs) + 1e-12 * np.abs(theirs).max()))


# Every defect: reproduced and named without the fix, neither with it.


def test_every_defect_is_shown():
    assert {*SHOWN_BY_CASE, SHOWN_BY_TRACE} == set(defects.NAMES)


@pytest.mark.parametrize("name", SHOWN_BY_CASE)
def test_a_defect_is_the_c_programs_and_its_fix_is_something_else(name, folder):
    case = SHOWN_BY_CASE[name]
    argv = arguments(case)[0]
    as_c, fixed = run_python(argv), run_python([*argv, "-fix", name])
    assert named_defects(as_c.stderr) == sorted(defects_of(case)) and name in defects_of(case)
    assert named_defects(fixed.stderr) == sorted(defects_of(case) - {name})
    assert "\nfixes:" not in as_c.stdout and f"\nfixes: {name}\n" in fixed.stdout
    reference = {path.name: path.read_bytes() for path in GOLDEN.joinpath("cases", case).glob("*.*g*")}
    uncompared = assert_files_agree({file: as_c.files[file] for file in reference}, reference)
    assert any(as_c.files[file] != fixed.files[file] for file in reference)
    if uncompared:
        require_same_libm(", ".join(uncompared))


def test_spots_are_measured_as_cref_measures_them(cref_binary):
    argv = f"{GAUSS} -phi 30 -osc 1 -phisteps 2 -nonoise -nopgm -noprogress -seed 1 -trace_pixel 3 4".split()
    c, ours, fixed = run_c(cref_binary, argv), run_python(argv), run_python([*argv, "-fix", SHOWN_BY_TRACE])
    assert ours.files == c.files
    assert named_defects(ours.stderr) == ["cell", "spot-orientation"] and named_defects(fixed.stderr) == ["cell"]

    def star(text: str) -> np.ndarray:
        return np.array(re.search(r"TRACE_.*: rot_b_star_A_inv (.*)", text)[1].split(), float)

    turn = np.radians(30)
    turned = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])  # about z
    assert np.array_equal(star(ours.stdout), star(c.stdout))
    assert np.allclose(star(fixed.stdout), turned @ star(c.stdout), rtol=1e-13, atol=1e-16)  # 15 digits are printed


@pytest.mark.parametrize("engine", ["row", "loop"])
def test_fixes_of_what_a_run_does_not_have_change_nothing(engine):
    argv = arguments("cubic_mosflm")[0]
    fixed = run_python([*argv, "-fix", "all", "-engine", engine])
    assert fixed.stderr == ""
    assert fixed.files == run_python(argv).files


# Each fix against independent arithmetic.


def test_phi_zero_is_the_sum_of_single_phi_images():
    args = f"{PLAIN} -osc 1 -phisteps 4"
    mean = sum(image(f"{PLAIN} -phi {phi}") for phi in (0, 0.25, 0.5, 0.75)) / 4
    assert agree(image(f"{args} -fix phi-zero"), mean)
    assert not agree(image(args), mean, 0.1)


def lagrange_weights(t: float) -> np.ndarray:
    """Weights of the points -1, 0, 1, 2 for a cubic at t: those that are right for 1, x, x^2 and x^3."""
    return np.linalg.solve(np.vander(np.arange(-1.0, 3.0), increasing=True).T, t ** np.arange(4))


def test_interpolation_is_a_direct_evaluation_where_it_is_in_range():
    geometry = "-cell 40 50 60 90 90 90 -N 1 -lambda 1 -distance 60 -pixel 0.3 -detpixels 64 -Xbeam 2 -Ybeam 2 " \
        "-oversample 1 -interpolate"  # fmt: skip
    args = f"{geometry} -hkl inputs/small.hkl"
    with_one = image(f"{geometry} -default_F 1")  # without a list F is 1 everywhere
    F = np.sqrt(image(f"{args} -fix interpolation") / with_one)

    centre = 2.0 + 0.5 * 0.3
    s, f = np.meshgrid(np.arange(64.0), np.arange(64.0), indexing="ij")
    position = np.stack([np.full_like(s, 60.0), centre - 0.3 * (s + 0.5), 0.3 * (f + 0.5) - centre], axis=-1)
    q = position / np.linalg.norm(position, axis=-1, keepdims=True) - [1.0, 0.0, 0.0]
    hkl = q * [40.0, 50.0, 60.0]
    listed = {tuple(map(int, line.split()[:3])): float(line.split()[3])
              for line in Path("inputs/small.hkl").read_text().splitlines() if line.strip()}  # fmt: skip
    lowest, highest = (pick(np.array(list(listed)), axis=0) for pick in (np.min, np.max))

    expected = np.empty((64, 64))
    within = np.all((hkl - 2 >= lowest) & (hkl + 2 <= highest), axis=-1)
    for place in np.ndindex(64, 64):
        x = hkl[place]
        if not within[place]:
            expected[place] = listed.get(tuple(np.ceil(x - 0.5).astype(int)), 0.0)
            continue
        base = np.floor(x).astype(int)
        h, k, l = (lagrange_weights(t) for t in x - base)
        grid = [listed.get(tuple(base + np.array(d)), 0.0) for d in product(range(-1, 3), repeat=3)]
        expected[place] = abs(np.einsum("i,j,k,ijk", h, k, l, np.reshape(grid, (4, 4, 4))))
    assert 500 < within.sum() < 3500  # both kinds of pixels are there in number
    assert agree(F, expected, 1e-6)  # half the rounding of two pixels, and h of 1e-15 times differences of F
    assert not agree(np.sqrt(image(args) / with_one), expected, 0.01)


@pytest.mark.parametrize("layers", ["", "-thicksteps 1", "-thicksteps 2", "-thicksteps 7"])
def test_thickness_is_the_analytic_capture(layers):
    bare = "-cell 100 100 100 90 90 90 -default_F 100 -N 1 -lambda 1 -distance 10000 -pixel 700 -detpixels 32 " \
        "-oversample 1"  # fmt: skip
    args = f"{bare} -detector_thick 450 -detector_abs 300 {layers}"
    s, f = np.meshgrid(*[700.0 * (np.arange(32) + 0.5) - (32 * 700 + 700) / 2 - 350.0] * 2, indexing="ij")
    cosine = 10000.0 / np.sqrt(10000.0**2 + s**2 + f**2)
    captured = 1.0 - np.exp(-450.0 / 300.0 / cosine)
    # A layer at the depth z has the cosine of z further on: it differs by z/distance < 4.5e-5, the capture by less.
    assert agree(image(f"{args} -fix thickness"), captured * image(bare), 4.5e-5)
    assert not agree(image(args), captured * image(bare), 0.05)


def test_thickness_of_all_subpixels_and_the_options_that_multiply():
    sensor = f"{TRICLINIC} -oversample 2 -detector_thick 450 -detector_abs 300 -polar 0.8 -water 0.01"
    flags = "-oversample_thick -oversample_polar -oversample_omega"
    fixed = image(f"{sensor} -fix all")
    assert agree(image(f"{sensor} {flags} -fix all"), fixed)
    assert not agree(image(f"{sensor} {flags}"), fixed, 0.1)
    assert image(f"{TRICLINIC} -oversample_thick").max() == 0.0  # no sensor captures nothing
    assert agree(image(f"{PLAIN} -oversample_thick -fix oversample-product"), image(PLAIN))


SHARED = TRICLINIC + " -denzo -polar 0.8 -water 0.01"
"""Denzo's beam centre does not depend on the pixel size."""


def subpixel_average(args: str, oversample: int) -> np.ndarray:
    """The mean of images whose pixel centres stand where the subpixels' centres are."""
    pixel, centre = 0.8, 19.0
    offsets = [pixel * ((i + 0.5) / oversample - 0.5) for i in range(oversample)]
    images = [image(f"{args} -oversample 1 -Xbeam {centre - s!r} -Ybeam {centre - f!r}")
              for s, f in product(offsets, offsets)]  # fmt: skip
    return sum(images) / len(images)


@pytest.mark.parametrize("oversample", [2, 3])
@pytest.mark.parametrize(
    "flags, names",
    [("", "first-subpixel"), ("-oversample_polar -oversample_omega", "oversample-product"),
     ("-oversample_omega", "oversample-product,first-subpixel"), ("-nopolar", "first-subpixel")],
)  # fmt: skip
def test_oversampling_is_the_average_of_subpixel_images(oversample, flags, names):
    no_polar = "-nopolar" if flags == "-nopolar" else ""
    # The background is divided by the steps once more in C, at every oversampling; fixes leave that alone.
    background = image(f"{SHARED} {no_polar} -default_F 1e-30 -oversample 1 -Xbeam 19 -Ybeam 19")
    args = f"{SHARED} {flags} -oversample {oversample} -Xbeam 19 -Ybeam 19"
    average = subpixel_average(f"{SHARED} {no_polar}", oversample)
    lost = background * (1.0 - 1.0 / oversample**2)
    # The background is taken from the middle of the pixel: (pixel/distance)^2 = 3e-4 of it.
    slack = 3e-4 * lost
    fixed = image(f"{args} -fix {names}")
    assert np.all(np.abs(fixed - (average - lost)) <= 2 * ROUNDED * average + slack + 1e-12 * average.max())
    assert not np.all(np.abs(image(args) - (average - lost)) <= 1e-3 * average + slack)


def test_the_named_error_of_the_first_subpixel_is_the_real_one():
    args = f"{TRICLINIC} -oversample 4 -nointerpolate -N 1"
    as_c, fixed = image(args), image(f"{args} -fix first-subpixel")
    corners = np.abs(as_c / fixed - 1.0)[np.ix_([0, -1], [0, -1])].max()
    found = first_subpixel_error(flatten(nb.experiment_from(args).experiment))
    assert found == pytest.approx(corners, rel=0.05)  # the centre of the pixel for its mean: (pixel/distance)^2
    assert found > 1e-3


def test_weights_make_the_weighted_sum_of_single_source_images():
    lines = Path("inputs/sources.txt").read_text().splitlines()
    weights = np.array([float(line.split()[3]) for line in lines])
    singles = []
    for number, line in enumerate(lines):
        Path(f"source{number}").write_text(line + "\n")
        singles.append(image(f"{PLAIN} -polar 0.9 -sourcefile source{number}"))
    expected = sum(w * single for w, single in zip(weights, singles)) / weights.sum()
    args = f"{PLAIN} -polar 0.9 -sourcefile"
    fixes = "-fix source-weights,first-subpixel"
    assert agree(image(f"{args} inputs/sources.txt {fixes}"), expected)
    assert not agree(image(f"{args} inputs/sources.txt"), expected, 0.1)

    columns = [line.split() for line in lines]
    Path("tenfold").write_text("".join(" ".join([*c[:3], str(10 * float(c[3])), c[4]]) + "\n" for c in columns))
    assert agree(image(f"{args} tenfold {fixes}"), expected)
    Path("nothing").write_text("-10 0 0 1 1.5e-10\n-10 0.1 0 -1 1.5e-10\n")
    with pytest.raises(nb.NanoBraggError, match="add up to 0"):
        nb.simulate(f"{args} nothing {fixes}")


@pytest.mark.parametrize("shape", ["-gauss_xtal -fudge 20", "-tophat_spots -fudge 2"])
def test_spots_that_turn_are_those_of_a_turned_cell(shape):
    turned = image(f"{PLAIN} {shape} -misset 0 0 30")  # mosflm's spindle is z
    by_phi = f"{PLAIN} {shape} -phi 30"
    # exp(-x) of an x up to 100 that differs by 1e-13: relative 1e-11, far below the rounding of a pixel
    assert agree(image(f"{by_phi} -fix spot-orientation"), turned)
    assert agree(image(by_phi), turned)  # spots are round
    assert turned.max() > 1e3 * np.median(turned)  # and they are spots


def test_spots_of_mosaic_domains_are_those_of_turned_crystals():
    args = f"{GAUSS} -mosaic 3 -mosaic_domains 3 -nonoise"
    experiment = nb.experiment_from(args).experiment
    crystal, mosaic = experiment.crystal, experiment.mosaic
    single = type(mosaic)(0.0, mosaic.rotations[:1])
    expected = 0.0
    for row in mosaic.rotations:
        U = row.reshape(3, 3)
        vectors = {name: tuple(U @ getattr(crystal, name)) for name in ("a", "b", "c", "a_star", "b_star", "c_star")}
        one = dataclasses.replace(experiment, mosaic=single, crystal=dataclasses.replace(crystal, **vectors))
        expected = expected + nb.render_experiment(one).image.astype(np.float64) / 3
    assert agree(image(f"{args} -fix spot-orientation"), expected)
    assert expected.max() > 1e3 * np.median(expected)


CELLS = ["70 80 90 75 85 95", "61.37 47.91 33.13 83.7 97.3 101.9", "12.7 88.8 51.9 67.1 71.3 79.9",
         "151.3 23.4 77.7 119.5 95.2 103.8", "50 60 70 90 100 90", "40 40 60 90 90 120"]  # fmt: skip


@pytest.mark.parametrize("cell", CELLS)
def test_the_cell_is_the_one_that_was_asked_for(cell):
    asked = np.array([float(word) for word in cell.split()])
    resolved = nb.experiment_from(f"-cell {cell} -default_F 1 -misset 10 20 30 -fix cell")
    assert np.allclose([*resolved.cell.lengths, *np.degrees(resolved.cell.angles)], asked, rtol=1e-13, atol=0)
    edges, cosines = asked[:3], np.cos(np.radians(asked[3:]))
    metric = np.outer(edges, edges) * (np.eye(3) + [
        [0, cosines[2], cosines[1]], [cosines[2], 0, cosines[0]], [cosines[1], cosines[0], 0]
    ])  # fmt: skip
    real = np.array([resolved.cell.a, resolved.cell.b, resolved.cell.c])
    reciprocal = np.array([resolved.cell.a_star, resolved.cell.b_star, resolved.cell.c_star])
    # Relative to the largest: cosines near 0 have only an absolute accuracy of 1e-16, the cell's skewness loses more.
    assert np.abs(real @ real.T - metric).max() <= 1e-12 * metric.max()
    inverse = np.linalg.inv(metric)
    assert np.abs(reciprocal @ reciprocal.T - inverse).max() <= 1e-12 * inverse.max()


def test_the_cell_that_c_makes_is_another_one():
    resolved = nb.experiment_from("-cell 70 80 90 75 85 95 -default_F 1")
    assert np.round(np.degrees(resolved.cell.angles), 2).tolist() == [75.04, 85.01, 95.01]
    assert "cell" in resolved.notes.defects
    assert nb.experiment_from("-cell 50 60 70 90 100 90 -default_F 1").notes.defects == []


def reference(case: str) -> np.ndarray:
    return np.fromfile(GOLDEN / "cases" / case / "floatimage.bin", np.float32)


def arguments_without(case: str, *words: str) -> str:
    text = " ".join(arguments(case)[0])
    for word in words:
        assert word in text
        text = text.replace(word, "")
    return text


def test_a_misset_seed_is_a_seed_alone():
    args = arguments_without("misset_random", "-misset_seed 5 -misset random")
    for order in ("-misset random -misset_seed 5 -seed 2", "-misset_seed 5 -misset random"):
        assert_images_agree(nb.simulate(f"{args} {order} -fix misset-seed").image.ravel(), reference("misset_random"))
    alone = nb.simulate(f"{args} -misset_seed 5 -adc 40 -seed 1 -fix misset-seed").image
    assert_images_agree(alone.ravel(), reference("triclinic"))
    assert parse("-fix misset-seed -misset_seed 5 6 7".split())[0].misset == "none"
    with pytest.raises(nb.NanoBraggError, match="-misset_seed needs an integer"):
        parse("-fix misset-seed -misset_seed random".split())


def test_a_twotheta_axis_is_an_axis_alone():
    args = arguments_without("twotheta_axis", "-twotheta_axis 0 0.6 0.8 -twotheta 7")
    fixed = nb.simulate(f"{args} -twotheta 7 -twotheta_axis 0 0.6 0.8 -fix twotheta-axis").image
    assert_images_agree(fixed.ravel(), reference("twotheta_axis"))
    said, _ = parse("-twotheta_axis 0.5 0.6 0.8 -fix twotheta-axis".split())
    assert (said.twotheta, said.pivot, said.twotheta_axis_x, said.convention) == (0.0, "beam", 0.5, "custom")


@pytest.mark.parametrize("option", ["-pix0_vector 0.05 0.008 -0.009", "-pix0_vector_mm 50 8 -9"])
def test_pix0_is_the_corner_of_the_first_pixel(option):
    # Custom axes: fast (0 0 1), slow (0 -1 0), beam (1 0 0), so the corner is (distance, Ybeam, -Xbeam).
    by_centre = image(f"{PLAIN} -fdet_vector 0 0 1 -Xbeam 9 -Ybeam 8")
    fixed = nb.simulate(f"{PLAIN} -distance 77 {option} -fix pix0")
    assert fixed.experiment.detector.pix0 == (0.05, 0.008, -0.009)
    assert fixed.experiment.detector.distance == 0.05
    assert agree(fixed.image.astype(np.float64), by_centre)
    assert nb.experiment_from(f"{PLAIN} {option} -xds -fix pix0").experiment.detector.pix0[2] == 0.05


BENT = {
    # beam, fast, slow by convention; a point at the arcs f and s (radians) from the beam centre
    "-mosflm": lambda f, s: (np.cos(f) * np.cos(s), -np.cos(f) * np.sin(s), np.sin(f)),
    "-adxv": lambda f, s: (np.sin(f), -np.cos(f) * np.sin(s), np.cos(f) * np.cos(s)),
    "-xds": lambda f, s: (np.sin(f), np.cos(f) * np.sin(s), np.cos(f) * np.cos(s)),
}


@pytest.mark.parametrize("convention", BENT)
def test_a_curved_detector_bends_by_its_own_coordinates(convention):
    args = f"{PLAIN} {convention} -curved_det 1"
    fixed = flatten(nb.experiment_from(f"{args} -fix curved-detector").experiment)
    as_c = flatten(nb.experiment_from(args).experiment)
    for Fdet, Sdet in [(0.0, 0.0), (0.03, 0.002), (0.011, 0.037)]:
        f, s = (Fdet - fixed.Fbeam) / 0.05, (Sdet - fixed.Sbeam) / 0.05
        expected = 0.05 * np.array(BENT[convention](f, s))
        # Two turns, each with a few roundings of numbers up to 0.05.
        assert np.abs(np.array(pixel_position(fixed, Fdet, Sdet, 0.0)) - expected).max() < 16 * 0.05 * 2.0**-53
        assert np.abs(np.array(pixel_position(as_c, Fdet, Sdet, 0.0)) - expected).max() > 0.001


@pytest.mark.parametrize("engine", ["row", "loop"])
def test_a_curved_detector_is_flat_near_the_beam(engine):
    small = "-cell 70 80 90 75 85 95 -default_F 100 -N 5 -lambda 1.5 -distance 50 -pixel 0.01 -detpixels 20 -xds"
    flat = image(small)
    bent = nb.simulate(f"{small} -curved_det 1 -fix curved-detector", engine=engine).image
    # 0.1 mm from the beam the two differ by (0.1/50)^2 = 4e-6 in place and, thrice that, in solid angle; the spot
    # at the origin falls off over 5 cells of 70 A at 1.5 A, by at most 10 of that in its logarithm.
    assert np.abs(bent / flat - 1.0).max() < 2e-4


def test_the_long_header_is_readable():
    argv = arguments("long_header")[0]
    c = GOLDEN.joinpath("cases", "long_header", "intimage.img").read_bytes()
    true_pixels = np.frombuffer(c[513:], "<u2").reshape(64, 64)
    run_python(argv, Path.cwd())
    assert not np.array_equal(read_smv("intimage.img").pixels, true_pixels)
    run_python([*argv, "-fix", "smv-header"], Path.cwd())
    for name in ("intimage.img", "noiseimage.img"):
        data = Path(name).read_bytes()
        assert data.startswith(b"{\nHEADER_BYTES=1024;\n") and len(data) == 1024 + 2 * 64 * 64
        assert data[data.index(b"}\f") + 2 : 1024].strip() == b""
        entries = data[: data.index(b"}")].split(b"\n")[2:]
        assert entries == c[: c.index(b"}")].split(b"\n")[2:]
    require_same_libm("the pixels of an image with a long header")
    assert np.array_equal(read_smv("intimage.img").pixels, true_pixels)


def test_a_header_that_fits_stays_as_it_is():
    run_python([*arguments("cubic_mosflm")[0], "-fix", "smv-header"], Path.cwd())
    assert Path("intimage.img").read_bytes().startswith(b"{\nHEADER_BYTES=512;\n")


@pytest.mark.parametrize("option", ["-img", "-mask"])
def test_twotheta_of_a_header_turns_the_detector(option):
    def with_header(name: str, *entries: str) -> str:
        lines = ["{", "HEADER_BYTES=512;", "SIZE1=48;", "SIZE2=48;", "PIXEL_SIZE=0.8;", *entries, "}\f"]
        Path(name).write_bytes("\n".join(lines).encode().ljust(512) + b"\1\0" * 48 * 48)
        return f"-cell 70 80 90 75 85 95 -default_F 100 -N 5 -lambda 1.5 -distance 50 {option} {name}"

    plain, turned = with_header("plain"), with_header("turned", "TWOTHETA=7;")
    assert np.array_equal(image(f"{turned} -fix header-twotheta"), image(f"{plain} -twotheta 7"))
    assert np.array_equal(image(turned), image(plain))
    assert np.array_equal(image(f"{turned} -twotheta 3 -fix header-twotheta"), image(f"{plain} -twotheta 3"))
    said = [note for note in nb.simulate(turned).notes if note.startswith("header-twotheta")]
    assert len(said) == 1
    assert not [note for note in nb.simulate(f"{turned} -twotheta 3").notes if note.startswith("header-twotheta")]


# The option, the report, the traces.


def command(*argv: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(list(argv))
    return code, out.getvalue(), err.getvalue()


def test_the_list_names_them_all(folder):
    before = set(folder.iterdir())
    code, out, err = command(*arguments("triclinic")[0], "-fix", "list")
    assert (code, err, set(folder.iterdir())) == (0, "", before)
    assert re.findall(r"^\S+$", out, re.MULTILINE) == list(defects.NAMES)
    words = " ".join(out.split())
    for defect in defects.DEFECTS:
        assert f"C: {defect.does}" in words and f"-fix: {defect.fixed}" in words


def test_names_add_up_and_all_means_all():
    said = parse("-fix cell,pix0 -cell 1 -fix phi-zero".split())[0]
    assert defects.in_order(said.fixes) == ("phi-zero", "cell", "pix0")
    assert defects.in_order(parse(["-fix", "all"])[0].fixes) == defects.NAMES
    assert parse(["-lambda", "1"])[0].fixes == frozenset()


@pytest.mark.parametrize("value", ["celll", "cell,", "", "cell pix0", "ALL"])
def test_an_unknown_name_is_refused_with_the_names(value):
    code, out, err = command("-cell", "1", "-fix", value)
    assert code == 2 and out == "" and len(err.splitlines()) == 1
    assert all(name in err for name in defects.NAMES)


def test_the_report_names_the_fixes_after_the_banner():
    _, out, _ = command(*f"{PLAIN} -roi 1 2 1 2 -fix pix0,cell".split())
    assert out.splitlines()[0].startswith("nanobragg_numba") and out.splitlines()[1] == "fixes: cell pix0"


def test_a_trace_of_a_fixed_run_shows_its_own_numbers():
    args = f"{TRICLINIC} -oversample 2 -trace_pixel 3 4 -roi 4 4 3 3"
    own = {}
    for fix in ("", "-fix first-subpixel,spot-orientation,cell"):
        code, out, _ = command(*f"{args} -gauss_xtal -fudge 20 -phi 30 {fix}".split())
        assert code == 0
        lines = [line.split() for line in out.splitlines() if line.startswith("TRACE_PY: ")]
        own[fix] = {name: [words[2:] for words in lines if words[1] == name] for name in {w[1] for w in lines}}
        pixel = float(own[fix]["floatimage_accumulated"][0][0])
        assert np.float32(pixel) == np.fromfile("floatimage.bin", np.float32)[3 * 48 + 4]
    as_c, fixed = own.values()
    assert len({tuple(v) for v in as_c["omega_pixel_sr"]}) == 1
    assert len({tuple(v) for v in fixed["omega_pixel_sr"]}) == 4
    assert as_c["rot_a_star_A_inv"] != fixed["rot_a_star_A_inv"]
    a, a_star = (np.array(fixed[name][0], float) for name in ("rot_a_angstroms", "rot_a_star_A_inv"))
    assert a @ a_star == pytest.approx(1.0, rel=1e-12)  # 15 digits are printed


def test_nb_trace_traces_the_fixed_run():
    args = f"{TRICLINIC} -oversample 2 -fix all"
    traced = trace_pixels(args.split(), [(3, 4)]).pixels[0]
    assert np.float32(traced.value(slot.FLOATIMAGE_ACCUMULATED)) == nb.simulate(args).image[3, 4]
    assert len({row[1] for row in traced.records if row[0] == slot.OMEGA_PIXEL_SR}) == 4


def test_printout_of_a_fixed_run():
    args = f"{TRICLINIC} -oversample 2 -printout_pixel 4 3 -printout -fix first-subpixel"
    _, out, _ = command(*args.split())
    pixel = float(re.search(r"^pixel +(\S+)$", out, re.MULTILINE)[1])
    stored = np.fromfile("floatimage.bin", np.float32)[3 * 48 + 4]
    assert pixel == pytest.approx(float(stored), rel=1e-9)  # ten digits are printed


def test_fixes_of_the_loops_are_left_out_where_they_do_not_matter():
    experiment = nb.experiment_from(f"{PLAIN} -fix all").experiment
    assert kernel_fixes(experiment, flatten(experiment)) is None
    sampled = experiment.replace(oversample=2)
    assert kernel_fixes(sampled, flatten(sampled)).first_subpixel == 1


def test_results_do_not_depend_on_threads():
    args = f"{TRICLINIC} -oversample 2 -osc 1 -phisteps 3 -mosaic 1 -mosaic_domains 3 -fix all"
    images = [nb.simulate(args, threads=threads).image for threads in (1, 2)]
    assert np.array_equal(*images)


def test_the_page_is_made_from_the_table():
    made_by = "made by `python -m nanobragg_numba.programs.nanobragg.defects.table > docs/defects.md`"
    assert (ROOT / "docs" / "defects.md").read_text() == defects.page(), made_by


def test_every_defect_says_where_its_fix_stands():
    """Its file decides by its name; the loops' take what the class hands to them."""
    for defect in defects.DEFECTS:
        source = (ROOT / "nanobragg_numba" / defect.place).read_text()
        if defect.place == "kernels/loop/pixel_loop.py":
            assert type(defect).loop_fix is not NanoBraggDefect.loop_fix, defect.name
        else:
            assert f'"{defect.name}"' in source, defect.name
