"""What makes a function a kernel. Numba itself is imported when a kernel is first called or compiled, not before.

So the functions can be read, imported and named without its price, and a command that finds all its machine code
ready (see `native`) never pays it. `jit` compiles; it is the only place with Numba's options.
"""

from collections.abc import Callable
from functools import cached_property, update_wrapper
from typing import Any, NamedTuple

from nanobragg_numba.kernels import ready


class Kernel:
    """A function that is compiled when it is first called.

    One that is an entry is called without Numba where its machine code is at hand, see `ready`.

    Parameters
    ----------
    function : callable
    options
        For `jit.compiled`.

    Attributes
    ----------
    py_func : callable
        The function as it was written.
    dispatcher
        Numba's object for it, whose attributes are those of the kernel, too.
    """

    def __init__(self, function: Callable[..., Any], **options: bool) -> None:
        update_wrapper(self, function)
        self.py_func = function
        self.entry: Entry | None = None
        self._options = options

    @cached_property
    def dispatcher(self) -> Any:
        """Numba's object; with NUMBA_DISABLE_JIT the function itself."""
        from nanobragg_numba.kernels import jit

        return jit.compiled(self.py_func, **self._options)

    @property
    def _numba_type_(self) -> Any:
        """What Numba takes this object for where another kernel calls it."""
        from numba.core import types

        return types.Dispatcher(self.dispatcher)

    def __call__(self, *arguments: Any) -> Any:
        call = self.native
        if call is not None:
            try:
                return call(*arguments)
            except (ready.Mismatch, ready.Failed):  # Numba compiles for what it is given, and says what fails
                pass
        return self.dispatcher(*arguments)

    @property
    def native(self) -> Any:
        """The kernel without Numba: a callable object if its machine code is at hand, else None."""
        return None if self.entry is None else ready.call_of(self.py_func.__name__, *self.entry)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in ("dispatcher", "py_func"):
            raise AttributeError(name)
        return getattr(self.dispatcher, name)

    def __repr__(self) -> str:
        return f"<kernel {self.py_func.__module__}.{self.py_func.__qualname__}>"


class Entry(NamedTuple):
    """What a kernel that can be called without Numba takes and returns; see `native.calls` for the kinds.

    Attributes
    ----------
    group : str
        Kernels that are compiled and loaded together.
    arguments, results : tuple of kinds
    """

    group: str
    arguments: tuple[Any, ...]
    results: tuple[str, ...]


ENTRIES: dict[str, Kernel] = {}
"""Kernels that are entries, by their names, as far as their modules are imported."""


class Instruction:
    """A piece of machine code that `intrinsics` writes for the compiler; where nothing is compiled, this function.

    Parameters
    ----------
    function : callable
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        update_wrapper(self, function)
        self.py_func = function

    @property
    def _numba_type_(self) -> Any:
        """What Numba takes this object for where a kernel calls it."""
        from nanobragg_numba.kernels import intrinsics

        return intrinsics.numba_type(self.py_func.__name__)

    def __call__(self, *arguments: Any) -> Any:
        return self.py_func(*arguments)


def kernel(function: Callable[..., Any]) -> Any:
    """Compile strictly: IEEE order of operations, no contraction, division by zero as in C.

    A kernel owns no memory: arrays are made by its callers. Without Numba's reference counts a call that hands
    on a Scene costs nothing; with them it costs an atomic increment for each array in it, more than a pixel.
    """
    return Kernel(function, _nrt=False, forceinline=False, no_cpython_wrapper=False)


def entry_kernel(*arguments: Any, results: tuple[str, ...] = (), group: str = "kernels") -> Callable[..., Any]:
    """As `kernel`, for one that Python calls with values of these kinds; see `Entry`.

    Parameters
    ----------
    *arguments
        Kind of each argument: NamedTuples, or words such as "int", "float32" and "float64[2]".
    results : tuple of str
        Kinds of what it returns.
    group : str
        Which file of machine code it goes into.
    """

    def decorate(function: Callable[..., Any]) -> Kernel:
        made = kernel(function)
        made.entry = Entry(group, arguments, results)
        ENTRIES[function.__name__] = made
        return made

    return decorate


def inner_kernel(function: Callable[..., Any]) -> Any:
    """As `kernel`, for what only kernels call.

    The code that takes arguments apart for a call from Python, above all a Scene, is a quarter of the time to
    compile; these kernels have none.
    """
    return Kernel(function, _nrt=False, forceinline=False, no_cpython_wrapper=True)


def inlined_kernel(function: Callable[..., Any]) -> Any:
    """As `inner_kernel`, and always a part of the machine code of its caller: for the pieces of a driver.

    A Scene is some two hundred numbers, so even handing it on by value is felt where it happens per block.
    """
    return Kernel(function, _nrt=False, forceinline=True, no_cpython_wrapper=True)


def parallel_kernel(function: Callable[..., Any]) -> Any:
    """As `kernel`, with `numba.prange` loops spread over threads."""
    return Kernel(function, parallel=True)


def uncompiled(function: Any) -> Callable[..., Any]:
    """The Python function inside a kernel, for set-up code that runs it once or twice."""
    return getattr(function, "py_func", function)
