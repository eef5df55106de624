"""The image files that carry a geometry: that of the input where it is known, else what the SMV header says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nanobragg_numba.constants import LARGEST_COUNT
from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.formats.picture import smv_geometry
from nanobragg_numba.formats.smv import SmvHeader
from nanobragg_numba.geometry.frames import Geometry
from nanobragg_numba.io.atomic import OutputGroup
from nanobragg_numba.programs.noisify.header import own_header

if TYPE_CHECKING:
    from nanobragg_numba.programs.noisify.run import Run

_COUNT_CUTOFF = {16: LARGEST_COUNT, 32: 2147483647}


def geometry_of(run: Run, shape: tuple[int, ...]) -> Geometry:
    """Where the detector stands.

    Raises
    ------
    ExperimentError
        Nothing says it.
    """
    if run.source is not None and run.source.geometry is not None:
        return run.source.geometry
    content = run.header.content if run.header is not None else own_header(run.options)
    text = content.split(b"\0", 1)[0].decode("latin-1")
    geometry = smv_geometry(SmvHeader(text, run.options.header_file or "the header"), shape)
    if geometry is None:
        raise ExperimentError(
            "-nexusfile and -cbffile need a geometry, and none is known: give -pixel, -distance and -lambda, or -header"
        )
    return geometry


def write_images(group: OutputGroup, run: Run, counts: np.ndarray) -> None:
    """Write the files that were asked for.

    Parameters
    ----------
    counts : (slow, fast) uint16 or uint32
        ADU.

    Raises
    ------
    NanoBraggError
    """
    options = run.options
    geometry = geometry_of(run, counts.shape)
    if options.nexus_file:
        from nanobragg_numba.formats.nexus.record import run_records
        from nanobragg_numba.formats.nexus.writer import nexus_bytes

        hidden = np.zeros(counts.shape, bool)
        frames = [counts.astype(np.float32)] if options.bits == 16 else [counts]
        content = nexus_bytes(frames, run_records(geometry, None, 1), hidden, "counts")
        group.open(options.nexus_file).write(content)
    if options.cbf_file:
        from nanobragg_numba.formats.cbf import write_cbf

        signed = counts.astype(np.int64)
        write_cbf(group.open(options.cbf_file), geometry, signed.astype(np.int32), _COUNT_CUTOFF[options.bits])
