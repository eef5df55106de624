"""How many threads compute."""

import os

from nanobragg_numba.kernels import jit


def thread_count(asked: int) -> int:
    """Threads to use: as asked, else OMP_NUM_THREADS, else what Numba takes (NUMBA_NUM_THREADS or all cores)."""
    if asked > 0:
        return asked
    from_openmp = os.environ.get("OMP_NUM_THREADS", "").split(",")[0]
    if from_openmp.isdigit() and int(from_openmp) > 0 and "NUMBA_NUM_THREADS" not in os.environ:
        return int(from_openmp)
    return int(jit.NUMBA.NUMBA_NUM_THREADS)
