"""Processes that permissions bind, even where the tests run as root."""

import ctypes
import os

_DROP_FROM_BOUNDING_SET = 24  # prctl's PR_CAPBSET_DROP
_PASS_OVER_PERMISSIONS = (1, 2)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH


def bound_by_permissions() -> None:
    """For `preexec_fn`: root loses its right to read and write what permissions forbid."""
    if os.geteuid() != 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in _PASS_OVER_PERMISSIONS:
        if libc.prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "cannot give up a right of root")
