"""How each sampled range gets its count, range and step from those of the three that were said."""

import math

from nanobragg_numba.constants import DEGREES_PER_RADIAN
from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.experiment.beam import Steps
from nanobragg_numba.programs.shared.checks import MOST_ROTATIONS

_SINGLE = Steps(1, 0.0, 0.0)


def _whole_steps(range_: float, step: float) -> int:
    count = math.ceil(min(range_ / step, 2.0 * MOST_ROTATIONS))
    if count < 1:
        raise ExperimentError(f"a step of {step:g} in a range of {range_:g} makes no step at all")
    if count > MOST_ROTATIONS:
        raise ExperimentError(f"a step of {step:g} in a range of {range_:g} makes too many steps")
    return count


def phi_steps(count: int, range_: float, step: float) -> Steps:
    """Phi steps from those of the three that are given.

    Parameters
    ----------
    count : int
        Negative: not given.
    range_, step : float
        rad; negative: not given.

    Raises
    ------
    ExperimentError
        No step, or too many.
    """
    if count < 0:
        if range_ < 0.0 and step <= 0.0:
            return _SINGLE
        if range_ < 0.0:
            return Steps(2, step, step)
        if step <= 0.0:
            return Steps(2, range_, range_ / 2.0)
        return Steps(_whole_steps(range_, step), range_, step)
    return _counted_phi_steps(count or 1, range_, step)


def _counted_phi_steps(count: int, range_: float, step: float) -> Steps:
    """Phi steps where their number is given.

    Parameters
    ----------
    count : int
    range_, step : float
        rad; negative: not given.
    """
    if range_ < 0.0 and step <= 0.0:
        one_degree = 1.0 / DEGREES_PER_RADIAN
        return Steps(count, one_degree, one_degree / count)
    if range_ < 0.0:
        return Steps(2, step, step)
    if step < 0.0:
        return Steps(count, range_, range_ / count)
    return Steps(count, range_, step)


def beam_steps(count: int, range_: float, step: float) -> Steps:
    """Steps of a divergence or of the dispersion.

    Parameters
    ----------
    count : int
        Not above 0: not given.
    range_, step : float
        rad, or parts of the wavelength; a range below 0, a step not above 0: not given.

    Raises
    ------
    ExperimentError
        No step, or too many.
    """
    if count <= 0:
        if range_ < 0.0 and step <= 0.0:
            steps = _SINGLE
        elif range_ < 0.0:
            steps = Steps(2, step, step)
        elif step <= 0.0:
            steps = Steps(2, range_, range_)
        else:
            steps = Steps(_whole_steps(range_, step), range_, step)
    elif range_ < 0.0 and step <= 0.0:
        steps = Steps(count, 1.0, 1.0 / count)
    elif range_ < 0.0:
        steps = Steps(2, step, step)
    elif step <= 0.0:
        count = max(count, 2)
        steps = Steps(count, range_, range_ / (count - 1))
    else:
        steps = Steps(count, range_, step)
    return _collapsed(steps)


def thickness_steps(count: int, thickness: float) -> Steps:
    """Layers of the sensor. Metres."""
    if count <= 0:
        steps = Steps(2, thickness, thickness / 2.0)
    else:
        count = max(count, 2)
        steps = Steps(count, thickness, thickness / (count - 1))
    return _collapsed(steps)


def _collapsed(steps: Steps) -> Steps:
    """A single step where any of the three is nothing."""
    if steps.range <= 0.0 or steps.step <= 0.0 or steps.count <= 0:
        return _SINGLE
    return steps
