"""From the names of fixes to what the pixel loop takes of them."""

import numpy as np

from nanobragg_numba.engine.defects import has_oversample_product, has_source_weights, has_spot_orientation
from nanobragg_numba.engine.flatten import rotations
from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.experiment.experiment import Experiment
from nanobragg_numba.kernels.loop.fixes import Fixes
from nanobragg_numba.kernels.scene import Scene


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
    several = scene.oversample * scene.thick_steps * len(scene.wavelengths) > 1
    matters = {
        "interpolation": bool(scene.interpolate),
        "thickness": scene.thick_steps > 1,
        "oversample-product": has_oversample_product(experiment, scene),
        "first-subpixel": several,
        "source-weights": has_source_weights(experiment, scene),
        "spot-orientation": has_spot_orientation(experiment, scene),
    }
    on = {name for name, it_does in matters.items() if it_does and name in experiment.defects.fixed}
    if not on:
        return None
    stars, stars_first = _stars(experiment, scene, "spot-orientation" in on)
    return Fixes(
        interpolation=int("interpolation" in on),
        thickness=int("thickness" in on),
        product=int("oversample-product" in on),
        first_subpixel=int("first-subpixel" in on),
        weights=_weights(experiment) if "source-weights" in on else np.ones(len(scene.wavelengths)),
        stars=stars,
        stars_first=stars_first,
    )


def _weights(experiment: Experiment) -> np.ndarray:
    weights = experiment.sources.weights
    total = float(weights.sum())
    if not total > 0.0:
        raise ExperimentError(f"the weights of the sources add up to {total:g}: nothing to normalize with")
    return np.ascontiguousarray(weights * (len(weights) / total), np.float64)


def _stars(experiment: Experiment, scene: Scene, turned: bool) -> tuple[np.ndarray, np.ndarray]:
    """Reciprocal vectors of every sweep and of the first, turned with the crystal or not."""
    crystal = experiment.crystal
    vectors = (crystal.a_star, crystal.b_star, crystal.c_star)
    if turned:
        return rotations(experiment, vectors)
    still = np.ascontiguousarray(np.broadcast_to(np.concatenate(vectors), scene.abc.shape))
    return still, still
