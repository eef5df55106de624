"""Compilers beside this process: one for each group of entries, so that several cores share the first run's work."""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence

from nanobragg_numba.native.cache import packed, unpacked
from nanobragg_numba.native.linker import Image

_SCRIPT = "import sys; sys.path[:] = {path!r}; from nanobragg_numba.kernels.build import main; main({group!r})"


def build_beside(groups: Sequence[str]) -> list[Image | str | None]:
    """Compile groups at the same time.

    Returns
    -------
    list
        For each an image or the reason why there is none; None where the process did not get so far.
    """
    processes = [_begun(group) for group in groups]
    try:
        return [None if process is None else _answer(process) for process in processes]
    finally:
        for process in processes:
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()


def _begun(group: str) -> "subprocess.Popen[bytes] | None":
    script = _SCRIPT.format(path=[os.path.abspath(folder) for folder in sys.path], group=group)
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen([sys.executable, "-c", script], stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
    except OSError:
        return None


def _answer(process: "subprocess.Popen[bytes]") -> Image | str | None:
    assert process.stdout is not None
    content = process.stdout.read()
    if process.wait() != 0:
        return None
    try:
        return unpacked(content)
    except Exception:  # whatever else a process may have printed
        return None


def main(group: str) -> None:
    """The life of a compiler: it writes an image on standard output, and ends with the process that wants it."""
    answer = os.dup(1)
    os.dup2(2, 1)  # what anything prints is no part of the image
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from nanobragg_numba.kernels import entries

    content = packed(entries.image(group))
    with os.fdopen(answer, "wb") as file:
        file.write(content)
    os._exit(0)


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)
