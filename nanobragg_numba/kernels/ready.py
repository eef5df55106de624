"""Machine code that is ready: kernels that Python calls, compiled once for this machine, loaded without Numba.

The code is made by `entries` from the same kernels, so it is no second implementation, and whatever stands in the way
of it (another processor, a cache that cannot be read, a setting of Numba's) leads back to Numba, with the same bytes.
"""

import os
import sys
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from nanobragg_numba.native.cache import ImageFile, cache_root, key_of
from nanobragg_numba.native.calls import Call, Failed, Mismatch, c_types
from nanobragg_numba.native.linker import Image
from nanobragg_numba.native.loader import Library, NotLoaded, is_supported
from nanobragg_numba.native.trust import in_turn

__all__ = ["Failed", "Mismatch", "cache_root", "call_of", "is_lasting", "library", "prepare", "why_not"]

SWITCH = "NANOBRAGG_NUMBA_NATIVE"
"""Environment variable; 0: Numba does everything."""

_HARMLESS = {
    "NUMBA_NUM_THREADS", "NUMBA_CACHE_DIR", "NUMBA_DISABLE_INTEL_SVML", "NUMBA_THREADING_LAYER",
    "NUMBA_THREADING_LAYER_PRIORITY",
}  # fmt: skip
"""Settings of Numba's that do not change the code; any other leads to Numba, so that it is obeyed."""

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

_lock = threading.RLock()
_groups: dict[str, "_Group"] = {}


class _Group:
    """The kernels of one image, and what is known about it.

    Attributes
    ----------
    library : Library or None
    reason : str
        Why there is none; empty while it has only not been compiled.
    calls : dict of str to Call or None
        Kernels that have been called.
    is_lasting : bool
        Whether what was compiled is there for the next process.
    """

    def __init__(self, name: str) -> None:
        self.library: Library | None = None
        self.calls: dict[str, Call | None] = {}
        self.is_lasting = True
        self.reason = _unwanted()
        self._name = name
        self._file: ImageFile | None = None
        if self.reason:
            return
        key = _key()
        if key is None:
            self.reason = "the processor, or Numba's version, cannot be told"
            return
        self._file = ImageFile(name, key)
        self.look()

    def look(self) -> None:
        """Load what is in the cache."""
        found = self._file.load() if self._file is not None else None
        if isinstance(found, str):
            self.reason = found
        elif found is not None:
            self._load(found)

    def lock(self) -> str:
        """Name of a file whose lock is that of all images with the same key; empty where nothing is compiled."""
        if self._file is None:
            return ""
        self._file.make_folder()
        return self._file.lock

    def take(self, made: Image | str) -> None:
        """Keep and load an image; or the reason why there is none, so that it is not tried at each start."""
        if self._file is not None:
            self.is_lasting = self._file.save(made)
        if isinstance(made, str):
            self.reason = made
        else:
            self._load(made)

    def _load(self, image: Image) -> None:
        try:
            self.library = Library(image)
        except NotLoaded as error:
            self.reason = str(error)


@lru_cache(maxsize=1)
def _key() -> str | None:
    return key_of(_PACKAGE)


def _unwanted() -> str:
    if os.environ.get(SWITCH) == "0":
        return f"{SWITCH} is 0"
    if not is_supported():
        return "this is not Linux on x86-64"
    settings = {name for name in os.environ if name.startswith("NUMBA_")} - _HARMLESS
    return f"{min(settings)} is set" if settings else ""


def _group(name: str) -> _Group:
    with _lock:
        if name not in _groups:
            _groups[name] = _Group(name)
        return _groups[name]


def library(group: str = "kernels") -> Library | None:
    """The machine code of a group, if it is at hand."""
    return _group(group).library


def why_not(group: str = "kernels") -> str:
    """Why the machine code of a group is not at hand; empty if it is, or is only not compiled yet."""
    return _group(group).reason


def is_lasting() -> bool:
    """Whether all that was compiled by this process is in the cache."""
    return all(group.is_lasting for group in _groups.values())


def call_of(name: str, group: str, arguments: Sequence[Any], results: Sequence[str]) -> Call | None:
    """A kernel of a group as a callable object, or None where Numba must do it.

    Parameters
    ----------
    name : str
        Of the kernel.
    group : str
        Of the file of machine code that it is in.
    arguments, results : sequence
        Kinds, as `decorators.Entry` has them.
    """
    found = _groups.get(group) or _group(group)
    if name not in found.calls and found.library is not None:
        function = found.library.function(name, c_types(arguments))
        found.calls[name] = None if function is None else Call(function, arguments, results)
    return found.calls.get(name)


def prepare(
    groups: Sequence[str] = ("rows", "kernels"),
    announce: Callable[[], None] = lambda: None,
    waiting: Callable[[], None] | None = None,
) -> bool:
    """Have the machine code of some groups at hand, compiled if need be.

    Parameters
    ----------
    groups : sequence of str
    announce : callable
        Called before something is compiled.
    waiting : callable, optional
        Called if another process is compiling.

    Returns
    -------
    bool
        Whether all of it is.
    """
    with _lock:
        wanted = [_group(name) for name in groups]
        if any(each.library is None and not each.reason for each in wanted):
            with in_turn(wanted[0].lock(), waiting):
                for each in wanted:
                    each.look()
                missing = [name for name in groups if library(name) is None and not why_not(name)]
                if missing:
                    announce()
                    for name, made in zip(missing, _compiled(missing)):
                        _group(name).take(made)
        return all(each.library is not None for each in wanted)


def _compiled(groups: Sequence[str]) -> list[Image | str]:
    """Compile groups, each in a process of its own and all at once; here, one after the other, if that fails."""
    found: list[Image | str | None] = [None] * len(groups)
    if len(groups) > 1 and sys.executable:
        from nanobragg_numba.kernels.build import build_beside

        found = build_beside(groups)
    if None in found:
        from nanobragg_numba.kernels import entries
    return [entries.image(name) if made is None else made for name, made in zip(groups, found)]
