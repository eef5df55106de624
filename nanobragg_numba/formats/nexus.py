"""NeXus files (NXmx): pixels, mask, and the chain of transformations from the first pixel to the laboratory.

Frame: Z along the beam, X = Y x Z, the rotation axis along -X (see `geometry`). The detector hangs on a two-theta
arm: a translation to its first pixel, turned by the arm.
"""

from __future__ import annotations

import datetime
import io
import math
import os
from collections.abc import Iterable
from typing import Any

import numpy as np

from nanobragg_numba.geometry.crystal_record import CrystalRecord
from nanobragg_numba.geometry.frames import Geometry, degrees
from nanobragg_numba.geometry.lattice import orientation, rotation_about
from nanobragg_numba.io.extras import extra, have
from nanobragg_numba.version import __version__

_USER_MASK = 1 << 8  # the bit of NXdetector's pixel_mask for what a user left out
_ARM = "/entry/instrument/detector/transformations/two_theta"
_ORIGIN = "/entry/instrument/detector/transformations/first_pixel"
_MODULE = "/entry/instrument/detector/module"


def compression() -> dict[str, Any]:
    """Bitshuffle with LZ4 where hdf5plugin is installed, else gzip, which every reader has."""
    if have("hdf5plugin"):
        return dict(extra("hdf5plugin", "compressing").Bitshuffle(cname="lz4"))
    return {"compression": "gzip", "compression_opts": 4, "shuffle": True}


def new_file(target: Any, purpose: str) -> Any:
    """A file to be written, whose bytes depend on nothing but what is put in.

    Without a chunk cache each chunk gets its place when it is written. With one it does when its dataset is closed,
    which may be as late as Python collects garbage.

    Parameters
    ----------
    target : str or binary file
    purpose : str
        For the message where h5py is not installed.

    Raises
    ------
    NanoBraggError
    """
    return extra("h5py", purpose).File(target, "w", rdcc_nbytes=0)


def new_group(parent: Any, name: str, kind: str) -> Any:
    """A group of a NeXus class."""
    group = parent.create_group(name)
    group.attrs["NX_class"] = kind
    return group


def new_field(parent: Any, name: str, value: Any, units: str = "", **attributes: Any) -> Any:
    """A field with its unit and attributes."""
    field = parent.create_dataset(name, data=value)
    if units:
        field.attrs["units"] = units
    for key, content in attributes.items():
        field.attrs[key] = content
    return field


def new_axis(parent: Any, name: str, value: Any, units: str, kind: str, vector: np.ndarray, depends_on: str) -> None:
    """A transformation: along or about a vector, as far as `value` says."""
    new_field(parent, name, value, units, transformation_type=kind, vector=vector, offset=np.zeros(3),
              offset_units="mm", depends_on=depends_on)  # fmt: skip


def nexus_bytes(
    geometry: Geometry,
    frames: Iterable[np.ndarray],
    count: int,
    mask: np.ndarray,
    crystal: CrystalRecord | None,
    unit: str = "photons",
) -> bytes:
    """A whole file.

    Parameters
    ----------
    geometry : Geometry
        In any frame.
    frames : iterable of (slow, fast) float32
    count : int
        How many frames there are; they share the oscillation evenly.
    mask : (slow, fast) bool
        True where a pixel was not rendered.
    crystal : CrystalRecord or None
        In the frame of the geometry.
    unit : str
        Of the pixels.

    Raises
    ------
    NanoBraggError
        h5py is not installed.
    """
    to_nexus = geometry.to_nexus
    seen = geometry.turned(to_nexus)
    buffer = io.BytesIO()
    with new_file(buffer, "writing a NeXus file") as file:
        entry = new_entry(file, _now())
        write_instrument(entry, seen, count, mask)
        _sample(entry, seen, count, None if crystal is None else crystal.real @ to_nexus.T, crystal)
        _data(entry, seen, frames, count, unit)
    return buffer.getvalue()


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


def _now() -> str:
    """Time of writing; SOURCE_DATE_EPOCH makes files reproducible."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.datetime.now(datetime.UTC)
    if epoch.isdigit():
        now = datetime.datetime.fromtimestamp(int(epoch), datetime.UTC)
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")


def write_instrument(
    entry: Any, seen: Geometry, count: int, mask: np.ndarray, wavelengths: np.ndarray | None = None
) -> None:
    """Beam and detector; the exposure is shared by `count` frames, `wavelengths` (n,) are theirs if they differ."""
    instrument = new_group(entry, "instrument", "NXinstrument")
    new_field(instrument, "name", "nanobragg_numba", short_name="nanobragg_numba")
    beam = new_group(instrument, "beam", "NXbeam")
    new_field(beam, "incident_wavelength", seen.wavelength if wavelengths is None else wavelengths, "angstrom")
    angle = math.atan2(seen.polarization[1], seen.polarization[0])
    degree = seen.polarization_degree
    stokes = [1.0, degree * math.cos(2.0 * angle), degree * math.sin(2.0 * angle), 0.0]
    new_field(beam, "incident_polarization_stokes", np.array(stokes))
    detector = new_group(instrument, "detector", "NXdetector")
    new_field(detector, "description", "simulated")
    new_field(detector, "sensor_material", "Si")
    new_field(detector, "sensor_thickness", seen.thickness, "m")
    slow, fast = seen.beam_centre
    new_field(detector, "beam_center_x", fast, "pixel")
    new_field(detector, "beam_center_y", slow, "pixel")
    new_field(detector, "x_pixel_size", seen.pixel, "m")
    new_field(detector, "y_pixel_size", seen.pixel, "m")
    new_field(detector, "distance", float(np.linalg.norm(seen.positions(np.array([slow]), np.array([fast])))), "m")
    new_field(detector, "count_time", seen.exposure / count, "s")
    new_field(detector, "frame_time", seen.exposure / count, "s")
    new_field(detector, "pixel_mask_applied", False)
    detector.create_dataset("pixel_mask", data=mask.astype(np.uint32) * np.uint32(_USER_MASK), compression="gzip")
    _chain(detector, seen)


def _chain(detector: Any, seen: Geometry) -> None:
    """Fast and slow pixel, the module, the first pixel's corner, and the arm, each hanging on the next."""
    new_field(detector, "depends_on", _ORIGIN)
    back = rotation_about(seen.twotheta_axis, -seen.twotheta)  # the arm at zero
    origin = back @ seen.origin * 1000.0
    distance = float(np.linalg.norm(origin))
    transformations = new_group(detector, "transformations", "NXtransformations")
    new_axis(transformations, "two_theta", math.degrees(seen.twotheta), "deg", "rotation", seen.twotheta_axis, ".")
    new_axis(transformations, "first_pixel", distance, "mm", "translation", origin / (distance or 1.0), _ARM)
    module = new_group(detector, "module", "NXdetector_module")
    new_field(module, "data_origin", np.zeros(2, np.int64))
    new_field(module, "data_size", np.array(seen.shape, np.int64))
    new_axis(module, "module_offset", 0.0, "mm", "translation", np.array([1.0, 0.0, 0.0]), _ORIGIN)
    for name, vector in (("fast", seen.fast), ("slow", seen.slow)):
        new_axis(module, f"{name}_pixel_direction", seen.pixel * 1000.0, "mm", "translation", back @ vector,
                 f"{_MODULE}/module_offset")  # fmt: skip


def _sample(entry: Any, seen: Geometry, count: int, real: np.ndarray | None, crystal: CrystalRecord | None) -> None:
    sample = new_group(entry, "sample", "NXsample")
    new_field(sample, "name", "crystal")
    new_field(sample, "depends_on", "/entry/sample/transformations/phi")
    transformations = new_group(sample, "transformations", "NXtransformations")
    width = seen.oscillation / count
    starts = np.array([degrees(seen.phi0 + width * i) for i in range(count)])
    new_axis(transformations, "phi", starts, "deg", "rotation", seen.axis, ".")
    new_field(transformations, "phi_end", starts + degrees(width), "deg")
    new_field(transformations, "phi_increment_set", degrees(width), "deg")
    if real is None or crystal is None:
        return
    reciprocal = np.linalg.inv(real)
    lengths = np.linalg.norm(real, axis=1)
    cosines = [real[j] @ real[k] / lengths[j] / lengths[k] for j, k in ((1, 2), (2, 0), (0, 1))]
    new_field(sample, "unit_cell", np.array([*lengths, *np.degrees(np.arccos(cosines))]))
    new_field(sample, "ub_matrix", reciprocal[None])
    if np.linalg.det(reciprocal) > 0.0:
        new_field(sample, "orientation_matrix", orientation(reciprocal)[None])
    extent = new_group(sample, "nanobragg", "NXcollection")
    new_field(extent, "unit_cells", np.array(crystal.cells))
    new_field(extent, "mosaic_spread", crystal.mosaic, "rad")


def _data(entry: Any, seen: Geometry, frames: Iterable[np.ndarray], count: int, unit: str) -> None:
    data = new_group(entry, "data", "NXdata")
    data.attrs["signal"] = "data"
    pixels = data.create_dataset("data", (count, *seen.shape), np.float32, chunks=(1, *seen.shape), **compression())
    pixels.attrs["units"] = unit
    for i, frame in enumerate(frames):
        pixels[i] = frame
    entry["instrument/detector/data"] = pixels
