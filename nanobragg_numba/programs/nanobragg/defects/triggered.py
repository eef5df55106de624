"""What a run triggers, and what is fixed in its loops: every defect of the table is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nanobragg_numba.engine.run import Progress
from nanobragg_numba.experiment.experiment import Experiment
from nanobragg_numba.kernels.loop.fixes import Fixes
from nanobragg_numba.kernels.scene import Scene
from nanobragg_numba.programs.nanobragg.defects.table import DEFECTS
from nanobragg_numba.programs.nanobragg.option_values import OptionValues


def option_defects(argv: Sequence[str], before: OptionValues, options: OptionValues) -> list[str]:
    """Names of the defects in the reading of an argument list that this one triggers.

    Parameters
    ----------
    argv : sequence of str
    before : OptionValues
        What the image headers have said.
    options : OptionValues
        The same with `argv` read into it.
    """
    return [each.name for each in DEFECTS if each.name not in options.fixes and each.in_options(argv, before, options)]


def triggered_defects(experiment: Experiment, scene: Scene) -> list[str]:
    """Names of the defects that change the image, as far as that is known before it is rendered, and are not fixed.

    Parameters
    ----------
    experiment : Experiment
    scene : Scene
        The same, flattened.
    """
    fixed = experiment.defects.fixed
    return [each.name for each in DEFECTS if each.name not in fixed and each.in_scene(experiment, scene)]


def found_defects(progress: Progress) -> tuple[str, ...]:
    """Names of the defects that only the render itself comes across."""
    return tuple(each.name for each in DEFECTS if each.in_loops(progress))


def kernel_fixes(experiment: Experiment, scene: Scene) -> Fixes | None:
    """The fixes of the loops that change this experiment's image, or None.

    Parameters
    ----------
    experiment : Experiment
    scene : Scene
        The same, flattened.

    Raises
    ------
    ExperimentError
        Source weights that add up to nothing, or to less.
    """
    asked: dict[str, Any] = {}
    for each in DEFECTS:
        if each.name in experiment.defects.fixed:
            asked |= each.loop_fix(experiment, scene)
    if not asked:
        return None
    crystal = experiment.crystal
    resting = np.concatenate((crystal.a_star, crystal.b_star, crystal.c_star))
    stars = np.ascontiguousarray(np.broadcast_to(resting, scene.abc.shape))
    without = Fixes(
        interpolation=0, thickness=0, product=0, first_subpixel=0, weights=np.ones(len(scene.wavelengths)),
        stars=stars, stars_first=stars,
    )  # fmt: skip
    return without._replace(**asked)
