"""Whose files may be run as code, and how processes take turns: for every cache of compiled kernels.

Code out of a cache runs with all rights of the user. A digest shows that a file is whole, not who wrote it; that is
decided by ownership. So a file counts if it belongs to the user or to root and nobody else can write to it.
"""

import fcntl
import math
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from nanobragg_numba.cleanup import run_at_exit

_growing: set[str] = set()

_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


def is_trusted(status: os.stat_result) -> bool:
    """Whether a file, or a folder, can only have been changed by the user or by root: no one else may write to it."""
    if not (stat.S_ISDIR(status.st_mode) or stat.S_ISREG(status.st_mode)):
        return False
    return status.st_uid in (os.geteuid(), 0) and not status.st_mode & _OTHERS_MAY_WRITE


def is_private(path: str, kind: Callable[[int], bool] = stat.S_ISDIR) -> bool:
    """Whether there is a folder, or what `kind` says, of the user or root that nobody else can write to."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return False
    return kind(status.st_mode) and is_trusted(status)


def make_folder(path: str) -> None:
    """Make a folder, and those above it that are missing, for the user alone.

    Raises
    ------
    OSError
    """
    if not os.path.isdir(path):
        above = os.path.dirname(os.path.abspath(path))
        if above != path:
            make_folder(above)
        with suppress(FileExistsError):
            os.mkdir(path, 0o700)


def read_trusted(path: str, largest: int) -> bytes | None:
    """Content of a file that can be trusted, in a folder that can be; None if there is no such file.

    Parameters
    ----------
    path : str
    largest : int
        Longer files are left alone.
    """
    try:
        if not is_trusted(os.stat(os.path.dirname(path))):
            return None
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError):
        return None
    try:
        status = os.fstat(descriptor)
        if not is_trusted(status) or status.st_size > largest:
            return None
        content = bytearray()
        while chunk := os.read(descriptor, status.st_size + 1 - len(content)):
            content += chunk
            if len(content) > status.st_size:
                return None
        return bytes(content)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def write_whole(path: str, content: bytes) -> bool:
    """Put a file in its place complete, readable by all and writable by the user alone; False where that fails."""
    growing = f"{path}.{os.urandom(8).hex()}.part"
    _growing.add(growing)
    try:
        descriptor = os.open(growing, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    except (OSError, ValueError):
        _growing.discard(growing)
        return False
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        os.replace(growing, path)
        return True
    except OSError:
        return False
    finally:
        _remove(growing)


def _remove(growing: str) -> None:
    try:
        os.unlink(growing)
    except OSError:
        pass
    _growing.discard(growing)


def _remove_growing() -> None:
    for growing in list(_growing):
        _remove(growing)


run_at_exit(_remove_growing)


@contextmanager
def in_turn(
    path: str, waiting: Callable[[], None] | None = None, patience: float = math.inf
) -> Iterator[None]:
    """A block that one process of this machine enters at a time; where no lock can be had, every process does.

    The lock ends with the process that holds it, however that ends.

    Parameters
    ----------
    path : str
        The file whose lock is taken.
    waiting : callable, optional
        Called once if another process is inside.
    patience : float
        Seconds after which a process enters without its turn.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    except (OSError, ValueError):
        yield
        return
    try:
        _lock(descriptor, waiting, patience)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, waiting: Callable[[], None] | None, patience: float) -> None:
    """Take the lock; in steps, so that Ctrl-C is answered on every kind of file system.

    Parameters
    ----------
    descriptor : int
        Of an open file.
    waiting : callable or None
        Called once where somebody else has the lock.
    patience : float
        s; after that it goes on without.
    """
    end = time.monotonic() + patience
    while time.monotonic() < end:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if waiting is not None:
                waiting()
                waiting = None
            time.sleep(0.05)
        except OSError:  # no locks on this file system
            return
