"""The machine code of the kernels that Python calls, as an object file: the one place that makes it, with Numba.

Each kernel gets a wrapper whose arguments are addresses and numbers, as `native.calls` lays them out, and a C function
around that. All of a group are linked, optimized and written out as Numba's JIT would have them run.
"""

import importlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.compiler_lock import global_compiler_lock
from numba.extending import intrinsic

from nanobragg_numba.kernels.decorators import ENTRIES, Kernel, inner_kernel
from nanobragg_numba.native.calls import array_kind, layout_of
from nanobragg_numba.native.linker import Image, Refused, link

MODULES = (
    "amorphous.found", "amorphous.pieces", "amorphous.pixel_loop", "image", "loop.geometry", "loop.pixel_loop",
    "noise.chain", "noise.photon_noise", "noise.point_spread", "noise.random", "noise.readout", "noise.spread",
    "noise.streams", "row.pieces", "text",
)  # fmt: skip
"""Modules with entries, in this folder."""

_NUMBERS = {"int": types.int64, "bool": types.int64, "float": types.float64, "float32": types.float32}


def kernels_of(group: str) -> dict[str, Kernel]:
    """All entries of a group, by name."""
    for module in MODULES:
        importlib.import_module(f"nanobragg_numba.kernels.{module}")
    return {name: kernel for name, kernel in ENTRIES.items() if kernel.entry and kernel.entry.group == group}


def image(group: str) -> Image | str:
    """Compile a group; what goes wrong, with this version of Numba for instance, is returned as a sentence."""
    try:
        code, symbols = object_code(group)
        return link(code, symbols)
    except Refused as error:
        return f"the machine code cannot be linked: {error}"
    except Exception as error:  # inner parts of Numba, which may change
        return f"the machine code cannot be made: {type(error).__name__}: {error}".splitlines()[0]


def object_code(group: str) -> tuple[bytes, dict[str, str]]:
    """Compile a group.

    Returns
    -------
    content : bytes
        An object file.
    symbols : dict
        Symbol of each entry.
    """
    made = {}
    for name, kernel in kernels_of(group).items():
        function, signature = _wrapper(kernel)
        dispatcher = inner_kernel(function).dispatcher
        dispatcher.compile(types.void(*signature))
        made[name] = dispatcher.overloads[signature]
    return _linked(made), {name: f"nanobragg_{name}" for name in made}


def _linked(made: dict[str, Any]) -> bytes:
    context = next(iter(made.values())).target_context
    with global_compiler_lock:
        library = context.codegen().create_library("entries")
        module = library.create_ir_module("entries")
        for name, result in made.items():
            _add_c_function(module, context, name, result.fndesc)
        for result in made.values():
            library.add_linking_library(result.library)
        library.add_ir_module(module)
        library.finalize()
        return library._codegen._tm.emit_object(library._final_module)


def _add_c_function(module: Any, context: Any, name: str, description: Any) -> None:
    """A function with C's calling convention that returns the status code of a compiled kernel."""
    convention = context.call_conv
    kernel_type = convention.get_function_type(description.restype, description.argtypes)
    kernel = ir.Function(module, kernel_type, description.llvm_func_name)
    arguments = [context.get_value_type(each) for each in description.argtypes]
    function = ir.Function(module, ir.FunctionType(ir.IntType(32), arguments), f"nanobragg_{name}")
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    status, _ = convention.call_function(
        builder, kernel, description.restype, description.argtypes, function.args
    )
    builder.ret(status.code)


def _viewer(kind: str) -> Any:
    """An intrinsic that takes an address and a shape for an array of some kind."""
    dtype, dimensions = array_kind(kind)
    array_type = types.Array(getattr(types, dtype), dimensions, "C")

    @intrinsic
    def view(typingctx, address, shape):
        def codegen(context, builder, signature, args):
            value = context.make_array(array_type)(context, builder)
            lengths = cgutils.unpack_tuple(builder, args[1], dimensions)
            itemsize = context.get_constant(types.intp, array_type.dtype.bitwidth // 8)
            strides = [itemsize]
            for length in reversed(lengths[1:]):
                strides.insert(0, builder.mul(strides[0], length))
            data = builder.inttoptr(args[0], value.data.type)
            context.populate_array(
                value, data=data, shape=lengths, strides=strides, itemsize=itemsize, meminfo=None, parent=None
            )
            return value._getvalue()

        return array_type(types.int64, types.UniTuple(types.int64, dimensions)), codegen

    return view


class _Source:
    """Text of a wrapper as it grows, and the names in it."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}
        self.parameters: list[str] = []
        self.types: list[Any] = []

    def parameter(self, kind: Any) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters.append(name)
        self.types.append(kind)
        return name

    def named(self, value: Any) -> str:
        name = f"n{len(self.names)}"
        self.names[name] = value
        return name

    def array(self, kind: str, address: str, lengths: list[str]) -> str:
        return f"{self.named(_viewer(kind))}({address}, ({', '.join(lengths)},))"

    def argument(self, kind: Any) -> str:
        """An expression for a kernel's argument, made of new parameters."""
        if not isinstance(kind, str):
            return self._record(kind)
        if kind in _NUMBERS:
            name = self.parameter(_NUMBERS[kind])
            return f"{name} != 0" if kind == "bool" else name
        address = self.parameter(types.int64)
        return self.array(kind, address, [self.parameter(types.int64) for _ in range(array_kind(kind)[1])])

    def _record(self, record: Any) -> str:
        layout = layout_of(record)
        dimensions = [array_kind(kind)[1] for _, kind in layout.arrays]
        n_ints = len(layout.ints) + sum(1 + each for each in dimensions)
        ints = self.array("int64[1]", self.parameter(types.int64), [str(n_ints)])
        floats = self.array("float64[1]", self.parameter(types.int64), [str(len(layout.floats))])
        reader = self.named(_record_reader(record))
        return f"{reader}({ints}, {floats})"


@lru_cache
def _record_reader(record: Any) -> Kernel:
    """A kernel that puts a record together from its integers and floats."""
    layout, source = layout_of(record), _Source()
    fields = {name: f"ints[{i}]" for i, name in enumerate(layout.ints)}
    fields |= {name: f"floats[{i}]" for i, name in enumerate(layout.floats)}
    place = len(layout.ints)
    for name, kind in layout.arrays:
        dimensions = array_kind(kind)[1]
        lengths = [f"ints[{place + 1 + i}]" for i in range(dimensions)]
        fields[name] = source.array(kind, f"ints[{place}]", lengths)
        place += 1 + dimensions
    values = ", ".join(fields[name] for name in record.__annotations__)
    text = f"def read(ints, floats):\n    return {source.named(record)}({values})\n"
    return inner_kernel(_defined(text, "read", source.names))


def _wrapper(kernel: Kernel) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """A function with plain arguments around a kernel, and their types."""
    assert kernel.entry is not None
    source, results = _Source(), kernel.entry.results
    arguments = ", ".join([source.argument(kind) for kind in kernel.entry.arguments])
    call = f"{source.named(kernel)}({arguments})"
    lines = [f"    {'found = ' if results else ''}{call}"]
    for kind, type_name in (("ints", "int64"), ("floats", "float64")):
        address = source.parameter(types.int64)
        lines.append(f"    {kind} = {source.array(f'{type_name}[1]', address, [str(len(results))])}")
    for i, kind in enumerate(results):
        value = f"found[{i}]" if len(results) > 1 else "found"
        lines.append(f"    {'floats' if kind == 'float' else 'ints'}[{i}] = {value}")
    text = "\n".join([f"def enter({', '.join(source.parameters)}):", *lines, ""])
    return _defined(text, "enter", source.names), tuple(source.types)


def _defined(text: str, name: str, names: dict[str, Any]) -> Callable[..., Any]:
    """The function that a text defines; the text is made here, from the kinds of the entries."""
    exec(compile(text, "<entry>", "exec"), names)
    return names[name]
