"""Where the photons come from: a float image, a NeXus or CBF file, or an array."""

from __future__ import annotations

import os
import stat

import numpy as np

from nanobragg_numba.errors import ExperimentError, FormatError
from nanobragg_numba.formats.suffixes import NEXUS, suffix_of
from nanobragg_numba.geometry.frames import Geometry
from nanobragg_numba.io.inputs import open_input
from nanobragg_numba.programs.noisify.option_values import OptionValues
from nanobragg_numba.records import dataclass

_PICTURES = {**dict.fromkeys(NEXUS, b"\x89HDF"), ".cbf": b"###CBF"}


@dataclass
class Source:
    """An image to be made noisy.

    Attributes
    ----------
    name : str
    bytes : int
        What there is of numbers.
    pixels : (slow, fast) float32 or None
        Where it is in memory already, and has a shape.
    geometry : Geometry or None
        What its file says.
    """

    name: str
    bytes: int
    pixels: np.ndarray | None = None
    geometry: Geometry | None = None


def of_array(image: np.ndarray) -> Source:
    """An array (slow, fast) of any real numbers.

    Raises
    ------
    ExperimentError
        It has not two axes, or no pixel.
    """
    pixels = np.array(image, np.float32, order="C")
    if pixels.ndim != 2 or not pixels.size:
        raise ExperimentError(f"an image is an array (slow, fast), and this one has shape {np.shape(image)}")
    return Source("array", pixels.nbytes, pixels)


def open_source(name: str) -> Source:
    """Find out what a file is; a float image is not read yet.

    Raises
    ------
    NanoBraggError
    """
    with open_input(name, "float image") as file:
        status = os.fstat(file.fileno())
        if stat.S_ISDIR(status.st_mode):
            raise FormatError(f"cannot read the float image {name}: it is a folder")
        if not stat.S_ISREG(status.st_mode):
            raise FormatError(f"cannot read the float image {name}: it is no regular file")
        start = file.read(8)
    magic = _PICTURES.get(suffix_of(name))
    if magic and start.startswith(magic):
        from nanobragg_numba.formats.picture import read_picture

        picture = read_picture(name)
        pixels = np.array(picture.pixels, np.float32, order="C")
        return Source(name, pixels.nbytes, pixels, picture.geometry)
    if not status.st_size:
        raise FormatError(f"the float image {name} is empty")
    return Source(name, status.st_size)


def take_geometry(source: Source, options: OptionValues) -> None:
    """Let an image that knows its shape and place say them, unless options did.

    Raises
    ------
    ExperimentError
        Options that say another shape.
    """
    if source.pixels is None:
        return
    slow, fast = source.pixels.shape
    if options.xpixels not in (0, fast) or options.ypixels not in (0, slow):
        raise ExperimentError(
            f"{source.name} has {fast} x {slow} pixels, not {options.xpixels or fast} x {options.ypixels or slow}"
        )
    options.xpixels, options.ypixels = fast, slow
    geometry, default = source.geometry, OptionValues()
    if geometry is None:
        return
    centre_slow, centre_fast = geometry.beam_centre
    found = {
        "pixel": geometry.pixel, "wavelength": geometry.wavelength, "phi": float(np.degrees(geometry.phi0)),
        "osc": float(np.degrees(geometry.oscillation)), "Xbeam": centre_fast * geometry.pixel,
        "Ybeam": (slow - centre_slow) * geometry.pixel,
        "distance": float(np.linalg.norm(geometry.positions(np.array([centre_slow]), np.array([centre_fast])))),
    }  # fmt: skip
    for name, value in found.items():
        if getattr(options, name) == getattr(default, name) and np.isfinite(value):
            setattr(options, name, value)


def read_photons(source: Source, options: OptionValues) -> tuple[np.ndarray, list[str]]:
    """Read the numbers of a float image; what its file lacks is 0.

    Returns
    -------
    (ypixels, xpixels) float32
        To be overwritten.
    list of str
        Warnings.

    Raises
    ------
    NanoBraggError
        Less than a quarter of the image, or a pixel too few with -fix short-file.
    """
    shape = (options.ypixels, options.xpixels)
    if source.pixels is not None:
        return source.pixels, []
    count = options.xpixels * options.ypixels
    needed, there = 4 * count, source.bytes
    say = f"{source.name} has {there} bytes, and {options.xpixels} x {options.ypixels} pixels take {needed}"
    if there < count or (there < needed and "short-file" in options.fixes):
        raise FormatError(f"{say}: give -detpixels_x and -detpixels_y that fit")
    warnings = []
    if there < needed and "short-file" not in options.fixes:
        warnings.append(f"{say}: the missing ones are 0")
    if there > needed:
        warnings.append(f"{say}: the rest is ignored")
    try:
        pixels = np.zeros(count, np.float32)
    except MemoryError:
        raise ExperimentError(f"not enough memory for {options.xpixels} x {options.ypixels} pixels") from None
    with open_input(source.name, "float image") as file:
        view = memoryview(pixels.view(np.uint8))  # type: ignore[arg-type]
        done, wanted = 0, min(needed, there)
        while done < wanted:
            got = file.readinto(view[done:wanted])  # type: ignore[attr-defined]
            if not got:
                raise FormatError(f"{source.name} became shorter while it was being read")
            done += got
    return pixels.reshape(shape), warnings
