"""The output files of a run: all of them, or none."""

from __future__ import annotations

import numpy as np

from nanobragg_numba.engine.noise import abandoned_on_failure
from nanobragg_numba.formats.float_image import write_float_image
from nanobragg_numba.formats.pgm import write_pgm
from nanobragg_numba.formats.smv import write_smv
from nanobragg_numba.formats.smv_header import amorphous_header
from nanobragg_numba.io.atomic import OutputGroup
from nanobragg_numba.kernels.amorphous.found import wrapped_bytes
from nanobragg_numba.kernels.window import window_of
from nanobragg_numba.programs.nonbragg.image import AmorphousImage


def write_outputs(result: AmorphousImage) -> None:
    """Write the files that the experiment names, the noise image last since it is finished last.

    Raises
    ------
    FormatError
        A file cannot be written; then none of them is, and older ones stay as they were.
    """
    experiment, noise = result.experiment, result.noise
    outputs, scale = experiment.outputs, result.statistics.pgm_scale
    header = amorphous_header(experiment)
    with abandoned_on_failure(noise), OutputGroup() as group:
        if experiment.image is not None and result.found is not None:
            text = "".join(f"{line}\n" for line in result.found.lines)
            group.open(experiment.image.stolout_file).write(text.encode("ascii"))
        write_float_image(group.open(outputs.float_file), result.image)
        write_smv(group.open(outputs.int_file), header, result.integer_image())
        if outputs.pgm_file:
            preview = np.zeros(result.image.shape, np.uint8)
            clip = int("negative-wrap" in experiment.defects.fixed)
            wrapped_bytes(window_of(result.scene), result.image, scale, clip, preview)
            write_pgm(group.open(outputs.pgm_file), scale, preview)
        if outputs.noise_file and noise is not None:
            file = group.open(outputs.noise_file)
            noise.finish()
            write_smv(file, header, noise.pixels)
