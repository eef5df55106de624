"""nb-show: geometry read back from every format, predicted spots against the render, pictures and tables."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from paths import EXAMPLES
from PIL import Image

from nanobragg_numba.formats.hkl import read_hkl
from nanobragg_numba.formats.picture import read_picture
from nanobragg_numba.geometry.frames import geometry_of
from nanobragg_numba.programs.nanobragg.api import experiment_from, simulate
from nanobragg_numba.programs.nanobragg.cli import main as nanobragg
from nanobragg_numba.tools.show.cli import main
from nanobragg_numba.tools.show.plot import nice_rings

EXAMPLE = EXAMPLES / "1orc"
CRYSTAL = f"-mat {EXAMPLE}/1orc.mat -hkl {EXAMPLE}/1orc_P1.hkl -lambda 1 -N 12 -nointerpolate -dump no.bin"
PANEL = "-distance 120 -pixel 0.1 -detpixels 1024 -oversample 1 -fluence 1e27 -noprogress -seed 1 -fix phi-zero"
STILL = f"{CRYSTAL} {PANEL}"
SMALL = f"{CRYSTAL} {PANEL.replace('0.1 -detpixels 1024', '0.8 -detpixels 128')} -nonoise"
COUNT = 50


def table(path):
    with open(path) as file:
        return list(csv.DictReader(file))


def local_maximum(image, x, y):
    """The maximum reached by climbing from a pixel, refined by a parabola of the logarithm along each axis."""
    y, x = int(y), int(x)
    while True:
        around = image[y - 1 : y + 2, x - 1 : x + 2]
        down, along = np.unravel_index(around.argmax(), (3, 3))
        if (down, along) == (1, 1):
            break
        y, x = y + down - 1, x + along - 1
    logs = np.log(around)
    shift = [0.5 * (a - c) / (a - 2 * b + c) for a, b, c in (logs[1], logs[:, 1])]
    return x + 0.5 + shift[0], y + 0.5 + shift[1]


@pytest.mark.parametrize(
    "extra",
    ["-phi 20", "-phi 30 -osc 1 -phisteps 20", "-osc 1 -phisteps 10 -mosaic 0.3 -mosaic_domains 10",
     "-xds -phi 5 -osc 0.5 -phisteps 10 -detector_roty 10 -twotheta 8"],
    ids=["still", "rotation", "mosaic", "tilted"],
)  # fmt: skip
def test_spots_are_where_the_render_has_its_maxima(extra, tmp_path, monkeypatch):
    """The 50 strongest away from the edge and the direct beam, each within half a pixel of its local maximum."""
    monkeypatch.chdir(tmp_path)
    arguments = f"{STILL} {extra}"
    result = simulate(f"{arguments} -nonoise", write_files=True)
    assert main(["floatimage.bin", "--csv", "a.csv", "--", *arguments.split()]) == 0
    geometry = geometry_of(result.experiment)
    beam_y, beam_x = geometry.beam_centre
    strong = []
    for row in table("a.csv"):
        x, y = float(row["x"]), float(row["y"])
        if min(x, y) > 8 and max(x, y) < 1016 and math.hypot(x - beam_x, y - beam_y) > 40:
            strong.append((x, y))
    assert len(strong) >= COUNT
    image = result.image.astype(float)
    for x, y in strong[:COUNT]:
        found_x, found_y = local_maximum(image, x, y)
        assert math.hypot(found_x - x, found_y - y) < 0.5


def test_a_nexus_file_is_enough(tmp_path, monkeypatch):
    """The crystal that it keeps predicts what the arguments of the run predict; F comes from --hkl."""
    monkeypatch.chdir(tmp_path)
    arguments = f"{SMALL} -phi 3 -osc 1 -phisteps 20".split()
    assert nanobragg([*arguments, "-nexusfile", "a.nxs", "-frames", "2"]) == 0
    hkl_file = str(EXAMPLE / "1orc_P1.hkl")
    assert main(["a.nxs", "--csv", "file.csv", "--hkl", hkl_file]) == 0
    assert main(["a.nxs", "--csv", "run.csv", "--", *arguments]) == 0
    listed = read_hkl(hkl_file)
    F = dict(zip(zip(listed.h.tolist(), listed.k.tolist(), listed.l.tolist()), listed.F.tolist()))
    by_file, by_run = (
        {(int(row["h"]), int(row["k"]), int(row["l"])): row for row in table(name)} for name in ("file.csv", "run.csv")
    )
    strong = [index for index, row in by_run.items() if float(row["partiality"]) > 0.3]
    assert len(strong) > 100
    for index in strong:
        ours, theirs = by_file[index], by_run[index]
        # the run goes in steps, of which the last is short of the end; the file tells of the whole oscillation
        assert abs(float(ours["x"]) - float(theirs["x"])) < 0.1 and abs(float(ours["y"]) - float(theirs["y"])) < 0.1
        assert abs(float(ours["phi"]) - float(theirs["phi"])) < 1e-3
        assert float(ours["F"]) == pytest.approx(F.get(index, 0.0), abs=1e-3)


def test_partiality_is_a_share(tmp_path, monkeypatch):
    """Shares of the same passage in neighbouring rotations add up to that of both."""
    monkeypatch.chdir(tmp_path)
    assert nanobragg([*SMALL.split()]) == 0
    shares = []
    for extra in ("-phi 3 -osc 1", "-phi 4 -osc 1", "-phi 3 -osc 2"):
        arguments = f"{SMALL} {extra} -phisteps 20".split()
        assert main(["floatimage.bin", "--csv", "a.csv", "--min-partiality", "0", "--", *arguments]) == 0
        rows = table("a.csv")
        keys = [(row["h"], row["k"], row["l"], row["phi"]) for row in rows]
        shares.append(dict(zip(keys, (float(row["partiality"]) for row in rows))))
        assert all(0.0 <= share <= 1.0 for share in shares[-1].values())
    both = [key for key in shares[2] if key in shares[0] and key in shares[1]]
    assert len(both) > 50
    for key in both:
        assert abs(shares[0][key] + shares[1][key] - shares[2][key]) < 2e-4  # four decimals each


FORMS = ["", "-xds", "-detector_rotx 3 -detector_roty 12 -detector_rotz 7 -twotheta 9", "-adxv -detector_roty -9"]


@pytest.mark.parametrize("extra", FORMS, ids=["plain", "xds", "tilted", "adxv_tilted"])
def test_every_format_tells_the_same_resolutions(extra, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = f"{SMALL} -phi 2 -osc 1 -phisteps 2 {extra}".split()
    assert nanobragg([*arguments, "-nexusfile", "a.nxs", "-cbffile", "a.cbf"]) == 0
    geometry = geometry_of(experiment_from(arguments).experiment)
    random = np.random.default_rng(5)
    slow, fast = random.uniform(0, 128, (2, 200))
    expected = geometry.resolution(slow, fast)
    # CBF and NeXus keep all digits, an SMV header six
    for name, allowed in (("a.nxs", 1e-10), ("a.cbf", 1e-8), ("intimage.img", 1e-3), ("floatimage.bin", 1e-3)):
        picture = read_picture(name)
        assert picture.pixels.shape == (128, 128) and picture.geometry is not None
        assert np.abs(picture.geometry.resolution(slow, fast) / expected - 1.0).max() < allowed, name
        assert math.hypot(*np.subtract(picture.geometry.beam_centre, geometry.beam_centre)) < 0.05, name


def test_resolutions_are_those_of_braggs_law():
    """On an upright detector two-theta is the angle whose tangent is radius over distance."""
    arguments = "-cell 50 50 50 90 90 90 -default_F 1 -N 5 -lambda 1.3 -distance 120 -pixel 0.2 -detpixels 100"
    geometry = geometry_of(experiment_from(arguments).experiment)
    slow, fast = np.array([0.0, 50.0, 99.0, 12.5]), np.array([0.0, 3.25, 99.0, 80.0])
    row, column = geometry.beam_centre
    theta = 0.5 * np.arctan2(0.2 * np.hypot(slow - row, fast - column), 120.0)
    assert geometry.resolution(slow, fast) == pytest.approx(1.3 / (2.0 * np.sin(theta)), rel=1e-9)


def test_pilatus_headers_of_others_are_understood(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert nanobragg([*SMALL.split(), "-cbffile", "a.cbf"]) == 0
    content = Path("a.cbf").read_bytes()
    start, stop = content.index(b"loop_"), content.index(b"_array_data.header_convention")
    Path("bare.cbf").write_bytes(content[:start] + content[stop:])
    ours, bare = (read_picture(name).geometry for name in ("a.cbf", "bare.cbf"))
    corners = np.array([0.0, 128.0, 0.0, 128.0]), np.array([0.0, 0.0, 128.0, 128.0])
    assert np.allclose(ours.resolution(*corners), bare.resolution(*corners), rtol=1e-6)


def test_one_frame_of_a_nexus_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = f"{SMALL} -phi 2 -osc 1 -phisteps 4".split()
    assert nanobragg([*arguments, "-nexusfile", "a.nxs", "-frames", "4"]) == 0
    parts = [read_picture("a.nxs", frame=i) for i in range(4)]
    assert np.allclose(sum(part.pixels for part in parts), read_picture("a.nxs").pixels, rtol=1e-6)
    assert [round(math.degrees(part.geometry.phi0), 9) for part in parts] == [2.0, 2.25, 2.5, 2.75]


def test_rings_are_round_numbers_on_the_image():
    geometry = geometry_of(experiment_from(STILL).experiment)
    rings = nice_rings(geometry)
    finest = geometry.resolution(np.array([512.0]), np.array([0.0]))[0]
    assert len(rings) >= 3 and all(d >= finest for d in rings)
    assert all(float(f"{d:.2g}") == pytest.approx(d) for d in rings)


def test_the_picture(tmp_path, monkeypatch, capsys):
    """Rings, beam centre and spots leave their colours; without them the picture is grey."""
    monkeypatch.chdir(tmp_path)
    assert nanobragg(SMALL.split()) == 0
    assert main(["intimage.img", "floatimage.bin", "-o", "two.png", "--dpi", "60"]) == 0
    assert main(["floatimage.bin", "-o", "spots.png", "--spots", "--labels", "--rings", "5", "3", "--dpi", "60", "--",
                 *SMALL.split()]) == 0  # fmt: skip
    scale = ["--scale", "log", "--low", "1", "--high", "1e4"]
    assert main(["floatimage.bin", "-o", "log.png", *scale, "--dpi", "60"]) == 0
    pixels = np.asarray(Image.open("spots.png").convert("RGB")).astype(int)
    reddish = (pixels[..., 0] > pixels[..., 1] + 60) & (pixels[..., 0] > pixels[..., 2] + 60)
    bluish = pixels[..., 2] > pixels[..., 0] + 60
    greenish = (pixels[..., 1] > pixels[..., 0] + 30) & (pixels[..., 1] > pixels[..., 2] + 20)
    assert min(reddish.sum(), bluish.sum()) > 100 and greenish.sum() > 5
    plain = np.asarray(Image.open("two.png").convert("RGB")).astype(int)
    assert not ((plain[..., 0] > plain[..., 1] + 60) & (plain[..., 0] > plain[..., 2] + 60)).any()
    assert Image.open("two.png").width > 1.5 * Image.open("spots.png").width


def test_without_a_display_the_picture_lies_beside_the_image(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert nanobragg(SMALL.split()) == 0
    assert main(["intimage.img", "--dpi", "40"]) == 0
    assert Image.open("intimage.img.png").format == "PNG"
    capsys.readouterr()
    assert main(["intimage.img", "--csv", "-", "--", *SMALL.split()]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "h,k,l,x,y,phi,F,partiality"


@pytest.mark.parametrize(
    "arguments, word",
    [(["none.img"], "none.img"), (["text.img"], "text.img"), (["text.cbf"], "text.cbf"), (["text.nxs"], "text.nxs"),
     (["lone.bin"], "--header"), (["intimage.img", "--spots"], "after --"), (["a.nxs", "--frame", "7"], "no frame 7"),
     (["intimage.img", "--spots", "--", *STILL.split()], "1024"), (["intimage.img", "--rings", "-1"], "--rings"),
     (["intimage.img", "a.nxs", "--csv", "a.csv"], "one image"), (["intimage.img", "--dpi", "1"], "--dpi")],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_bad_input_is_one_line(arguments, word, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert nanobragg([*SMALL.split(), "-nexusfile", "a.nxs"]) == 0
    for name in ("text.img", "text.cbf", "text.nxs"):
        Path(name).write_text("nothing of the kind")
    Path("lone.bin").write_bytes(bytes(64))
    capsys.readouterr()
    before = {path.name for path in tmp_path.iterdir()}
    place = arguments.index("--") if "--" in arguments else len(arguments)
    options = {"after --", "1024", "--rings", "one image", "--dpi"}  # mistakes in them, not in files
    assert main([*arguments[:place], "-o", "out.png", *arguments[place:]]) == (2 if word in options else 1)
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and word in error
    assert {path.name for path in tmp_path.iterdir()} == before
