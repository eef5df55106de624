"""nonBragg from Python: an argument list in, an image out."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from nanobragg_numba.engine.names import DEFAULT
from nanobragg_numba.errors import NanoBraggWarning
from nanobragg_numba.programs.nonbragg.image import AmorphousImage
from nanobragg_numba.programs.nonbragg.run import Events, Run

__all__ = ["AmorphousImage", "amorphous"]


class _Messages(Events):
    """Collects what the command says on standard error."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def warned(self, messages: Sequence[str]) -> None:
        self.messages += messages


def amorphous(
    args: str | Sequence[str], *, noise: bool = False, write_files: bool = False, threads: int = 0,
    engine: str = DEFAULT,
) -> AmorphousImage:  # fmt: skip
    """Render what matter without order scatters.

    Parameters
    ----------
    args : str or sequence of str
        nonBragg's arguments, as one string (split as a shell splits it) or a list.
    noise : bool
        Make the noise image, too.
    write_files : bool
        Write the files that the command writes, under the names in `args`.
    threads : int
        0: OMP_NUM_THREADS, NUMBA_NUM_THREADS or all cores.
    engine : str
        `row` or `loop`; the bytes are the same.

    Returns
    -------
    AmorphousImage
        `image` is (slow, fast) float32, photons.

    Raises
    ------
    NanoBraggError
        Anything that is wrong with the arguments or a file.

    Warns
    -----
    NanoBraggWarning
        Arguments that are ignored.
    """
    events = _Messages()
    with np.errstate(all="ignore"):
        run = Run(args, events)
        for message in events.messages:
            warnings.warn(message, NanoBraggWarning, stacklevel=2)
        wanted = True if noise else None  # None: where its file is written
        result = run.execute(write_files=write_files, noise=wanted, threads=threads, engine=engine)
    result.notes = events.messages
    return result
