"""nb-convert: images that nanoBragg wrote, in formats that carry their geometry."""

from __future__ import annotations

import argparse
import os
import sys

import numpy as np

from nanobragg_numba.command.guard import DONE, complain
from nanobragg_numba.command.parser import Parser
from nanobragg_numba.errors import OptionError
from nanobragg_numba.formats.cbf import write_cbf
from nanobragg_numba.formats.dials import expt_text
from nanobragg_numba.formats.nexus.fields import COMPRESSIONS
from nanobragg_numba.formats.nexus.record import LARGEST, FrameRecord
from nanobragg_numba.formats.nexus.writer import nexus_bytes
from nanobragg_numba.formats.poni import poni_text
from nanobragg_numba.formats.preview import write_preview
from nanobragg_numba.formats.suffixes import NEXUS, suffix_of
from nanobragg_numba.io.atomic import OutputGroup
from nanobragg_numba.programs.nanobragg.resolve.convention import AXES
from nanobragg_numba.tools.argument_lists import split_arguments
from nanobragg_numba.tools.commands import main_of
from nanobragg_numba.tools.convert_sources import Source, load
from nanobragg_numba.tools.output import show

_KINDS = {**dict.fromkeys(NEXUS, "nexus"), ".cbf": "cbf", ".expt": "expt", ".poni": "poni", ".png": "png"}
_CBF_LIMIT = 2**31 - 1


def build_parser() -> argparse.ArgumentParser:
    """The options of nb-convert."""
    parser = Parser(
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
    parser.add_argument("--frame", type=int, metavar="N",
                        help="of a NeXus file, from 0 (default: all of them)")  # fmt: skip
    parser.add_argument("--compression", choices=COMPRESSIONS, default="gzip",
                        help="of a NeXus file (default %(default)s, which every program reads)")  # fmt: skip
    return parser


def _kind(name: str) -> str:
    kind = _KINDS.get(suffix_of(name))
    if kind is None:
        raise OptionError(f"{name}: the name must end in one of {' '.join(_KINDS)}")
    return kind


def _content(kind: str, source: Source, options: argparse.Namespace) -> bytes:
    """A file that has its bytes at once."""
    if kind == "nexus":
        frames = (image.pixels() for image in source.images)
        return nexus_bytes(frames, source.records, source.mask, source.unit, options.compression)
    if kind == "poni":
        return poni_text(source.records[0].geometry).encode("ascii")
    return _experiment_list(source, options).encode("utf-8")


def _experiment_list(source: Source, options: argparse.Namespace) -> str:
    """Of the NeXus or CBF file that is written beside it, else of the file that is converted."""
    records, saturation = source.records, LARGEST[source.unit]
    for kind in ("nexus", "cbf"):
        written = [name for name in options.output if _kind(name) == kind]
        if written and kind == "cbf":
            records = [FrameRecord(source.whole()[1], records[0].crystal)]
        if written:
            return expt_text(records, os.path.abspath(written[0]), saturation)
    if len({image.name for image in source.images}) > 1:
        raise OptionError("an experiment list of several images needs one file that holds them: add -o OUT.nxs")
    return expt_text(records, os.path.abspath(source.images[0].name), saturation, source.first)


def write(options: argparse.Namespace, source: Source) -> None:
    """Write what was asked for, all or nothing.

    Raises
    ------
    NanoBraggError
    """
    kinds = [_kind(name) for name in options.output]
    with OutputGroup() as group:
        for name, kind in zip(options.output, kinds):
            if kind == "png":
                write_preview(group.open(name), source.whole()[0])
            elif kind == "cbf":
                pixels, geometry = source.whole()
                counts = np.clip(np.rint(pixels.astype(np.float64)), 0, _CBF_LIMIT).astype(np.int64)
                limit = LARGEST["counts"] if source.unit == "counts" else _CBF_LIMIT
                write_cbf(group.open(name), geometry, counts, limit)
            else:
                content = _content(kind, source, options)
                group.open(name).write(content)


def run_tool(argv: list[str]) -> int:
    """Run nb-convert; returns the exit code."""
    own, arguments = split_arguments(argv)
    options = build_parser().parse_args(own)
    for name in options.output:
        _kind(name)
    source = load(options, arguments)
    for note in source.notes:
        complain("nb-convert", f"warning: {note}")
    write(options, source)
    show("\n".join(options.output))
    return DONE


main = main_of("nb-convert")


if __name__ == "__main__":
    sys.exit(main())
