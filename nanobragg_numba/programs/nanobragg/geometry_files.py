"""The image files that carry a geometry: which were asked for, whether they can be, and writing them.

A writer, and the package that it needs, is imported only when its file is written.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

import numpy as np

from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.experiment.experiment import Experiment
from nanobragg_numba.formats.nexus.record import LARGEST, run_records
from nanobragg_numba.geometry.crystal_record import CrystalRecord
from nanobragg_numba.geometry.frames import geometry_of, real_cell
from nanobragg_numba.io.atomic import OutputGroup
from nanobragg_numba.io.extras import extra


def check(experiment: Experiment) -> list[str]:
    """Find out before the render what would stop a file afterwards.

    Returns
    -------
    list of str
        Warnings.

    Raises
    ------
    NanoBraggError
        A missing package, a geometry or crystal that a format cannot describe, frames that do not divide the phi steps.
    """
    outputs = experiment.outputs
    if outputs.frames < 1:
        raise ExperimentError(f"-frames {outputs.frames}: at least one frame is needed")
    warnings = []
    if outputs.frames > 1 and not outputs.nexus_file:
        warnings.append("-frames has no effect without -nexusfile")
    if outputs.frames_only and not outputs.nexus_file:
        raise ExperimentError("-framesonly writes nothing without -nexusfile")
    geometry = geometry_of(experiment)
    crystal_record(experiment)
    if outputs.nexus_file:
        extra("h5py", "-nexusfile")
        from nanobragg_numba.formats.nexus.fields import compression

        compression(outputs.compression)
        steps = experiment.sampling.phi.count
        if steps % outputs.frames:
            raise ExperimentError(
                f"-frames {outputs.frames} does not divide the {steps} phi steps of the run; "
                f"give -phisteps {outputs.frames * max(1, round(steps / outputs.frames))} or another multiple"
            )
    if outputs.expt_file:
        geometry.require_rectangular("a DIALS experiment list (-exptfile)")
    if outputs.poni_file:
        geometry.require_rectangular("a .poni file (-ponifile)")
    return warnings


def hidden_pixels(experiment: Experiment) -> np.ndarray:
    """Pixels that are not rendered, masked or outside the region of interest, (slow, fast) bool."""
    panel, window = experiment.detector.panel, experiment.detector.window
    roi = window.roi
    hidden = np.ones((panel.spixels, panel.fpixels), bool)
    hidden[roi.ymin : roi.ymax + 1, roi.xmin : roi.xmax + 1] = False
    if window.mask is not None:
        hidden |= window.mask == 0
    return hidden


def crystal_record(experiment: Experiment) -> CrystalRecord:
    """The crystal in the laboratory frame of the experiment.

    Raises
    ------
    ExperimentError
        Its cell has no volume.
    """
    crystal = experiment.crystal
    cells = (crystal.Na, crystal.Nb, crystal.Nc)
    return CrystalRecord(real_cell(experiment), cells, max(experiment.mosaic.spread, 0.0))


def without_offset(counts: np.ndarray, experiment: Experiment) -> np.ndarray:
    """Counts, (slow, fast) uint16, without the offset of SMV that nobody asked for; what is saturated stays so."""
    run = experiment.run
    if run.adc_asked:
        return counts
    offset = np.uint16(run.adc)
    return np.where(counts == LARGEST["counts"], counts, counts - np.minimum(counts, offset)).astype(counts.dtype)


def write_images(
    group: OutputGroup, experiment: Experiment, frames: Iterable[np.ndarray], counts: np.ndarray | None
) -> None:
    """Write the files that `check` has passed.

    Parameters
    ----------
    frames : iterable of (slow, fast) array
        For the NeXus file, photons or counts: as many as the outputs say.
    counts : (slow, fast) uint16
        For the CBF file.

    Raises
    ------
    NanoBraggError
    """
    outputs = experiment.outputs
    geometry = geometry_of(experiment)
    records = run_records(geometry, crystal_record(experiment), outputs.frames)
    frame_unit = "counts" if outputs.frame_noise else "photons"
    if outputs.nexus_file:
        from nanobragg_numba.formats.nexus.writer import nexus_bytes

        content = nexus_bytes(frames, records, hidden_pixels(experiment), frame_unit, outputs.compression)
        group.open(outputs.nexus_file).write(content)
    if outputs.cbf_file and counts is not None:
        from nanobragg_numba.formats.cbf import write_cbf

        write_cbf(group.open(outputs.cbf_file), geometry, without_offset(counts, experiment), LARGEST["counts"])
    if outputs.poni_file:
        from nanobragg_numba.formats.poni import poni_text

        group.open(outputs.poni_file).write(poni_text(geometry).encode("ascii"))
    if outputs.expt_file:
        from nanobragg_numba.formats.dials import expt_text

        pixels, unit = (outputs.cbf_file or outputs.int_file), "counts"
        if outputs.nexus_file:
            pixels, unit = outputs.nexus_file, frame_unit
        else:
            records = run_records(geometry, crystal_record(experiment), 1)
        content = expt_text(records, os.path.abspath(pixels), LARGEST[unit]).encode("utf-8")
        group.open(outputs.expt_file).write(content)
