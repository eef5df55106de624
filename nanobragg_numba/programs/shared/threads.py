"""How many threads compute."""

import os


def thread_count(asked: int) -> int:
    """Threads to use: as asked, else OMP_NUM_THREADS, else what Numba takes (NUMBA_NUM_THREADS or all cores)."""
    if asked > 0:
        return asked
    from_openmp = os.environ.get("OMP_NUM_THREADS", "").split(",")[0]
    if from_openmp.isdigit() and int(from_openmp) > 0 and "NUMBA_NUM_THREADS" not in os.environ:
        return int(from_openmp)
    from_numba = os.environ.get("NUMBA_NUM_THREADS", "")
    if from_numba.isdigit() and int(from_numba) > 0:
        return int(from_numba)
    return max(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 1)
