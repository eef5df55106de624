"""The folder that nb-trace makes: where files go, what was run, and on what."""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nanobragg_numba.errors import NanoBraggError
from nanobragg_numba.io.atomic import atomic_output
from nanobragg_numba.tools.c_program import digest
from nanobragg_numba.tools.machine import cpu, git, git_commit, json_text, versions
from nanobragg_numba.trace.parse import parse_log

OUR_SIDE_ONLY = 3
"""Exit code where the C program gave no trace."""

# Nothing but the trace is wanted of the C program: no image, no noise, no dump of its own.
_C_OUTPUTS = (
    *("-floatfile", os.devnull, "-intfile", os.devnull),
    *("-nonoise", "-nopgm", "-noprogress"),
)


class Bundle:
    """A folder of traces in the making.

    Parameters
    ----------
    folder : path
        Made if it is missing.

    Raises
    ------
    NanoBraggError
        If files in it are under version control.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        if tracked_files(self.folder):
            raise NanoBraggError(
                f"{self.folder} holds files under version control: name another folder "
                "with --out"
            )
        self._commands: list[str] = []

    def write(self, name: str, text: str) -> Path:
        """Write one file of the bundle, whole or not at all.

        Parameters
        ----------
        name : str
            Relative to the folder.
        text : str

        Returns
        -------
        Path
        """
        path = self.folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NanoBraggError(
                f"cannot make the folder {path.parent}: {error.strerror}"
            ) from error
        with atomic_output(path) as file:
            file.write(text.encode())
        return path

    def write_json(self, name: str, values: dict[str, Any]) -> Path:
        """Write values as JSON."""
        return self.write(name, json_text(values))

    def ran(self, what: str, command: Sequence[str]) -> None:
        """Remember a command for commands.txt, under the name of what it made."""
        self._commands += [f"# {what}", shlex.join(command)]

    def write_commands(self) -> None:
        """Write commands.txt: a line that names what was made, and one with the command."""
        self.write("commands.txt", "\n".join(self._commands) + "\n")


def tracked_files(folder: Path) -> bool:
    """Say whether git keeps a file in this folder.

    Parameters
    ----------
    folder : Path
        Need not exist.
    """
    start = folder.absolute()
    while not start.is_dir():
        start = start.parent
    return bool(git(start, "ls-files", "--", str(folder.absolute())))


class CProgramError(NanoBraggError):
    """A C program that does not do its part; ours is written all the same."""


def run_c(program: Path, arguments: Sequence[str], wanted: Sequence[str]) -> tuple[list[str], bytes]:
    """Run a C program for what it prints, so that it leaves no file.

    Parameters
    ----------
    program : Path
    arguments : sequence of str
        nanoBragg arguments.
    wanted : sequence of str
        The option that prints.

    Returns
    -------
    command : list of str
        As it was run.
    out : bytes
        Its standard output.

    Raises
    ------
    CProgramError
        It cannot be run, or fails.
    """
    command = [str(program), *arguments, *_C_OUTPUTS]
    options = [word for word in arguments if word.startswith("-")]
    if any("-hkl" in word for word in options) and not any("-dump" in word for word in options):
        # With a list of its own the program writes the dump; without one it would read it.
        command += ["-dump", os.devnull]
    command += wanted
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError as error:
        raise CProgramError(f"cannot run {program}: {error.strerror}") from error
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
        raise CProgramError(f"{program} failed, status {done.returncode}: {last[0]}")
    return command, done.stdout


def c_trace(program: Path, arguments: Sequence[str], slow: int, fast: int) -> tuple[list[str], str | None]:
    """Trace a pixel with a C program.

    Parameters
    ----------
    program : Path
    arguments : sequence of str
        nanoBragg arguments.
    slow, fast : int

    Returns
    -------
    command : list of str
        As it was run.
    log : str or None
        The trace lines of its standard output; None where it printed none, as a program that cannot trace does.

    Raises
    ------
    CProgramError
        It cannot be run, or fails.
    """
    command, out = run_c(program, arguments, ["-trace_pixel", str(slow), str(fast)])
    try:
        log = parse_log(out, f"the output of {program}")
    except NanoBraggError:
        return command, None
    return command, "".join(f"{entry.text}\n" for entry in log.entries)


def environment(roi: Sequence[int], program: Path | None) -> dict[str, Any]:
    """Describe what the traces were made with.

    Parameters
    ----------
    roi : (4,) int
        xmin, xmax, ymin, ymax.
    program : Path or None
        C program.

    Returns
    -------
    dict
    """
    import numba

    return {
        "git_commit": git_commit(),
        **versions(),
        "platform": platform.platform(),
        "cpu": cpu(),
        "threads": numba.get_num_threads(),
        "data_type": "float64; float image float32",
        "byte_order": sys.byteorder,
        "roi": list(roi),
        "c_program": str(program) if program else None,
        "c_program_sha256": digest(program) if program else None,
    }
