"""nonBragg's defects, both ways: each is named and reproduced, and mended by -fix against arithmetic of its own."""

import io
import shutil
from contextlib import redirect_stderr, redirect_stdout

import numpy as np
import pytest
from paths import NONBRAGG_GOLDEN

import nanobragg_numba as nb
from nanobragg_numba.formats.pgm import read_pgm
from nanobragg_numba.formats.smv import read_smv
from nanobragg_numba.programs.nonbragg.cli import main
from nanobragg_numba.programs.nonbragg.defects import TABLE

BASE = "-stol inputs/liquid.stol -distance 40 -pixel 0.5 -detpixels 40 -lambda 1.1 -fluence 1e21 -noprogress -seed 1"
IMAGE = "-stol inputs/coarse.stol -img inputs/ring.img -fluence 1e18 -noprogress -seed 1"

TRIGGERS = {
    "twotheta-axis": f"{BASE} -twotheta_axis 0.3 1 0",
    "pix0": f"{BASE} -pix0_vector 0.05 0.01 -0.01",
    "curved-detector": f"{BASE} -curved_det 1 -detector_rotx 3",
    "header-twotheta": "",
    "odet": f"{BASE} -odet_vector 0 1 0",
    "extra-pixel": f"{BASE} -pixel 0.1 -detpixels 26",
    "org-half-pixel": f"{BASE} -ORGX 18 -ORGY 19",
    "extrapolation": f"{BASE} -stol inputs/three.stol",
    "comment-lines": f"{BASE} -stol inputs/comments.stol",
    "table-order": f"{BASE} -stol inputs/unsorted.stol",
    "missing-F": f"{BASE} -stol inputs/missing_ends.stol",
    "point-count": BASE,
    "last-sample": f"{BASE} -Fmap -oversample 2",
    "solid-angle": f"{BASE} -oversample 2",
    "rmsd-shift": BASE,
    "image-count": IMAGE,
    "roi-bins": f"{IMAGE} -roi 20 40 5 30",
    "median": f"{IMAGE} -stol inputs/liquid.stol",
    "printout": f"{BASE} -printout_pixel 3 4",
    "ignore-bits": f"{IMAGE} -ignore -1",
    "nopgm": f"{BASE} -nopgm",
    "negative-wrap": f"{BASE} -stol inputs/negative.stol",
    "option-match": f"{BASE} -thicksteps 3",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    shutil.copytree(NONBRAGG_GOLDEN / "inputs", tmp_path / "inputs")
    monkeypatch.chdir(tmp_path)
    header = bytearray((tmp_path / "inputs" / "ring.img").read_bytes())
    place = header.index(b"}")
    header[place : place + 16] = b"TWOTHETA=10;\n}\f "
    (tmp_path / "inputs" / "turned.img").write_bytes(bytes(header))
    return tmp_path


def run(command, folder):
    """Exit code, standard output, standard error, and the bytes of all files."""
    for path in folder.iterdir():
        if path.is_file():
            path.unlink()
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(command.split())
    return code, out.getvalue(), err.getvalue(), {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


def command_of(name):
    return TRIGGERS[name] or IMAGE.replace("ring", "turned")


def test_every_defect_has_a_command():
    assert set(TRIGGERS) == set(TABLE.names)


@pytest.mark.parametrize("name", TABLE.names)
def test_it_is_named_and_the_fix_is_something_else(name, folder):
    code, text, said, files = run(command_of(name), folder)
    assert code == 0
    assert f"{name}: " in said
    fixed_code, fixed_text, fixed_said, fixed_files = run(f"{command_of(name)} -fix {name}", folder)
    assert f"warning: {name}: " not in fixed_said
    if name == "ignore-bits":
        assert fixed_code != 0
        assert "0 to 65535" in fixed_said
        return
    assert fixed_code == 0
    without = fixed_text.replace(f"fixes: {name}\n", "")
    assert (without, fixed_files) != (text, files)


@pytest.mark.parametrize("name", TABLE.names)
def test_a_command_without_it_does_not_name_it(name, folder):
    if name in ("point-count", "rmsd-shift"):  # always there
        return
    assert f"warning: {name}: " not in run(BASE, folder)[2]


def fixed(command, name):
    return nb.amorphous(f"{command} -fix {name}")


def test_geometry(folder):
    assert fixed(TRIGGERS["twotheta-axis"], "twotheta-axis").experiment.detector.placement.twotheta == 0.0
    assert fixed(TRIGGERS["pix0"], "pix0").experiment.detector.panel.pix0 == (0.05, 0.01, -0.01)
    assert fixed(TRIGGERS["odet"], "odet").experiment.detector.panel.odet == pytest.approx((0.0, 1.0, 0.0))
    turned = fixed(command_of("header-twotheta"), "header-twotheta").experiment.detector.placement.twotheta
    assert np.degrees(turned) == pytest.approx(10.0)
    assert fixed(TRIGGERS["extra-pixel"], "extra-pixel").image.shape == (26, 26)
    near = fixed(TRIGGERS["org-half-pixel"], "org-half-pixel").experiment.detector.centres
    assert (near.Fclose, near.Sclose) == pytest.approx((17.5 * 0.5e-3, 18.5 * 0.5e-3))


def test_a_curved_detector_is_as_far_away_everywhere(folder):
    result = fixed(TRIGGERS["curved-detector"], "curved-detector")
    pixel, distance = 0.5e-3, result.experiment.detector.centres.distance
    close = result.experiment.detector.centres.close_distance
    each = pixel * pixel / distance**2 * close / distance
    assert result.statistics.solid_angle == pytest.approx(1600 * each, rel=1e-9)


def F_of(rows, stol):
    """Four-point Lagrange interpolation, in a form of its own."""
    t = np.array([-1e99, -1e98, *rows[:, 0], 1e98, 1e99])
    y = np.array([rows[0, 1], rows[0, 1], *rows[:, 1], rows[-1, 1], rows[-1, 1]])
    m = int(np.searchsorted(t, stol, side="right")) - 1
    total = 0.0
    for i in range(m - 1, m + 3):
        others = [j for j in range(m - 1, m + 3) if j != i]
        total += y[i] * np.prod([(stol - t[j]) / (t[i] - t[j]) for j in others])
    return total


def stol_of_pixels():
    """sin(theta)/lambda of every pixel of BASE, 1/Angstrom."""
    y = (np.arange(40) + 0.5) * 0.5 - 10.25
    z = (np.arange(40) + 0.5) * 0.5 - 9.75
    radius = np.hypot(*np.meshgrid(y, z, indexing="ij"))
    return np.sin(np.arctan2(radius, 40.0) / 2) / 1.1


@pytest.mark.parametrize("name", ["comment-lines", "table-order", "missing-F"])
def test_tables(name, folder):
    file = TRIGGERS[name].rsplit(" ", 1)[1]
    points = []
    for line in (folder / file).read_text().splitlines():
        words = line.split()
        if words and not words[0].startswith("#") and len(words) > 1:
            points.append((float(words[0]), float(words[1])))
    rows = np.array(sorted(points))
    image = fixed(f"{TRIGGERS[name]} -Fmap", name).image
    stol = stol_of_pixels()
    for s, f in ((0, 0), (10, 30), (20, 20), (39, 5)):
        assert image[s, f] == pytest.approx(F_of(rows, stol[s, f]), rel=1e-5)


def test_beyond_the_table_stands_its_end_value(folder):
    rows = np.loadtxt(folder / "inputs" / "three.stol")
    stol = stol_of_pixels()
    image = fixed(f"{TRIGGERS['extrapolation']} -Fmap", "extrapolation").image
    below, above = stol < rows[0, 0] * 0.9999, stol > rows[-1, 0] * 1.0001
    assert below.any() or above.any()
    assert np.all(image[below] == np.float32(rows[0, 1]))
    assert np.all(image[above] == np.float32(rows[-1, 1]))


def test_statistics(folder):
    result = fixed(BASE, "rmsd-shift")
    image = result.image.astype(np.float64)
    assert result.statistics.rmsd == pytest.approx(image.std(ddof=1), rel=1e-9)
    one, four = nb.amorphous(BASE).statistics, fixed(TRIGGERS["solid-angle"], "solid-angle").statistics
    assert four.solid_angle == pytest.approx(one.solid_angle, rel=1e-3)
    counted = fixed(IMAGE, "image-count")
    assert counted.statistics.mean == pytest.approx(counted.image.mean(dtype=np.float64), rel=1e-9)


def test_an_F_map_is_the_mean_over_subpixels(folder):
    fine = nb.amorphous(BASE.replace("-pixel 0.5 -detpixels 40", "-pixel 0.25 -detpixels 80 -Xbeam 9.75 -Ybeam 10.25")
                        + " -Fmap").image  # fmt: skip
    coarse = fixed(TRIGGERS["last-sample"], "last-sample").image
    mean = fine.reshape(40, 2, 40, 2).astype(np.float64).mean(axis=(1, 3))
    assert np.allclose(coarse, mean, rtol=1e-6)


def test_found_tables(folder):
    inside = fixed(TRIGGERS["roi-bins"], "roi-bins").found
    everything = nb.amorphous(IMAGE).found
    assert inside.lines != everything.lines
    assert all(float(line.split()[1]) > 0.5 for line in inside.lines)
    for line in fixed(TRIGGERS["median"], "median").found.lines:
        _, mean, deviation, median, spread, _ = map(float, line.split())
        assert abs(median - mean) < 2 * deviation
        assert 0.0 < spread < 2 * deviation


def test_output(folder):
    _, text, _, files = run(f"{TRIGGERS['nopgm']} -fix nopgm", folder)
    assert "image.pgm" not in files
    assert "pgm_scale" not in text
    _, _, _, files = run(f"{TRIGGERS['negative-wrap']} -fix negative-wrap -adc -5", folder)
    image = np.frombuffer(files["floatimage.bin"], np.float32).reshape(40, 40)
    pixels = read_pgm(folder / "image.pgm").pixels
    assert np.all(pixels[image < 0] == 0)
    assert np.all(read_smv(folder / "noiseimage.img").pixels[image < 0] == 0)
    _, text, _, _ = run(f"{TRIGGERS['option-match']} -fix option-match", folder)
    assert "sample is 0.0001 m thick" in text
    _, text, _, _ = run(f"{TRIGGERS['point-count']} -fix point-count", folder)
    assert "  61 initialized F points" in text


def test_the_printout_is_that_of_the_pixel(folder):
    _, text, _, files = run(f"{TRIGGERS['printout']} -fix printout", folder)
    values = {line.split()[0]: line for line in text.splitlines() if line.startswith((" F=", "I/steps"))}
    F = float(values["F=" + values[next(iter(values))].split("F=")[1].split()[0]].split("F=")[1].split()[0])
    assert F == pytest.approx(F_of(np.loadtxt(folder / "inputs" / "liquid.stol"), stol_of_pixels()[4, 3]), rel=1e-5)
