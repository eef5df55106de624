"""nb-convert: images that nanoBragg wrote, in formats that carry their geometry."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nanobragg_numba.constants import LARGEST_COUNT
from nanobragg_numba.errors import NanoBraggError, OptionError
from nanobragg_numba.experiment.experiment import Experiment
from nanobragg_numba.formats.cbf import write_cbf
from nanobragg_numba.formats.dials import expt_text
from nanobragg_numba.formats.matrix import read_matrix
from nanobragg_numba.formats.nexus import nexus_bytes
from nanobragg_numba.formats.picture import Picture, find_companion, read_picture
from nanobragg_numba.formats.poni import poni_text
from nanobragg_numba.formats.preview import write_preview
from nanobragg_numba.formats.smv import SmvHeader, read_smv
from nanobragg_numba.geometry.crystal_record import CrystalRecord
from nanobragg_numba.geometry.frames import Geometry, geometry_of
from nanobragg_numba.geometry.lattice import rotation_about
from nanobragg_numba.io.atomic import OutputGroup
from nanobragg_numba.programs.nanobragg.geometry_files import crystal_record, hidden_pixels
from nanobragg_numba.programs.nanobragg.resolve.convention import AXES
from nanobragg_numba.programs.nanobragg.run import experiment_from
from nanobragg_numba.tools.argument_lists import split_arguments
from nanobragg_numba.tools.output import show

_KINDS = {".nxs": "nexus", ".h5": "nexus", ".cbf": "cbf", ".expt": "expt", ".poni": "poni", ".png": "png"}
_CBF_LIMIT = 2**31 - 1
_ANGLE = 1e-4  # radians: what six digits of a header leave open


@dataclass(frozen=True, eq=False)
class Source:
    """What is converted.

    Attributes
    ----------
    pictures : list of Picture
    geometry : Geometry
        Of all of them, the oscillation that of the whole.
    crystal : CrystalRecord or None
        In the frame of the geometry.
    mask : (slow, fast) bool
    """

    pictures: list[Picture]
    geometry: Geometry
    crystal: CrystalRecord | None
    mask: np.ndarray


def build_parser() -> argparse.ArgumentParser:
    """The options of nb-convert."""
    parser = argparse.ArgumentParser(
        prog="nb-convert",
        usage="nb-convert FILE... -o OUT [-o OUT...] [options] [-- NANOBRAGG ARGUMENTS]",
        description="Convert images (SMV, float with the .img beside it, NeXus, CBF) to NeXus (.nxs), CBF (.cbf), a "
        "DIALS experiment list (.expt), a pyFAI geometry (.poni) or a picture (.png). After -- the arguments of the "
        "run say geometry and crystal exactly; without them an SMV header is read as a detector across the beam, or "
        "on a two-theta arm, of --convention.",
    )
    parser.add_argument("files", metavar="FILE", nargs="+", help="several become the frames of one NeXus file")
    parser.add_argument("-o", "--output", metavar="OUT", action="append", required=True)
    parser.add_argument("--convention", choices=sorted(set(AXES) - {"custom"}), default="mosflm",
                        help="that the run had (default %(default)s)")  # fmt: skip
    parser.add_argument("--header", default="", metavar="IMG", help="SMV file that describes float images")
    parser.add_argument("--mat", metavar="FILE", help="orientation matrix of the crystal, in that convention's frame")
    return parser


def geometry_of_header(header: SmvHeader, seen: Geometry, convention: str) -> Geometry:
    """Geometry of an SMV header in the laboratory of a convention.

    Parameters
    ----------
    header : SmvHeader
    seen : Geometry
        The same in the detector's own frame.

    Raises
    ------
    OptionError
        The beam does not come from where it would on a detector of that convention: it is tilted.
    """
    axes = AXES[convention]
    fast, slow, normal, beam = (np.array(v) for v in (axes.fdet, axes.sdet, axes.odet, axes.beam))
    twotheta = np.radians(header.number("TWOTHETA") or 0.0)
    arm = rotation_about(np.array(axes.twotheta_axis), float(twotheta))
    f, s, n = (arm @ v for v in (fast, slow, normal))
    origin = seen.origin[0] * f + seen.origin[1] * s + seen.origin[2] * n
    if max(abs(beam @ f - seen.beam[0]), abs(beam @ s - seen.beam[1])) > _ANGLE:
        raise OptionError(
            f"{header.source}: its header tells of a detector that does not stand as {convention}'s does; "
            "say the convention, or repeat the arguments of the run after --"
        )
    return dataclasses.replace(
        seen, origin=origin, fast=f, slow=s, beam=beam, axis=np.array(axes.spindle),
        polarization=np.array(axes.polar_axis), twotheta_axis=np.array(axes.twotheta_axis), twotheta=float(twotheta),
    )  # fmt: skip


def _picture_geometry(name: str, picture: Picture, options: argparse.Namespace) -> Geometry:
    if picture.geometry is None:
        raise OptionError(f"{name}: its header does not tell the geometry; give the arguments of the run after --")
    suffix = os.path.splitext(name)[1].lower()
    if suffix in (".nxs", ".h5", ".hdf5", ".nx5", ".cbf"):
        return picture.geometry
    header_file = (options.header or find_companion(name)) if suffix == ".bin" else name
    return geometry_of_header(read_smv(header_file).header, picture.geometry, options.convention)


def _run_of(names: Sequence[str], each: Sequence[Geometry]) -> Geometry:
    """One geometry for images that follow each other in a rotation."""
    first = each[0]
    for i, geometry in enumerate(each):
        same = geometry.shape == first.shape and np.allclose(geometry.origin, first.origin, atol=1e-9)
        start = first.phi0 + i * first.oscillation
        if not same or abs(geometry.phi0 - start) > _ANGLE or abs(geometry.oscillation - first.oscillation) > _ANGLE:
            raise OptionError(f"{names[i]} does not follow {names[0]}: another geometry, or the rotation has a gap")
    return dataclasses.replace(first, oscillation=first.oscillation * len(each))


def _crystal(geometry: Geometry, pictures: Sequence[Picture], options: argparse.Namespace) -> CrystalRecord | None:
    if options.mat:
        real = np.linalg.inv(read_matrix(options.mat) / geometry.wavelength)
        return CrystalRecord(real, (1.0, 1.0, 1.0), 0.0)
    return pictures[0].crystal


def load(options: argparse.Namespace, arguments: list[str] | None) -> Source:
    """Read images and find out their geometry.

    Raises
    ------
    NanoBraggError
    """
    pictures = [read_picture(name, options.header) for name in options.files]
    shape = pictures[0].pixels.shape
    for picture in pictures:
        if picture.pixels.shape != shape:
            raise OptionError(f"{picture.name} and {pictures[0].name} have different sizes")
    if arguments is None:
        each = [_picture_geometry(name, picture, options) for name, picture in zip(options.files, pictures)]
        geometry = _run_of(options.files, each)
        return Source(pictures, geometry, _crystal(geometry, pictures, options), np.zeros(shape, bool))
    experiment: Experiment = experiment_from(arguments).experiment
    geometry = geometry_of(experiment)
    if geometry.shape != shape:
        raise OptionError(f"{pictures[0].name} has not the size that the arguments after -- describe")
    return Source(pictures, geometry, crystal_record(experiment), hidden_pixels(experiment))


def _kind(name: str) -> str:
    kind = _KINDS.get(os.path.splitext(name)[1].lower())
    if kind is None:
        raise OptionError(f"{name}: the name must end in one of {' '.join(_KINDS)}")
    return kind


def _content(kind: str, source: Source, images: tuple[str, int]) -> bytes:
    """A file that has its bytes at once."""
    geometry = source.geometry
    if kind == "nexus":
        frames = [picture.pixels for picture in source.pictures]
        unit = source.pictures[0].unit
        return nexus_bytes(geometry, frames, len(frames), source.mask, source.crystal, unit)
    if kind == "poni":
        return poni_text(geometry).encode("ascii")
    real = None if source.crystal is None else source.crystal.real
    return expt_text(geometry, real, *images).encode("utf-8")


def write(options: argparse.Namespace, source: Source) -> None:
    """Write what was asked for, all or nothing.

    Raises
    ------
    NanoBraggError
    """
    kinds = [_kind(name) for name in options.output]
    first = source.pictures[0]
    if len(source.pictures) > 1 and {"cbf", "png"} & set(kinds):
        raise OptionError("several images make one NeXus file; convert them one at a time to .cbf or .png")
    nexus = next((name for name, kind in zip(options.output, kinds) if kind == "nexus"), "")
    cbf = next((name for name, kind in zip(options.output, kinds) if kind == "cbf"), "")
    images = (os.path.abspath(nexus or cbf or options.files[0]), len(source.pictures) if nexus else 1)
    with OutputGroup() as group:
        for name, kind in zip(options.output, kinds):
            if kind == "png":
                write_preview(group.open(name), first.pixels)
            elif kind == "cbf":
                counts = np.clip(np.rint(first.pixels.astype(np.float64)), 0, _CBF_LIMIT).astype(np.int64)
                limit = LARGEST_COUNT if first.unit == "counts" else _CBF_LIMIT
                write_cbf(group.open(name), source.geometry, counts, limit)
            else:
                content = _content(kind, source, images)
                group.open(name).write(content)


def main(argv: Sequence[str] | None = None) -> int:
    """Run nb-convert.

    Returns
    -------
    int
        0 done, 1 something is wrong, 2 a mistake in the options.
    """
    own, arguments = split_arguments(sys.argv[1:] if argv is None else argv)
    options = build_parser().parse_args(own)
    try:
        for name in options.output:
            _kind(name)
        write(options, load(options, arguments))
    except NanoBraggError as error:
        print(f"nb-convert: {error}", file=sys.stderr)
        return error.exit_code
    show("\n".join(options.output))
    return 0


if __name__ == "__main__":
    sys.exit(main())
