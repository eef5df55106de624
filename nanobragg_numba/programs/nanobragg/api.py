"""The package from Python: argument lists in, images and experiments out."""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nanobragg_numba import records
from nanobragg_numba.errors import NanoBraggWarning, OptionError
from nanobragg_numba.experiment.experiment import Experiment
from nanobragg_numba.options.words import words_of
from nanobragg_numba.programs.nanobragg.option_rows import TABLE
from nanobragg_numba.programs.nanobragg.option_values import OptionValues
from nanobragg_numba.programs.nanobragg.parse import NanoBraggScan
from nanobragg_numba.programs.nanobragg.resolve.pipeline import Resolved
from nanobragg_numba.programs.nanobragg.run import Events, Run
from nanobragg_numba.programs.nanobragg.simulation import Simulation, render_experiment
from nanobragg_numba.programs.shared.files import CachedFiles
from nanobragg_numba.records import dataclass, field

__all__ = ["Simulation", "experiment_from", "render_experiment", "simulate"]

_OPTIONS_OF = {
    "fluence": ("fluence", "flux", "exposure", "beamsize"), "curved": ("curved",), "pgm_file": ("pgm_file", "pgm"),
    "noise_file": ("noise_file", "noise"), "roi": ("roi_xmin", "roi_xmax", "roi_ymin", "roi_ymax"),
    "kahn": ("kahn", "nopolar"), "nopolar": ("kahn", "nopolar"),
}  # fmt: skip
"""Options that speak of a field of an experiment, where they are not of its name."""

_SIZE = "a sample size, which decides; give -samplesize 0, too"
_OVERRULED: tuple[tuple[tuple[str, ...], Callable[[OptionValues], bool], str], ...] = (
    (
        ("fluence",),
        lambda options: options.flux != 0.0 and options.exposure > 0.0,
        "-flux, which decides; give -flux 0, too",
    ),
    (("distance",), lambda options: not math.isnan(options.close_distance), "-close_distance, which decides"),
    (("Na",), lambda options: options.sample_x > 0.0, _SIZE),
    (("Nb",), lambda options: options.sample_y > 0.0, _SIZE),
    (("Nc",), lambda options: options.sample_z > 0.0, _SIZE),
    (("detsize_f",), lambda options: options.fpixels > 0, "-detpixels, which decides"),
    (("detsize_s",), lambda options: options.spixels > 0, "-detpixels, which decides"),
    (("a",), lambda options: bool(options.matrix_file), "-mat, which decides"),
    (("hdivrange", "vdivrange", "dispersion"), lambda options: bool(options.source_file), "-sourcefile, which decides"),
)
"""Fields of OptionValues, when another option keeps them from having an effect, and which."""


class _RecordingOptions(OptionValues):
    """Option values that remember which of them an argument list sets."""

    def __setattr__(self, name: str, value: Any) -> None:
        self.__dict__.setdefault("_names", set()).add(name)
        super().__setattr__(name, value)

    def set_by(self, args: Sequence[str]) -> set[str]:
        """Names of the fields that an argument list sets."""
        self.__dict__["_names"] = set()
        NanoBraggScan(TABLE, args, self, self.fixes).run()
        return set(self.__dict__["_names"])


@dataclass(frozen=True, eq=False)
class _Arguments:
    """What an experiment was made from: the Origin of those that `experiment_from` makes.

    Attributes
    ----------
    argv : tuple of str
    files : CachedFiles
        What was read.
    seeds : dict
        Fields of OptionValues that come from the clock.
    replaced : dict
        Fields of the experiment that were replaced afterwards.
    """

    argv: tuple[str, ...]
    files: CachedFiles = field(default_factory=CachedFiles)
    seeds: dict[str, Any] = field(default_factory=dict)
    replaced: dict[str, Any] = field(default_factory=dict)

    def run(self, events: Events | None = None) -> Run:
        """A run of the arguments, resolved; files that were read before are not read again."""
        run = Run(self.argv, events, files=self.files, origin=self, **self.seeds)
        run.resolve()
        _warn(run.notes.warnings)
        return run

    def with_options(self, args: str | Sequence[str]) -> Experiment:
        """The experiment of these arguments and more."""
        more = words_of(args)
        origin = records.replace(self, argv=(*self.argv, *more), replaced={})
        run = origin.run()
        options = run.options
        changed = _RecordingOptions(fixes=options.fixes).set_by(more)
        for names, overruled, by in _OVERRULED:
            for name in changed.intersection(names):
                if overruled(options):
                    raise OptionError(f"{' '.join(more)}: {name} has no effect beside {by}")
        remaining = {name: value for name, value in self.replaced.items() if changed.isdisjoint(_options_of(name))}
        return run.experiment.replace(**remaining)

    def replacing(self, changes: dict[str, Any]) -> _Arguments:
        """What the same experiment with other values comes from."""
        return records.replace(self, replaced={**self.replaced, **changes})


def _options_of(name: str) -> tuple[str, ...]:
    return _OPTIONS_OF.get(name, (name,))


def _warn(messages: Sequence[str]) -> None:
    """Warn the caller of the package, whichever of its functions that was."""
    level, frame = 1, sys._getframe()
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("nanobragg_numba."):
        level, frame = level + 1, frame.f_back
    for message in messages:
        warnings.warn(message, NanoBraggWarning, stacklevel=level)


def experiment_from(args: str | Sequence[str]) -> Resolved:
    """Resolve an argument list without rendering; files are read, none is written.

    Parameters
    ----------
    args : str or sequence of str
        nanoBragg's arguments, as one string (split as a shell splits it) or a list.

    Returns
    -------
    Resolved
        Its `experiment` remembers the arguments and what the files said, for `with_options`.

    Raises
    ------
    NanoBraggError
        Anything that is wrong with them.

    Warns
    -----
    NanoBraggWarning
        What the command says on standard error: arguments that are ignored, numbers in a wrong unit.
    """
    return _origin(args).run().resolution


def _origin(args: str | Sequence[str]) -> _Arguments:
    """What an experiment of these arguments comes from; seeds from the clock are drawn once."""
    defaults = OptionValues()
    return _Arguments(
        tuple(words_of(args)), seeds={name: getattr(defaults, name) for name in ("noise_seed", "misset_seed")}
    )


def simulate(
    args: str | Sequence[str], *, noise: bool = False, write_files: bool = False, threads: int = 0,
    engine: str = "", image: np.ndarray | None = None,
) -> Simulation:  # fmt: skip
    """Render what an argument list says.

    Parameters
    ----------
    args : str or sequence of str
        nanoBragg's arguments, as one string or a list.
    noise : bool
        Make the noise image, too.
    write_files : bool
        Write the files that the command writes, under the names in `args` (structure factor dump excepted).
    threads : int
        0: as `args` say, else OMP_NUM_THREADS, NUMBA_NUM_THREADS or all cores.
    engine : str
        `row` or `loop`; by default as `args` say, else `row`. The bytes are the same.
    image : (slow, fast) array, optional
        Photons that were rendered before, such as the sum of parts; then nothing is rendered.

    Returns
    -------
    Simulation
        `image` is (slow, fast) float32, photons.

    Raises
    ------
    NanoBraggError
        Anything that is wrong with the arguments or a file.
    """
    events = _Messages()
    run = _origin(args).run(events)
    result = run.render_and_write(
        write_files=write_files, noise=noise or None, threads=threads, engine=engine, image=image
    )
    notes = run.notes
    result.notes = [*notes.before_banner, *notes.steps, *notes.oversampling, *events.messages]
    return result


class _Messages(Events):
    """Collects what the command says on standard error."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def warned(self, messages: Sequence[str]) -> None:
        self.messages += messages
