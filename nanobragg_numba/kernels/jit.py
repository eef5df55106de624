"""How kernels are compiled and where the machine code is kept: the only place with Numba's options.

Numba's own cache notices a change in the file that defines a function but not one in a function that it
calls from another file. Here the cache folder is named after a digest of all kernel sources, so stale
code cannot run and an upgrade starts clean.
"""

import atexit
import hashlib
import os
import pickle
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

# Older Numba builds replace libm's functions in loops by Intel's, whose last bits differ.
os.environ.setdefault("NUMBA_DISABLE_INTEL_SVML", "1")

import numba
from numba.core import caching
from numba.core import config as _config
from numba.core.serialize import dumps

from nanobragg_numba.cleanup import before_the_end

NUMBA: Any = _config
"""Numba's settings, most of them made from environment variables."""

CACHE_VARIABLE = "NANOBRAGG_NUMBA_CACHE_DIR"

WIDE_VECTORS = not (os.environ.get("NUMBA_CPU_NAME") or os.environ.get("NUMBA_CPU_FEATURES"))
"""Whether row kernels ask for 512-bit vectors: not where the user has chosen the processor himself."""


@lru_cache(maxsize=1)
def source_digest() -> str:
    """Hexadecimal digest of everything that decides the machine code: kernel sources and versions."""
    kernels = Path(__file__).parent
    digest = hashlib.sha256(f"numba {numba.__version__} wide {WIDE_VECTORS}".encode())
    for path in [*sorted(kernels.rglob("*.py")), kernels.parent / "constants.py"]:
        digest.update(str(path.relative_to(kernels.parent)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:20]


def _cache_root() -> Path:
    chosen = os.environ.get(CACHE_VARIABLE) or os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nanobragg_numba"


@lru_cache(maxsize=1)
def cache_folder() -> tuple[str, bool]:
    """The folder of compiled kernels and whether it is a temporary one that ends with the process."""
    try:
        folder = _cache_root() / f"kernels-{source_digest()}"
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
        return str(folder), False
    except (OSError, RuntimeError):  # RuntimeError: no home folder can be found
        temporary = tempfile.mkdtemp(prefix="nanobragg_numba-")
        _temporary[temporary] = os.getpid()
        atexit.register(remove_temporary_cache)
        return temporary, True


_temporary: dict[str, int] = {}
_growing: set[Path] = set()


def remove_temporary_cache() -> None:
    """Remove a temporary cache folder, unless this process was forked from its owner, and half-written entries."""
    for path in list(_growing):
        with suppress(OSError):
            path.unlink()
    for folder, owner in _temporary.items():
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)


before_the_end(remove_temporary_cache)

class _DigestLocator(caching._CacheLocator):
    """Puts every kernel's compiled code into the digest-named folder."""

    def __init__(self, py_func: Any, py_file: str) -> None:
        place = Path(py_file).with_suffix("")
        self._place = f"{place.parent.name}-{place.name}-{py_func.__code__.co_firstlineno}"

    @classmethod
    def from_function(cls, py_func: Any, py_file: str) -> "_DigestLocator":
        return cls(py_func, py_file)

    def get_cache_path(self) -> str:
        return cache_folder()[0]

    def get_source_stamp(self) -> str:
        return source_digest()

    def get_disambiguator(self) -> str:
        return self._place


class _KernelCacheImpl(caching.CompileResultCacheImpl):
    _locator_classes = [_DigestLocator]


class _KernelFiles:
    """One file for each signature of a kernel: a digest, and what Numba pickled.

    The digest covers the names of kernel, signature and processor, so that code that was damaged, or belongs to
    another kernel, signature or machine, is never run. There is no index, so that runs that fill a folder at the
    same time cannot spoil each other's entries.

    Parameters
    ----------
    folder : str
    kernel : str
        Name of the kernel in this folder.
    """

    def __init__(self, folder: str, kernel: str) -> None:
        self._folder, self._kernel = Path(folder), kernel

    def _file(self, key: Any) -> tuple[Path, bytes]:
        meant = f"{self._kernel} {key!r}".encode()
        return self._folder / f"{self._kernel}.{hashlib.sha256(meant).hexdigest()[:16]}.nbc", meant

    def load(self, key: Any) -> Any:
        """What was saved under a key; None if there is nothing that can be trusted."""
        path, meant = self._file(key)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        digest, pickled = content[:32], content[32:]
        return pickle.loads(pickled) if hashlib.sha256(meant + pickled).digest() == digest else None

    def save(self, key: Any, data: Any) -> None:
        """Keep something under a key, if the folder takes it."""
        path, meant = self._file(key)
        pickled = dumps(data)
        growing = path.with_name(f"{path.name}.{os.urandom(8).hex()}.part")
        _growing.add(growing)
        try:
            growing.write_bytes(hashlib.sha256(meant + pickled).digest() + pickled)
            growing.replace(path)
        except OSError:
            with suppress(OSError):
                growing.unlink()
        _growing.discard(growing)

    def holds(self, key: Any) -> bool:
        """Whether there is something under a key."""
        try:
            return self._file(key)[0].exists()
        except OSError:
            return False


class _KernelCache(caching.FunctionCache):
    """A cache that can only help: what cannot be read is compiled anew, what cannot be written is left out."""

    _impl_class = _KernelCacheImpl

    def __init__(self, py_func: Any) -> None:
        super().__init__(py_func)
        self._cache_file: Any = _KernelFiles(self._cache_path, self._impl.filename_base)

    def _load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super()._load_overload(sig, target_context)
        except Exception:  # code that was whole when it was written, and still cannot be linked here
            return None

    def holds(self, sig: Any, target_context: Any) -> bool:
        """Whether this signature of the kernel has been compiled."""
        return bool(self._cache_file.holds(self._index_key(sig, target_context.codegen())))


_njit: Any = numba.njit  # its annotations do not know every option


def compiled(function: Callable[..., Any], **options: Any) -> Any:
    """Numba's object for a kernel; see `decorators` for what the options mean."""
    dispatcher = _njit(error_model="numpy", nogil=True, no_cfunc_wrapper=True, **options)(function)
    if not (NUMBA.DISABLE_JIT or options.get("no_cpython_wrapper")):  # what kernels call is cached with them
        dispatcher._cache = _KernelCache(function)
    return dispatcher


_one_at_a_time = threading.Lock()
_first_process: list[int] = []


@contextmanager
def parallel_region() -> Iterator[None]:
    """Where parallel kernels may run: one Python thread at a time, and never in a forked child.

    One of Numba's threading layers aborts when two Python threads run parallel kernels at once, the other
    one is killed in a child of a process that has used it.

    Raises
    ------
    ChildProcessError
        In a forked child.
    """
    if _first_process and _first_process[0] != os.getpid():
        raise ChildProcessError(
            "this process was forked from one that has already rendered: start workers with "
            'multiprocessing.get_context("spawn")'
        )
    with _one_at_a_time:
        _first_process[:] = [os.getpid()]
        yield


def set_threads(count: int) -> int:
    """Let parallel kernels called from this Python thread use at most `count` threads; returns the number used."""
    allowed = max(1, min(count, NUMBA.NUMBA_NUM_THREADS))
    numba.set_num_threads(allowed)
    return allowed


def is_cached(function: Any, arguments: Sequence[Any]) -> bool:
    """Whether the cache folder holds what a kernel's call with such arguments needs."""
    cache = getattr(function, "_cache", None)
    if cache is None:
        return True
    return bool(cache.holds(tuple(function.typeof_pyval(each) for each in arguments), function.targetctx))
