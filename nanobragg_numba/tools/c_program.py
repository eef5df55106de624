"""Find the C program that a tool compares with, and say which one it was."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from nanobragg_numba.errors import NanoBraggError

VARIABLE = "NB_C_BIN"
"""Environment variable that names a C program."""

OWN = Path(__file__).resolve().parents[2] / "cref" / "nanobragg_ref"
"""Our own C program, where a checkout has it built."""


def find_c_program(named: str | None = None) -> Path | None:
    """Find a C program: the one named, else that of NB_C_BIN, else our own if it is built.

    Parameters
    ----------
    named : str, optional
        Path, or a command on PATH, from an option.

    Returns
    -------
    Path or None
        Absolute; None where no program was asked for and ours is not built.

    Raises
    ------
    NanoBraggError
        If the program asked for cannot be run.
    """
    for source, wanted in (("--c-bin", named), (VARIABLE, os.environ.get(VARIABLE))):
        if wanted:
            found = shutil.which(os.path.expanduser(wanted))
            if found is None:
                raise NanoBraggError(f"{source} names {wanted}, which is no program that can be run")
            return Path(found).absolute()
    return OWN if os.access(OWN, os.X_OK) else None


def digest(program: Path) -> str:
    """Return the SHA-256 of a program, which tells two builds apart.

    Parameters
    ----------
    program : Path

    Returns
    -------
    str
        Hexadecimal.
    """
    with open(program, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
