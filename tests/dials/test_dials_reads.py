"""dxtbx opens what we write: every format, six conventions, upright, tilted, on an arm, oblong, still and turning.

Places are worked out from the vectors of the experiment, in the frame of imgCIF.
"""

import itertools

import numpy as np
import pytest
from dials_tools import dxtbx

from nanobragg_numba.formats.float_image import read_float_image
from nanobragg_numba.formats.smv import read_smv
from nanobragg_numba.programs.nanobragg.cli import main
from nanobragg_numba.programs.nanobragg.run import experiment_from

CRYSTAL = "-cell 40 50 60 90 90 90 -default_F 100 -N 3 -misset 10 20 30 -oversample 1 -fluence 1e29 -dump no.bin"
PANEL = "-distance 80 -pixel 0.17 -detpixels_f 41 -detpixels_s 37 -lambda 1.1 -polar 0.8 -noprogress -seed 1 -nopgm"
_MOSFLM, _XDS = [[0, 0, 1], [0, 1, 0], [-1, 0, 0]], [[1, 0, 0], [0, -1, 0], [0, 0, -1]]
CONVENTIONS = {
    "-mosflm": _MOSFLM, "-denzo": _MOSFLM, "-xds": _XDS, "-adxv": _XDS, "-dials": [[0, 1, 0], [1, 0, 0], [0, 0, -1]],
    "-fdet_vector 0.6 0 0.8 -sdet_vector 0 -1 0 -odet_vector 0.8 0 -0.6": _MOSFLM,
}  # fmt: skip
POSES = ["", "-detector_rotx 5 -detector_roty -7 -detector_rotz 11", "-twotheta 13", "-detpixels_s 90"]
TURNS = ["-phi 20", "-phi 5 -osc 3 -phisteps 6"]
LIMIT, FULL_LIMIT = 1e-6, 1e-9  # pixels; the second of a full imgCIF header


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_every_format_is_where_it_is(convention, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    imgcif = np.array(CONVENTIONS[convention], float)
    runs = {}
    for i, (pose, turn) in enumerate(itertools.product(POSES, TURNS)):
        words = f"{CRYSTAL} {PANEL} {convention} {pose} {turn}".split()
        frames = 3 if "-osc" in turn else 1
        files = f"-nexusfile r{i}.nxs -frames {frames} -cbffile r{i}_0001.cbf -exptfile r{i}.expt -noisefile r{i}.img"
        assert main([*words, *files.split(), "-floatfile", f"r{i}.bin"]) == 0
        runs[i] = experiment_from(words).experiment, frames
    answers = dxtbx(*(f"r{i}{end}" for i in runs for end in (".nxs", "_0001.cbf", ".expt")))
    for i, (experiment, frames) in runs.items():
        for end in (".nxs", "_0001.cbf", ".expt"):
            (answer,) = answers[f"r{i}{end}"]
            full = end.endswith("cbf") and b"GENERIC_MINI" not in open(f"r{i}{end}", "rb").read()
            check_geometry(answer, experiment, imgcif, end, FULL_LIMIT if full else LIMIT)
            check_scan(answer, experiment, frames, end)
        check_pixels(answers, i, experiment, frames)


def check_geometry(answer, experiment, imgcif, end, limit):
    panel = experiment.detector.panel
    points = np.array(answer["panel"]["places"])
    fast, slow, origin = (imgcif @ np.array(vector) for vector in (panel.fdet, panel.sdet, panel.pix0))
    size = panel.pixel_size * 1000.0
    expected = origin * 1000.0 + size * (np.multiply.outer(points[:, 0], fast) + np.multiply.outer(points[:, 1], slow))
    assert len(points) >= 1000
    assert np.abs(points[:, 2:] - expected).max() < limit * size, end
    assert answer["panel"]["size"] == [panel.fpixels, panel.spixels]
    assert np.allclose(answer["beam"]["direction"], [0, 0, 1]) and abs(answer["beam"]["wavelength"] - 1.1) < 1e-9
    assert answer["panel"]["trusted"] == [-1.0, 65535.0 if end.endswith("cbf") else 4294967295.0]
    if end == ".expt":
        assert abs(answer["beam"]["fraction"] - 0.9) < 1e-12
        turned = np.array(answer["A"]).reshape(3, 3)
        real = np.linalg.inv(turned)
        assert np.allclose(np.linalg.norm(real, axis=1), [40, 50, 60], atol=1e-6)


def check_scan(answer, experiment, frames, end):
    scan, turns = answer["scan"], experiment.sampling.phi.count > 1
    assert scan["still"] == (not turns), end
    if turns:
        assert np.allclose(scan["axis"], [1, 0, 0])
        expected = (5.0, 3.0) if end.endswith("cbf") else (5.0, 1.0)
        assert np.allclose(scan["oscillation"], expected, atol=1e-7), end
        assert scan["range"] == [1, 1 if end.endswith("cbf") else frames]


def check_pixels(answers, i, experiment, frames):
    panel = experiment.detector.panel
    photons = read_float_image(f"r{i}.bin", panel.spixels, panel.fpixels).astype(float)
    for end in (".nxs", ".expt"):
        seen = answers[f"r{i}{end}"][0]["pixels"]
        assert len(seen) == frames and np.isclose(sum(frame["sum"] for frame in seen), photons.sum(), rtol=1e-5)
    (seen,) = answers[f"r{i}_0001.cbf"][0]["pixels"]
    noise = read_smv(f"r{i}.img").pixels
    assert seen["shape"] == list(noise.shape) and seen["max"] == noise.max() - 40 * (noise.max() < 65535)
    assert noise.ravel()[seen["at"][-1]] == noise.max()


def test_the_mask_and_the_wavelengths_of_stills(tmp_path, monkeypatch):
    """A stack of stills: each with its own wavelength, none with a scan, hidden pixels hidden."""
    from nanobragg_numba.formats.nexus.record import FrameRecord, Shot
    from nanobragg_numba.formats.nexus.writer import NexusWriter
    from nanobragg_numba.geometry.frames import geometry_of
    from nanobragg_numba.programs.nanobragg.geometry_files import crystal_record
    from nanobragg_numba.tools.convert import main as convert

    monkeypatch.chdir(tmp_path)
    writer = NexusWriter("s.nxs", 3, "counts")
    writer.hidden = np.zeros((37, 41), bool)
    writer.hidden[3, 5] = True
    for i, wavelength in enumerate((1.0, 1.1, 1.2)):
        experiment = experiment_from(f"{CRYSTAL} {PANEL} -lambda {wavelength}").experiment
        record = FrameRecord(geometry_of(experiment), crystal_record(experiment), Shot(i, 1e24, 1, 1, "", ""))
        writer.add(np.full((37, 41), i + 7, np.uint16), record)
    writer.finish()
    assert convert(["s.nxs", "-o", "s.expt"]) == 0
    for answer in dxtbx("s.nxs", "s.expt").values():
        assert np.allclose([each["beam"]["wavelength"] for each in answer], [1.0, 1.1, 1.2])
        assert all(each["scan"]["still"] for each in answer)
        pixels = [frame for each in answer for frame in each["pixels"]]
        assert [frame["max"] for frame in pixels][:3] == [7.0, 8.0, 9.0]
        assert all(frame["masked"] == 1 and frame["first_masked"] == 3 * 41 + 5 for frame in pixels)


def test_the_sensor_is_the_same_in_all(tmp_path, monkeypatch):
    """With the attenuation of silicon at that wavelength, which readers take, all correct for the same depth."""
    monkeypatch.chdir(tmp_path)
    words = f"{CRYSTAL} {PANEL} -detector_thick 450 -detector_thicksteps 5 -nexusfile a.nxs -cbffile a_0001.cbf"
    assert main([*words.split(), "-exptfile", "a.expt"]) == 0
    mu = dxtbx("a.nxs")["a.nxs"][0]["panel"]["mu"]
    assert main([*words.split(), "-exptfile", "a.expt", "-detector_abs", repr(1000.0 / mu)]) == 0
    panels = [answer[0]["panel"] for answer in dxtbx("a.nxs", "a_0001.cbf", "a.expt").values()]
    for panel in panels:
        assert panel["parallax"] == "ParallaxCorrectedPxMmStrategy" and panel["material"] == "Si"
        assert np.isclose(panel["thickness"], 0.45) and np.isclose(panel["mu"], mu)
        assert np.allclose(panel["places"], panels[0]["places"], atol=1e-6)
