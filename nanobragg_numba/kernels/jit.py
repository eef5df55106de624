"""How kernels are compiled and where the machine code is kept: the only place with Numba's options.

Numba's own cache notices a change in the file that defines a function but not one in a function that it
calls from another file. Here the cache folder is named after a digest of all kernel sources, so stale
code cannot run and an upgrade starts clean.

Reading and writing places are two things: a folder that can be read and not written, as in a container, is used; what
it lacks is compiled for this run, in a temporary folder. What lies in either is run only if `native.trust` says so.
"""

import atexit
import hashlib
import os
import pickle
import shutil
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from nanobragg_numba.kernels import settings  # noqa: F401

# isort: split
import numba
from numba.core import caching
from numba.core import config as _config
from numba.core.serialize import dumps

from nanobragg_numba.cleanup import run_at_exit
from nanobragg_numba.native.trust import in_turn, is_private, make_folder, read_trusted, write_whole

NUMBA: Any = _config
"""Numba's settings, most of them made from environment variables."""

_LARGEST = 256 << 20
_PATIENCE = 600.0
"""Seconds to wait for another process that compiles the same; after that each does it for itself."""

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
def lasting_cache_folder() -> str:
    """The folder in which compiled kernels of these sources are kept, wherever there is one; empty: nowhere."""
    try:
        return str(_cache_root() / f"kernels-{source_digest()}")
    except RuntimeError:  # no home folder can be found
        return ""


@lru_cache(maxsize=1)
def cache_folder() -> tuple[str, bool]:
    """The folder that takes compiled kernels, and whether it is a temporary one that ends with the process."""
    folder = lasting_cache_folder()
    try:
        make_folder(folder)
        if not is_private(folder):
            raise PermissionError
        tempfile.TemporaryFile(dir=folder).close()
        return folder, False
    except (OSError, ValueError):
        temporary = tempfile.mkdtemp(prefix="nanobragg_numba-")
        _temporary[temporary] = os.getpid()
        atexit.register(remove_temporary_cache)
        return temporary, True


def is_distrusted() -> bool:
    """Whether there is a kept folder that others can write to, or that is somebody else's: none of its code is run."""
    folder = lasting_cache_folder()
    return os.path.isdir(folder) and not is_private(folder)


_temporary: dict[str, int] = {}


def remove_temporary_cache() -> None:
    """Remove a temporary cache folder, unless this process was forked from its owner."""
    for folder, owner in _temporary.items():
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)


run_at_exit(remove_temporary_cache)


class _DigestLocator(caching._CacheLocator):
    """Puts every kernel's compiled code into the digest-named folder."""

    def __init__(self, py_func: Any, py_file: str) -> None:
        place = Path(py_file).with_suffix("")
        self._place = f"{place.parent.name}-{place.name}-{py_func.__code__.co_firstlineno}"

    @classmethod
    def from_function(cls, py_func: Any, py_file: str) -> "_DigestLocator":
        return cls(py_func, py_file)

    def get_cache_path(self) -> str:
        return lasting_cache_folder()

    def ensure_cache_path(self) -> None:
        """Nothing: a folder is made when there is something to keep."""

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
    kernel : str
        Name of the kernel.
    """

    def __init__(self, kernel: str) -> None:
        self._kernel = kernel

    def _name(self, key: Any) -> tuple[str, bytes]:
        meant = f"{self._kernel} {key!r}".encode()
        return f"{self._kernel}.{hashlib.sha256(meant).hexdigest()[:16]}.nbc", meant

    def load(self, key: Any) -> Any:
        """What was saved under a key; None if there is nothing that can be trusted."""
        name, meant = self._name(key)
        for folder in (lasting_cache_folder(), *_temporary):
            content = read_trusted(os.path.join(folder, name), _LARGEST) if is_private(folder) else None
            if content and hashlib.sha256(meant + content[32:]).digest() == content[:32]:
                return pickle.loads(content[32:])
        return None

    def save(self, key: Any, data: Any) -> None:
        """Keep something under a key, if the folder takes it."""
        name, meant = self._name(key)
        pickled = dumps(data)
        write_whole(os.path.join(cache_folder()[0], name), hashlib.sha256(meant + pickled).digest() + pickled)

    def holds(self, key: Any) -> bool:
        """Whether there is something under a key that can be trusted, by its owner."""
        name = self._name(key)[0]
        folders = [folder for folder in (lasting_cache_folder(), *_temporary) if is_private(folder)]
        return any(is_private(os.path.join(folder, name), stat.S_ISREG) for folder in folders)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Where one process at a time compiles this kernel; the others wait for what it leaves, but not for ever."""
        folder, is_temporary = cache_folder()
        if is_temporary:
            yield
            return
        with in_turn(os.path.join(folder, f"{self._kernel}.lock"), patience=_PATIENCE):
            yield


class _KernelCache(caching.FunctionCache):
    """A cache that can only help: what cannot be read is compiled anew, what cannot be written is left out."""

    _impl_class = _KernelCacheImpl

    def __init__(self, py_func: Any) -> None:
        super().__init__(py_func)
        self._cache_file: Any = _KernelFiles(self._impl.filename_base)
        self._turn = ExitStack()

    def _load_overload(self, sig: Any, target_context: Any) -> Any:
        """What is kept; where there is nothing, the turn of this process has come when this returns."""
        found = self._load_cached(sig, target_context)
        if found is None:
            self._turn.close()
            self._turn.enter_context(self._cache_file.turn())
            found = self._load_cached(sig, target_context)
            if found is not None:
                self._turn.close()
        return found

    def _load_cached(self, sig: Any, target_context: Any) -> Any:
        try:
            return super()._load_overload(sig, target_context)
        except Exception:  # code that was whole when it was written, and still cannot be linked here
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a kernel that was compiled, and let the next process have its turn."""
        try:
            super().save_overload(sig, data)
        finally:
            self._turn.close()

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
    try:
        numba.set_num_threads(allowed)
    except ValueError:  # a threading layer that is not installed here, or no layer at all
        NUMBA.THREADING_LAYER, NUMBA.THREADING_LAYER_PRIORITY = "default", ["tbb", "omp", "workqueue"]
        numba.set_num_threads(allowed)
    return allowed


def is_cached(function: Any, arguments: Sequence[Any]) -> bool:
    """Whether the cache folder holds what a kernel's call with such arguments needs."""
    cache = getattr(function, "_cache", None)
    if cache is None:
        return True
    return bool(cache.holds(tuple(function.typeof_pyval(each) for each in arguments), function.targetctx))
