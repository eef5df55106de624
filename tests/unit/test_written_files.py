"""Every attribute of every written file, of a tilted, polarized, masked, rotating run, worked out by hand.

The numbers on this side come from the options and from rotations written out here, with nothing of the package; the
files are read by h5py, nxmx, fabio, gemmi, pyFAI, and, in tests/dials, by dxtbx.
"""

import itertools
import json
import math
import struct

import fabio
import gemmi
import h5py
import numpy as np
import nxmx
import pyFAI
import pytest
from sweeps import sweep

from nanobragg_numba.formats.nexus.reader import NexusReader
from nanobragg_numba.formats.picture import read_picture
from nanobragg_numba.programs.nanobragg.cli import main

FAST, SLOW, PIXEL = 41, 37, 0.17  # mm
ORGX, ORGY, CLOSE = 17.0, 22.0, 80.0
ROTX, ROTY, ROTZ, TWOTHETA = 5.0, -7.0, 11.0, 13.0
CELL, MISSET, N = (40.0, 50.0, 60.0), (10.0, 20.0, 30.0), (3.0, 4.0, 5.0)
WAVELENGTH, KAHN, EXPOSURE = 1.1, 0.8, 1.5
PHI, OSC, FRAMES = 10.0, 3.0, 3
THICK, DEPTH = 300.0, 400.0  # um
SKIPPED = (3, 5)
ROI = (2, 30, 1, 35)

CRYSTAL = "-cell 40 50 60 90 90 90 -misset 10 20 30 -default_F 100 -Na 3 -Nb 4 -Nc 5 -oversample 1 -dump F.bin"
BEAM = "-lambda 1.1 -polar 0.8 -polar_vector 0 0.5 0.8660254037844386 -exposure 1.5 -fluence 1e27"
DETECTOR = (f"-pixel {PIXEL} -detpixels_f {FAST} -detpixels_s {SLOW} -close_distance 80 -ORGX 17 -ORGY 22 "
            "-mask mask.img -roi 2 30 1 35 -detector_abs 400 -detector_thick 300 -detector_thicksteps 5")  # fmt: skip
TILT = "-detector_rotx 5 -detector_roty -7 -detector_rotz 11 -twotheta 13"
ROTATION = "-phi 10 -osc 3 -phisteps 6 -mosaic 0.2 -mosaic_domains 3"
OUR_FILES = "-nexusfile a.nxs -frames 3 -cbffile a.cbf -exptfile a.expt -ponifile a.poni"
# Rows: the axes of each format in the laboratory of the run, whose beam is x and spindle z.
NEXUS = np.array([[0.0, 0, -1], [0, 1, 0], [1, 0, 0]])
IMGCIF = np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]])
PYFAI = np.array([[0.0, 1, 0], [0, 0, 1], [1, 0, 0]])


def turn(axis, degrees):
    """Right-handed, about x, y or z (0, 1, 2)."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    matrix, (i, j) = np.eye(3), ((1, 2), (2, 0), (0, 1))[axis]
    matrix[i, i] = matrix[j, j] = c
    matrix[i, j], matrix[j, i] = -s, s
    return matrix


def detector(tilted=True):
    """First corner (mm), fast and slow axis in the laboratory; and the same without the two-theta arm, about y."""
    fast, slow, normal = np.array([0.0, 0, 1]), np.array([0.0, -1, 0]), np.array([1.0, 0, 0])
    corner = -(ORGX - 0.5) * PIXEL * fast - (ORGY - 0.5) * PIXEL * slow + CLOSE * normal
    if not tilted:
        return [corner, fast, slow], [corner, fast, slow]
    tilt = turn(2, ROTZ) @ turn(1, ROTY) @ turn(0, ROTX)
    resting = [tilt @ each for each in (corner, fast, slow)]
    return [turn(1, TWOTHETA) @ each for each in resting], resting


def orientation():
    return turn(2, MISSET[2]) @ turn(1, MISSET[1]) @ turn(0, MISSET[0])


def beam_spot(tilted=True):
    """Distance along the beam (mm), slow and fast pixel, where the beam, x, meets the detector."""
    (corner, fast, slow), _ = detector(tilted)
    distance, f, s = np.linalg.solve(np.array([[1.0, 0, 0], -fast * PIXEL, -slow * PIXEL]).T, corner)
    return distance, s, f


def hidden():
    mask = np.ones((SLOW, FAST), bool)
    mask[ROI[2] : ROI[3] + 1, ROI[0] : ROI[1] + 1] = False
    mask[SKIPPED] = True
    return mask


def arguments(tilted=True):
    return f"{CRYSTAL} {BEAM} {DETECTOR} {TILT if tilted else ''} {ROTATION} -seed 1 -noprogress".split()


def write_mask(folder):
    size = f"SIZE1={FAST};\nSIZE2={SLOW};"
    header = f"{{\nHEADER_BYTES=512;\nBYTE_ORDER=little_endian;\nTYPE=unsigned_short;\n{size}\n}}\f"
    pixels = np.ones((SLOW, FAST), "<u2")
    pixels[SKIPPED] = 0
    (folder / "mask.img").write_bytes(header.encode().ljust(512) + pixels.tobytes())


@pytest.fixture(scope="module", params=[True, False], ids=["tilted", "upright"])
def run(request, tmp_path_factory):
    """A folder with all files of the run."""
    folder = tmp_path_factory.mktemp("run")
    write_mask(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("SOURCE_DATE_EPOCH", "1000000000")
        assert main([*arguments(request.param), *OUR_FILES.split()]) == 0
    return request.param, folder


def close(ours, theirs):
    """Equal but for the last digits of rotations."""
    if isinstance(theirs, str | bytes):
        return ours == theirs
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    if ours.dtype.kind in "SO":
        return np.array_equal(ours, theirs)
    return ours.shape == theirs.shape and np.allclose(ours, theirs, rtol=1e-12, atol=1e-12)


def everything(file):
    """Value and attributes of each group and dataset."""
    found = {}

    def look(name, item):
        value = item[()] if isinstance(item, h5py.Dataset) else None
        found[name] = (value.decode() if isinstance(value, bytes) else value, dict(item.attrs))

    file.visititems(look)
    found["/"] = (None, dict(file.attrs))
    return found


def assert_all(found, expected):
    assert sorted(found) == sorted(expected)
    for name, (value, attributes) in expected.items():
        ours, our_attributes = found[name]
        assert (ours is None) == (value is None) and (value is None or close(ours, value)), (name, ours, value)
        assert sorted(our_attributes) == sorted(attributes), name
        for key, content in attributes.items():
            assert close(our_attributes[key], content), (name, key, our_attributes[key], content)


def translation(vector, units, depends_on, kind="translation"):
    return {"transformation_type": kind, "vector": vector, "units": units, "offset": np.zeros(3), "offset_units": "mm",
            "depends_on": depends_on}  # fmt: skip


def group(kind, **more):
    return None, {"NX_class": kind, **more}


def expected_instrument(tilted, exposure, unit, wavelength):
    """Entry, instrument and detector, seen from NeXus's frame."""
    (corner, fast, slow), (resting, rest_fast, rest_slow) = detector(tilted)
    reach = np.linalg.norm(resting)
    distance, spot_slow, spot_fast = beam_spot(tilted)
    degree = math.radians(2.0 * 150.0)  # the electric vector is (-cos 30, sin 30) there
    stokes = [[1.0, KAHN * math.cos(degree), KAHN * math.sin(degree), 0.0]]
    d, m = "entry/instrument/detector", "entry/instrument/detector/module"
    origin = f"/{d}/transformations/first_pixel"
    return {
        "/": (None, {"default": "entry"}), "entry": group("NXentry", default="data"),
        "entry/definition": ("NXmx", {"version": "1.5"}), "entry/source": group("NXsource"),
        "entry/source/name": ("simulation", {"short_name": "simulation"}),
        "entry/instrument": group("NXinstrument"),
        "entry/instrument/name": ("nanobragg_numba", {"short_name": "nanobragg_numba"}),
        "entry/instrument/beam": group("NXbeam"),
        "entry/instrument/beam/incident_wavelength": (wavelength, {"units": "angstrom"}),
        "entry/instrument/beam/incident_polarization_stokes": (stokes, {}),
        "entry/instrument/beam/incident_polarisation_stokes": (stokes, {}),
        d: group("NXdetector"), f"{d}/description": ("simulated", {}), f"{d}/sensor_material": ("Si", {}),
        f"{d}/sensor_thickness": (THICK * 1e-6, {"units": "m"}), f"{d}/underload_value": (0, {}),
        f"{d}/saturation_value": (65535 if unit == "counts" else 4294967295, {}),
        f"{d}/nanobragg": group("NXcollection"),
        f"{d}/nanobragg/attenuation_coefficient": (1.0 / (DEPTH * 1e-6), {"units": "1/m"}),
        f"{d}/beam_center_x": (spot_fast, {"units": "pixel"}), f"{d}/beam_center_y": (spot_slow, {"units": "pixel"}),
        f"{d}/x_pixel_size": (PIXEL * 1e-3, {"units": "m"}), f"{d}/y_pixel_size": (PIXEL * 1e-3, {"units": "m"}),
        f"{d}/distance": (distance * 1e-3, {"units": "m"}), f"{d}/count_time": (exposure, {"units": "s"}),
        f"{d}/frame_time": (exposure, {"units": "s"}), f"{d}/pixel_mask_applied": (False, {}),
        f"{d}/pixel_mask": (hidden() * 256, {}), f"{d}/depends_on": (origin, {}),
        f"{d}/transformations": group("NXtransformations"),
        f"{d}/transformations/two_theta": (TWOTHETA if tilted else 0.0, translation(
            [0.0, 1, 0], "deg", ".", "rotation")),
        f"{d}/transformations/first_pixel": (reach, translation(
            NEXUS @ resting / reach, "mm", f"/{d}/transformations/two_theta")),
        m: group("NXdetector_module"), f"{m}/data_origin": ([0, 0], {}), f"{m}/data_size": ([SLOW, FAST], {}),
        f"{m}/module_offset": (0.0, translation([1.0, 0, 0], "mm", origin)),
        f"{m}/fast_pixel_direction": (PIXEL, translation(NEXUS @ rest_fast, "mm", f"/{m}/module_offset")),
        f"{m}/slow_pixel_direction": (PIXEL, translation(NEXUS @ rest_slow, "mm", f"/{m}/module_offset")),
        "entry/data": group("NXdata", signal="data"), "entry/sample": group("NXsample"),
        "entry/sample/name": ("crystal", {}), "entry/sample/nanobragg": group("NXcollection"),
    }  # fmt: skip


def pixels_of(file, found, unit):
    """The pixels, which have their unit, and stand in the detector, too."""
    assert file["entry/instrument/detector/data"] == file["entry/data/data"]
    pixels, attributes = found.pop("entry/data/data")
    assert attributes == {"units": unit}
    return pixels


def test_nexus_of_a_run(run):
    tilted, folder = run
    with h5py.File(folder / "a.nxs") as file:
        found = everything(file)
        assert file["entry/data/data"].compression == "gzip" and file["entry/data/data"].chunks == (1, SLOW, FAST)
        frames = pixels_of(file, found, "photons")
    assert frames.shape == (FRAMES, SLOW, FAST) and frames.dtype == np.float32 and not frames[:, hidden()].any()
    U = NEXUS @ orientation()
    expected = expected_instrument(tilted, EXPOSURE / FRAMES, "photons", WAVELENGTH) | {
        **{f"entry/{name}": ("2001-09-09T01:46:40Z", {}) for name in ("start_time", "end_time", "end_time_estimated")},
        "entry/program_name": (found["entry/program_name"][0], {}),
        "entry/sample/depends_on": ("/entry/sample/transformations/phi", {}),
        "entry/sample/transformations": group("NXtransformations"),
        "entry/sample/transformations/phi": ([10.0, 11, 12], translation([-1.0, 0, 0], "deg", ".", "rotation")),
        "entry/sample/transformations/phi_end": ([11.0, 12, 13], {"units": "deg"}),
        "entry/sample/transformations/phi_increment_set": (1.0, {"units": "deg"}),
        "entry/sample/unit_cell": ([[*CELL, 90.0, 90, 90]], {}),
        "entry/sample/ub_matrix": ([U @ np.diag(1.0 / np.array(CELL))], {}),
        "entry/sample/orientation_matrix": ([U], {}), "entry/sample/nanobragg/unit_cells": ([N], {}),
        "entry/sample/nanobragg/mosaic_spread": ([math.radians(0.2)], {"units": "rad"}),
    }  # fmt: skip
    assert found["entry/program_name"][0].startswith("nanobragg_numba ")
    assert_all(found, expected)


def places(tilted):
    """Indices (slow, fast) and centres of some pixels, mm, in the laboratory."""
    (corner, fast, slow), _ = detector(tilted)
    s, f = (each.ravel() for each in np.meshgrid(np.arange(0, SLOW, 6), np.arange(0, FAST, 8)))
    return s, f, corner + PIXEL * (np.multiply.outer(f + 0.5, fast) + np.multiply.outer(s + 0.5, slow))


def test_nxmx_puts_the_pixels_there(run):
    tilted, folder = run
    s, f, expected = places(tilted)
    with h5py.File(folder / "a.nxs") as file:
        entry = nxmx.NXmx(file).entries[0]
        found = entry.instruments[0].detectors[0]
        module = found.modules[0]
        chain = nxmx.get_cumulative_transformation(nxmx.get_dependency_chain(module.fast_pixel_direction))
        frame = nxmx.get_cumulative_transformation(nxmx.get_dependency_chain(module.module_offset))[0]
        assert np.allclose(chain[0][:3, :3], frame[:3, :3])
        steps = [np.multiply.outer((i + 0.5) * PIXEL, frame[:3, :3] @ axis.vector)
                 for i, axis in ((f, module.fast_pixel_direction), (s, module.slow_pixel_direction))]  # fmt: skip
        assert np.allclose(frame[:3, 3] + sum(steps), expected @ NEXUS.T, atol=1e-9)
        assert found.count_time.to("s").magnitude == 0.5 and found.sensor_thickness.to("um").magnitude == 300.0
        assert entry.samples[0].depends_on.end[()].to("deg").magnitude.tolist() == [11.0, 12.0, 13.0]


def test_nexus_of_a_stack(tmp_path):
    """Shots with a matrix, a wavelength and a start of their own: everything that differs stands there for each."""
    write_mask(tmp_path)
    said = [word for word in arguments() if word != "-noprogress"]
    (tmp_path / "base.args").write_text(" ".join(said))
    (tmp_path / "shots.csv").write_text("misset,lambda,phi,osc\n10 20 30,1.1,10,3\n0 0 90,1.3,40,1\n")
    sweep(str(tmp_path / "base.args"), "--shots", str(tmp_path / "shots.csv"), "--out", str(tmp_path / "out"),
          "--workers", "1")  # fmt: skip
    path = tmp_path / "out/stacks/stack_000000.nxs"
    with h5py.File(path) as file:
        found = everything(file)
        frames = pixels_of(file, found, "counts")
    assert frames.shape == (2, SLOW, FAST) and frames.dtype == np.uint16
    Us = NEXUS @ orientation(), NEXUS @ turn(2, 90.0)
    own = "entry/sample/nanobragg"
    words = [b"-misset 10 20 30 -lambda 1.1 -phi 10 -osc 3", b"-misset 0 0 90 -lambda 1.3 -phi 40 -osc 1"]
    expected = expected_instrument(True, EXPOSURE, "counts", [1.1, 1.3]) | {
        **{f"entry/{name}": ("1970-01-01T00:00:00Z", {}) for name in ("start_time", "end_time", "end_time_estimated")},
        "entry/program_name": (found["entry/program_name"][0], {}),
        "entry/sample/depends_on": ("/entry/sample/transformations/phi", {}),
        "entry/sample/transformations": group("NXtransformations"),
        "entry/sample/transformations/phi": ([10.0, 40], translation([-1.0, 0, 0], "deg", ".", "rotation")),
        "entry/sample/transformations/phi_end": ([13.0, 41], {"units": "deg"}),
        "entry/sample/transformations/phi_increment_set": ([3.0, 1], {"units": "deg"}),
        "entry/sample/unit_cell": ([[*CELL, 90.0, 90, 90]] * 2, {}),
        "entry/sample/ub_matrix": ([U @ np.diag(1.0 / np.array(CELL)) for U in Us], {}),
        "entry/sample/orientation_matrix": (Us, {}), f"{own}/unit_cells": ([N, N], {}),
        f"{own}/mosaic_spread": ([math.radians(0.2)] * 2, {"units": "rad"}), f"{own}/shot": ([0, 1], {}),
        f"{own}/wavelength": ([1.1, 1.3], {"units": "angstrom"}), f"{own}/fluence": ([1e27] * 2, {"units": "1/m^2"}),
        f"{own}/seed": ([1, 2], {}), f"{own}/mosaic_seed": ([1, 2], {}),
        f"{own}/arguments": (found[f"{own}/arguments"][0], {}), f"{own}/digest": (found[f"{own}/digest"][0], {}),
    }  # fmt: skip
    assert found[f"{own}/arguments"][0].tolist() == words
    assert_all(found, expected)
    stack = fabio.open(f"{path}::/entry/data/data")
    assert stack.nframes == 2 and np.array_equal(stack.get_frame(1).data, frames[1])
    with NexusReader(path) as file:
        assert not file.is_run()
        for i, U in enumerate(Us):
            record = file.record(i)
            assert np.allclose(record.crystal.real, np.diag(CELL) @ U.T) and record.shot.number == i
            assert math.isclose(record.geometry.wavelength, [1.1, 1.3][i])
            assert math.isclose(math.degrees(record.geometry.oscillation), [3.0, 1.0][i])


def test_cbf(run):
    """Items of the header, by gemmi, and the pixels, by fabio."""
    tilted, folder = run
    (corner, fast, slow), _ = detector(tilted)
    distance, spot_slow, spot_fast = beam_spot(tilted)
    text = (folder / "a.cbf").read_bytes().split(b"_array_data.data")[0].decode()
    items = {}
    for item in gemmi.cif.read_string(text).sole_block():
        if item.pair:
            items[item.pair[0]] = [item.pair[1]]
        elif item.loop:
            items |= {tag: [row[i] for row in _rows(item.loop)] for i, tag in enumerate(item.loop.tags)}
    contents = items.pop("_array_data.header_contents", [""])[0]
    expected = expected_tables(corner, fast, slow) | (FULL if tilted else {
        "_diffrn_radiation_wavelength.wavelength": ["1.1"], "_array_data.header_convention": ['"GENERIC_MINI"']})
    assert sorted(items) == sorted(expected)
    for tag, values in expected.items():
        ours = items[tag]
        assert len(ours) == len(values), tag
        for one, other in zip(ours, values):
            number = not isinstance(other, str)
            assert (abs(float(one) - other) < 1e-9) if number else one == other, (tag, one, other)
    if not tilted:
        remarks = [line for line in contents.splitlines() if line.startswith("#")]
        assert remarks == [
            "# Detector: simulated, S/N 00-0000", "# Pixel_size 0.00017 m x 0.00017 m",
            "# Silicon sensor, thickness 0.000300000 m", f"# Sensor_attenuation {1.0 / (DEPTH * 1e-6)} 1/m",
            "# Exposure_time 1.5000000 s", "# Exposure_period 1.5000000 s", "# Count_cutoff 65535 counts",
            "# Wavelength 1.1 A", f"# Detector_distance {distance / 1000.0} m",
            remarks[9], "# Start_angle 10.0000000 deg.", "# Angle_increment 3.0000000 deg.",
            "# Detector_2theta 0.0000000 deg.", "# Polarization 0.9", "# Oscillation_axis X.CW",
        ]  # fmt: skip
        x, y = (float(word.strip("(),")) for word in remarks[9].split()[2:4])
        assert math.isclose(x, spot_fast, rel_tol=1e-12) and math.isclose(y, spot_slow, rel_tol=1e-12)
    else:
        assert "# Silicon sensor, thickness 0.0003 m, attenuation 2500 1/m" in text
    noise = np.frombuffer((folder / "noiseimage.img").read_bytes()[512:], "<u2").reshape(SLOW, FAST)
    assert np.array_equal(fabio.open(str(folder / "a.cbf")).data, noise - np.minimum(noise, 40))  # the offset of SMV


def _rows(loop):
    width = len(loop.tags)
    return [loop.values[i : i + width] for i in range(0, len(loop.values), width)]


def expected_tables(corner, fast, slow):
    """The axes, in imgCIF's frame, which both headers have."""
    names = ["GONIOMETER_PHI", "SOURCE", "AXIS_GRAVITY", "DETECTOR_CORNER", "ELEMENT_SLOW", "ELEMENT_FAST"]
    vectors = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0], [1, 0, 0], IMGCIF @ slow, IMGCIF @ fast])
    offsets = np.zeros((6, 3))
    offsets[3] = IMGCIF @ corner
    columns = {f"_axis.{kind}[{i + 1}]": table[:, i].tolist()
               for kind, table in (("vector", vectors), ("offset", offsets)) for i in range(3)}  # fmt: skip
    return columns | {
        "_axis.id": names, "_axis.type": ["rotation", "general", "general", *["translation"] * 3],
        "_axis.equipment": ["goniometer", "source", "gravity", *["detector"] * 3],
        "_axis.depends_on": [".", ".", ".", ".", "DETECTOR_CORNER", "ELEMENT_SLOW"],
        "_array_structure_list.array_id": ["ARRAY1"] * 2, "_array_structure_list.index": ["1", "2"],
        "_array_structure_list.dimension": [str(FAST), str(SLOW)], "_array_structure_list.precedence": ["1", "2"],
        "_array_structure_list.direction": ["increasing"] * 2,
        "_array_structure_list.axis_set_id": ["ELEMENT_FAST", "ELEMENT_SLOW"],
        "_array_structure_list_axis.axis_set_id": ["ELEMENT_FAST", "ELEMENT_SLOW"],
        "_array_structure_list_axis.axis_id": ["ELEMENT_FAST", "ELEMENT_SLOW"],
        "_array_structure_list_axis.displacement": ["0", "0"],
        "_array_structure_list_axis.displacement_increment": [PIXEL, PIXEL],
    }  # fmt: skip


_SCANNED = ["GONIOMETER_PHI", "DETECTOR_CORNER", "ELEMENT_SLOW", "ELEMENT_FAST"]
FULL = {f"_{tag}": values if isinstance(values, list) else [values] for tag, values in {
    "diffrn.id": "DIFFRN1", "diffrn.crystal_id": "CRYSTAL1", "diffrn_source.diffrn_id": "DIFFRN1",
    "diffrn_source.source": "simulation", "diffrn_source.type": "nanobragg_numba",
    "diffrn_radiation.diffrn_id": "DIFFRN1", "diffrn_radiation.wavelength_id": "WAVELENGTH1",
    "diffrn_radiation.monochromator": "none", "diffrn_radiation.polarizn_source_ratio": 0.9,
    # the normal of the plane of polarization, (-sin 30, cos 30), seen from Y towards X
    "diffrn_radiation.polarizn_source_norm": -30.0,
    "diffrn_radiation_wavelength.id": "WAVELENGTH1", "diffrn_radiation_wavelength.wavelength": 1.1,
    "diffrn_radiation_wavelength.wt": "1.0", "diffrn_detector.diffrn_id": "DIFFRN1", "diffrn_detector.id": "DETECTOR1",
    "diffrn_detector.type": "simulated", "diffrn_detector.number_of_axes": "1",
    "diffrn_detector_axis.detector_id": "DETECTOR1", "diffrn_detector_axis.axis_id": "DETECTOR_CORNER",
    "diffrn_detector_element.id": "ELEMENT1", "diffrn_detector_element.detector_id": "DETECTOR1",
    "diffrn_data_frame.id": "FRAME1", "diffrn_data_frame.detector_element_id": "ELEMENT1",
    "diffrn_data_frame.array_id": "ARRAY1", "diffrn_data_frame.binary_id": "1",
    "diffrn_measurement.diffrn_id": "DIFFRN1", "diffrn_measurement.id": "GONIOMETER",
    "diffrn_measurement.number_of_axes": "1", "diffrn_measurement.method": "rotation",
    "diffrn_measurement_axis.measurement_id": "GONIOMETER", "diffrn_measurement_axis.axis_id": "GONIOMETER_PHI",
    "diffrn_scan.id": "SCAN1", "diffrn_scan.frame_id_start": "FRAME1", "diffrn_scan.frame_id_end": "FRAME1",
    "diffrn_scan.frames": "1", "diffrn_scan_axis.scan_id": ["SCAN1"] * 4, "diffrn_scan_axis.axis_id": _SCANNED,
    "diffrn_scan_axis.angle_start": [10.0, 0.0, 0.0, 0.0], "diffrn_scan_axis.angle_range": [3.0, 0.0, 0.0, 0.0],
    "diffrn_scan_axis.angle_increment": [3.0, 0.0, 0.0, 0.0], "diffrn_scan_axis.displacement_start": ["0"] * 4,
    "diffrn_scan_axis.displacement_range": ["0"] * 4, "diffrn_scan_axis.displacement_increment": ["0"] * 4,
    "diffrn_scan_frame.frame_id": "FRAME1", "diffrn_scan_frame.frame_number": "1",
    "diffrn_scan_frame.integration_time": 1.5, "diffrn_scan_frame.scan_id": "SCAN1",
    "diffrn_scan_frame.date": "1970-01-01T00:00:00", "diffrn_scan_frame_axis.frame_id": ["FRAME1"] * 4,
    "diffrn_scan_frame_axis.axis_id": _SCANNED, "diffrn_scan_frame_axis.angle": [10.0, 0.0, 0.0, 0.0],
    "diffrn_scan_frame_axis.displacement": ["0"] * 4, "array_structure.id": "ARRAY1",
    "array_structure.encoding_type": '"signed 32-bit integer"', "array_structure.compression_type": "byte_offset",
    "array_structure.byte_order": "little_endian", "array_intensities.array_id": "ARRAY1",
    "array_intensities.binary_id": "1", "array_intensities.linearity": "linear", "array_intensities.gain": "1.0",
    "array_intensities.gain_esd": "0.0", "array_intensities.overload": "65535",
    "array_intensities.undefined_value": "-1", "array_data.array_id": "ARRAY1", "array_data.binary_id": "1",
}.items()}  # fmt: skip


def flat(content, name=""):
    """Leaves of a JSON document by their paths, lists of numbers being leaves."""
    if isinstance(content, dict):
        return {path: leaf for key, part in content.items() for path, leaf in flat(part, f"{name}/{key}").items()}
    if isinstance(content, list) and any(isinstance(part, dict) for part in content):
        return {path: leaf for i, part in enumerate(content) for path, leaf in flat(part, f"{name}/{i}").items()}
    return {name: content}


def test_experiment_list(run):
    tilted, folder = run
    (corner, fast, slow), _ = detector(tilted)
    real = np.diag(CELL) @ (IMGCIF @ orientation()).T
    still = np.eye(3).ravel()
    panel = {
        "name": "Panel", "type": "SENSOR_PAD", "fast_axis": IMGCIF @ fast, "slow_axis": IMGCIF @ slow,
        "origin": IMGCIF @ corner, "raw_image_offset": [0, 0], "image_size": [FAST, SLOW], "pixel_size": [PIXEL, PIXEL],
        "trusted_range": [-1, 4294967295], "thickness": 0.3, "material": "Si", "mu": 2.5, "identifier": "", "mask": [],
        "gain": 1.0, "pedestal": 0.0, "px_mm_strategy": {"type": "ParallaxCorrectedPxMmStrategy"},
    }  # fmt: skip
    root = {
        **panel, "name": "", "type": "", "fast_axis": [1.0, 0, 0], "slow_axis": [0.0, 1, 0], "origin": [0.0, 0, 0],
        "image_size": [0, 0], "pixel_size": [0.0, 0], "trusted_range": [0.0, 0], "thickness": 0.0, "material": "",
        "mu": 0.0, "px_mm_strategy": {"type": "SimplePxMmStrategy"}, "children": [{"panel": 0}],
    }  # fmt: skip
    places = {name: 0 for name in ("detector", "beam", "goniometer", "scan", "crystal", "imageset")}
    expected = {
        "__id__": "ExperimentList", "experiment": [{"__id__": "Experiment", "identifier": "", **places}],
        "imageset": [{"__id__": "ImageSequence", "template": str(folder / "a.nxs"), "mask": None, "gain": None,
                      "pedestal": None, "dx": None, "dy": None, "single_file_indices": [0, 1, 2]}],
        "beam": [{"__id__": "monochromatic", "direction": [0.0, 0, 1], "wavelength": 1.1, "divergence": 0.0,
                  "sigma_divergence": 0.0, "polarization_normal": [-0.5, math.cos(math.radians(30)), 0.0],
                  "polarization_fraction": 0.9, "flux": 0.0, "transmission": 1.0, "probe": "x-ray",
                  "sample_to_source_distance": 0.0}],
        "detector": [{"panels": [panel], "hierarchy": root}],
        "goniometer": [{"rotation_axis": [1.0, 0, 0], "fixed_rotation": still, "setting_rotation": still}],
        "scan": [{"image_range": [1, 3], "batch_offset": 0, "oscillation": [10.0, 1], "exposure_time": [0.5] * 3,
                  "epochs": [0.0, 0.5, 1], "valid_image_ranges": {}}],
        "crystal": [{"__id__": "crystal", "real_space_a": real[0], "real_space_b": real[1], "real_space_c": real[2],
                     "space_group_hall_symbol": " P 1"}],
        "profile": [], "scaling_model": [],
    }  # fmt: skip
    found, wanted = flat(json.loads((folder / "a.expt").read_text())), flat(expected)
    assert sorted(found) == sorted(wanted)
    for name, value in wanted.items():
        assert found[name] is None if value is None else close(found[name], value), (name, found[name], value)


def test_poni(run):
    tilted, folder = run
    s, f, expected = places(tilted)
    keys = dict(line.split(": ", 1) for line in (folder / "a.poni").read_text().splitlines() if line[0] != "#")
    assert list(keys) == ["poni_version", "Detector", "Detector_config", "Distance", "Poni1", "Poni2", "Rot1", "Rot2",
                          "Rot3", "Wavelength"]  # fmt: skip
    assert (keys["poni_version"], keys["Detector"]) == ("2.1", "Detector")
    assert math.isclose(float(keys["Wavelength"]), 1.1e-10, rel_tol=1e-12)
    config = json.loads(keys["Detector_config"])
    assert config.keys() == {"pixel1", "pixel2", "max_shape", "orientation"} and config["max_shape"] == [SLOW, FAST]
    assert math.isclose(config["pixel1"], PIXEL / 1000) and math.isclose(config["pixel2"], PIXEL / 1000)
    integrator = pyFAI.load(str(folder / "a.poni"))
    third, first, second = integrator.calc_pos_zyx(None, s.astype(float), f.astype(float))
    assert np.allclose(np.stack([first, second, third], axis=1) * 1000.0, expected @ PYFAI.T, atol=1e-9)
    angle = np.arccos(expected[:, 0] / np.linalg.norm(expected, axis=1))
    assert np.allclose(integrator.tth(s + 0.0, f + 0.0), angle, atol=1e-9)
    (corner, fast, slow), _ = detector(tilted)
    assert math.isclose(float(keys["Distance"]), abs(corner @ np.cross(fast, slow)) / 1000.0, rel_tol=1e-12)


def test_smv_header(run):
    """Every line, of the upright detector, where the numbers are plain; the beam centre counts half pixels as said."""
    tilted, folder = run
    for name in ("intimage.img", "noiseimage.img"):
        content = (folder / name).read_bytes()
        lines = dict(line.split("=", 1) for line in content[:512].decode().split("\n") if "=" in line)
        assert lines["HEADER_BYTES"] == "512;" and lines["BYTE_ORDER"] == "little_endian;"
        assert lines["SIZE1"] == f"{FAST};" and lines["SIZE2"] == f"{SLOW};" and lines["PIXEL_SIZE"] == f"{PIXEL};"
        assert lines["WAVELENGTH"] == "1.1;" and lines["CLOSE_DISTANCE"] == "80;" and lines["PHI"] == "10;"
        assert lines["OSC_START"] == "10;" and lines["OSC_RANGE"] == "3;"
        assert lines["XDS_ORGX"] == "17;" and lines["XDS_ORGY"] == "22;"
        assert lines["TWOTHETA"] == ("13;" if tilted else "0;")
        if not tilted:
            assert lines["DISTANCE"] == "80;"
            assert math.isclose(float(lines["DENZO_X_BEAM"].strip(";")), (ORGY - 0.5) * PIXEL, abs_tol=1e-6)
            assert math.isclose(float(lines["DENZO_Y_BEAM"].strip(";")), (ORGX - 0.5) * PIXEL, abs_tol=1e-6)
        image = fabio.open(str(folder / name))
        assert np.array_equal(image.data, np.frombuffer(content[512:], "<u2").reshape(SLOW, FAST))


def test_pgm_float_and_dump(run):
    _, folder = run
    magic, size, comment, top, pixels = (folder / "image.pgm").read_bytes().split(b"\n", 4)
    assert magic == b"P5" and size == f"{FAST} {SLOW}".encode() and top == b"255" and len(pixels) == FAST * SLOW
    photons = np.frombuffer((folder / "floatimage.bin").read_bytes(), "<f4").reshape(SLOW, FAST)
    scaled = photons.astype(float) * float(comment.split()[-1])
    ours = np.frombuffer(pixels, np.uint8).reshape(SLOW, FAST)
    assert np.abs(ours - np.minimum(np.floor(scaled), 255.0)).max() <= 1.0  # six digits of the scale decide an edge
    assert (ours == np.minimum(np.floor(scaled), 255.0)).mean() > 0.99
    with h5py.File(folder / "a.nxs") as file:
        whole = file["entry/data/data"][()].sum(axis=0, dtype=float)
    assert np.allclose(whole, photons, rtol=1e-5) and photons.max() > 0.0


def test_dump(tmp_path, monkeypatch):
    """Six bounds as text and a form feed, then doubles, the last index quickest, with a plane of zeros at each end."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "three.hkl").write_text("1 2 3 4.5\n-1 0 2 7\n0 1 1 8.25\n")
    words = "-cell 40 50 60 90 90 90 -hkl three.hkl -dump F.bin -detpixels 8 -nonoise -nopgm -noprogress -nointerpolate"
    assert main(words.split()) == 0
    header, data = (tmp_path / "F.bin").read_bytes().split(b"\f", 1)
    h0, h1, k0, k1, l0, l1 = (int(word) for word in header.split())
    assert (h0, h1, k0, k1, l0, l1) == (-1, 1, 0, 2, 1, 3)
    grid = np.array(struct.unpack(f"<{len(data) // 8}d", data))
    grid = grid[-(4 * 4 * 4) :].reshape(4, 4, 4)
    assert grid[1 - h0, 2 - k0, 3 - l0] == 4.5 and grid[0, 0, 2 - l0] == 7.0 and grid[1, 1, 0] == 8.25
    assert grid[3].max() == grid[:, 3].max() == grid[:, :, 3].max() == 0.0


HALF_TURN = np.diag([-1.0, 1.0, -1.0])
"""From NeXus's frame to that of imgCIF and DIALS."""


def of_geometry(geometry):
    """What a NeXus or a CBF file holds, in the frame of imgCIF; mm, degrees, seconds."""
    normal = np.cross(geometry.beam, geometry.polarization)
    return {
        "corner": geometry.origin * 1000.0, "fast": geometry.fast, "slow": geometry.slow, "beam": geometry.beam,
        "axis": geometry.axis, "wavelength": geometry.wavelength, "size": geometry.shape,
        "pixel": geometry.pixel * 1000.0, "thickness": geometry.thickness * 1000.0, "mu": geometry.mu / 1000.0,
        "fraction": (1.0 + geometry.polarization_degree) / 2.0, "polarization normal": normal,
        "start": math.degrees(geometry.phi0), "width": math.degrees(geometry.oscillation),
        "exposure": geometry.exposure,
    }  # fmt: skip


def of_nexus(name):
    picture = read_picture(name)
    with h5py.File(name) as file:
        saturation = int(file["/entry/instrument/detector/saturation_value"][()])
        frames = len(file["/entry/data/data"])
    turned = picture.geometry.turned(HALF_TURN)
    crystal = picture.crystal.real @ HALF_TURN.T
    return {**of_geometry(turned), "mask": picture.mask, "saturation": saturation, "crystal": crystal,
            "frames": frames}  # fmt: skip


def of_expt(name):
    listed = json.loads(name.read_text())
    panel, beam, scan = listed["detector"][0]["panels"][0], listed["beam"][0], listed["scan"][0]
    frames = scan["image_range"][1] - scan["image_range"][0] + 1
    towards = -np.array(beam["direction"])  # which DIALS counts to the source
    crystal = [listed["crystal"][0][f"real_space_{axis}"] for axis in "abc"]
    return {
        "corner": panel["origin"], "fast": panel["fast_axis"], "slow": panel["slow_axis"], "beam": towards,
        "axis": listed["goniometer"][0]["rotation_axis"], "wavelength": beam["wavelength"],
        "size": panel["image_size"][::-1], "pixel": panel["pixel_size"][0], "thickness": panel["thickness"],
        "mu": panel["mu"], "fraction": beam["polarization_fraction"], "start": scan["oscillation"][0],
        "polarization normal": beam["polarization_normal"], "width": frames * scan["oscillation"][1],
        "exposure": sum(scan["exposure_time"]), "saturation": panel["trusted_range"][1], "crystal": crystal,
        "frames": frames,
    }  # fmt: skip


def of_poni(name):
    detector = pyFAI.load(str(name))
    corners = np.array([-0.5, -0.5, 0.5]), np.array([-0.5, 0.5, -0.5])
    third, first, second = detector.calc_pos_zyx(None, *corners)
    corner, along, down = (np.stack([first, second, third], axis=1) * 1000.0) @ PYFAI @ IMGCIF.T
    pixel = detector.pixel1 * 1000.0
    return {"corner": corner, "fast": (along - corner) / pixel, "slow": (down - corner) / pixel, "pixel": pixel,
            "wavelength": detector.wavelength * 1e10, "size": detector.detector.shape}  # fmt: skip


def of_smv(name):
    """Six digits of a header; of the geometry what does not depend on how the detector stands."""
    header = fabio.open(str(name)).header
    return {"wavelength": float(header["WAVELENGTH"]), "pixel": float(header["PIXEL_SIZE"]),
            "start": float(header["OSC_START"]), "width": float(header["OSC_RANGE"]),
            "size": (int(header["SIZE2"]), int(header["SIZE1"]))}  # fmt: skip


def test_the_files_of_a_run_agree(run):
    """Pair by pair, in every attribute that two of them hold, each through its reader."""
    tilted, folder = run
    files = {
        "nxs": of_nexus(folder / "a.nxs"), "cbf": of_geometry(read_picture(folder / "a.cbf").geometry),
        "expt": of_expt(folder / "a.expt"), "poni": of_poni(folder / "a.poni"), "int": of_smv(folder / "intimage.img"),
        "noise": of_smv(folder / "noiseimage.img"),
    }  # fmt: skip
    if not tilted:  # the short header of a CBF file does not say which way the polarization lies
        del files["cbf"]["polarization normal"]
    compared = set()
    for (one, ours), (other, theirs) in itertools.combinations(files.items(), 2):
        for name in ours.keys() & theirs.keys():
            mine, yours = np.array(ours[name], float), np.array(theirs[name], float)
            if name == "polarization normal":
                yours = yours * np.sign(mine @ yours)
            assert np.allclose(mine, yours, rtol=1e-9, atol=1e-9), (name, one, other, mine, yours)
            compared.add(name)
    assert len(compared) == 18, compared
    assert np.array_equal(files["nxs"]["mask"], hidden())
