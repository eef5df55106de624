"""noisify from Python: an image in, counts out."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np

from nanobragg_numba.options.words import words_of
from nanobragg_numba.programs.noisify.photons import of_array
from nanobragg_numba.programs.noisify.run import Events, Noisy, Run

__all__ = ["Noisy", "noisify"]


class _Messages(Events):
    """Collects what the command says on standard error."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def warned(self, messages: Sequence[str]) -> None:
        self.messages += messages


def noisify(
    image: np.ndarray | str | os.PathLike[str], args: str | Sequence[str] = "", *, write_files: bool = False
) -> Noisy:
    """Make of photons what a detector writes.

    Parameters
    ----------
    image : (slow, fast) array, or path
        Photons; or a float image, NeXus or CBF file. A float image has the shape that `args` say.
    args : str or sequence of str
        noisify's arguments, as one string (split as a shell splits it) or a list. Without -seed the noise is another
        one each time.
    write_files : bool
        Write the files that the command writes.

    Returns
    -------
    Noisy
        `counts` and `noiseless` are (slow, fast), uint16, or uint32 with -bits 32.

    Raises
    ------
    NanoBraggError
        Anything that is wrong with the arguments, the image or a file.

    Examples
    --------
    >>> import numpy as np
    >>> import nanobragg_numba as nb
    >>> nb.noisify(np.full((4, 4), 100.0), "-readout 3 -seed 1").counts.shape
    (4, 4)
    """
    events = _Messages()
    argv = words_of(args)
    if isinstance(image, str | os.PathLike):
        run = Run([*argv, "-floatfile", os.fspath(image)], events)
    else:
        run = Run(argv, events, of_array(image))
    with np.errstate(all="ignore"):
        result = run.execute(write_files=write_files)
    result.notes = events.messages
    return result
