"""From an Experiment to an image, in memory."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import numpy as np

from nanobragg_numba.engine.flatten import flatten
from nanobragg_numba.engine.frames import frame_experiments
from nanobragg_numba.engine.names import DEFAULT
from nanobragg_numba.engine.noise import NoiseImage, abandoned_on_failure
from nanobragg_numba.engine.run import Progress, render, rendered
from nanobragg_numba.engine.scaling import Statistics, integer_image, measure
from nanobragg_numba.engine.threads import thread_count
from nanobragg_numba.experiment.experiment import Experiment
from nanobragg_numba.kernels.noise.random import Generator, new_generator
from nanobragg_numba.kernels.scene import Scene
from nanobragg_numba.kernels.window import window_of
from nanobragg_numba.programs.nanobragg.defects.triggered import found_defects, kernel_fixes
from nanobragg_numba.records import dataclass, field


@dataclass
class Simulation:
    """A rendered experiment.

    Attributes
    ----------
    image : (slow, fast) float32
        Photons per pixel.
    experiment : Experiment
        What was rendered; SI units.
    statistics : Statistics
        Mean, spread, maximum, solid angle, scales.
    notes : list of str
        Warnings, those of the report included.
    noise : NoiseImage or None
        Photon-counting noise: `noise.pixels`, (slow, fast) uint16.
    progress : Progress
        Where the time went.
    frames : list of (slow, fast) float32
        Photons of the frames, where the image was made of them.
    """

    image: np.ndarray
    experiment: Experiment
    statistics: Statistics
    noise: NoiseImage | None
    progress: Progress
    scene: Scene = field(repr=False)
    notes: list[str] = field(default_factory=list)
    frames: list[np.ndarray] = field(default_factory=list, repr=False)

    @property
    def found_defects(self) -> tuple[str, ...]:
        """Names of the C program's defects that only the render itself comes across."""
        return found_defects(self.progress)

    def integer_image(self) -> np.ndarray:
        """The pixels of the SMV image, (slow, fast) uint16."""
        return integer_image(window_of(self.scene), self.image, self.statistics.int_scale, self.experiment.run.adc)

    def _repr_png_(self) -> bytes:
        """A picture for notebooks, scaled so that a person sees the spots."""
        from PIL import Image

        from nanobragg_numba.formats.preview import preview_pixels

        buffer = io.BytesIO()
        Image.fromarray(preview_pixels(self.image)[0]).save(buffer, format="PNG")
        return buffer.getvalue()


def render_experiment(
    experiment: Experiment,
    *,
    threads: int = 0,
    engine: str = DEFAULT,
    noise: bool = False,
    generator: Generator | None = None,
    scene: Scene | None = None,
    after_rows: Callable[[Progress], None] | None = None,
    image: np.ndarray | None = None,
) -> Simulation:
    """Render an experiment; no file is read or written.

    Parameters
    ----------
    experiment : Experiment
    threads : int
        0: OMP_NUM_THREADS, NUMBA_NUM_THREADS or all cores.
    engine : str
        `row` or `loop`; the bytes are the same.
    noise : bool
        Make the noise image, too, from `experiment.run.noise_seed`.
    generator : Generator, optional
        Random numbers to go on with instead of fresh ones.
    scene : Scene, optional
        The flattened experiment where the caller has it.
    after_rows : callable, optional
        Called with the Progress after each chunk of rows.
    image : (slow, fast) array, optional
        Photons that were rendered before, such as the sum of parts; then nothing is rendered.

    Returns
    -------
    Simulation

    Raises
    ------
    ExperimentError
        Not enough memory; an `image` of another size.
    """
    scene = flatten(experiment) if scene is None else scene
    progress, follower = _render(experiment, scene, threads, engine, noise, generator, after_rows, image)
    statistics = measure(scene, progress.image, progress.omega, experiment.outputs, progress.engine.fixes is None)
    return Simulation(progress.image, experiment, statistics, follower, progress, scene)


def render_pixels(
    experiment: Experiment, *, threads: int = 0, engine: str = DEFAULT, counts: bool = False,
    generator: Generator | None = None,
) -> np.ndarray:  # fmt: skip
    """Render an experiment's pixels and nothing else, for programs that make many images.

    Parameters
    ----------
    experiment, threads, engine, generator
        As for `render_experiment`.
    counts : bool
        With photon-counting noise.

    Returns
    -------
    (slow, fast) array
        Photons, float32, or counts, uint16.

    Raises
    ------
    ExperimentError
        Not enough memory.
    """
    progress, follower = _render(experiment, flatten(experiment), threads, engine, counts, generator)
    if follower is None:
        return progress.image
    follower.finish()
    return follower.pixels


def _render(
    experiment: Experiment,
    scene: Scene,
    threads: int,
    engine: str,
    noise: bool,
    generator: Generator | None,
    after_rows: Callable[[Progress], None] | None = None,
    image: np.ndarray | None = None,
) -> tuple[Progress, NoiseImage | None]:
    """Render, and let the noise image follow row by row; see `render_experiment`.

    Parameters
    ----------
    experiment : Experiment
    scene : Scene
        The same, flattened.
    threads : int
    engine : str
    noise : bool
        Make the noise image, too.
    generator : Generator or None
    after_rows : callable, optional
    image : (slow, fast) array, optional
        Photons that were rendered before.
    """
    run = experiment.run
    if generator is None:
        generator = new_generator(run.noise_seed, run.misset_seed, run.mosaic_seed)
    follower = NoiseImage(window_of(scene), generator, run.adc) if noise else None

    def finished(progress: Progress) -> None:
        if follower is not None:
            follower.rows_finished(progress.image, progress.rows)
        if after_rows is not None:
            after_rows(progress)

    fixes = kernel_fixes(experiment, scene)
    with abandoned_on_failure(follower):
        if image is None:
            return render(scene, thread_count(threads), engine, finished, fixes), follower
        progress = rendered(scene, image, fixes)
        finished(progress)
    return progress, follower


def photons_of_frames(experiment: Experiment, threads: int = 0, engine: str = DEFAULT) -> Iterator[np.ndarray]:
    """Photons of the frames that the outputs of an experiment ask for, rendered as they are taken.

    Parameters
    ----------
    experiment : Experiment
        The whole run.
    threads, engine
        As for `frames_of`.

    Yields
    ------
    (slow, fast) float32
    """
    for part in frame_experiments(experiment):
        yield render_pixels(part, threads=threads, engine=engine)


def frames_of(simulation: Simulation, threads: int = 0, engine: str = DEFAULT) -> Iterator[np.ndarray]:
    """Images of the frames that the outputs of an experiment ask for (`-frames`), in order.

    Photons, float32, or counts, uint16 (`-framenoise`). A single frame is the image of the whole run; others are
    rendered as they are taken, if they have not been before.

    Parameters
    ----------
    simulation : Simulation
        Of the whole run.
    threads : int
        0: OMP_NUM_THREADS, NUMBA_NUM_THREADS or all cores.
    engine : str
        `row` or `loop`.

    Yields
    ------
    (slow, fast) array
    """
    experiment = simulation.experiment
    photons = simulation.frames or (
        iter([simulation.image]) if experiment.outputs.frames == 1 else photons_of_frames(experiment, threads, engine)
    )
    if not experiment.outputs.frame_noise:
        yield from photons
        return
    for part, image in zip(frame_experiments(experiment), photons):
        noise = render_experiment(part, noise=True, image=image).noise
        assert noise is not None
        noise.finish()
        yield noise.pixels
