"""Image files read with their geometry: SMV, float images with a companion, NeXus, CBF."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path as FilePath

import numpy as np

from nanobragg_numba.errors import FormatError
from nanobragg_numba.formats.cbf import cbf_geometry, read_cbf
from nanobragg_numba.formats.float_image import read_float_image
from nanobragg_numba.formats.nexus.reader import NexusReader
from nanobragg_numba.formats.smv import SmvHeader, read_smv
from nanobragg_numba.formats.suffixes import NEXUS, suffix_of
from nanobragg_numba.geometry.crystal_record import CrystalRecord
from nanobragg_numba.geometry.frames import Geometry, plain_geometry
from nanobragg_numba.io.inputs import Path

_DEGREE = np.pi / 180.0


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
    mask : (slow, fast) bool or None
        True for each pixel that is not to be used; None where the format has no mask.
    frame, count : int
        Which of how many frames; -1 for the sum of all.
    """

    name: str
    pixels: np.ndarray
    unit: str
    geometry: Geometry | None
    crystal: CrystalRecord | None = None
    mask: np.ndarray | None = None
    frame: int = -1
    count: int = 1


def read_picture(path: Path, companion: str = "", frame: int = -1) -> Picture:
    """Read an image file.

    Parameters
    ----------
    companion : str
        SMV file whose header describes a float image; by default one beside it is looked for.
    frame : int
        Of a NeXus file; negative: the sum of all where they are one rotation, else the first.

    Raises
    ------
    NanoBraggError
    """
    suffix = suffix_of(path)
    if suffix in NEXUS:
        return _read_nexus(path, frame)
    if suffix == ".cbf":
        pixels, header = read_cbf(path)
        return Picture(str(path), pixels.astype(np.float32), "counts", cbf_geometry(header, pixels.shape, str(path)))
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
    size = (shape[0], shape[1])
    return plain_geometry((1, 0, 0), (0, 1, 0), origin, pixel / 1000.0, size, beam, wavelength, (1, 0, 0),
                          phi0 * _DEGREE, width * _DEGREE)  # fmt: skip


def _read_nexus(path: Path, frame: int) -> Picture:
    with NexusReader(path) as file:
        if file.count == 0:
            raise FormatError(f"{path}: it has no frames")
        together = frame < 0 and file.count > 1 and file.is_run()
        chosen = max(frame, 0)
        pixels = np.asarray(file.pixels(chosen), np.float32)
        for other in range(1, file.count) if together else ():
            pixels = pixels + file.pixels(other)
        record = file.run() if together else file.record(chosen)
        picture = Picture(str(path), pixels.astype(np.float32), file.unit, record.geometry, record.crystal)
        which = -1 if together or file.count == 1 else chosen
        return dataclasses.replace(picture, mask=file.mask(), frame=which, count=file.count)
