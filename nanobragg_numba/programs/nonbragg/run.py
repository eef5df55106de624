"""The one driver of nonBragg: from an argument list to an image and its files, stage by stage."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nanobragg_numba.engine.amorphous import AmorphousProgress, AmorphousRender
from nanobragg_numba.engine.noise import NoiseImage, abandoned_on_failure
from nanobragg_numba.engine.threads import thread_count
from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.kernels.noise.random import new_generator
from nanobragg_numba.kernels.window import window_of
from nanobragg_numba.options.words import words_of
from nanobragg_numba.programs.nonbragg.defects import TABLE as DEFECTS
from nanobragg_numba.programs.nonbragg.found import find_table
from nanobragg_numba.programs.nonbragg.image import AmorphousImage
from nanobragg_numba.programs.nonbragg.option_values import OptionValues
from nanobragg_numba.programs.nonbragg.parse import image_file, option_defects, parse
from nanobragg_numba.programs.nonbragg.resolve import Resolved, apply_header, resolve
from nanobragg_numba.programs.nonbragg.statistics import measure, triggered_defects
from nanobragg_numba.programs.nonbragg.writing import write_outputs
from nanobragg_numba.programs.shared.notes import Notes
from nanobragg_numba.records import replace

NOTHING_TO_RENDER = "nothing to render: give a table with -stol, -4stol or -Q"


class Events:
    """What happens during a run, in this order; nothing comes of it here."""

    def warned(self, messages: Sequence[str]) -> None:
        """Something is to be said on standard error; each message once."""

    def ready(self, run: Run) -> Callable[[AmorphousProgress], None] | None:
        """The experiment is known, and the render begins; what is returned is called after each piece of it."""

    def rendered(self) -> None:
        """The image is there; the noise image may still be in the making."""

    def written(self, run: Run, result: AmorphousImage) -> None:
        """The image is there, and so are the files."""


class Run:
    """One run of nonBragg.

    Parameters
    ----------
    args : str or sequence of str
        nonBragg's arguments, as one string (split as a shell splits it) or a list.
    events : Events, optional
        Who listens.

    Raises
    ------
    NanoBraggError
        Anything that is wrong with the arguments or the header of an image.
    """

    def __init__(self, args: str | Sequence[str], events: Events | None = None) -> None:
        argv = words_of(args)
        self._events = events or Events()
        self.notes = Notes()
        self.options = OptionValues(fixes=DEFECTS.requested(argv)[0])
        self._image = apply_header(image_file(argv), self.options, self.notes)
        before = replace(self.options)
        _, warnings = parse(argv, self.options)
        self.notes.warnings += warnings
        self.notes.defects += option_defects(argv, before, self.options)
        self._report(self.notes.warnings)

    @property
    def nothing_to_render(self) -> bool:
        """Whether there is nothing to render."""
        return not self.options.stol_file

    def resolve(self) -> Resolved:
        """Read the files that are named and work out the experiment.

        Raises
        ------
        NanoBraggError
            Anything that cannot be; nothing to render.
        """
        if self.nothing_to_render:
            raise ExperimentError(NOTHING_TO_RENDER)
        self.resolution = resolve(self.options, self._image, self.notes)
        return self.resolution

    def execute(
        self, *, write_files: bool = True, noise: bool | None = None, threads: int = 0, engine: str = ""
    ) -> AmorphousImage:
        """Go through all stages.

        Parameters
        ----------
        write_files : bool
            Write the files that the arguments name.
        noise : bool, optional
            Make the noise image; by default if its file is written.
        threads : int
            0: as the arguments say, else OMP_NUM_THREADS, NUMBA_NUM_THREADS or all cores.
        engine : str
            `row` or `loop`: the same bytes.

        Raises
        ------
        NanoBraggError
            Anything that cannot be; nothing to render.
        """
        self.experiment = self.resolve().experiment
        self.render = AmorphousRender(self.experiment, engine or self.options.engine)
        self.scene = self.render.scene
        if noise is None:
            noise = write_files and bool(self.experiment.outputs.noise_file)
        result = self._render(noise, threads or self.options.threads)
        if write_files:
            write_outputs(result)
        elif result.noise is not None:
            result.noise.finish()
        self._report(DEFECTS.sentences(triggered_defects(result, self.notes.defects)))
        self._events.written(self, result)
        return result

    def _render(self, noise: bool, threads: int) -> AmorphousImage:
        experiment, window = self.experiment, window_of(self.scene)
        clip = "negative-wrap" in experiment.defects.fixed
        generator = new_generator(experiment.noise_seed, 0, 0)
        follower = NoiseImage(window, generator, experiment.adc, clip) if noise else None
        after_rows = self._events.ready(self)

        def finished(progress: AmorphousProgress) -> None:
            if follower is not None:
                follower.rows_finished(progress.image, progress.rows)
            if after_rows is not None:
                after_rows(progress)

        with abandoned_on_failure(follower):
            progress = self.render.run(thread_count(threads), finished)
            self._events.rendered()
            found = find_table(experiment, self.scene, progress) if experiment.image else None
            statistics = measure(experiment, self.scene, progress, found)
        return AmorphousImage(progress.image, experiment, statistics, follower, found, progress, self.scene)

    def _report(self, messages: Sequence[str]) -> None:
        if messages:
            self._events.warned(messages)
