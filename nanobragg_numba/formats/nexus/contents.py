"""What NeXus files (NXmx) say: those of this package with all that they have, others as far as NXmx goes.

Each frame has its own rotation, wavelength and crystal where the file has as many of them as frames. Damaged files
make HDF5 crash, or run for ever: `reader.NexusReader` has this done in a process apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from nanobragg_numba.errors import FormatError
from nanobragg_numba.formats.nexus.parts import NEGLIGIBLE
from nanobragg_numba.formats.nexus.record import FrameRecord, Shot
from nanobragg_numba.formats.nexus.safety import attribute, check_contents, value
from nanobragg_numba.geometry.crystal_record import CrystalRecord
from nanobragg_numba.geometry.frames import Geometry
from nanobragg_numba.geometry.lattice import rotation_about
from nanobragg_numba.io.extras import extra, have
from nanobragg_numba.io.inputs import Path

_LENGTHS = {"m": 1.0, "mm": 1e-3, "um": 1e-6, "micron": 1e-6, "angstrom": 1e-10}


class NexusContents:
    """An open file, read in this process.

    Attributes
    ----------
    count : int
        Frames.
    shape : (slow, fast)
        Pixels.
    unit : str
        Of the pixels.

    Raises
    ------
    FormatError
        Not an NXmx file that can be read; likewise from all methods.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        h5py = extra("h5py", f"reading {path}")
        if have("hdf5plugin"):
            extra("hdf5plugin", f"reading {path}")
        with self._readable():
            self._file = h5py.File(path, "r")
        with self._readable():
            check_contents(self._file, path)
            self._data = self._file["/entry/data/data"]
            if self._data.ndim != 3:
                raise ValueError(f"its data have {self._data.ndim} dimensions, not frame, slow and fast")
            self.count, slow, fast = (int(size) for size in self._data.shape)
            self.shape = slow, fast
            self.unit = _text(attribute(self._data, "units", "counts"))

    def summary(self) -> tuple[int, tuple[int, int], str]:
        """Count, shape and unit."""
        return self.count, self.shape, self.unit

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except (OSError, LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RuntimeError,
                MemoryError, RecursionError, np.linalg.LinAlgError) as error:  # fmt: skip
            raise FormatError(f"{self._path}: not an NXmx file that can be read: {error}") from error

    def pixels(self, frame: int) -> np.ndarray:
        """A frame, (slow, fast), of the type that the file has."""
        if not 0 <= frame < self.count:
            raise FormatError(f"{self._path}: has {self.count} frames, counted from 0, so no frame {frame}")
        with self._readable():
            return np.asarray(value(self._data, frame))

    def mask(self) -> np.ndarray:
        """True for each pixel that is not to be used, (slow, fast)."""
        with self._readable():
            detector = self._file["/entry/instrument/detector"]
            if "pixel_mask" not in detector:
                return np.zeros(self.shape, bool)
            mask = np.asarray(value(detector["pixel_mask"])) != 0
            if mask.shape != self.shape:
                raise ValueError("its pixel_mask has another size than its frames")
            return mask

    def record(self, frame: int) -> FrameRecord:
        """What is true of a frame, in the frame of NeXus."""
        with self._readable():
            geometry = self._geometry(frame)
            return FrameRecord(geometry, self._crystal(frame, geometry), self._shot(frame))

    def has_shots(self) -> bool:
        """Whether its frames are shots of a stack, each with its own arguments."""
        with self._readable():
            return "shot" in self._own()

    # The parts of a record

    def _each(self, path: str, frame: int, default: float | None = None) -> float:
        """The value of a frame where there is one a frame, else the one of all.

        Parameters
        ----------
        path : str
            Of the field.
        frame : int
        default : float, optional
            Where there is no such field.
        """
        if path not in self._file and default is not None:
            return default
        values = np.ravel(value(self._file[path]))
        return float(values[frame] if len(values) == self.count else values[0])

    def _own(self) -> Any:
        return self._file.get("/entry/sample/nanobragg", {})

    def _geometry(self, frame: int) -> Geometry:
        file, detector = self._file, "/entry/instrument/detector"
        module = file[f"{detector}/module"]
        fast, slow = (module[f"{name}_pixel_direction"] for name in ("fast", "slow"))
        place = _chain(file, attribute(fast, "depends_on"), fast)
        along, down = (place[:3, :3] @ np.array(attribute(field, "vector"), float) for field in (fast, slow))
        pixel = float(np.ravel(value(fast))[0]) * _LENGTHS[_text(attribute(fast, "units"))]
        axis, phi0, width = self._rotation(frame)
        stokes = np.array([1.0, 0.0, 0.0, 0.0])
        for name in ("incident_polarization_stokes", "incident_polarisation_stokes"):
            if name in file["/entry/instrument/beam"]:
                stokes = np.reshape(np.array(value(file[f"/entry/instrument/beam/{name}"]), float), (-1, 4))[0]
                break
        angle = 0.5 * math.atan2(stokes[2], stokes[1])
        thickness = self._each(f"{detector}/sensor_thickness", frame, 0.0)
        arm = self._arm(axis)
        return Geometry(
            origin=place[:3, 3], fast=along, slow=down, pixel=pixel, shape=self.shape, beam=np.array([0.0, 0.0, 1.0]),
            wavelength=self._each("/entry/instrument/beam/incident_wavelength", frame), axis=axis,
            polarization=np.array([math.cos(angle), math.sin(angle), 0.0]),
            polarization_degree=math.hypot(stokes[1], stokes[2]) / stokes[0], twotheta_axis=arm[0], twotheta=arm[1],
            phi0=math.radians(phi0), oscillation=math.radians(width),
            exposure=self._each(f"{detector}/count_time", frame, 1.0),
            thickness=thickness if thickness > NEGLIGIBLE else 0.0,
            mu=self._each(f"{detector}/nanobragg/attenuation_coefficient", frame, 0.0),
        )  # fmt: skip

    def _rotation(self, frame: int) -> tuple[np.ndarray, float, float]:
        """Axis, start and width, degrees, of a frame."""
        depends_on = _text(value(self._file["/entry/sample/depends_on"]))
        if depends_on == ".":
            own = self._own()
            if "phi" not in own:
                return np.array([-1.0, 0.0, 0.0]), 0.0, 0.0
            return np.array(attribute(own["phi"], "vector"), float), float(np.ravel(value(own["phi"]))[frame]), 0.0
        phi = self._file[depends_on if depends_on.startswith("/") else f"/entry/sample/{depends_on}"]
        starts = np.ravel(value(phi))
        start = float(starts[frame])
        if f"{phi.name}_end" in self._file:
            width = float(np.ravel(value(self._file[f"{phi.name}_end"]))[frame]) - start
        elif f"{phi.name}_increment_set" in self._file:
            width = self._each(f"{phi.name}_increment_set", frame)
        else:
            width = float(starts[1] - starts[0]) if len(starts) > 1 else 0.0
        return np.array(attribute(phi, "vector"), float), start, width

    def _arm(self, otherwise: np.ndarray) -> tuple[np.ndarray, float]:
        """Axis and angle, radians, of the two-theta arm."""
        field = self._file.get("/entry/instrument/detector/transformations/two_theta")
        if field is None:
            return otherwise, 0.0
        return np.array(attribute(field, "vector"), float), math.radians(float(np.ravel(value(field))[0]))

    def _crystal(self, frame: int, geometry: Geometry) -> CrystalRecord | None:
        sample, own = self._file["/entry/sample"], self._own()
        if "ub_matrix" not in sample or "unit_cells" not in own:
            return None
        matrices = np.array(value(sample["ub_matrix"]), float).reshape(-1, 3, 3)
        spreads = np.ravel(value(own["mosaic_spread"]))
        cells = np.array(value(own["unit_cells"]), float).reshape(-1, 3)
        row = frame if len(matrices) == self.count else 0
        real = np.linalg.inv(matrices[row])
        if "phi" in own:  # the matrix is that of the crystal as it stands
            real = real @ rotation_about(geometry.axis, geometry.phi0)
        na, nb, nc = cells[row].tolist()
        return CrystalRecord(real, (na, nb, nc), float(spreads[row]))

    def _shot(self, frame: int) -> Shot | None:
        own = self._own()
        if "shot" not in own:
            return None
        number, seed, mosaic_seed = (int(value(own[name], frame)) for name in ("shot", "seed", "mosaic_seed"))
        arguments, digest = (_text(value(own[name], frame)) for name in ("arguments", "digest"))
        return Shot(number, float(value(own["fluence"], frame)), seed, mosaic_seed, arguments, digest)


def _text(value: Any) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


def _chain(file: Any, start: Any, field: Any) -> np.ndarray:
    """Transformation (4, 4) of all that a field depends on, metres."""
    total = np.eye(4)
    seen: set[str] = set()
    following = _text(start)
    while following != ".":
        name = following if following.startswith("/") else f"{field.parent.name}/{following}"
        field = file[name]
        if field.name in seen:
            raise ValueError(f"the transformations of {name} go in a circle")
        seen.add(field.name)
        total = _step(field) @ total
        following = _text(attribute(field, "depends_on"))
    return total


def _step(field: Any) -> np.ndarray:
    amount = float(np.ravel(value(field))[0])
    vector = np.array(attribute(field, "vector"), float)
    step = np.eye(4)
    if _text(attribute(field, "transformation_type")) == "rotation":
        step[:3, :3] = rotation_about(vector / np.linalg.norm(vector), math.radians(amount))
    else:
        step[:3, 3] = amount * vector * _LENGTHS[_text(attribute(field, "units"))]
    if "offset" in field.attrs:
        units = _text(attribute(field, "offset_units", "m"))
        step[:3, 3] += np.array(attribute(field, "offset"), float) * _LENGTHS[units]
    return step
