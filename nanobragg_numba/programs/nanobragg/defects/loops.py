"""Defects of the loops and of what they start from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.programs.nanobragg.defects.base import NanoBraggDefect
from nanobragg_numba.records import replace

if TYPE_CHECKING:
    from nanobragg_numba.engine.run import Progress
    from nanobragg_numba.experiment.beam import Steps
    from nanobragg_numba.experiment.experiment import Experiment
    from nanobragg_numba.kernels.scene import Scene


class PhiZero(NanoBraggDefect):
    """Some phi steps find the rotation of another one."""

    name = "phi-zero"
    does = (
        "phi steps of exactly 0 are rendered with the rotation that the phi step before them left, so the spots of"
        " phi 0 are missing and others count twice"
    )
    fixed = "phi steps of exactly 0 show the unrotated crystal"
    when = "some phi steps are exactly 0 and others are not"
    place = "engine/flatten.py"

    def in_scene(self, experiment: Experiment, scene: Scene) -> bool:
        phi = scene.phi
        return bool((phi == 0.0).any() and (phi != 0.0).any())


class Interpolation(NanoBraggDefect):
    """Interpolation ends for good."""

    name = "interpolation"
    does = (
        "one reflection too near the edge of the structure factor list has turned interpolation off for all pixels"
        " after it"
    )
    fixed = "interpolation is off for the evaluations that are out of range, and for them alone"
    when = "an evaluation is out of range while interpolation is on; found out while rendering"
    place = "kernels/loop/pixel_loop.py"

    def in_loops(self, progress: Progress) -> bool:
        return progress.left_range_at >= 0

    def loop_fix(self, experiment: Experiment, scene: Scene) -> dict[str, Any]:
        return {"interpolation": 1} if scene.interpolate else {}


class Thickness(NanoBraggDefect):
    """Layers count with the capture fraction of the last, and do not share the thickness of the sensor."""

    name = "thickness"
    does = (
        "every layer of the sensor counts in full and the sum is scaled by the capture fraction of the last layer "
        "at its first subpixel, so the image has not the intensity that the sensor would capture"
    )
    fixed = (
        "each layer counts with its own capture fraction at each subpixel; layers share the thickness of the "
        "sensor and add up to 1 - exp(-thickness mu / cos)"
    )
    when = "the sensor has layers and absorbs, and -oversample_thick is not given"
    place = "kernels/loop/pixel_loop.py"

    def in_scene(self, experiment: Experiment, scene: Scene) -> bool:
        return scene.thick_steps > 1 and scene.mu != 0.0 and not scene.oversample_thick

    def loop_fix(self, experiment: Experiment, scene: Scene) -> dict[str, Any]:
        return {"thickness": 1} if scene.thick_steps > 1 else {}

    @staticmethod
    def layers(as_in_c: Steps) -> Steps:
        """Layers that share the thickness of the sensor, m."""
        return replace(as_in_c, step=as_in_c.range / as_in_c.count)


class OversampleProduct(NanoBraggDefect):
    """The running sum is multiplied more than once, or with a capture fraction of nothing."""

    name = "oversample-product"
    does = (
        "-oversample_thick, -oversample_polar and -oversample_omega multiply all that has been summed so far at "
        "every step, so all but the last steps of a pixel fade away"
    )
    fixed = "each term is multiplied once, by its own factor; without a sensor the capture fraction is 1"
    when = "one of these options is given and a pixel has more than one term, or -oversample_thick without a sensor"
    place = "kernels/loop/pixel_loop.py"

    def in_scene(self, experiment: Experiment, scene: Scene) -> bool:
        multiplied = scene.oversample_thick or scene.oversample_polar or scene.oversample_omega
        several = scene.steps * scene.thick_steps > 1.0
        return bool((multiplied and several) or (scene.oversample_thick and scene.thickness == 0.0))

    def loop_fix(self, experiment: Experiment, scene: Scene) -> dict[str, Any]:
        return {"product": 1} if self.in_scene(experiment, scene) else {}


class FirstSubpixel(NanoBraggDefect):
    """The first subpixel and source are no fair sample of a pixel."""

    name = "first-subpixel"
    does = (
        "the solid angle and polarization of the first subpixel, layer and source stand for all, so intensities "
        "are off by more than 0.1 % in places"
    )
    fixed = "every term has the solid angle and polarization of its own subpixel, layer and source"
    when = (
        "it changes one of the four corner pixels by more than one part in a thousand, other defects aside; "
        "factors that an -oversample_ option or -nopolar takes care of do not count"
    )
    place = "kernels/loop/pixel_loop.py"

    def in_scene(self, experiment: Experiment, scene: Scene) -> bool:
        import numpy as np

        from nanobragg_numba.programs.nanobragg.defects.subpixels import FIRST_SUBPIXEL_THRESHOLD, first_subpixel_error

        with np.errstate(all="ignore"):  # corners without a direction, or beyond all numbers, do not count
            return first_subpixel_error(scene) > FIRST_SUBPIXEL_THRESHOLD

    def loop_fix(self, experiment: Experiment, scene: Scene) -> dict[str, Any]:
        several = scene.oversample * scene.thick_steps * len(scene.wavelengths) > 1
        return {"first_subpixel": 1} if several else {}


class SourceWeights(NanoBraggDefect):
    """Weights that differ are ignored."""

    name = "source-weights"
    does = "the weights in the source file are ignored: all sources shine alike"
    fixed = "sources count with their weights, which are normalized to a mean of 1"
    when = "the weights in the source file differ"
    place = "kernels/loop/pixel_loop.py"

    def in_scene(self, experiment: Experiment, scene: Scene) -> bool:
        weights = experiment.sources.weights
        return bool((weights != weights[0]).any())

    def loop_fix(self, experiment: Experiment, scene: Scene) -> dict[str, Any]:
        if not self.in_scene(experiment, scene):
            return {}
        weights = experiment.sources.weights
        total = float(weights.sum())
        if not total > 0.0:
            raise ExperimentError(f"the weights of the sources add up to {total:g}: nothing to normalize with")
        return {"weights": weights * (len(weights) / total)}


class SpotOrientation(NanoBraggDefect):
    """Spots have the outline of a crystal that is not turned."""

    name = "spot-orientation"
    does = (
        "Gaussian and tophat spots are measured with the reciprocal cell of the unrotated crystal; they are as "
        "large in every orientation, so pixels change by rounding alone, but traces show the wrong vectors"
    )
    fixed = "they are measured with the reciprocal cell of the rotated crystal"
    when = "spots are Gaussian or tophat and a phi step or a mosaic domain turns the crystal"
    place = "kernels/loop/pixel_loop.py"

    def in_scene(self, experiment: Experiment, scene: Scene) -> bool:
        import numpy as np

        from nanobragg_numba.kernels.scene import GAUSS, TOPHAT

        if scene.shape not in (GAUSS, TOPHAT):
            return False
        crystal = experiment.crystal
        resting = np.concatenate([crystal.a, crystal.b, crystal.c])
        return bool((scene.abc != resting).any() or (scene.abc_first != resting).any())

    def loop_fix(self, experiment: Experiment, scene: Scene) -> dict[str, Any]:
        if not self.in_scene(experiment, scene):
            return {}
        from nanobragg_numba.engine.flatten import rotations

        crystal = experiment.crystal
        stars, stars_first = rotations(experiment, (crystal.a_star, crystal.b_star, crystal.c_star))
        return {"stars": stars, "stars_first": stars_first}


class CurvedDetector(NanoBraggDefect):
    """A detector is bent as C bends it."""

    name = "curved-detector"
    does = (
        "the detector is bent by the second and third laboratory component of its pixels instead of their places "
        "on it, so they are transposed or elsewhere altogether"
    )
    fixed = (
        "a pixel stands at the end of an arc as long as its distance from the beam centre, along the fast axis, "
        "then along the slow axis"
    )
    when = "the detector is curved"
    place = "engine/flatten.py"

    def in_scene(self, experiment: Experiment, scene: Scene) -> bool:
        from nanobragg_numba.kernels.scene import CURVED_AS_IN_C

        return scene.curved == CURVED_AS_IN_C
