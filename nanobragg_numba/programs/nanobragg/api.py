"""The package from Python: argument lists in, images and experiments out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nanobragg_numba.engine.defects import triggered_defects
from nanobragg_numba.programs.nanobragg.defects import sentences
from nanobragg_numba.programs.nanobragg.run import Simulation, experiment_from, frames_of, render_experiment
from nanobragg_numba.programs.nanobragg.writing import check_outputs, write_outputs

__all__ = ["Simulation", "experiment_from", "render_experiment", "simulate"]


def simulate(
    args: str | Sequence[str], *, noise: bool = False, write_files: bool = False, threads: int = 0,
    engine: str = "row", image: np.ndarray | None = None,
) -> Simulation:  # fmt: skip
    """Render what an argument list says.

    Parameters
    ----------
    args : str or sequence of str
        nanoBragg's arguments, as one string or a list.
    noise : bool
        Make the noise image, too.
    write_files : bool
        Write the files that the command writes, under the names in `args` (structure factor dump excepted).
    threads : int
        0: OMP_NUM_THREADS, NUMBA_NUM_THREADS or all cores.
    engine : str
        `row` or `loop`; the bytes are the same.
    image : (slow, fast) array, optional
        Photons that were rendered before, such as the sum of parts; then nothing is rendered.

    Returns
    -------
    Simulation
        `image` is (slow, fast) float32, photons.

    Raises
    ------
    NanoBraggError
        Anything that is wrong with the arguments or a file.
    """
    resolved = experiment_from(args)
    if write_files:
        resolved.notes.warnings += check_outputs(resolved.experiment)
    with_noise = noise or (write_files and bool(resolved.experiment.outputs.noise_file))
    result = render_experiment(
        resolved.experiment, threads=threads, engine=engine, noise=with_noise, generator=resolved.generator,
        image=image,
    )  # fmt: skip
    if result.noise is not None:
        result.noise.finish()
    notes = resolved.notes
    defects = [*notes.defects, *triggered_defects(result.experiment, result.scene), *result.found_defects]
    result.notes = [*notes.before_banner, *notes.steps, *notes.oversampling, *notes.warnings, *sentences(defects)]
    if write_files:
        result.notes += write_outputs(
            result.experiment, result.scene, result.image, result.statistics, result.noise,
            frames_of(result, threads, engine),
        )  # fmt: skip
    return result
