"""What the programs show on a terminal while they are at work."""

from __future__ import annotations

import os
import sys
from typing import Any

from nanobragg_numba.command.guard import complain


def print_now(text: str) -> None:
    """Write on standard output, so that a reader sees it before the next long piece of work."""
    sys.stdout.write(text)
    sys.stdout.flush()


def announce_compilation(name: str) -> None:
    """Say on standard error that the first run of a command `name` takes longer."""
    complain(name, "compiling the kernels for this machine, once")


def progress_bar(total: int, unit: str, title: str | None = None) -> Any:
    """A bar with an estimate of the time that is left.

    Parameters
    ----------
    total : int
        Pieces of work.
    unit : str
        What one of them is.
    title : str, optional
        What stands before the bar.

    Returns
    -------
    tqdm.tqdm or None
        None where standard error is no terminal.
    """
    if not sys.stderr.isatty():
        return None
    from tqdm import tqdm

    columns = os.get_terminal_size(sys.stderr.fileno()).columns or 80  # some terminals do not know their width
    return tqdm(total=total, unit=unit, desc=title, file=sys.stderr, leave=False, smoothing=0.0, ncols=columns)
