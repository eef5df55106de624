"""The one driver of nanoBragg: from an argument list to an image and its files, stage by stage.

The command, the Python interface, sweeps and tools all go through a `Run`; each listens to what happens on the way
with `Events` of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from nanobragg_numba.engine.flatten import flatten
from nanobragg_numba.engine.run import Progress, is_compiled
from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.experiment.experiment import Experiment, Origin
from nanobragg_numba.kernels.loop.fixes import Fixes
from nanobragg_numba.kernels.scene import Scene
from nanobragg_numba.options.words import words_of
from nanobragg_numba.programs.nanobragg.defects.table import sentences
from nanobragg_numba.programs.nanobragg.defects.triggered import kernel_fixes, triggered_defects
from nanobragg_numba.programs.nanobragg.prepare import prepare
from nanobragg_numba.programs.nanobragg.resolve.advice import duration_warnings
from nanobragg_numba.programs.nanobragg.resolve.pipeline import Resolved, nothing_to_render, resolve
from nanobragg_numba.programs.nanobragg.resolve.structure_factors import FactorCache
from nanobragg_numba.programs.nanobragg.simulation import (
    Simulation,
    frames_of,
    photons_of_frames,
    render_experiment,
    render_pixels,
)
from nanobragg_numba.programs.nanobragg.writing import check_outputs, write_outputs
from nanobragg_numba.programs.shared.files import UNCACHED, Files
from nanobragg_numba.records import replace

NOTHING_TO_RENDER = "nothing to render: give -cell or -mat, and -hkl, a dump file or -default_F"


class Events:
    """What happens during a run, in this order; nothing comes of it here."""

    def warned(self, messages: Sequence[str]) -> None:
        """Something is to be said on standard error; at any time, each message once."""

    def resolved(self, run: Run) -> None:
        """The experiment is known."""

    def ready(self, run: Run) -> Callable[[Progress], None] | None:
        """Everything is, and the render begins; what is returned is called with the Progress after each piece of it."""

    def rendered(self, run: Run, result: Simulation) -> None:
        """The image is there; the noise image may still be in the making."""

    def written(self, run: Run, result: Simulation) -> None:
        """So are the files."""


class Run:
    """One run of nanoBragg.

    Parameters
    ----------
    args : str or sequence of str
        nanoBragg's arguments, as one string (split as a shell splits it) or a list.
    events : Events, optional
        Who listens.
    factor_cache : FactorCache, optional
        Structure factors that have been read before; filled.
    files : Files
        How the other files are read.
    origin : Origin, optional
        What the experiment is to remember of where it comes from.
    **defaults
        Fields of OptionValues, where the arguments are silent.

    Attributes
    ----------
    options : OptionValues
        What the arguments say, image headers applied.
    notes : Notes
        What the stages have said so far.

    Raises
    ------
    NanoBraggError
        Anything that is wrong with the arguments or an image header.
    """

    def __init__(
        self, args: str | Sequence[str], events: Events | None = None, *, factor_cache: FactorCache | None = None,
        files: Files = UNCACHED, origin: Origin | None = None, **defaults: Any,
    ) -> None:  # fmt: skip
        argv = words_of(args)
        self._events = events or Events()
        self._factor_cache, self._files, self._origin = factor_cache, files, origin
        self._reported = 0
        self._prepared = prepare(argv, factor_cache, files, **defaults)
        self.options, self.notes = self._prepared.options, self._prepared.notes
        self._report()

    @property
    def nothing_to_render(self) -> bool:
        """Whether there is nothing to render."""
        return nothing_to_render(self.options, self._files)

    def resolve(self, write_dump: bool = False) -> Resolved:
        """Read the files that are named and work out the experiment; the dump file is the only one that is written.

        Raises
        ------
        NanoBraggError
            Anything that cannot be; nothing to render.
        """
        if self.nothing_to_render:
            raise ExperimentError(NOTHING_TO_RENDER)
        made = resolve(self.options, self._prepared.mask, self.notes, write_dump, self._factor_cache, self._files)
        self.resolution = replace(made, experiment=replace(made.experiment, origin=self._origin))
        self.notes.warnings += duration_warnings(self.experiment, self.options)
        self._report()
        return self.resolution

    @property
    def experiment(self) -> Experiment:
        """What will be rendered."""
        return self.resolution.experiment

    @cached_property
    def scene(self) -> Scene:
        """The same, flattened for the kernels."""
        return flatten(self.experiment)

    @cached_property
    def kernel_fixes(self) -> Fixes | None:
        """The fixes of the loops that change this image."""
        return kernel_fixes(self.experiment, self.scene)

    @property
    def is_compiled(self) -> bool:
        """Whether the kernels that it needs are at hand."""
        return is_compiled(self.scene, self.options.engine, self.kernel_fixes)

    def execute(self, write_dump: bool = False, **how: Any) -> Simulation:
        """Go through all stages.

        Parameters
        ----------
        write_dump : bool
            Write the dump file, as the command does.
        **how
            As for `render_and_write`.
        """
        self.resolve(write_dump)
        return self.render_and_write(**how)

    def render_and_write(
        self, *, write_files: bool = True, noise: bool | None = None, threads: int = 0, engine: str = "",
        image: np.ndarray | None = None,
    ) -> Simulation:  # fmt: skip
        """Go through the stages behind `resolve`.

        Parameters
        ----------
        write_files : bool
            Write the files that the arguments name.
        noise : bool, optional
            Make the noise image; by default if its file is written.
        threads, engine, image
            As for `render`.

        Raises
        ------
        NanoBraggError
        """
        if write_files:
            self.check_outputs()
        if noise is None:
            noise = write_files and bool(self.experiment.outputs.noise_file)
        result = self.render(noise=noise, threads=threads, engine=engine, image=image)
        if write_files:
            self.write(result)
        elif result.noise is not None:
            result.noise.finish()
        return result

    def check_outputs(self) -> None:
        """Find out before the render what would keep a file from being written.

        Raises
        ------
        NanoBraggError
        """
        self._report(check_outputs(self.experiment))

    def render(
        self, *, noise: bool = False, threads: int = 0, engine: str = "", image: np.ndarray | None = None
    ) -> Simulation:
        """Render the image.

        Parameters
        ----------
        noise : bool
            Make the noise image, too; it may still be in the making afterwards.
        threads, engine
            Instead of those that the arguments name.
        image : (slow, fast) array, optional
            Photons that were rendered before; then nothing is rendered.

        Raises
        ------
        ExperimentError
        """
        self._events.resolved(self)
        self._report(sentences([*self.notes.defects, *triggered_defects(self.experiment, self.scene)]))
        threads, engine = threads or self.options.threads, engine or self.options.engine
        after_rows = self._events.ready(self)
        frames: list[np.ndarray] = []
        if image is None and self.experiment.outputs.frames_only:
            frames = list(photons_of_frames(self.experiment, threads, engine))
            image = np.asarray(np.sum(frames, axis=0, dtype=np.float64), np.float32)
        result = render_experiment(
            self.experiment, threads=threads, engine=engine, noise=noise, scene=self.scene, image=image,
            generator=self.resolution.generator, after_rows=after_rows,
        )  # fmt: skip
        result.frames = frames
        self._events.rendered(self, result)
        self._report(sentences(result.found_defects))
        return result

    def write(self, result: Simulation) -> None:
        """Write the files that the arguments name, all of them or none.

        Raises
        ------
        FormatError
        """
        frames = frames_of(result, self.options.threads, self.options.engine)
        self._report(write_outputs(self.experiment, self.scene, result.image, result.statistics, result.noise, frames))
        if result.noise is not None:
            result.noise.finish()
        self._events.written(self, result)

    def pixels(self, threads: int = 0, counts: bool = False) -> np.ndarray:
        """Render nothing but pixels: photons, (slow, fast) float32, or counts with noise, uint16."""
        return render_pixels(
            self.experiment, threads=threads or self.options.threads, engine=self.options.engine, counts=counts,
            generator=self.resolution.generator,
        )  # fmt: skip

    def _report(self, messages: Sequence[str] = ()) -> None:
        """Say something, and before it the warnings that the stages have left since the last time."""
        messages = [*self.notes.warnings[self._reported :], *messages]
        self._reported = len(self.notes.warnings)
        if messages:
            self._events.warned(messages)


def experiment_from(args: str | Sequence[str], factor_cache: FactorCache | None = None) -> Resolved:
    """Resolve an argument list without rendering; files are read, none is written.

    Parameters
    ----------
    args : str or sequence of str
        nanoBragg's arguments, as one string (split as a shell splits it) or a list.
    factor_cache : FactorCache, optional
        Structure factors that have been read before; filled.

    Raises
    ------
    NanoBraggError
        Anything that is wrong with them.
    """
    return Run(args, factor_cache=factor_cache).resolve()
