"""Run a program with nanoBragg's arguments so that every file it writes lies in a folder of its own."""

from __future__ import annotations

import hashlib
import math
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from nanobragg_numba.errors import FormatError, NanoBraggError
from nanobragg_numba.formats.float_image import read_float_image
from nanobragg_numba.formats.smv import read_smv
from nanobragg_numba.options.rows import OUTPUT
from nanobragg_numba.programs.nanobragg.option_rows import ROWS, TABLE
from nanobragg_numba.tools.c_program import digest
from nanobragg_numba.tools.machine import PACKAGE

PY_VARIABLE = "NB_PY_BIN"
"""Environment variable that holds the command of our side."""

_OUTPUTS = {row.reads[0][0]: row for row in ROWS if row.role == OUTPUT and row.file_name}
OUTPUT_FILES = {name: row.file_name for name, row in _OUTPUTS.items()}
"""Option fields that name outputs, and the names that the files get in a folder."""

DUMP = "Fdump.bin"

# Files that only ours makes are made only where they are asked for.
_IN_FRONT = {**{name: row.names[0] for name, row in _OUTPUTS.items() if not row.extension}, "dump_file": "-dump"}


@dataclass(frozen=True)
class Program:
    """One side of a comparison.

    Attributes
    ----------
    label : str
        c or py.
    command : tuple of str
        What stands before nanoBragg's arguments.
    environment : dict of str
        Variables that it needs besides those of this process.
    sha256 : str
        Digest of the program, for ours of the package's sources.
    """

    label: str
    command: tuple[str, ...]
    sha256: str
    environment: dict[str, str] = field(default_factory=dict)

    def shell(self, arguments: Sequence[str]) -> str:
        """The command as one types it."""
        settings = [f"{name}={shlex.quote(value)}" for name, value in self.environment.items()]
        return " ".join([*settings, shlex.join([*self.command, *arguments])])


@dataclass
class Run:
    """What a program left.

    Attributes
    ----------
    program : Program
    arguments : list of str
        nanoBragg's, with the names of files changed.
    folder : Path
        With stdout.txt, stderr.txt and the files.
    milliseconds : list of float
        Wall-clock time of each repetition, from start to exit.
    """

    program: Program
    arguments: list[str]
    folder: Path
    milliseconds: list[float] = field(default_factory=list)

    @property
    def best(self) -> float:
        """Shortest of the times, ms."""
        return min(self.milliseconds)


def our_program(named: str | None = None) -> Program:
    """Our side: the command named, else that of NB_PY_BIN, else the package that is running.

    Parameters
    ----------
    named : str, optional
        As one types it in a shell.

    Raises
    ------
    NanoBraggError
        If the command asked for cannot be run.
    """
    wanted = named or os.environ.get(PY_VARIABLE)
    if not wanted:
        command = (sys.executable, "-m", "nanobragg_numba")
        return Program("py", command, package_digest(), _path_to_package())
    words = shlex.split(wanted)
    found = shutil.which(os.path.expanduser(words[0])) if words else None
    if found is None:
        source = "--py-bin" if named else PY_VARIABLE
        raise NanoBraggError(f"{source} names {wanted}, which is no command that can be run")
    absolute = Path(found).absolute()
    return Program("py", (str(absolute), *words[1:]), digest(absolute))


def _path_to_package() -> dict[str, str]:
    """PYTHONPATH for a package that is not installed, where another interpreter would not find it."""
    home = str(PACKAGE.parent)
    if PACKAGE.parent.name in ("site-packages", "dist-packages"):
        return {}
    known = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return {"PYTHONPATH": os.pathsep.join([home, *(path for path in known if path and path != home)])}


def package_digest() -> str:
    """SHA-256 of the sources of this package, names and contents."""
    total = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        total.update(str(path.relative_to(PACKAGE)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def redirected(arguments: Sequence[str], folder: Path) -> list[str]:
    """Change the names of output files, and nothing else, in nanoBragg's arguments.

    Names that the caller gives are replaced where they stand. All are named in front, too, where any option
    of his still overrides them: pictures and noise that he switches off stay off. The last argument stays
    the last, because some options look at what follows.

    Parameters
    ----------
    arguments : sequence of str
    folder : Path
        Where the files go.

    Returns
    -------
    list of str
    """
    names = {field: str(folder / name) for field, name in OUTPUT_FILES.items()}
    if any(_matches("hkl_file", argument) for argument in arguments[:-1]):
        names["dump_file"] = str(folder / DUMP)  # without a list it is read, not written
    words = list(arguments)
    for place, argument in enumerate(arguments[:-1]):
        for name, path in names.items():
            if _matches(name, argument):
                words[place + 1] = path
    front = [word for name, option in _IN_FRONT.items() if name in names for word in (option, names[name])]
    return [*front, *words]


def _matches(field: str, argument: str) -> bool:
    """Whether an argument is an option that names this file."""
    return argument.startswith("-") and any(field in row.fields for row in TABLE.named(argument))


def run(program: Program, arguments: Sequence[str], folder: Path, timeout: float | None = None) -> float:
    """Run a program once, in the present folder; its standard output and error go into `folder`.

    Parameters
    ----------
    program : Program
    arguments : sequence of str
        As `redirected` returns them.
    folder : Path
        Must exist.
    timeout : float, optional
        Seconds after which it is stopped.

    Returns
    -------
    float
        Milliseconds of wall-clock time.

    Raises
    ------
    NanoBraggError
        If it cannot be run, fails, takes too long or writes no float image.
    """
    command = [*program.command, *arguments]
    environment = {**os.environ, **program.environment}
    for name in [*OUTPUT_FILES.values(), DUMP]:  # of an earlier run: not to be taken for this one's
        (folder / name).unlink(missing_ok=True)
    with open(folder / "stdout.txt", "wb") as out, open(folder / "stderr.txt", "wb") as err:
        began = time.perf_counter()
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment, timeout=timeout, check=False
            )
        except OSError as error:
            raise _failure(program, folder, f"cannot be run: {error.strerror}") from error
        except subprocess.TimeoutExpired as error:
            raise _failure(program, folder, f"was stopped after {timeout:g} s") from error
        milliseconds = (time.perf_counter() - began) * 1e3
    if done.returncode != 0:
        raise _failure(program, folder, _how_it_ended(done.returncode))
    if not (folder / OUTPUT_FILES["float_file"]).is_file():
        raise _failure(program, folder, "ended well but wrote no float image")
    return milliseconds


def _how_it_ended(code: int) -> str:
    return f"was killed by signal {-code}" if code < 0 else f"failed with exit code {code}"


class RunnerError(NanoBraggError):
    """A program did not do its part; what it said on standard error comes along.

    Attributes
    ----------
    stderr : str
        The end of its standard error.
    """

    def __init__(self, message: str, stderr: str) -> None:
        super().__init__(message)
        self.stderr = stderr


def _failure(program: Program, folder: Path, what: str) -> RunnerError:
    text = (folder / "stderr.txt").read_text(errors="replace").strip()
    return RunnerError(f"{program.label}: {program.command[0]} {what}", "\n".join(text.splitlines()[-20:]))


def read_image(folder: Path, other_shape: tuple[int, int] | None = None) -> np.ndarray:
    """Read the float image that a program wrote; the SMV image beside it tells its shape.

    Parameters
    ----------
    folder : Path
    other_shape : (2,) int, optional
        Slow and fast pixels of the other side, assumed where there is no SMV image and the size fits.

    Returns
    -------
    (slow, fast) float32

    Raises
    ------
    FormatError
        The file cannot be read, or is of another size than the SMV image says.
    """
    path = folder / OUTPUT_FILES["float_file"]
    smv = folder / OUTPUT_FILES["int_file"]
    if smv.is_file():
        slow, fast = read_smv(smv).pixels.shape
        return read_float_image(path, slow, fast)
    pixels, rest = divmod(path.stat().st_size, 4)
    side = math.isqrt(pixels)
    if other_shape and pixels == math.prod(other_shape) and not rest:
        slow, fast = other_shape
    elif pixels and side * side == pixels and not rest:
        slow = fast = side
    else:
        raise FormatError(f"{path}: no SMV image tells its shape, and its {path.stat().st_size} bytes are no square")
    return read_float_image(path, slow, fast)


def other_files(c: Path, py: Path) -> dict[str, Any]:
    """Compare the files besides the float image, byte by byte, and remove those that are equal.

    Returns
    -------
    dict
        File name: equal, different, or the label of the only side that wrote it.
    """
    found = {}
    for name in [*OUTPUT_FILES.values(), DUMP]:
        a, b = c / name, py / name
        if name == OUTPUT_FILES["float_file"] or not (a.exists() or b.exists()):
            continue
        if not (a.exists() and b.exists()):
            found[name] = "c only" if a.exists() else "py only"
            continue
        same = digest(a) == digest(b)
        found[name] = "equal" if same else "different"
        if same:
            a.unlink()
            b.unlink()
    return found
