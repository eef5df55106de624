"""The machine code behind the `Instruction`s of `vector_math`."""

import platform
from typing import Any

from llvmlite import binding, ir
from numba.core import config, types
from numba.core.registry import cpu_target
from numba.extending import intrinsic

from nanobragg_numba.kernels.jit import WIDE_VECTORS

_settings: Any = config


def processor_has_fma() -> bool:
    """Whether the processor that is compiled for is known to have a fused multiply-add instruction."""
    if _settings.DISABLE_JIT:
        return False
    if _settings.CPU_NAME or _settings.CPU_FEATURES is not None:
        return "+fma" in (_settings.CPU_FEATURES or "")
    try:
        return platform.machine() in ("aarch64", "arm64") or bool(binding.get_host_cpu_features().get("fma"))
    except RuntimeError:  # LLVM cannot tell
        return False


def numba_type(name: str) -> Any:
    """Numba's type of one of the intrinsics below."""
    context: Any = cpu_target.typing_context
    context.refresh()  # a compilation may be under way that began before this module was there
    return context.resolve_value_type(_INTRINSICS[name])


@intrinsic
def _wide_vectors(typingctx):
    """llvmlite's list of attribute names is older than this one, hence the plain set.add."""

    def codegen(context, builder, signature, args):
        set.add(builder.function.attributes, "noinline")
        if WIDE_VECTORS:
            set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return context.get_dummy_value()

    return types.void(), codegen


@intrinsic
def _has_fma(typingctx):
    def codegen(context, builder, signature, args):
        return ir.Constant(ir.IntType(1), int(processor_has_fma()))

    return types.boolean(), codegen


def _three_operand(llvm_name, operands):
    """A function of three doubles, or of three float32 where all are such."""
    single = all(each == types.float32 for each in operands)
    number, name = (types.float32, f"{llvm_name}.f32") if single else (types.float64, f"{llvm_name}.f64")

    def codegen(context, builder, signature, args):
        real = ir.FloatType() if single else ir.DoubleType()
        function = builder.module.globals.get(name)
        if function is None:
            function = ir.Function(builder.module, ir.FunctionType(real, [real] * 3), name)
        return builder.call(function, args)

    return number(number, number, number), codegen


@intrinsic
def _fused_multiply_add(typingctx, a, b, c):
    return _three_operand("llvm.fma", (a, b, c))


@intrinsic
def _multiply_add(typingctx, a, b, c):
    return _three_operand("llvm.fmuladd", (a, b, c))


_INTRINSICS = {
    "wide_vectors": _wide_vectors,
    "has_fma": _has_fma,
    "fused_multiply_add": _fused_multiply_add,
    "multiply_add": _multiply_add,
}
