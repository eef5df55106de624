"""The groups of a NeXus file (NXmx): entry, instrument with beam and detector, sample with crystals.

Frame: Z along the beam, X = Y x Z, the rotation axis along -X (see `geometry`). The detector hangs on a two-theta
arm: a translation to its first pixel, turned by the arm.
"""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np

from nanobragg_numba.formats.nexus.fields import new_axis, new_field, new_group, once_or_each
from nanobragg_numba.formats.nexus.record import LARGEST, FrameRecord, Shot
from nanobragg_numba.geometry.frames import Geometry, degrees
from nanobragg_numba.geometry.lattice import cell_of, orientation, rotation_about
from nanobragg_numba.version import __version__

USER_MASK = 1 << 8
"""The bit of NXdetector's pixel_mask for what a user left out."""

NEGLIGIBLE = 1e-9
"""Thickness, m, that is written for a sensor of none: readers correct for a depth, and 0 stops them."""

ARM = "/entry/instrument/detector/transformations/two_theta"
ORIGIN = "/entry/instrument/detector/transformations/first_pixel"
MODULE = "/entry/instrument/detector/module"
PHI = "/entry/sample/transformations/phi"


def new_entry(file: Any, time: str) -> Any:
    """Begin a file: its one entry, which says what it is, who made it and when."""
    file.attrs["default"] = "entry"
    entry = new_group(file, "entry", "NXentry")
    entry.attrs["default"] = "data"
    new_field(entry, "definition", "NXmx", version="1.5")
    for name in ("start_time", "end_time", "end_time_estimated"):
        new_field(entry, name, time)
    new_field(entry, "program_name", f"nanobragg_numba {__version__}")
    source = new_group(entry, "source", "NXsource")
    new_field(source, "name", "simulation", short_name="simulation")
    return entry


def write_instrument(entry: Any, records: list[FrameRecord], mask: np.ndarray, unit: str) -> None:
    """Beam and detector: those of the first frame, with the wavelengths and exposures of all.

    Parameters
    ----------
    mask : (slow, fast) bool
        True where a pixel was not rendered.
    unit : str
        Of the pixels.
    """
    seen = records[0].geometry.turned(records[0].geometry.to_nexus)
    instrument = new_group(entry, "instrument", "NXinstrument")
    new_field(instrument, "name", "nanobragg_numba", short_name="nanobragg_numba")
    beam = new_group(instrument, "beam", "NXbeam")
    wavelengths = np.array([record.geometry.wavelength for record in records])
    new_field(beam, "incident_wavelength", once_or_each(wavelengths), "angstrom")
    angle = math.atan2(seen.polarization[1], seen.polarization[0])
    degree = seen.polarization_degree
    stokes = np.array([[1.0, degree * math.cos(2.0 * angle), degree * math.sin(2.0 * angle), 0.0]])
    for name in ("incident_polarization_stokes", "incident_polarisation_stokes"):  # NXmx now, and until 2022
        new_field(beam, name, stokes)
    detector = new_group(instrument, "detector", "NXdetector")
    new_field(detector, "description", "simulated")
    _sensor(detector, seen, unit)
    slow, fast = seen.beam_centre
    new_field(detector, "beam_center_x", fast, "pixel")
    new_field(detector, "beam_center_y", slow, "pixel")
    new_field(detector, "x_pixel_size", seen.pixel, "m")
    new_field(detector, "y_pixel_size", seen.pixel, "m")
    new_field(detector, "distance", float(np.linalg.norm(seen.positions(np.array([slow]), np.array([fast])))), "m")
    exposures = once_or_each(np.array([record.geometry.exposure for record in records]))
    new_field(detector, "count_time", exposures, "s")
    new_field(detector, "frame_time", exposures, "s")
    new_field(detector, "pixel_mask_applied", False)
    detector.create_dataset("pixel_mask", data=mask.astype(np.uint32) * np.uint32(USER_MASK), compression="gzip")
    _chain(detector, seen)


def _sensor(detector: Any, seen: Geometry, unit: str) -> None:
    new_field(detector, "sensor_material", "Si")
    new_field(detector, "sensor_thickness", max(seen.thickness, NEGLIGIBLE), "m")
    new_field(detector, "saturation_value", LARGEST[unit])
    new_field(detector, "underload_value", 0)
    if seen.thickness:  # NXmx has no place for it: readers take the material's
        own = new_group(detector, "nanobragg", "NXcollection")
        new_field(own, "attenuation_coefficient", seen.mu, "1/m")


def _chain(detector: Any, seen: Geometry) -> None:
    """Fast and slow pixel, the module, the first pixel's corner, and the arm, each hanging on the next."""
    new_field(detector, "depends_on", ORIGIN)
    back = rotation_about(seen.twotheta_axis, -seen.twotheta)  # the arm at zero
    origin = back @ seen.origin * 1000.0
    distance = float(np.linalg.norm(origin))
    transformations = new_group(detector, "transformations", "NXtransformations")
    new_axis(transformations, "two_theta", math.degrees(seen.twotheta), "deg", "rotation", seen.twotheta_axis, ".")
    new_axis(transformations, "first_pixel", distance, "mm", "translation", origin / (distance or 1.0), ARM)
    module = new_group(detector, "module", "NXdetector_module")
    new_field(module, "data_origin", np.zeros(2, np.int64))
    new_field(module, "data_size", np.array(seen.shape, np.int64))
    new_axis(module, "module_offset", 0.0, "mm", "translation", np.array([1.0, 0.0, 0.0]), ORIGIN)
    for name, vector in (("fast", seen.fast), ("slow", seen.slow)):
        new_axis(module, f"{name}_pixel_direction", seen.pixel * 1000.0, "mm", "translation", back @ vector,
                 f"{MODULE}/module_offset")  # fmt: skip


def write_sample(entry: Any, records: list[FrameRecord]) -> None:
    """The rotation and the crystals.

    Where no frame rotates, the sample depends on nothing and its matrices are those of the crystal as it stands:
    readers take everything that hangs on an axis for a sweep. The setting of the spindle stands beside them.
    """
    sample = new_group(entry, "sample", "NXsample")
    new_field(sample, "name", "crystal")
    starts = np.array([degrees(record.geometry.phi0) for record in records])
    widths = np.array([degrees(record.geometry.oscillation) for record in records])
    axis = records[0].geometry.to_nexus @ records[0].geometry.axis
    turns = bool(widths.any())
    new_field(sample, "depends_on", PHI if turns else ".")
    own = new_group(sample, "nanobragg", "NXcollection")
    if turns:
        transformations = new_group(sample, "transformations", "NXtransformations")
        new_axis(transformations, "phi", starts, "deg", "rotation", axis, ".")
        new_field(transformations, "phi_end", starts + widths, "deg")
        new_field(transformations, "phi_increment_set", once_or_each(widths), "deg")
    else:
        new_field(own, "phi", starts, "deg", vector=axis)
    if all(record.crystal is not None for record in records):
        _write_crystals(sample, own, records, turns)
    shots = [record.shot for record in records if record.shot is not None]
    if len(shots) == len(records):
        _write_shots(own, records, shots)


def _write_crystals(sample: Any, own: Any, records: list[FrameRecord], turns: bool) -> None:
    matrices, cells, spreads = [], [], []
    for record in records:
        geometry, crystal = record.geometry, record.crystal
        assert crystal is not None
        stands = np.eye(3) if turns else rotation_about(geometry.axis, geometry.phi0)
        matrices.append(np.linalg.inv(crystal.real @ (geometry.to_nexus @ stands).T))
        cells.append(crystal.cells)
        spreads.append(crystal.mosaic)
    one = records[0].shot is None and all(np.array_equal(each, matrices[0]) for each in matrices)
    reciprocal = np.array(matrices[:1] if one else matrices)
    new_field(sample, "unit_cell", np.array([cell_of(each) for each in reciprocal]))
    new_field(sample, "ub_matrix", reciprocal)
    if (np.linalg.det(reciprocal) > 0.0).all():
        new_field(sample, "orientation_matrix", np.array([orientation(each) for each in reciprocal]))
    new_field(own, "unit_cells", np.array(cells[:1] if one else cells))
    new_field(own, "mosaic_spread", np.array(spreads[:1] if one else spreads), "rad")


def _write_shots(own: Any, records: list[FrameRecord], shots: list[Shot]) -> None:
    new_field(own, "shot", np.array([shot.number for shot in shots], np.int64))
    new_field(own, "wavelength", np.array([record.geometry.wavelength for record in records]), "angstrom")
    new_field(own, "fluence", np.array([shot.fluence for shot in shots]), "1/m^2")
    new_field(own, "seed", np.array([shot.seed for shot in shots], np.int64))
    new_field(own, "mosaic_seed", np.array([shot.mosaic_seed for shot in shots], np.int64))
    for name in ("arguments", "digest"):
        new_field(own, name, np.array([os.fsencode(getattr(shot, name)) for shot in shots]))
