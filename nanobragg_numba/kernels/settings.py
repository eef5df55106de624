"""Numba's settings out of the environment, before Numba reads them: what cannot be had becomes the default.

Imported for what it does: it comes before Numba.
"""

import os
import re
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


# Older Numba builds replace libm's functions in loops by Intel's, whose last bits differ.
os.environ.setdefault("NUMBA_DISABLE_INTEL_SVML", "1")
_drop_what_ends_the_process()
# Numba takes the default for a setting that is no number, and says so in forty lines.
warnings.filterwarnings("ignore", message="Environment variable 'NUMBA_")
