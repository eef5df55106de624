"""Which files of a folder are a sweep's own: nothing else in it, and nothing outside it, is ever written or removed.

The folder of a sweep may come from somebody else. Its manifest is then that person's text, and a link in it may lead
anywhere.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from nanobragg_numba.errors import NanoBraggError
from nanobragg_numba.sweep.plan import FACTORS

_NAMES = re.compile(r"stacks/stack_\d{6,}(_\d{7,})?\.nxs|images/\d{4,}/shot_\d{7,}\.(img|cbf|bin)", re.ASCII)
_FOLDERS = ("stacks", "images", "images/*", FACTORS)
_OWN = ("stacks/stack_*.nxs", "images/*/shot_*", "stacks/.nanobragg-*.part", "images/*/.nanobragg-*.part",
        f"{FACTORS}/*")  # fmt: skip
"""What workers write."""


def check_name(name: object, folder: Path) -> str:
    """The name of a file in a manifest, relative to the folder.

    Raises
    ------
    NanoBraggError
        It is none that a sweep gives.
    """
    if not isinstance(name, str) or not _NAMES.fullmatch(name):
        raise NanoBraggError(f"{folder}: its manifest names {name!r}, which is no file of a sweep; nothing was touched")
    return name


def check_links(folder: Path) -> None:
    """Refuse a folder in which a link leads out of it from where a sweep writes.

    Raises
    ------
    NanoBraggError
    """
    for pattern in (*_FOLDERS, "manifest.sqlite*", ".lock", ".sweep"):
        for path in folder.glob(pattern):
            check_link(path, folder)


def check_link(path: Path, folder: Path) -> None:
    """Refuse a link that leads out of a folder.

    Raises
    ------
    NanoBraggError
    """
    if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
        raise NanoBraggError(f"{path} is a link that leads out of the folder of the sweep; nothing was touched")


def own_files(folder: Path) -> Iterator[Path]:
    """What workers have left in the folder, complete or not."""
    home = folder.resolve()
    for pattern in _OWN:
        for path in folder.glob(pattern):
            if path.parent.resolve().is_relative_to(home):
                yield path


def open_own(path: Path) -> int:
    """Open a file for writing that is no link, and make it if it is missing; its content stays.

    Raises
    ------
    OSError
    """
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
