"""Where images of compiled kernels are kept: one file for everything that decides the code.

The name of a file is a digest of the kernels' sources, the compiler's versions and the processor. The file holds
the same digest and one over its content, so what is damaged or was renamed is not run; whose file is run is
decided in `trust`. Nothing here fails: without a file there is nothing, and what cannot be kept is not kept.
"""

import os
import struct
import sys
from collections.abc import Iterator
from typing import Any

from nanobragg_numba.native.linker import Image
from nanobragg_numba.native.trust import make_folder, read_trusted, write_whole

try:
    from _sha2 import sha256  # type: ignore[import-not-found]  # without OpenSSL, which takes longer to load
except ImportError:
    try:
        from _sha256 import sha256  # type: ignore[import-not-found]  # Python 3.11
    except ImportError:
        from hashlib import sha256

CACHE_VARIABLE = "NANOBRAGG_NUMBA_CACHE_DIR"

_FORMAT = b"nanobragg native code 1\n"
_LARGEST = 64 << 20
_COUNTS = struct.Struct("<IIII")
_PLACE = struct.Struct("<QQ")
_NAMED = struct.Struct("<QH")


def cache_root() -> str:
    """The folder in which all compiled kernels are kept; it may not exist, and may be relative to the current one."""
    chosen = os.environ.get(CACHE_VARIABLE) or os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        return chosen
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(home, "nanobragg_numba")


def key_of(package: str) -> str | None:
    """Hexadecimal digest of everything that decides the code of images.

    Parameters
    ----------
    package : str
        Folder of this package, whose kernels are the source.

    Returns
    -------
    str or None
        None where the compiler or the processor cannot be told.
    """
    digest = sha256(_FORMAT)
    try:
        for part in (*_sources(package), *_compiler()):
            digest.update(b"%d " % len(part) + part)
        digest.update(_processor())
    except (OSError, LookupError):
        return None
    return str(digest.hexdigest())


def _sources(package: str) -> Iterator[bytes]:
    kernels = os.path.join(package, "kernels")
    paths = [os.path.join(package, "constants.py"), os.path.join(package, "native", "linker.py")]
    for folder, folders, files in os.walk(kernels):
        folders.sort()
        paths += [os.path.join(folder, file) for file in sorted(files) if file.endswith(".py")]
    for path in paths:
        yield path[len(package) + 1 :].encode()
        with open(path, "rb", buffering=0) as file:
            yield file.read()


def _compiler() -> Iterator[bytes]:
    """Versions of Numba and LLVM, read and not imported; where Python would find them."""
    for name in ("numba", "llvmlite"):
        for folder in sys.path:
            try:
                with open(os.path.join(folder or ".", name, "_version.py"), "rb", buffering=0) as file:
                    yield file.read()
                break
            except OSError:
                continue
        else:
            raise LookupError(name)


def _processor() -> bytes:
    """What Linux says of the first processor, but for the lines that change from one moment to the next."""
    with open("/proc/cpuinfo", "rb", buffering=0) as file:
        content = b""
        while b"\n\n" not in content and (more := file.read(4096)):
            content += more
    wanted = (b"vendor_id", b"cpu family", b"model", b"stepping", b"flags")
    lines = [line for line in content.split(b"\n\n")[0].splitlines() if line.startswith(wanted)]
    if len(lines) < len(wanted):
        raise LookupError("processor")
    return b"\n".join(lines)


class ImageFile:
    """The file of one image.

    Parameters
    ----------
    name : str
        Of the image.
    key : str
        See `key_of`.

    Attributes
    ----------
    path : str
    lock : str
        File whose lock is taken by who compiles images with this key.
    """

    def __init__(self, name: str, key: str) -> None:
        self.path = os.path.join(cache_root(), f"{name}-{key[:24]}.image")
        self.lock = os.path.join(cache_root(), f"kernels-{key[:24]}.lock")
        self._key = f"{name} {key}".encode()

    def load(self) -> Image | str | None:
        """What was saved: an image, the reason why there is none, or None where nothing can be trusted."""
        content = read_trusted(self.path, _LARGEST)
        if content is None or not content.startswith(_FORMAT):
            return None
        start = len(_FORMAT) + 32
        digest, body = content[len(_FORMAT) : start], content[start:]
        if sha256(self._key + body).digest() != digest:
            return None
        try:
            return unpacked(body)
        except (struct.error, ValueError):
            return None

    def make_folder(self) -> None:
        """Make the folder of the cache for the user alone, if that can be done."""
        try:
            make_folder(os.path.dirname(self.path) or ".")
        except (OSError, ValueError):
            pass

    def save(self, what: Image | str) -> bool:
        """Keep an image, or the reason why there is none; False where the folder does not take it."""
        self.make_folder()
        body = packed(what)
        return write_whole(self.path, _FORMAT + sha256(self._key + body).digest() + body)


def packed(what: Image | str) -> bytes:
    """An image, or a reason, as bytes."""
    if isinstance(what, str):
        return b"-" + what.encode("utf-8", "surrogatepass")
    parts: list[Any] = [b"+", _COUNTS.pack(len(what.code), len(what.relative), len(what.external), len(what.entries))]
    parts += [_PLACE.pack(*each) for each in what.relative]
    named = [*what.external, *((offset, name) for name, offset in what.entries.items())]
    parts += [_NAMED.pack(offset, len(name)) + name.encode("ascii") for offset, name in named]
    return b"".join([*parts, what.code])


def unpacked(body: bytes) -> Image | str:
    """The contrary of `packed`.

    Raises
    ------
    ValueError, struct.error
        What is no image.
    """
    if body[:1] == b"-":
        return body[1:].decode("utf-8", "surrogatepass")
    if body[:1] != b"+":
        raise ValueError("neither an image nor a reason")
    size, n_relative, n_external, n_entries = _COUNTS.unpack_from(body, 1)
    at = 1 + _COUNTS.size
    places = body[at : at + n_relative * _PLACE.size]
    at += n_relative * _PLACE.size
    named = []
    for _ in range(n_external + n_entries):
        offset, length = _NAMED.unpack_from(body, at)
        at += _NAMED.size
        named.append((offset, body[at : at + length].decode("ascii")))
        at += length
    relative, external = tuple(_PLACE.iter_unpack(places)), tuple(named[:n_external])
    entries = {name: offset for offset, name in named[n_external:]}
    code = body[at:]
    patched = [offset for offset, _ in (*relative, *external)]
    if len(code) != size or len(relative) != n_relative or max(patched, default=-8) + 8 > size:
        raise ValueError("an image that does not fit itself")
    if max(entries.values(), default=-1) >= size or max((value for _, value in relative), default=0) > size:
        raise ValueError("an image that points beyond itself")
    return Image(code, relative, external, entries)
