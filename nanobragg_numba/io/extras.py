"""Packages that are installed on request: imported where they are used, and named where they are missing."""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType

from nanobragg_numba.errors import NanoBraggError

INSTALL = "pip install 'nanobragg-numba[formats]'"
"""What brings all of them."""


def extra(name: str, purpose: str) -> ModuleType:
    """Import an optional package.

    Parameters
    ----------
    name : str
        Such as "gemmi".
    purpose : str
        What it is needed for, in words that complete "... needs NAME".

    Raises
    ------
    NanoBraggError
        It is not installed; the message names the pip command.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise NanoBraggError(f"{purpose} needs {name}: {INSTALL}") from error


def have(name: str) -> bool:
    """Whether an optional package is installed, without importing it."""
    return importlib.util.find_spec(name) is not None
