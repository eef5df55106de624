"""Calls of compiled kernels with Python's values: what a kernel takes, laid out as plain addresses and numbers.

A kernel's arguments and results are described by kinds:

int, float, float32, bool   a number
float64[2]                  an array of a type and so many dimensions, C-contiguous: address, then its shape
a NamedTuple class          a record of such: the address of its integers and that of its floats. Behind the integers
                            stand address and shape of each array. See `Layout`, `declare_arrays`.

Results are numbers. They are written where two more arguments point to: integers, floats.
"""

import ctypes
import re
import sys
from array import array
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

Kind = Any
"""A string, or a NamedTuple class."""

_NUMBERS = {"int": ctypes.c_int64, "bool": ctypes.c_int64, "float": ctypes.c_double, "float32": ctypes.c_float}
_ARRAY = re.compile(r"(u?int\d+|float\d+)\[(\d)\]")


class Mismatch(Exception):
    """Values that are not of the kinds that a compiled kernel was made for."""


class Failed(Exception):
    """A kernel has come to an end with an error."""


class Layout(NamedTuple):
    """Fields of a record by their kind, each in the order of the record."""

    ints: tuple[str, ...]
    floats: tuple[str, ...]
    arrays: tuple[tuple[str, str], ...]  # name, kind


def array_kind(kind: str) -> tuple[str, int]:
    """Type and number of dimensions of an array's kind.

    Raises
    ------
    ValueError
        It is none.
    """
    match = _ARRAY.fullmatch(kind)
    if match is None:
        raise ValueError(f"{kind} is no kind of array")
    return match[1], int(match[2])


_layouts: dict[Any, Layout] = {}
_array_fields: dict[Any, dict[str, str]] = {}


def declare_arrays(record: Any, **kinds: str) -> None:
    """Say of which kinds the arrays in a NamedTuple class are; what is not named is float64[1]."""
    _array_fields[record] = kinds


def layout_of(record: Any) -> Layout:
    """The layout of a NamedTuple class."""
    if record not in _layouts:
        fields = record.__annotations__
        arrays = [name for name, kind in fields.items() if _plain(kind) == "array"]
        _layouts[record] = Layout(
            tuple(name for name, kind in fields.items() if _plain(kind) == "int"),
            tuple(name for name, kind in fields.items() if _plain(kind) == "float"),
            tuple((name, _array_fields.get(record, {}).get(name, "float64[1]")) for name in arrays),
        )
    return _layouts[record]


def _plain(annotation: Any) -> str:
    name = getattr(annotation, "__forward_arg__", getattr(annotation, "__name__", str(annotation)))
    return name if name in ("int", "float") else "array"


def c_types(arguments: Sequence[Kind]) -> list[Any]:
    """Types of the C function that belongs to arguments of such kinds."""
    types: list[Any] = []
    for kind in arguments:
        if not isinstance(kind, str):
            types += [ctypes.c_int64, ctypes.c_int64]
        elif kind in _NUMBERS:
            types.append(_NUMBERS[kind])
        else:
            types += [ctypes.c_int64] * (1 + array_kind(kind)[1])
    return [*types, ctypes.c_int64, ctypes.c_int64]


class _ArrayKind(NamedTuple):
    """An array's kind in the words of NumPy's array interface."""

    typestr: str
    dimensions: int
    alignment: int


@cache
def _interface_of(kind: str) -> _ArrayKind:
    dtype, dimensions = array_kind(kind)
    letters = dtype.rstrip("0123456789")
    size = int(dtype.removeprefix(letters)) // 8
    order = "|" if size == 1 else "<" if sys.byteorder == "little" else ">"
    return _ArrayKind(f"{order}{letters[0]}{size}", dimensions, size)


def _array_at(value: Any, kind: str) -> list[int]:
    """Address and shape of an array."""
    try:
        interface = value.__array_interface__
    except AttributeError:
        raise Mismatch(f"no array for {kind}") from None
    expected, shape, address = _interface_of(kind), interface["shape"], interface["data"][0]
    if interface["typestr"] != expected.typestr or len(shape) != expected.dimensions:
        raise Mismatch(f"an array of {interface['typestr']}[{len(shape)}] for {kind}")
    if interface["strides"] is not None or address % expected.alignment:
        raise Mismatch("an array that is not laid out as C's")
    return [address, *shape]


class Packed:
    """A record laid out for kernels. Its arrays must live as long as it does.

    Parameters
    ----------
    record : NamedTuple class
    value : record
        Or anything with fields of the same names.

    Raises
    ------
    Mismatch
    """

    def __init__(self, record: Any, value: Any) -> None:
        layout = layout_of(record)
        try:
            ints = [getattr(value, name) for name in layout.ints]
            for name, kind in layout.arrays:
                ints += _array_at(getattr(value, name), kind)
            self._ints = array("q", ints)
            self._floats = array("d", [getattr(value, name) for name in layout.floats])
        except (AttributeError, TypeError, OverflowError) as error:
            raise Mismatch(str(error)) from None
        self._value = value

    @property
    def addresses(self) -> list[int]:
        """Of the integers and of the floats."""
        return [self._ints.buffer_info()[0], self._floats.buffer_info()[0]]


class Call:
    """An entry that takes what its kernel takes and returns what it returns.

    Parameters
    ----------
    function : callable
        The C function: plain arguments, a status code.
    arguments, results : sequence of kinds
    """

    def __init__(self, function: Callable[..., int], arguments: Sequence[Kind], results: Sequence[str]) -> None:
        self._function, self._arguments, self._results = function, arguments, results

    def __call__(self, *values: Any) -> Any:
        """Call it; other Python threads run meanwhile.

        Raises
        ------
        Mismatch
            Values of other kinds than its arguments.
        Failed
        """
        while len(values) > len(self._arguments) and values[-1] is None:  # an option of the kernel that is left out
            values = values[:-1]
        if len(values) != len(self._arguments):
            raise Mismatch(f"{len(values)} arguments instead of {len(self._arguments)}")
        plain: list[Any] = []
        held_alive = []
        for kind, value in zip(self._arguments, values):
            if isinstance(kind, str):
                plain += [value] if kind in _NUMBERS else _array_at(value, kind)
                continue
            packed = value if isinstance(value, Packed) else Packed(kind, value)
            held_alive.append(packed)
            plain += packed.addresses
        ints, floats = array("q", bytes(8 * len(self._results))), array("d", bytes(8 * len(self._results)))
        try:
            status = self._function(*plain, ints.buffer_info()[0], floats.buffer_info()[0])
        except (ctypes.ArgumentError, TypeError) as error:
            raise Mismatch(str(error)) from None
        if status != 0:
            raise Failed(f"status {status}")
        return self._unpacked(ints, floats)

    def _unpacked(self, ints: "array[int]", floats: "array[float]") -> Any:
        found: list[Any] = []
        for i, kind in enumerate(self._results):
            found.append(floats[i] if kind == "float" else bool(ints[i]) if kind == "bool" else ints[i])
        if len(found) < 2:
            return found[0] if found else None
        return tuple(found)


