"""The output files of a run: all of them, or none."""

from collections.abc import Iterable

import numpy as np

from nanobragg_numba.engine.noise import NoiseImage, abandoned_on_failure
from nanobragg_numba.engine.scaling import Statistics, integer_image, pgm_image
from nanobragg_numba.experiment.experiment import Experiment
from nanobragg_numba.formats.float_image import write_float_image
from nanobragg_numba.formats.pgm import write_pgm
from nanobragg_numba.formats.preview import write_preview
from nanobragg_numba.formats.smv import is_as_long_as_it_says, write_smv
from nanobragg_numba.formats.smv_header import smv_header
from nanobragg_numba.io.atomic import OutputGroup
from nanobragg_numba.kernels.scene import Scene
from nanobragg_numba.kernels.window import window_of
from nanobragg_numba.programs.nanobragg.defects.table import sentences


def check_outputs(experiment: Experiment) -> list[str]:
    """Find out before the render what would keep a file from being written.

    Returns
    -------
    list of str
        Warnings.

    Raises
    ------
    NanoBraggError
    """
    if not experiment.outputs.with_geometry:
        return []
    from nanobragg_numba.programs.nanobragg.geometry_files import check

    return check(experiment)


def write_outputs(
    experiment: Experiment,
    scene: Scene,
    image: np.ndarray,
    statistics: Statistics,
    noise: NoiseImage | None,
    frames: Iterable[np.ndarray] = (),
) -> list[str]:
    """Write the files that the experiment names, the noise image last since it is finished last.

    Parameters
    ----------
    experiment : Experiment
    scene : Scene
        The same, flattened.
    image : (spixels, fpixels) float32
        Photons.
    statistics : Statistics
        Of the image.
    noise : NoiseImage or None
        May still be at work.
    frames : iterable of (spixels, fpixels) float32
        For the NeXus file.

    Returns
    -------
    list of str
        Warnings.

    Raises
    ------
    FormatError
        A file cannot be written; then none of them is, and older ones stay as they were.
    """
    outputs = experiment.outputs
    header, window = smv_header(experiment), window_of(scene)
    warnings = [] if is_as_long_as_it_says(header) else sentences(["smv-header"])
    with abandoned_on_failure(noise), OutputGroup() as group:
        write_float_image(group.open(outputs.float_file), image)
        counts = integer_image(window, image, statistics.int_scale, experiment.run.adc)
        write_smv(group.open(outputs.int_file), header, counts)
        if noise is not None:
            counts = noise.pixels  # what the formats with a geometry hold, and one image less in memory
        if outputs.pgm_file:
            scale = statistics.pgm_scale
            write_pgm(group.open(outputs.pgm_file), scale, pgm_image(window, image, scale))
        if outputs.png_file:
            write_preview(group.open(outputs.png_file), image)
        if outputs.noise_file and noise is not None:
            file = group.open(outputs.noise_file)
            noise.finish()
            write_smv(file, header, counts)
        if outputs.with_geometry:
            from nanobragg_numba.programs.nanobragg.geometry_files import write_images

            write_images(group, experiment, frames, counts)
    return warnings
