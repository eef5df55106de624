"""Image files read with their geometry: SMV, float images with a companion, NeXus, CBF."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

import numpy as np

from nanobragg_numba.errors import FormatError
from nanobragg_numba.formats.cbf import read_cbf
from nanobragg_numba.formats.float_image import read_float_image
from nanobragg_numba.formats.smv import SmvHeader, read_smv
from nanobragg_numba.geometry.crystal_record import CrystalRecord
from nanobragg_numba.geometry.frames import Geometry
from nanobragg_numba.io.extras import extra
from nanobragg_numba.io.inputs import Path

_NEXUS = (".nxs", ".h5", ".hdf5", ".nx5")
_DEGREE = np.pi / 180.0
_LENGTHS = {"m": 1.0, "mm": 1e-3, "um": 1e-6, "micron": 1e-6, "angstrom": 1e-10}


@dataclass(frozen=True, eq=False)
class Picture:
    """An image and what its file says of it.

    Attributes
    ----------
    name : str
    pixels : (slow, fast) float32
        Photons, or counts.
    unit : str
        What the pixels are.
    geometry : Geometry or None
        In the frame of the file; that of an SMV header has the detector's own axes, so that resolutions can be
        told but the crystal's laboratory frame is not known.
    crystal : CrystalRecord or None
        In the frame of the geometry.
    """

    name: str
    pixels: np.ndarray
    unit: str
    geometry: Geometry | None
    crystal: CrystalRecord | None = None


def read_picture(path: Path, companion: str = "", frame: int = -1) -> Picture:
    """Read an image file.

    Parameters
    ----------
    companion : str
        SMV file whose header describes a float image; by default one beside it is looked for.
    frame : int
        Of a NeXus file; negative: the sum of all.

    Raises
    ------
    NanoBraggError
    """
    suffix = os.path.splitext(os.fspath(path))[1].lower()
    if suffix in _NEXUS:
        return _read_nexus(path, frame)
    if suffix == ".cbf":
        pixels, header = read_cbf(path)
        return Picture(str(path), pixels.astype(np.float32), "counts", _cbf_geometry(header, pixels.shape, str(path)))
    if suffix == ".bin":
        header_file = companion or find_companion(path)
        smv = read_smv(header_file)
        pixels = read_float_image(path, *smv.pixels.shape)
        return Picture(str(path), pixels, "photons", smv_geometry(smv.header, smv.pixels.shape))
    smv = read_smv(path)
    return Picture(str(path), smv.pixels.astype(np.float32), "counts", smv_geometry(smv.header, smv.pixels.shape))


def find_companion(path: Path) -> str:
    """The SMV file that a run wrote beside a float image.

    Raises
    ------
    FormatError
        None fits.
    """
    place = FilePath(path)
    names = [place.with_name(place.stem.replace("float", kind) + ".img") for kind in ("int", "noise")]
    for name in [*names, place.with_suffix(".img")]:
        if name.exists():
            return str(name)
    raise FormatError(f"{path}: a float image has no header; say with --header which .img file has it")


def _frame(fast: Any, slow: Any, origin: Any, pixel: float, shape: tuple[int, int], beam: Any, wavelength: float,
           axis: Any, phi0: float, oscillation: float) -> Geometry:  # fmt: skip
    """A geometry from what image files tell; polarization, arm, exposure and sensor they do not."""
    direction = np.array(beam, float)
    turning = np.array(axis, float)
    return Geometry(
        origin=np.array(origin, float), fast=np.array(fast, float), slow=np.array(slow, float), pixel=pixel,
        shape=shape, beam=direction / np.linalg.norm(direction), wavelength=wavelength, axis=turning,
        polarization=turning, polarization_degree=0.0, twotheta_axis=turning, twotheta=0.0, phi0=phi0,
        oscillation=oscillation, exposure=1.0, thickness=0.0,
    )  # fmt: skip


def smv_geometry(header: SmvHeader, shape: tuple[int, ...]) -> Geometry | None:
    """Geometry of an SMV header in the detector's own frame (fast, slow, normal); None if it does not say enough.

    nanoBragg's headers fix the direction of the beam however the detector stands: its components along fast and slow
    are the differences of beam centre and near point, divided by DISTANCE, since that is how C computes the beam
    centre (which is not where the beam hits a detector on a two-theta arm). Other headers are taken for a detector
    across the beam.
    """
    number = header.number
    pixel, wavelength, distance = number("PIXEL_SIZE"), number("WAVELENGTH"), number("DISTANCE")
    # a key is found inside a longer one: where DISTANCE stands behind no CLOSE_DISTANCE, it is both
    plane = number("CLOSE_DISTANCE") or distance
    own = re.search(r"^DISTANCE=([-+\d.eE]+)", header.text, re.MULTILINE)
    distance = float(own[1]) if own else distance
    if not pixel or not wavelength or not distance or not plane:
        return None
    keys = ("DENZO_Y_BEAM", "DENZO_X_BEAM", "XDS_ORGX", "XDS_ORGY")
    beam_f, beam_s, org_f, org_s = (number(key) for key in keys)
    if beam_f is None or beam_s is None or org_f is None or org_s is None:
        beam_f, beam_s = number("BEAM_CENTER_X"), number("BEAM_CENTER_Y")
        if beam_f is None or beam_s is None:
            return None
        close_f, close_s = beam_f, beam_s
    else:
        close_f, close_s = (org_f - 0.5) * pixel, (org_s - 0.5) * pixel
    along, down = (beam_f - close_f) / distance, (beam_s - close_s) / distance
    beam = (along, down, np.sqrt(max(0.0, 1.0 - along * along - down * down)))
    origin = np.array([-close_f, -close_s, plane]) / 1000.0
    phi0, width = (number(key) or 0.0 for key in ("OSC_START", "OSC_RANGE"))
    return _frame((1, 0, 0), (0, 1, 0), origin, pixel / 1000.0, (shape[0], shape[1]), beam, wavelength, (1, 0, 0),
                  phi0 * _DEGREE, width * _DEGREE)  # fmt: skip


def _cbf_geometry(header: str, shape: tuple[int, ...], source: str) -> Geometry | None:
    """From the `_axis` table that this package writes, else from a PILATUS header (imgCIF frame); None without."""
    size = (shape[0], shape[1])
    said = {
        key: float(found[1])
        for key, pattern in {
            "pixel": r"# Pixel_size ([-+\d.eE]+)", "wavelength": r"# Wavelength ([-+\d.eE]+)",
            "distance": r"# Detector_distance ([-+\d.eE]+)", "x": r"# Beam_xy \(([-+\d.eE]+)",
            "y": r"# Beam_xy \([^,]*, *([-+\d.eE]+)", "phi": r"# Start_angle ([-+\d.eE]+)",
            "width": r"# Angle_increment ([-+\d.eE]+)",
        }.items()
        if (found := re.search(pattern, header))
    }  # fmt: skip
    if not {"pixel", "wavelength"} <= said.keys():
        return None
    turn = (said.get("phi", 0.0) * _DEGREE, said.get("width", 0.0) * _DEGREE)
    pixel, wavelength, beam = said["pixel"], said["wavelength"], (0.0, 0.0, -1.0)
    rows = _axis_rows(header, source)
    if rows is not None:
        fast, slow, phi = rows
        return _frame(fast[:3], slow[:3], slow[3:] / 1000.0, pixel, size, beam, wavelength, phi[:3], *turn)
    if not {"distance", "x", "y"} <= said.keys():
        return None
    origin = (-said["x"] * pixel, said["y"] * pixel, -said["distance"])
    return _frame((1, 0, 0), (0, -1, 0), origin, pixel, size, beam, wavelength, (1, 0, 0), *turn)


def _axis_rows(header: str, source: str) -> list[np.ndarray] | None:
    """Vector and offset of the fast, slow and rotation axis in this package's `_axis` table; None without one."""
    rows = {}
    for line in header.splitlines():
        if re.match(r"(ELEMENT_FAST|ELEMENT_SLOW) translation |GONIOMETER_PHI rotation ", line):
            name, _, _, _, *numbers = line.split()
            rows[name] = numbers
    if len(rows) < 3:
        return None
    try:
        found = [np.array(rows[name], float) for name in ("ELEMENT_FAST", "ELEMENT_SLOW", "GONIOMETER_PHI")]
    except ValueError as error:
        raise FormatError(f"{source}: its _axis table: {error}") from error
    if any(row.shape != (6,) for row in found):
        raise FormatError(f"{source}: a row of its _axis table has not six numbers")
    return found


def _read_nexus(path: Path, frame: int) -> Picture:
    h5py = extra("h5py", f"reading {path}")
    extra("hdf5plugin", f"reading {path}")
    try:
        with h5py.File(path, "r") as file:
            data = file["/entry/data/data"]
            if frame >= len(data):
                raise FormatError(f"{path}: has {len(data)} frames, counted from 0, so no frame {frame}")
            pixels = np.zeros(data.shape[1:], np.float32)
            for each in range(len(data)) if frame < 0 else [frame]:
                pixels += data[each]
            geometry = _nexus_geometry(file, pixels.shape, frame)
            unit = str(data.attrs.get("units", "counts"))
            return Picture(str(path), pixels, unit, geometry, _nexus_crystal(file))
    except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise FormatError(f"{path}: not an NXmx file that can be read: {error}") from error


def _chain(file: Any, start: str) -> np.ndarray:
    """Transformation (4, 4) of a field and of all that it depends on, metres."""
    total = np.eye(4)
    seen: set[str] = set()
    while start != ".":
        field = file[start]
        if field.name in seen:
            raise ValueError(f"the transformations of {start} go in a circle")
        seen.add(field.name)
        total = _step(field) @ total
        depends_on = field.attrs["depends_on"]
        following = depends_on.decode() if isinstance(depends_on, bytes) else str(depends_on)
        start = following if following.startswith(("/", ".")) else f"{field.parent.name}/{following}"
    return total


def _step(field: Any) -> np.ndarray:
    from nanobragg_numba.geometry.lattice import rotation_about

    value = float(np.ravel(field[()])[0])
    vector = np.array(field.attrs["vector"], float)
    step = np.eye(4)
    if field.attrs["transformation_type"] == "rotation":
        step[:3, :3] = rotation_about(vector / np.linalg.norm(vector), value * _DEGREE)
    else:
        step[:3, 3] = value * vector * _LENGTHS[str(field.attrs["units"])]
    if "offset" in field.attrs:
        step[:3, 3] += np.array(field.attrs["offset"], float) * _LENGTHS[str(field.attrs.get("offset_units", "m"))]
    return step


def _nexus_geometry(file: Any, shape: tuple[int, ...], frame: int) -> Geometry:
    module = file["/entry/instrument/detector/module"]
    place = _chain(file, module["module_offset"].name)
    fast, slow = (module[f"{name}_pixel_direction"] for name in ("fast", "slow"))
    pixel = float(np.ravel(fast[()])[0]) * _LENGTHS[str(fast.attrs["units"])]
    along, down = (place[:3, :3] @ np.array(field.attrs["vector"], float) for field in (fast, slow))
    wavelength = float(np.ravel(file["/entry/instrument/beam/incident_wavelength"][()])[0])
    phi = file[file["/entry/sample/depends_on"][()].decode()]
    starts = np.ravel(phi[()]) * _DEGREE
    width = float(np.ravel(file[f"{phi.name}_increment_set"][()])[0]) * _DEGREE
    first, count = (0, len(starts)) if frame < 0 else (frame, 1)
    return _frame(along, down, place[:3, 3], pixel, (shape[0], shape[1]), [0, 0, 1], wavelength, phi.attrs["vector"],
                  float(starts[first]), width * count)  # fmt: skip


def _nexus_crystal(file: Any) -> CrystalRecord | None:
    sample = file["/entry/sample"]
    if "ub_matrix" not in sample or "nanobragg" not in sample:
        return None
    real = np.linalg.inv(np.array(sample["ub_matrix"][()], float).reshape(3, 3))
    na, nb, nc = np.array(sample["nanobragg/unit_cells"][()], float).tolist()
    return CrystalRecord(real, (na, nb, nc), float(sample["nanobragg/mosaic_spread"][()]))
