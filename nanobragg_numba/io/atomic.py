"""Output files that appear complete or not at all."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import BinaryIO, Self

from nanobragg_numba.cleanup import run_at_exit
from nanobragg_numba.errors import FormatError

Path = str | os.PathLike[str]

_live: set[str] = set()
_changing_names = threading.RLock()

# Names of what a process already has open: renaming a file onto one of them would detach it.
_DESCRIPTOR_PATHS = ("/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/")


def remove_temporaries() -> None:
    """Remove every temporary file that is still waiting to be renamed."""
    for name in list(_live):
        _remove(name)


def stop_writing() -> None:
    """Remove every temporary file and let no other thread make one or rename one any more.

    For a process that is about to end in the middle of its work.
    """
    _changing_names.acquire()
    remove_temporaries()


run_at_exit(stop_writing)

def _remove(name: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(name)
    _live.discard(name)


def _problem(path: str, error: Exception) -> FormatError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    if isinstance(error, FileNotFoundError):
        reason = f"the folder {os.path.dirname(path) or '.'} does not exist"
    return FormatError(f"cannot write {path}: {reason}")


class _Raw(io.FileIO):
    """A file whose write errors name the path that the user gave."""

    def __init__(self, descriptor: int, path: str) -> None:
        super().__init__(descriptor, "wb")
        self._path = path

    def write(self, data) -> int:  # type: ignore[override]
        try:
            return super().write(data)
        except OSError as error:
            raise _problem(self._path, error) from error


class _Output:
    """One output: where it is being written, and where that goes in the end."""

    def __init__(self, path: Path) -> None:
        try:
            self.path = os.fspath(path)
            self._target, direct = _follow(self.path)
            self._temporary: str | None = None
            descriptor = self._open_direct() if direct else self._open_temporary()
        except (OSError, ValueError) as error:
            raise _problem(str(path), error) from error
        self.file = io.BufferedWriter(_Raw(descriptor, self.path))

    def _open_direct(self) -> int:
        return os.open(self.path, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC)

    def _open_temporary(self) -> int:
        # What already stands there keeps its permissions, and its protection.
        mode = None
        if os.path.exists(self._target):
            mode = stat.S_IMODE(os.stat(self._target).st_mode)
            if not os.access(self._target, os.W_OK):
                raise PermissionError(13, "the file that is there is write-protected")
        folder = os.path.dirname(self._target) or "."
        name = os.path.join(folder, f".nanobragg-{os.urandom(8).hex()}.part")
        # Registered first: a signal between the two lines must find it.
        with _changing_names:
            _live.add(name)
            try:
                descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
            except BaseException:
                _remove(name)
                raise
        self._temporary = name
        if mode is not None:
            with contextlib.suppress(OSError):
                os.fchmod(descriptor, mode)
        return descriptor

    def finish(self) -> None:
        """Write what is still buffered, and close."""
        try:
            self.file.close()
        except (OSError, ValueError) as error:
            raise _problem(self.path, error) from error

    def publish(self) -> None:
        """Give the finished file its name."""
        if self._temporary is None:
            return
        try:
            with _changing_names:
                os.replace(self._temporary, self._target)
        except OSError as error:
            raise _problem(self.path, error) from error
        _live.discard(self._temporary)
        self._temporary = None

    def discard(self) -> None:
        """Leave no trace of a file that was not published."""
        with contextlib.suppress(OSError, FormatError, ValueError):
            self.file.close()
        if self._temporary is not None:
            _remove(self._temporary)
            self._temporary = None


def _follow(path: str) -> tuple[str, bool]:
    """The file at the end of a chain of links, and whether it must be written in place."""
    if path.endswith("/") or not path:
        raise IsADirectoryError(21, "that names a folder, not a file" if path else "no file name")
    if "\0" in path:
        raise ValueError("a file name holds no zero character")
    target = path
    for _ in range(40):
        if os.path.abspath(target).startswith(_DESCRIPTOR_PATHS):
            return target, True
        if not os.path.islink(target):
            break
        target = os.path.join(os.path.dirname(target), os.readlink(target))
    else:
        raise OSError(40, "too many levels of links")
    if not os.path.exists(target):
        return target, False
    kind = os.stat(target).st_mode
    if stat.S_ISDIR(kind):
        raise IsADirectoryError(21, "that is a folder")
    return target, not stat.S_ISREG(kind)


class OutputGroup:
    """Several output files that appear together: all are complete before the first is named.

    Used as a context manager. They are named in the order in which they were opened; where the
    block fails, none of them is, and whatever stood there before is untouched.

    Examples
    --------
    >>> with OutputGroup() as outputs:                      # doctest: +SKIP
    ...     outputs.open("floatimage.bin").write(pixels)
    ...     outputs.open("image.pgm").write(picture)
    """

    def __init__(self) -> None:
        self._outputs: list[_Output] = []

    def open(self, path: Path) -> BinaryIO:
        """Begin a file.

        Parameters
        ----------
        path : path
            What is not a regular file (a pipe, `/dev/stdout`) is written directly.

        Raises
        ------
        FormatError
            Where nothing can be written there; likewise when writing to the file that is returned.
        """
        output = _Output(path)
        self._outputs.append(output)
        return output.file

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                for output in self._outputs:
                    output.finish()
                for output in self._outputs:
                    output.publish()
        finally:
            for output in self._outputs:
                output.discard()


@contextlib.contextmanager
def atomic_output(path: Path) -> Iterator[BinaryIO]:
    """Write one file that appears complete or not at all.

    It grows under a hidden temporary name in the folder of its target, is renamed onto it at the
    end of the block and removed if the block fails. A link is followed. What is not a regular
    file (a pipe, `/dev/stdout`) is written directly.

    Raises
    ------
    FormatError
        If the folder is missing or read-only, the path is a folder, the disk is full, ...
    """
    with OutputGroup() as outputs:
        yield outputs.open(path)
