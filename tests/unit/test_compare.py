"""nb-compare as a command, with programs that misbehave: every exit code, what is printed and written."""

import json
import os
import shlex
import sys

import numpy as np
import pytest
from fake_programs import fake

from nanobragg_numba.tools.compare import plots as compare_plots
from nanobragg_numba.tools.compare.cli import main
from nanobragg_numba.tools.compare.run import PY_VARIABLE, package_digest, redirected

ARGUMENTS = ["-cell", "100", "100", "100", "90", "90", "90", "-default_F", "1"]
BUNDLE = {"c", "py", "c.png", "py.png", "diff.png", "histogram.png", "summary.json", "summary.md", "commands.txt"}


@pytest.fixture
def compare(tmp_path, monkeypatch, capsys):
    """Run nb-compare with two fake programs; gives exit code, standard output, standard error, folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NB_C_BIN", raising=False)
    monkeypatch.delenv(PY_VARIABLE, raising=False)

    def run(c, py, *own, arguments=ARGUMENTS, outdir="out", pictures=False):
        if not pictures:
            monkeypatch.setattr(compare_plots, "write_plots", lambda *_: [])
        programs = [str(fake(tmp_path, behaviour, f"{side}_{behaviour}")) for side, behaviour in (("c", c), ("py", py))]
        words = ["--c-bin", programs[0], "--py-bin", programs[1], "--outdir", outdir, *own, "--", *arguments]
        code = main(words)
        said = capsys.readouterr()
        return code, said.out, said.err, tmp_path / outdir

    return run


def summary(folder):
    return json.loads((folder / "summary.json").read_text())


def test_0_equal(compare):
    code, out, err, folder = compare("good", "good", pictures=True)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == f"results in {folder}"
    assert lines[1:7] == [
        "pixels that differ  0 of 120",
        "largest difference  0 photons, 0 units in the last place",
        "correlation         1",
        "RMSE                0 photons",
        "sum, C and ours     60  60  ratio 1",
        "brightest peaks     3 of 3 matched within a pixel",
    ]
    assert lines[-1] == "IDENTICAL: the float images are equal, byte for byte"
    assert {path.name for path in folder.iterdir()} == BUNDLE
    assert {path.name for path in (folder / "c").iterdir()} == {"floatimage.bin", "stdout.txt", "stderr.txt"}


def test_summary_holds_what_is_needed_to_judge(compare):
    _, _, _, folder = compare("good", "bright", "--roi", "2", "8", "1", "9", "--repeat", "2")
    values = summary(folder)
    assert values["args"] == ARGUMENTS
    assert (values["roi"], values["resample"], values["png_scale"]) == ([2, 8, 1, 9], None, 99.9)
    assert values["n_pixels"] == 63 and values["n_differing"] == 3
    assert (values["c_sum"], values["py_sum"]) == (60.0, pytest.approx(60.6, rel=1e-7))
    assert values["sum_ratio"] == values["py_sum"] / values["c_sum"]
    assert values["mse"] == pytest.approx((0.3**2 + 0.2**2 + 0.1**2) / 63, rel=1e-5)  # float32 products
    assert values["rmse"] == values["mse"] ** 0.5
    assert values["max_abs_diff"] == pytest.approx(0.3, rel=1e-5)
    bits = [np.float32(v).view(np.int32) for v in (30, np.float32(30) * np.float32(1.01))]
    assert values["max_ulp"] >= int(bits[1]) - int(bits[0])
    assert values["worst"] == {"slow": 3, "fast": 4, "c": 30.0, "py": float(np.float32(30) * np.float32(1.01))}
    assert len(values["runtimes_ms"]["c"]) == 2 and values["runtime_c_ms"] == min(values["runtimes_ms"]["c"])
    assert values["runtime_py_ms"] == min(values["runtimes_ms"]["py"])
    assert len(values["binaries"]["c"]["sha256"]) == 64
    assert values["versions"]["numpy"] == np.__version__
    assert values["cpu"] and "git_commit" in values


def test_0_above_the_thresholds_without_equal_bytes(compare):
    code, out, _, folder = compare("good", "hair", "--save-diff")
    assert code == 0
    assert out.splitlines()[-1].startswith(
        "DIFFERS, within tolerance: 1 of 120 pixels differ; correlation 1 (wanted 0.999 or more), sum ratio 1 "
    )
    values = summary(folder)
    assert (values["max_ulp"], values["n_differing"], values["bytes_equal"]) == (1, 1, False)
    diff = np.fromfile(folder / "diff.bin", np.float32).reshape(12, 10)
    assert diff[3, 4] > 0 and np.count_nonzero(diff) == 1


@pytest.mark.parametrize("c, py, code", [("good", "good", 0), ("good", "hair", 3), ("good", "noisy", 3)])
def test_exact_asks_for_equal_bytes(compare, c, py, code):
    assert compare(c, py, "--exact")[0] == code
    assert (compare(c, py)[0] == 0) == (py != "noisy")


def test_exact_asks_for_every_file(tmp_path, monkeypatch, capsys):
    """Another scale leaves the float image as it is, not the integer image."""
    monkeypatch.chdir(tmp_path)
    ours = f"{sys.executable} -m nanobragg_numba"
    scaled = tmp_path / "scaled.sh"
    scaled.write_text(f'#!/bin/sh\nexec {ours} "$@" -scale 2\n')
    scaled.chmod(0o755)
    words = ["--c-bin", str(scaled), "--py-bin", ours, "--outdir", "out"]
    run = ["--", *ARGUMENTS, "-detpixels", "8", "-nopgm"]
    assert main([*words, *run, "-seed", "1", "-nonoise"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "DIFFERS, within tolerance: the float images are equal, byte for byte; intimage.img differs"
    assert main([*words, "--exact", *run, "-seed", "1", "-nonoise"]) == 3
    words[1] = str(tmp_path / "same.sh")
    (tmp_path / "same.sh").write_text(f'#!/bin/sh\nexec {ours} "$@" -seed 77\n')
    (tmp_path / "same.sh").chmod(0o755)
    capsys.readouterr()
    assert main([*words, "--exact", *run, "-default_F", "1000"]) == 0  # the noise images are of two seeds
    assert "noiseimage.img different (no -seed" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--"],
        ["--threshold", "2", "--", "-N", "1"],
        ["--roi", "1", "2", "--", "-N", "1"],
        ["--repeat", "0", "--", "-N", "1"],
        ["--no-such-option", "--", "-N", "1"],
    ],
)
def test_2_usage(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    assert "nb-compare: " in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_2_region_outside_the_image(compare):
    code, _, err, _ = compare("good", "good", "--roi", "0", "10", "0", "3")
    assert code == 2
    assert err == "nb-compare: --roi 0 10 0 3 is no region of an image of 10 x 12 pixels\n"


@pytest.mark.parametrize(
    "c, py, side, told",
    [
        ("crash", "good", "c", "failed with exit code 7\nthe lattice fell over\n"),
        ("good", "crash", "py", "failed with exit code 7\nthe lattice fell over\n"),
        ("signal", "good", "c", "was killed by signal 11\n(it said nothing on standard error)\n"),
        ("silent", "good", "c", "ended well but wrote no float image\n(it said nothing on standard error)\n"),
    ],
)
def test_2_a_program_failed(compare, tmp_path, c, py, side, told):
    code, out, err, _ = compare(c, py)
    name = tmp_path / f"{side}_{c if side == 'c' else py}"
    assert (code, out) == (2, "")
    assert err == f"nb-compare: {side}: {name} {told}"


def test_2_an_old_image_is_not_taken_for_a_new_one(compare):
    assert compare("good", "good")[0] == 0
    assert compare("silent", "good")[0] == 2


def test_2_too_slow(compare):
    code, _, err, _ = compare("asleep", "good", "--timeout", "0.5")
    assert code == 2
    assert "was stopped after 0.5 s" in err


def test_2_programs_that_do_not_exist(compare, tmp_path, monkeypatch, capsys):
    good = str(fake(tmp_path, "good"))
    assert main(["--c-bin", "/no/such", "--", "-N", "1"]) == 2
    assert main(["--c-bin", good, "--py-bin", "/no/such -m x", "--", "-N", "1"]) == 2
    assert main(["--c-bin", good, "--py-bin", " ", "--", "-N", "1"]) == 2
    monkeypatch.setenv(PY_VARIABLE, "/nor/this")
    assert main(["--c-bin", good, "--", "-N", "1"]) == 2
    assert "NB_PY_BIN names /nor/this, which is no command that can be run" in capsys.readouterr().err


def test_slow_is_no_failure_but_seen_in_the_time(compare):
    code, _, _, folder = compare("slow", "good")
    assert code == 0
    assert summary(folder)["runtime_c_ms"] >= 400.0


@pytest.mark.parametrize("c, py", [("good", "noisy"), ("good", "bright"), ("good", "shifted"), ("good", "nan"),
                                   ("nan", "good"), ("good", "empty"), ("empty", "good")])  # fmt: skip
def test_3_below_threshold(compare, c, py):
    code, out, _, folder = compare(c, py)
    assert code == 1
    assert out.splitlines()[-1].startswith("DISAGREES: ")
    values = summary(folder)
    assert f": {values['n_differing']} of 120 pixels differ" in out.splitlines()[-1]
    assert not values["agrees"] and values["n_differing"] > 0


def test_3_names_the_worst_pixel_and_the_commands_that_find_out_why(compare, tmp_path):
    code, out, _, folder = compare("good", "shifted", "--roi", "1", "9", "1", "11")
    assert code == 1
    worst = summary(folder)["worst"]
    assert (worst["slow"], worst["fast"]) == (3, 4)
    c, logs = tmp_path / "c_good", folder / "trace"
    trace = ["nb-trace", "--pixel", "3", "4", "--tag", "worst", "--out", logs, "--c-bin", c, "--", *ARGUMENTS]
    diff = ["nb-trace-diff", logs / "c_traces/worst_pixel_3_4.log", logs / "py_traces/worst_pixel_3_4.log", "-o",
            folder / "first_divergence.md"]  # fmt: skip
    for words in (trace, diff):
        command = shlex.join(map(str, words))
        assert f"  {command}\n" in out
        assert f"{command}\n" in (folder / "summary.md").read_text()
        assert f"{command}\n" in (folder / "commands.txt").read_text()
    assert "worst pixel         slow 3, fast 4: C 30, ours 0\n" in out


def test_limits_are_options(compare):
    assert compare("good", "bright")[0] == 1
    assert compare("good", "bright", "--sum-tolerance", "0.02")[0] == 0
    assert compare("good", "noisy", "--sum-tolerance", "1e9", "--threshold", "-1")[0] == 0


def test_1_shapes(compare):
    code, out, err, _ = compare("small", "good")
    assert (code, out) == (1, "")
    assert err == "nb-compare: the images have different shapes: c 5 x 6 and py 10 x 12; --resample compares them\n"


def test_1_becomes_a_comparison_with_resample(compare):
    code, out, _, folder = compare("small", "good", "--resample")
    assert code in (0, 1)
    note = "py image of 10 x 12 pixels stretched to C's 5 x 6, nearest neighbour"
    assert summary(folder)["resample"] == note
    assert note in out and note in (folder / "summary.md").read_text()
    assert summary(folder)["shapes"] == {"c": [6, 5], "py": [12, 10]}


def test_a_float_image_alone_has_the_shape_of_the_other_side(compare):
    assert compare("good", "headless")[0] == 0


def test_2_images_that_cannot_be_read(compare):
    code, _, err, _ = compare("cut", "good")
    assert code == 2
    assert "12 x 10 float pixels take 480 bytes, but there are 100" in err
    code, _, err, _ = compare("headless_odd", "good", outdir="odd")
    assert code == 2
    assert "its 84 bytes are no square" in err


def test_2_a_folder_that_cannot_be_made(compare, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, err, _ = compare("good", "good", outdir="file/out")
    assert code == 2
    assert err.startswith("nb-compare: ") and "Not a directory" in err


def test_each_side_gets_its_own_files_even_where_they_are_named(compare, tmp_path):
    (tmp_path / "mine.bin").write_bytes(b"not to be touched")
    named = ["-floatfile", "mine.bin", "-intfile", "mine.img", "-nopgm", *ARGUMENTS]
    assert compare("touchy", "touchy", arguments=named)[0] == 0
    assert (tmp_path / "mine.bin").read_bytes() == b"not to be touched"
    assert not (tmp_path / "mine.img").exists()


def test_names_are_changed_and_nothing_else(tmp_path):
    words = ["-hkl", "a.hkl", "-dumpfile", "d", "-pgmimage", "p", "-nopgm", "-floatimage", "f", "-pngfile", "x",
             "-curved_det"]  # fmt: skip
    changed = redirected(words, tmp_path)
    front = ["-floatfile", "floatimage.bin", "-intfile", "intimage.img", "-pgmfile", "image.pgm", "-noisefile",
             "noiseimage.img", "-dump", "Fdump.bin"]  # fmt: skip
    inside = ["-hkl", "a.hkl", "-dumpfile", "Fdump.bin", "-pgmimage", "image.pgm", "-nopgm", "-floatimage",
              "floatimage.bin", "-pngfile", "preview.png", "-curved_det"]  # fmt: skip
    expected = [str(tmp_path / word) if "." in word and word != "a.hkl" else word for word in front + inside]
    assert changed == expected


def test_a_dump_that_is_read_keeps_its_name(tmp_path):
    assert redirected(["-dump", "mine.bin", "-N", "3"], tmp_path)[-4:] == ["-dump", "mine.bin", "-N", "3"]


def test_noise_without_a_seed_is_explained(compare, tmp_path, monkeypatch):
    body = "write(image); open(named('-noisefile', 'n'), 'wb').write(str(time.time_ns()).encode())"
    monkeypatch.setitem(__import__("fake_programs").BEHAVIOURS, "random", body)
    _, out, _, _ = compare("random", "random")
    assert "noiseimage.img different (no -seed given: each run draws its own)" in out
    _, out, _, _ = compare("random", "random", arguments=[*ARGUMENTS, "-seed", "3"])
    assert "noiseimage.img different\n" in out


def test_the_default_folder_is_named_after_time_and_arguments(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(compare_plots, "write_plots", lambda *_: [])
    good = str(fake(tmp_path, "good"))
    assert main(["--c-bin", good, "--py-bin", good, "--", *ARGUMENTS]) == 0
    (folder,) = (tmp_path / "comparisons").iterdir()
    day, clock, digest = folder.name.split("-")
    assert (len(day), len(clock), len(digest)) == (8, 6, 8)


def test_no_pictures_without_matplotlib(compare, monkeypatch):
    monkeypatch.setattr(compare_plots, "available", lambda: False)
    code, _, err, folder = compare("good", "good", pictures=True)
    assert (code, err) == (0, "nb-compare: no pictures: matplotlib is not installed\n")
    assert {path.name for path in folder.iterdir()} == {name for name in BUNDLE if not name.endswith(".png")}


def test_our_side_is_the_package_that_runs(monkeypatch):
    from nanobragg_numba.tools.compare.run import our_program

    monkeypatch.delenv(PY_VARIABLE, raising=False)
    ours = our_program()
    assert ours.command[1:] == ("-m", "nanobragg_numba") and ours.sha256 == package_digest()
    assert os.environ.get("PYTHONPATH", "") in ours.environment.get("PYTHONPATH", os.environ.get("PYTHONPATH", ""))


@pytest.fixture
def images():
    c = np.random.default_rng(3).exponential(10, (30, 50)).astype(np.float32)
    return c, (c * np.float32(1.001)).astype(np.float32)


@pytest.mark.parametrize("kind", ["apart", "equal", "one", "empty", "no numbers"])
def test_pictures_of_every_kind_of_image(kind, images, tmp_path):
    c, py = images
    if kind == "one":
        py = c.copy()
        py[4, 5] += 1
    if kind in ("equal", "empty"):
        c = py = c * (kind == "equal")
    if kind == "no numbers":
        py = py * np.float32(np.nan)
    names = compare_plots.write_plots(tmp_path, c, py, compare_plots.View(100, 200, 99.9))
    assert set(names) == {path.name for path in tmp_path.iterdir()} == {n for n in BUNDLE if n.endswith(".png")}


def test_pictures_show_every_odd_pixel_of_a_large_image():
    image = np.zeros((3000, 2500), np.float32)
    image[1234, 2321] = 7
    small, side = compare_plots.binned(image)
    assert (small.shape, side) == ((1000, 834), 3)
    assert small[1234 // 3, 2321 // 3] == 7 and np.count_nonzero(small) == 1


def test_axes_carry_names_units_and_the_detectors_pixel_numbers(images):
    c, py = images
    positive = np.abs(py - c).ravel()
    view = compare_plots.View(100, 200, 99.9)
    difference = compare_plots._difference_figure(np.abs(py - c), positive, view)
    axes, bar = difference.axes
    assert axes.get_xlabel() == "fast axis (pixel)" and axes.get_ylabel() == "slow axis (pixel)"
    assert axes.get_xlim() == (99.5, 149.5) and axes.get_ylim() == (229.5, 199.5)
    assert bar.get_ylabel() == "difference (photons per pixel); white: none" and bar.get_yscale() == "log"
    assert axes.get_title() == "|nanobragg_numba - C|: 1500 of 1500 pixels apart"
