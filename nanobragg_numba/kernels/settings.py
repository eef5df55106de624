"""Numba's settings out of the environment, before Numba reads them: what cannot be had becomes the default.

Imported for what it does: it comes before Numba.
"""

import os
import re
import tempfile
import warnings


def _forget(name: str) -> None:
    os.environ.pop(name, None)


def _drop_what_ends_the_process() -> None:
    """Forget settings at which Numba raises, or LLVM aborts, before anything could be said."""
    threads = os.environ.get("NUMBA_NUM_THREADS", "1").strip()
    if re.fullmatch(r"[+-]?\d+", threads) and int(threads) < 1:
        _forget("NUMBA_NUM_THREADS")
    features = os.environ.get("NUMBA_CPU_FEATURES", "")
    if features and not all(re.fullmatch(r"[+-]\S+", word) for word in features.split(",")):
        _forget("NUMBA_CPU_FEATURES")


def _drop_what_llvm_ignores() -> None:
    """Forget a processor and features that LLVM does not know: it would say so in lines of its own, dozens of times."""
    for name in ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES"):
        value = os.environ.get(name, "")
        if value and value not in ("host", "generic") and _llvm_complains(name, value):
            _forget(name)


def _llvm_complains(name: str, value: str) -> bool:
    """Whether LLVM writes anything when it is given a processor or features; it has no other way to ask."""
    from llvmlite import binding

    binding.initialize_native_target()
    target = binding.Target.from_default_triple()
    with tempfile.TemporaryFile() as said:
        stderr = os.dup(2)
        try:
            os.dup2(said.fileno(), 2)
            target.create_target_machine(**{"cpu" if name == "NUMBA_CPU_NAME" else "features": value})
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
        return said.seek(0, os.SEEK_END) > 0


# Older Numba builds replace libm's functions in loops by Intel's, whose last bits differ.
os.environ.setdefault("NUMBA_DISABLE_INTEL_SVML", "1")
_drop_what_ends_the_process()
_drop_what_llvm_ignores()
# Numba takes the default for a setting that is no number, and says so in forty lines.
warnings.filterwarnings("ignore", message="Environment variable 'NUMBA_")
