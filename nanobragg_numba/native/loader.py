"""From an image to functions that can be called: memory, addresses, permission to run. The standard library alone."""

import ctypes
import mmap
import os
import struct
import sys
from collections.abc import Callable, Sequence
from typing import Any

from nanobragg_numba.native.linker import EXTERNAL, Image


class NotLoaded(Exception):
    """The image cannot be run here; says why."""


def is_supported() -> bool:
    """Whether this is a machine whose images the linker knows: Linux on x86-64, 64 bits."""
    return sys.platform == "linux" and os.uname().machine == "x86_64" and sys.maxsize > 2**32


class Library:
    """An image in memory, where it stays as long as one of its functions is there.

    Parameters
    ----------
    image : Image

    Raises
    ------
    NotLoaded
        The C library lacks a function; there is no memory, or none that may be run.
    """

    def __init__(self, image: Image) -> None:
        process = ctypes.CDLL(None)
        try:
            self._memory = mmap.mmap(-1, max(len(image.code), 1), mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
            self._base = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))
            self._memory[: len(image.code)] = self._placed(image, process)
            size = ctypes.c_size_t(len(self._memory))
            if process.mprotect(ctypes.c_void_p(self._base), size, mmap.PROT_READ | mmap.PROT_EXEC):
                raise NotLoaded("memory that was written may not be run")
        except (OSError, ValueError, struct.error, AttributeError) as error:
            raise NotLoaded(f"the compiled kernels cannot be loaded: {error}") from None
        self._entries = image.entries

    def _placed(self, image: Image, process: ctypes.CDLL) -> bytearray:
        code = bytearray(image.code)
        for offset, value in image.relative:
            struct.pack_into("<Q", code, offset, self._base + value)
        addresses: dict[str, int] = {}
        for offset, name in image.external:
            if name not in addresses:
                addresses[name] = _address(process, name)
            struct.pack_into("<Q", code, offset, addresses[name])
        return code

    def function(self, name: str, arguments: Sequence[Any]) -> Callable[..., int] | None:
        """Make an entry callable.

        Parameters
        ----------
        name : str
        arguments : sequence
            ctypes' types of its arguments.

        Returns
        -------
        callable or None
            Returns Numba's status code; while it runs, other Python threads do. None if there is no such entry.
        """
        if name not in self._entries:
            return None
        function: Any = ctypes.CFUNCTYPE(ctypes.c_int32, *arguments)(self._base + self._entries[name])
        function.memory = self._memory  # which must not go before it
        return function


def _address(process: ctypes.CDLL, name: str) -> int:
    """Address of a function of the C library, the same that LLVM finds for code compiled in this process."""
    if name not in EXTERNAL:
        raise NotLoaded(f"the image asks for {name}, which is no function that kernels call")
    try:
        function = getattr(process, name)
    except AttributeError:
        function = getattr(ctypes.CDLL("libm.so.6"), name)
    return ctypes.cast(function, ctypes.c_void_p).value or 0
