"""The files of a run: begun under temporary names, named when all are complete."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from nanobragg_numba.formats.pgm import write_pgm
from nanobragg_numba.io.atomic import OutputGroup
from nanobragg_numba.programs.noisify import report
from nanobragg_numba.programs.noisify.header import own_header

if TYPE_CHECKING:
    from nanobragg_numba.programs.noisify.result import Noisy
    from nanobragg_numba.programs.noisify.run import Run


def _header(run: Run) -> bytes:
    if run.header is None:
        return own_header(run.options)
    return run.header.mended(run.options.bits) if "header-type" in run.options.fixes else run.header.content


def _write_counts(group: OutputGroup | None, name: str, run: Run, counts: np.ndarray) -> None:
    """Begin an SMV image.

    Parameters
    ----------
    group : OutputGroup or None
    name : str
    run : Run
    counts : (slow, fast) uint16 or uint32
        ADU.
    """
    if group is None:
        return
    file = group.open(name)
    file.write(_header(run))
    file.write(np.ascontiguousarray(counts, dtype=counts.dtype.newbyteorder("<")).data)


def write_noiseless(group: OutputGroup | None, run: Run, result: Noisy, say: Callable[[str], None]) -> None:
    """Begin the noiseless image and its pictures; without a group it is only said.

    Parameters
    ----------
    group : OutputGroup or None
        None: nothing is written.
    run : Run
    result : Noisy
        `noiseless` is there.
    say : callable
        Takes lines for standard output.
    """
    options = run.options
    say(report.writing(options.int_file, options.bits, result.noiseless.size))
    _write_counts(group, options.int_file, run, result.noiseless)
    if options.pgm:
        say(report.writing(options.pgm_file, 8))
        if group is not None:
            write_pgm(group.open(options.pgm_file), 1.0, run.preview.reshape(result.noiseless.shape))
        run.preview = run.preview[:0].copy()  # it is not needed again
    if not options.noise:
        _write_pictures(group, run, result.noiseless)


def write_noise(group: OutputGroup | None, run: Run, result: Noisy, say: Callable[[str], None]) -> None:
    """Begin the image with noise; without a group it is only said.

    Parameters
    ----------
    group : OutputGroup or None
        None: nothing is written.
    run : Run
    result : Noisy
        `counts` are there.
    say : callable
        Takes lines for standard output.
    """
    assert result.counts is not None
    say(report.writing(run.options.noise_file, run.options.bits))
    _write_counts(group, run.options.noise_file, run, result.counts)
    _write_pictures(group, run, result.counts)


def _write_pictures(group: OutputGroup | None, run: Run, counts: np.ndarray) -> None:
    """The formats that C does not have, of what a detector gives.

    Parameters
    ----------
    group : OutputGroup or None
    run : Run
    counts : (slow, fast) uint16 or uint32
        ADU.
    """
    options = run.options
    if group is None:
        return
    if options.png_file:
        from nanobragg_numba.formats.preview import write_preview

        write_preview(group.open(options.png_file), counts.astype(np.float32))
    if options.nexus_file or options.cbf_file:
        from nanobragg_numba.programs.noisify.geometry_files import write_images

        write_images(group, run, counts)
