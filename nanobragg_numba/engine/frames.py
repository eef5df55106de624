"""A rotation as several frames: each takes its share of the phi steps, of the oscillation and of the photons."""

from __future__ import annotations

from collections.abc import Iterator

from nanobragg_numba import records
from nanobragg_numba.experiment.beam import Steps
from nanobragg_numba.experiment.defects import Defects
from nanobragg_numba.experiment.experiment import Experiment


def frame_experiment(experiment: Experiment, index: int, count: int) -> Experiment:
    """One of `count` frames; the phi steps divide into them.

    The fluence is that of its share of the exposure, so the frames add up to the image of the whole run. A phi step
    of exactly 0 is the crystal at rest: what C does there (see `-fix phi-zero`) would put the last frame's spots
    into the first. Noise has a seed of its own, and no offset that was not asked for.

    Parameters
    ----------
    experiment : Experiment
        The whole run.
    index : int
        Of the frame, from 0.
    count : int
        Frames; it divides the number of phi steps.
    """
    sampling = experiment.sampling
    steps = sampling.phi.count // count
    phi = Steps(steps, sampling.phi.range / count, sampling.phi.step)
    part = records.replace(sampling, phi0=sampling.phi0 + sampling.phi.step * steps * index, phi=phi)
    fixed = (*experiment.defects.fixed, *(() if "phi-zero" in experiment.defects.fixed else ("phi-zero",)))
    beam = records.replace(experiment.beam, fluence=experiment.beam.fluence / count)
    run = experiment.run
    own = records.replace(run, noise_seed=run.noise_seed - index, adc=run.adc if run.adc_asked else 0.0)
    return records.replace(experiment, sampling=part, beam=beam, defects=Defects(fixed), run=own)


def frame_experiments(experiment: Experiment) -> Iterator[Experiment]:
    """All of them, in order.

    Parameters
    ----------
    experiment : Experiment
        The whole run; `outputs.frames` says how many frames.
    """
    count = experiment.outputs.frames
    return (frame_experiment(experiment, index, count) for index in range(count))
