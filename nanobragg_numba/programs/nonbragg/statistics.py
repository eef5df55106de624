"""Statistics of a finished image of amorphous matter, and the defects that only it comes across."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from nanobragg_numba.engine.amorphous import AmorphousProgress
from nanobragg_numba.engine.scaling import ImageStatistics, Statistics, as_made, is_near_a_digit, subpixel_place
from nanobragg_numba.experiment.amorphous import AmorphousExperiment
from nanobragg_numba.kernels.amorphous.found import amorphous_solid_angle, amorphous_statistics
from nanobragg_numba.kernels.amorphous.scene import AmorphousScene
from nanobragg_numba.kernels.window import window_of
from nanobragg_numba.programs.nonbragg.found import FoundTable
from nanobragg_numba.programs.nonbragg.image import AmorphousImage


def measure(
    experiment: AmorphousExperiment, scene: AmorphousScene, progress: AmorphousProgress, found: FoundTable | None
) -> Statistics:
    """Statistics of a finished image and the scales that follow from them.

    Parameters
    ----------
    experiment : AmorphousExperiment
    scene : AmorphousScene
        The same, flattened.
    progress : AmorphousProgress
        Finished.
    found : FoundTable or None
        Structure factors found from an image, whose last bin's count the means divide by.
    """
    fixed, outputs = experiment.defects.fixed, experiment.outputs
    count = -1 if found is None or "image-count" in fixed else found.last_count
    shift = 0 if "rmsd-shift" in fixed else 1
    mean, rms, rmsd, largest, s, f = amorphous_statistics(window_of(scene), progress.image, count, shift)
    made = ImageStatistics(as_made(mean), as_made(rms), as_made(rmsd), largest, s, f)
    angle = progress.omega
    if is_near_a_digit(angle):
        angle = float(amorphous_solid_angle(scene))
    if "solid-angle" in fixed:
        angle /= scene.oversample * scene.oversample
    int_scale = made.int_scale(outputs.scale)
    return Statistics(
        made.mean, made.rms, made.rmsd, made.largest, subpixel_place(scene, f) if s >= 0 else 0.0,
        subpixel_place(scene, s) if s >= 0 else 0.0, angle, int_scale, made.pgm_scale(int_scale, outputs.pgm_scale),
    )  # fmt: skip


def triggered_defects(result: AmorphousImage, found_before: Iterable[str]) -> set[str]:
    """Names of the defects that a run comes across and that are not fixed.

    Parameters
    ----------
    result : AmorphousImage
    found_before : iterable of str
        Those of the set-up.
    """
    experiment, scene, image = result.experiment, result.scene, experiment_image(result)
    window = experiment.detector.window.roi
    panel, outputs = experiment.detector.panel, experiment.outputs
    several = scene.steps > 1.0
    partial = (window.xmin, window.ymin) != (0, 0) or window.xmax < panel.fpixels - 1 or window.ymax < panel.spixels - 1
    with_image = experiment.image is not None
    negative = bool(np.nanmin(image, initial=0.0) < 0.0)
    triggers = {
        "curved-detector": panel.curved,
        "extrapolation": result.progress.beyond and scene.points > 5,
        "point-count": True,
        "rmsd-shift": True,
        "last-sample": several and (experiment.Fmap or with_image or outputs.printout),
        "solid-angle": experiment.oversample > 1,
        "image-count": with_image,
        "median": with_image,
        "roi-bins": with_image and partial,
        "printout": outputs.printout,
        "negative-wrap": negative or (result.noise is not None and experiment.adc < 0.0),
    }
    named = {name for name, there in triggers.items() if there} | set(found_before)
    return named - set(experiment.defects.fixed)


def experiment_image(result: AmorphousImage) -> np.ndarray:
    """The rendered part of the image."""
    scene = result.scene
    return result.image[scene.roi_ymin : scene.roi_ymax + 1, scene.roi_xmin : scene.roi_xmax + 1]
