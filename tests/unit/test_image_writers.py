"""One experiment seen by fabio, by nxmx, by pyFAI, by DIALS's formula and by imgCIF's axes."""

import json
import sys

import fabio
import gemmi
import h5py
import numpy as np
import nxmx
import pyFAI
import pytest
from fabio.cbfimage import PilatusHeader
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nanobragg_numba.errors import FormatError
from nanobragg_numba.formats import byte_offset
from nanobragg_numba.formats.cbf import read_cbf
from nanobragg_numba.formats.float_image import read_float_image
from nanobragg_numba.formats.poni import poni_angles
from nanobragg_numba.formats.smv import read_smv
from nanobragg_numba.geometry.frames import geometry_of
from nanobragg_numba.programs.nanobragg.cli import main
from nanobragg_numba.programs.nanobragg.run import experiment_from

CRYSTAL = "-cell 40 50 60 90 90 90 -default_F 100 -N 3 -misset 10 20 30 -oversample 1"
PANEL = "-distance 80 -pixel 0.17 -detpixels_f 41 -detpixels_s 37 -lambda 1.1 -polar 0.9 -noprogress -seed 1"
TILT = "-detector_rotx 5 -detector_roty -7 -detector_rotz 11 -twotheta 13 -Xbeam 2.9 -Ybeam 3.7 -ORGX 17 -ORGY 22"
FILES = ["-nexusfile", "a.nxs", "-cbffile", "a.cbf", "-exptfile", "a.expt", "-ponifile", "a.poni"]

# Rows: imgCIF's X, Y, Z in the laboratory of each convention, by hand: X the spindle, Z against the beam, Y = Z x X.
_MOSFLM, _XDS = [[0, 0, 1], [0, 1, 0], [-1, 0, 0]], [[1, 0, 0], [0, -1, 0], [0, 0, -1]]
IMGCIF = {
    "-mosflm": _MOSFLM, "-denzo": _MOSFLM, "-xds": _XDS, "-adxv": _XDS, "-dials": [[0, 1, 0], [1, 0, 0], [0, 0, -1]],
    "-fdet_vector 0.6 0 0.8 -sdet_vector 0 -1 0 -odet_vector 0.8 0 -0.6 -twotheta_axis 0 0.6 0.8": _MOSFLM,
}  # fmt: skip
SETTINGS = [(name, tilt) for name in IMGCIF for tilt in ("", TILT)]
NAMES = [f"{name.split()[0][1:]}{'_tilted' if tilt else ''}" for name, tilt in SETTINGS]
TOLERANCE_MM = 1e-6


@pytest.fixture(params=SETTINGS, ids=NAMES)
def written(request, tmp_path, monkeypatch):
    """A run in the current folder: its experiment, the matrix into the imgCIF frame, pixels, and positions in mm."""
    monkeypatch.chdir(tmp_path)
    convention, tilt = request.param
    arguments = [*CRYSTAL.split(), *PANEL.split(), *convention.split(), *tilt.split(), *FILES]
    assert main(arguments) == 0
    experiment = experiment_from(arguments).experiment
    d = experiment.detector
    random = np.random.default_rng(7)
    slow, fast = random.integers(0, d.spixels, 1000), random.integers(0, d.fpixels, 1000)
    along = np.multiply.outer((fast + 0.5) * d.pixel_size, d.fdet)
    down = np.multiply.outer((slow + 0.5) * d.pixel_size, d.sdet)
    return experiment, np.array(IMGCIF[convention], float), slow, fast, (along + down + np.array(d.pix0)) * 1000.0


def test_four_readers_see_pixels_in_the_same_place(written):
    _, imgcif, slow, fast, ours = written
    nexus = np.diag([-1.0, 1.0, -1.0]) @ imgcif
    pyfai = np.array([imgcif[1], imgcif[0], -imgcif[2]])
    for name, matrix, theirs in (
        ("nxmx", nexus, nxmx_positions(slow, fast)), ("dials", imgcif, dials_positions(slow, fast)),
        ("cbf", imgcif, cbf_positions(slow, fast)), ("pyfai", pyfai, pyfai_positions(slow, fast)),
    ):  # fmt: skip
        assert np.abs(ours @ matrix.T - theirs).max() < TOLERANCE_MM, name


def nxmx_positions(slow, fast):
    with h5py.File("a.nxs") as file:
        detector = nxmx.NXmx(file).entries[0].instruments[0].detectors[0]
        module = detector.modules[0]
        chain = nxmx.get_dependency_chain(module.module_offset)
        frame = nxmx.get_cumulative_transformation(chain)[0]
        steps = []
        for axis, index in ((module.fast_pixel_direction, fast), (module.slow_pixel_direction, slow)):
            size = axis[()].to("mm").magnitude[0]
            steps.append(np.multiply.outer((index + 0.5) * size, np.array(axis.vector)))
        return sum(steps) @ frame[:3, :3].T + frame[:3, 3]


def dials_positions(slow, fast):
    panel = json.loads(open("a.expt").read())["detector"][0]["panels"][0]
    size = panel["pixel_size"]
    along = np.multiply.outer((fast + 0.5) * size[0], panel["fast_axis"])
    return panel["origin"] + along + np.multiply.outer((slow + 0.5) * size[1], panel["slow_axis"])


def cbf_positions(slow, fast):
    block = gemmi.cif.read_string(read_cbf("a.cbf")[1].split("_array_data.data")[0]).sole_block()
    columns = ["id", "depends_on", *(f"{name}[{i}]" for name in ("vector", "offset") for i in (1, 2, 3))]
    axes = {row[0]: list(row) for row in block.find("_axis.", columns)}
    steps = block.find("_array_structure_list_axis.", ["axis_id", "displacement", "displacement_increment"])
    position = np.zeros((len(slow), 3))
    seen = set()
    for row in steps:
        name, first, increment = row[0], float(row[1]), float(row[2])
        index = fast if name.endswith("FAST") else slow
        along = first + (index + 0.5) * increment  # displacements are those of corners, as DIALS takes them
        position += np.multiply.outer(along, [float(text) for text in axes[name][2:5]])
        while name != ".":
            if name not in seen:
                position += [float(text) for text in axes[name][5:]]
            seen.add(name)
            name = axes[name][1]
    return position


def pyfai_positions(slow, fast):
    integrator = pyFAI.load("a.poni")
    along, first, second = integrator.calc_pos_zyx(None, slow.astype(float), fast.astype(float))
    return np.stack([first, second, along], axis=1) * 1000.0


def test_beam_and_axes_in_each_frame(written):
    experiment, imgcif, *_ = written
    assert np.allclose(imgcif @ experiment.beam.direction, [0, 0, -1], atol=1e-15)
    geometry = geometry_of(experiment)
    assert np.allclose(geometry.to_imgcif, imgcif, atol=1e-15)
    assert np.allclose(geometry.to_nexus @ geometry.beam, [0, 0, 1], atol=1e-15)
    assert np.allclose(geometry.to_pyfai @ geometry.beam, [0, 0, 1], atol=1e-15)
    for matrix in (geometry.to_imgcif, geometry.to_nexus, geometry.to_pyfai):
        assert abs(np.linalg.det(matrix) - 1.0) < 1e-12
    with h5py.File("a.nxs") as file:
        sample = nxmx.NXmx(file).entries[0].samples[0]
        assert sample.depends_on is None  # a still hangs on no axis
        assert np.allclose(file["/entry/sample/nanobragg/phi"].attrs["vector"], [-1, 0, 0], atol=1e-15)
    listed = json.loads(open("a.expt").read())
    assert np.allclose(listed["beam"][0]["direction"], [0, 0, 1], atol=1e-15)


def test_fabio_reads_the_same_pixels(written):
    smv = read_smv("intimage.img").pixels
    assert np.array_equal(fabio.open("intimage.img").data, smv)
    noise = read_smv("noiseimage.img").pixels
    assert np.array_equal(fabio.open("a.cbf").data, noise - 40)
    assert np.array_equal(read_cbf("a.cbf")[0], noise - 40)
    photons = read_float_image("floatimage.bin", *smv.shape)
    assert photons.max() > 0.0
    assert np.array_equal(fabio.open("a.nxs::/entry/data/data").data.squeeze(), photons)


def test_cell_vectors_of_the_experiment_list(written):
    experiment, imgcif, *_ = written
    crystal = json.loads(open("a.expt").read())["crystal"][0]
    for name in "abc":
        expected = imgcif @ np.array(getattr(experiment.crystal, name)) * 1e10
        assert np.allclose(crystal[f"real_space_{name}"], expected, atol=1e-9)


def quick(extra=""):
    return [*f"{CRYSTAL} {PANEL} {extra}".split()]


def test_without_noise_the_cbf_holds_the_scaled_image(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main([*quick("-nonoise"), "-cbffile", "a.cbf"]) == 0
    assert np.array_equal(fabio.open("a.cbf").data, read_smv("intimage.img").pixels - 40)


@pytest.mark.parametrize("asked, offset", [("", 0), ("-adc 40", 40), ("-adc 7", 7), ("-adc 0", 0)])
def test_counts_have_no_offset_unless_asked(asked, offset, tmp_path, monkeypatch):
    """The 40 of C belong to SMV, whose files keep them; pixels that nobody rendered are 0, saturated ones stay so."""
    monkeypatch.chdir(tmp_path)
    words = quick(f"{asked} -roi 3 30 2 30 -fluence 1e29")
    assert main([*words, "-cbffile", "a.cbf", "-nexusfile", "a.nxs", "-framenoise"]) == 0
    counts, noise = read_cbf("a.cbf")[0], read_smv("noiseimage.img").pixels.astype(int)
    inside = np.zeros(noise.shape, bool)
    inside[2:31, 3:31] = True
    saturated = noise == 65535
    assert np.array_equal(counts[~inside], np.zeros((~inside).sum())) and (counts[saturated] == 65535).all()
    shift = noise[inside & ~saturated] - counts[inside & ~saturated]
    assert (shift == (0 if asked else 40)).all()
    assert counts[inside].min() >= offset and counts[inside & ~saturated].max() > offset
    with h5py.File("a.nxs") as file:
        frame = file["/entry/data/data"][0]
        assert file["/entry/data/data"].attrs["units"] == "counts"
    assert np.array_equal(frame[inside & ~saturated], counts[inside & ~saturated])  # of the same seed


def test_saturated_counts_stay_saturated(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main([*quick("-fluence 1e33"), "-cbffile", "a.cbf"]) == 0
    counts, noise = read_cbf("a.cbf")[0], read_smv("noiseimage.img").pixels
    assert (noise == 65535).any() and np.array_equal(counts == 65535, noise == 65535)


def test_the_pilatus_header(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main([*quick("-phi 5 -osc 2 -phisteps 4 -exposure 0.5"), "-cbffile", "a.cbf"]) == 0
    image = fabio.open("a.cbf")
    assert image.header["_array_data.header_convention"] == "GENERIC_MINI"  # no PILATUS has 41 x 37 pixels
    header = PilatusHeader(image.header["_array_data.header_contents"])
    d = experiment_from(quick("-phi 5 -osc 2 -phisteps 4 -exposure 0.5")).experiment.detector
    assert header["Wavelength"] == 1.1 and header["Detector_distance"] == 0.08
    assert header["Pixel_size"] == (0.00017, 0.00017)
    assert np.allclose(header["Beam_xy"], (d.Fbeam / d.pixel_size, d.Sbeam / d.pixel_size), atol=1e-6)
    assert header["Start_angle"] == 5.0 and header["Angle_increment"] == 2.0 and header["Exposure_time"] == 0.5


def test_a_tilted_detector_has_a_full_header(tmp_path, monkeypatch, capsys):
    """Whoever knows the short one only would put its pixels elsewhere without a word."""
    monkeypatch.chdir(tmp_path)
    assert main([*quick(), "-cbffile", "a.cbf"]) == 0
    assert b"GENERIC_MINI" in (tmp_path / "a.cbf").read_bytes()
    for turned in ("-detector_rotx 5", "-detector_roty 5", "-adxv", "-dials", "-spindle_axis 0.1 0 1"):
        assert main([*quick(turned), "-cbffile", "a.cbf"]) == 0
        content = (tmp_path / "a.cbf").read_bytes()
        assert b"header_convention" not in content and b"_diffrn_detector_element.id" in content, turned
    assert capsys.readouterr().err == ""


def test_the_size_of_a_pilatus_is_called_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main([*quick("-pixel 0.172 -detpixels_f 487 -detpixels_s 195"), "-cbffile", "a.cbf"]) == 0
    assert fabio.open("a.cbf").pilatus_headers["Pixel_size"] == (0.000172, 0.000172)


def test_the_mask_of_the_nexus_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(quick("-nonoise -adc 1")) == 0
    data = bytearray((tmp_path / "intimage.img").read_bytes())
    data[512 + 2 * (3 * 41 + 5) : 512 + 2 * (3 * 41 + 5) + 2] = b"\0\0"
    (tmp_path / "mask.img").write_bytes(data)
    arguments = [*quick("-roi 2 30 1 35"), "-mask", "mask.img", "-nexusfile", "a.nxs"]
    assert main(arguments) == 0
    with h5py.File("a.nxs") as file:
        mask = nxmx.NXmx(file).entries[0].instruments[0].detectors[0].pixel_mask[()]
    expected = np.ones((37, 41), bool)
    expected[1:36, 2:31] = False
    expected[3, 5] = True
    assert np.array_equal(mask != 0, expected)


def test_the_nexus_file_is_compressed_and_says_what_a_reader_needs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    assert main([*quick(), "-nexusfile", "a.nxs"]) == 0
    with h5py.File("a.nxs") as file:
        entry = nxmx.NXmx(file).entries[0]
        assert entry.definition == "NXmx" and entry.start_time.year == 2001
        assert entry.instruments[0].beams[0].incident_wavelength.to("angstrom").magnitude == 1.1
        assert np.allclose(file["/entry/instrument/beam/incident_polarization_stokes"][()], [1, 0.9, 0, 0])
        assert file["/entry/data/data"].chunks == (1, 37, 41) and dict(file["/entry/data/data"]._filters)
        assert np.allclose(file["/entry/sample/unit_cell"][()], [40, 50, 60, 90, 90, 90])


def test_gzip_needs_no_plugin(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "hdf5plugin", None)
    assert main([*quick(), "-nexusfile", "a.nxs"]) == 0
    with h5py.File("a.nxs") as file:
        assert file["/entry/data/data"].compression == "gzip"
        assert np.array_equal(file["/entry/data/data"][0], read_float_image("floatimage.bin", 37, 41))


@pytest.mark.parametrize(
    "extra, word",
    [("-curved_det 1 -nexusfile a.nxs", "flat"), ("-osc 1 -phisteps 5 -frames 2 -nexusfile a.nxs", "-frames 2"),
     ("-frames 0", "-frames 0"), ("-fdet_vector 0 0 1 -sdet_vector 0 -1 0.2 -ponifile a.poni", "perpendicular"),
     ("-fdet_vector 0 0 1 -sdet_vector 0 -1 0.2 -exptfile a.expt", "perpendicular"),
     ("-fdet_vector 0 0 1 -sdet_vector 0 0 2 -nexusfile a.nxs", "parallel"),
     ("-sdet_vector 1 1e300 0 -nexusfile a.nxs", "too far away"),
     ("-cell 1e60 1 1 90 90 90 -lambda 1e55 -cbffile a.cbf", "no volume"),
     ("-nexusfile no/such/a.nxs", "no/such"), ("-cbffile .", "folder")],
)  # fmt: skip
def test_what_cannot_be_written_leaves_no_file(extra, word, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(quick(extra)) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert word in error
    assert not list(tmp_path.iterdir())


def test_missing_h5py_is_said_before_the_render(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "h5py", None)
    assert main([*quick(), "-nexusfile", "a.nxs"]) == 1
    assert "pip install 'nanobragg-numba[formats]'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


integers = arrays.arrays(np.int32, st.integers(1, 200), elements=st.one_of(
    st.integers(-200, 200), st.integers(-40000, 40000), st.integers(-(2**31), 2**31 - 1)))  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(integers)
def test_byte_offsets_come_back(pixels):
    steps = np.abs(np.diff(pixels.astype(np.int64), prepend=0))
    packed = byte_offset.compress(pixels)
    if steps.max() < 2**31:  # a longer step needs eight bytes, which 32-bit counts of photons never do
        assert np.array_equal(byte_offset.decompress(packed, len(pixels), "here"), pixels)
        with pytest.raises(FormatError, match="ends after|too few for"):
            byte_offset.decompress(packed[:-1], len(pixels), "here")


@given(st.tuples(*[st.floats(-3.1, 3.1)] * 2), st.floats(-1.5, 1.5))
def test_poni_angles_come_back(around, tilt):
    integrator = pyFAI.geometry.Geometry(rot1=around[0], rot2=tilt, rot3=around[1])
    assert np.allclose(poni_angles(integrator.rotation_matrix()), (around[0], tilt, around[1]), atol=1e-9)


@pytest.mark.parametrize("name, content", [("a.cbf", b"no image"), ("b.cbf", b"###CBF: VERSION\r\n\x0c\x1a\x04\xd5\0")])
def test_what_is_no_cbf_is_refused(name, content, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FormatError, match=name):
        read_cbf(tmp_path / name)
