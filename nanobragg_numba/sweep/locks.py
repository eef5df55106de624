"""Who may be at work: one sweep in a folder, one process at what all need, and no worker of a sweep that is gone."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nanobragg_numba.errors import NanoBraggError
from nanobragg_numba.sweep.places import open_own


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """The folder, for one sweep at a time.

    Raises
    ------
    NanoBraggError
        Another one is at work there.
    """
    try:
        file = os.fdopen(open_own(folder / ".lock"), "w")
    except OSError as error:
        raise NanoBraggError(f"cannot write in {folder}: {error.strerror}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise NanoBraggError(f"another nb-sweep is at work in {folder}") from error
        yield


@contextmanager
def in_turn(path: Path) -> Iterator[None]:
    """A block that processes enter one after the other.

    Raises
    ------
    OSError
        The file cannot be made or locked.
    """
    with os.fdopen(open_own(path), "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


_CURRENT = ".sweep"


def announce(folder: Path, sweep: str) -> None:
    """Say which sweep the folder belongs to now."""
    with os.fdopen(open_own(folder / _CURRENT), "w") as file:
        file.truncate()
        file.write(sweep)


def still_wanted(folder: Path, sweep: str) -> bool:
    """Whether the folder belongs to this sweep: a cluster may finish a task after `--new` has begun another one."""
    try:
        return (folder / _CURRENT).read_text() == sweep
    except OSError:
        return False
