"""A defect of nanoBragg in one class: what it does, what triggers it, and what its fix hands to the loops.

Only the standard library is imported here and at the head of the modules with the classes, because the manual page is
built from their text before the package is installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nanobragg_numba.programs.shared.defects import Defect

if TYPE_CHECKING:
    from nanobragg_numba.engine.run import Progress
    from nanobragg_numba.experiment.experiment import Experiment
    from nanobragg_numba.kernels.scene import Scene
    from nanobragg_numba.programs.nanobragg.option_values import OptionValues


class NanoBraggDefect(Defect):
    """What a class of a defect may say of itself; where it says nothing, it is not triggered there.

    Attributes
    ----------
    name, does, fixed, when : str
        See `Defect`.
    place : str
        The file of the package that computes what was meant where the defect is fixed.
    """

    place = ""

    def __init__(self) -> None:
        super().__init__(**{text: vars(type(self))[text] for text in ("name", "does", "fixed", "when")})

    def in_options(self, argv: Sequence[str], before: OptionValues, options: OptionValues) -> bool:
        """Whether the reading of an argument list triggers it.

        Parameters
        ----------
        argv : sequence of str
        before : OptionValues
            What the image headers have said.
        options : OptionValues
            The same with `argv` read into it.
        """
        return False

    def in_scene(self, experiment: Experiment, scene: Scene) -> bool:
        """Whether it changes the image of an experiment, as far as that is known before it is rendered.

        Parameters
        ----------
        experiment : Experiment
        scene : Scene
            The same, flattened.
        """
        return False

    def in_loops(self, progress: Progress) -> bool:
        """Whether the render has come across it."""
        return False

    def loop_fix(self, experiment: Experiment, scene: Scene) -> dict[str, Any]:
        """Fields of the loops' Fixes; none where the fix is elsewhere or changes nothing in this image.

        Parameters
        ----------
        experiment : Experiment
        scene : Scene
            The same, flattened.

        Raises
        ------
        ExperimentError
            What was meant cannot be computed.
        """
        return {}
