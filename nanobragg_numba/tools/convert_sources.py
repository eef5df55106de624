"""What nb-convert converts: images of any format with what is true of each."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from nanobragg_numba.errors import FormatError, OptionError
from nanobragg_numba.experiment.experiment import Experiment
from nanobragg_numba.formats.matrix import OrientationMatrix, matrix_warnings, read_orientation
from nanobragg_numba.formats.nexus.reader import NexusReader
from nanobragg_numba.formats.nexus.record import LARGEST, FrameRecord, run_records
from nanobragg_numba.formats.picture import Picture, find_companion, read_picture
from nanobragg_numba.formats.smv import SmvHeader, read_smv
from nanobragg_numba.formats.suffixes import is_nexus, suffix_of
from nanobragg_numba.geometry.crystal_record import CrystalRecord
from nanobragg_numba.geometry.frames import Geometry, geometry_of
from nanobragg_numba.geometry.lattice import rotation_about
from nanobragg_numba.programs.nanobragg.geometry_files import crystal_record, hidden_pixels
from nanobragg_numba.programs.nanobragg.resolve.convention import AXES
from nanobragg_numba.programs.nanobragg.run import experiment_from

_ANGLE = 1e-4  # radians: what six digits of a header leave open


@dataclass(frozen=True, eq=False)
class Image:
    """One frame of what is converted.

    Attributes
    ----------
    name : str
        Of its file.
    record : FrameRecord
    pixels : callable
        Reads them, (slow, fast).
    """

    name: str
    record: FrameRecord
    pixels: Callable[[], np.ndarray]


@dataclass(frozen=True, eq=False)
class Source:
    """What is converted.

    Attributes
    ----------
    images : list of Image
    unit : str
        Of their pixels: photons or counts.
    mask : (slow, fast) bool
    first : int
        Where in its file the first image is.
    notes : tuple of str
        What to tell the user of the choices made.
    """

    images: list[Image]
    unit: str
    mask: np.ndarray
    first: int = 0
    notes: tuple[str, ...] = ()

    @property
    def records(self) -> list[FrameRecord]:
        """What is true of each image."""
        return [image.record for image in self.images]

    def whole(self) -> tuple[np.ndarray, Geometry]:
        """The one image, or the sum of a rotation, with its geometry.

        Raises
        ------
        OptionError
            The images have no sum that means anything.
        """
        geometry = self.records[0].geometry
        if len(self.images) > 1:
            if any(record.shot is not None for record in self.records):
                raise OptionError(f"{self.images[0].name} holds {len(self.images)} shots; choose one with --frame")
            if len({image.name for image in self.images}) > 1:
                raise OptionError("several images make one NeXus file; convert them one at a time to .cbf or .png")
            geometry = geometry.joined(len(self.images))
        pixels = np.asarray(self.images[0].pixels(), np.float32)
        for image in self.images[1:]:
            pixels = pixels + image.pixels()
        return pixels, geometry


def geometry_of_header(header: SmvHeader, seen: Geometry, convention: str) -> Geometry:
    """Geometry of an SMV header in the laboratory of a convention.

    Parameters
    ----------
    header : SmvHeader
    seen : Geometry
        The same in the detector's own frame.

    Raises
    ------
    FormatError
        The beam does not come from where it would on a detector of that convention: it is tilted.
    """
    axes = AXES[convention]
    fast, slow, normal, beam = (np.array(v) for v in (axes.fdet, axes.sdet, axes.odet, axes.beam))
    twotheta = np.radians(header.number("TWOTHETA") or 0.0)
    arm = rotation_about(np.array(axes.twotheta_axis), float(twotheta))
    f, s, n = (arm @ v for v in (fast, slow, normal))
    origin = seen.origin[0] * f + seen.origin[1] * s + seen.origin[2] * n
    if max(abs(beam @ f - seen.beam[0]), abs(beam @ s - seen.beam[1])) > _ANGLE:
        raise FormatError(
            f"{header.source}: its header tells of a detector that does not stand as {convention}'s does; "
            "say the convention, or repeat the arguments of the run after --"
        )
    return dataclasses.replace(
        seen, origin=origin, fast=f, slow=s, beam=beam, axis=np.array(axes.spindle),
        polarization=np.array(axes.polar_axis), twotheta_axis=np.array(axes.twotheta_axis), twotheta=float(twotheta),
    )  # fmt: skip


def _picture_geometry(name: str, picture: Picture, options: argparse.Namespace) -> Geometry:
    if picture.geometry is None:
        raise FormatError(f"{name}: its header does not tell the geometry; give the arguments of the run after --")
    suffix = suffix_of(name)
    if suffix == ".cbf":
        return picture.geometry
    header_file = (options.header or find_companion(name)) if suffix == ".bin" else name
    return geometry_of_header(read_smv(header_file).header, picture.geometry, options.convention)


def _check_run(images: Sequence[Image]) -> None:
    """Images of a run follow each other in a rotation; shots need to share their detector only."""
    first = images[0].record.geometry
    shots = all(image.record.shot is not None for image in images)
    for i, image in enumerate(images):
        geometry = image.record.geometry
        same = np.allclose(geometry.origin, first.origin, atol=1e-9)
        start = first.phi0 + i * first.oscillation
        turned = abs(geometry.phi0 - start) > _ANGLE or abs(geometry.oscillation - first.oscillation) > _ANGLE
        if not same or (turned and not shots):
            raise FormatError(f"{image.name} does not follow {images[0].name}: another geometry, or the rotation has "
                              "a gap")  # fmt: skip


def _nexus_images(name: str, options: argparse.Namespace) -> tuple[list[Image], str, np.ndarray]:
    with NexusReader(name) as file:
        chosen = range(file.count) if options.frame is None else [options.frame]
        return [_nexus_image(name, i, file.record(i)) for i in chosen], file.unit, file.mask()


def _nexus_image(name: str, frame: int, record: FrameRecord) -> Image:
    def pixels() -> np.ndarray:
        with NexusReader(name) as file:
            return file.pixels(frame)

    return Image(name, record, pixels)


def _images(name: str, options: argparse.Namespace) -> tuple[list[Image], str, np.ndarray]:
    """The images of a file, the unit of their pixels, and its mask."""
    if is_nexus(name):
        return _nexus_images(name, options)
    picture = read_picture(name, options.header)
    record = FrameRecord(_picture_geometry(name, picture, options), picture.crystal)
    return [Image(name, record, _pixels_of(picture))], picture.unit, np.zeros(picture.pixels.shape, bool)


def _pixels_of(picture: Picture) -> Callable[[], np.ndarray]:
    return lambda: picture.pixels


def _check_sizes(options: argparse.Namespace) -> None:
    first = None
    for name in options.files if len(options.files) > 1 else ():
        shape = read_picture(name, options.header, 0).pixels.shape
        first = first or shape
        if shape != first:
            raise FormatError(f"{name} and {options.files[0]} have different sizes")


def _with_matrix(image: Image, found: OrientationMatrix) -> Image:
    real = np.linalg.inv(found.matrix / image.record.geometry.wavelength)
    crystal = CrystalRecord(real, (1.0, 1.0, 1.0), 0.0)
    return dataclasses.replace(image, record=FrameRecord(image.record.geometry, crystal))


def _from_run(options: argparse.Namespace, arguments: list[str]) -> Source:
    """Images whose geometry the arguments of their run say."""
    pictures = [read_picture(name, options.header, -1 if options.frame is None else options.frame)
                for name in options.files]  # fmt: skip
    experiment: Experiment = experiment_from(arguments).experiment
    geometry = geometry_of(experiment)
    for picture in pictures:
        if geometry.shape != picture.pixels.shape:
            raise FormatError(f"{picture.name} has not the size that the arguments after -- describe")
    records = run_records(geometry, crystal_record(experiment), len(pictures))
    images = [Image(picture.name, record, _pixels_of(picture)) for picture, record in zip(pictures, records)]
    return Source(images, _unit(pictures[0].unit), hidden_pixels(experiment))


def _unit(unit: str) -> str:
    return unit if unit in LARGEST else "counts"


def load(options: argparse.Namespace, arguments: list[str] | None) -> Source:
    """Find images and their geometry.

    Raises
    ------
    NanoBraggError
    """
    if arguments is not None:
        return _from_run(options, arguments)
    _check_sizes(options)
    images: list[Image] = []
    for name in options.files:
        found, unit, mask = _images(name, options)
        if not found:
            raise FormatError(f"{name} has no frames")
        images += found
    notes: list[str] = []
    if options.mat:
        orientation = read_orientation(options.mat)
        notes = matrix_warnings(options.mat, orientation, images[0].record.geometry.wavelength)
        images = [_with_matrix(image, orientation) for image in images]
    _check_run(images)
    return Source(images, _unit(unit), mask, options.frame or 0, tuple(notes))
