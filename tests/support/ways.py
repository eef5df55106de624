"""Two ways to the same bytes: machine code that is ready, and Numba."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def numba_alone() -> Iterator[None]:
    """A block in which Numba does everything in this process."""
    from nanobragg_numba.kernels import ready

    before, groups = os.environ.get(ready.SWITCH), ready._groups
    os.environ[ready.SWITCH], ready._groups = "0", {}
    try:
        yield
    finally:
        ready._groups = groups
        del os.environ[ready.SWITCH]
        if before is not None:
            os.environ[ready.SWITCH] = before


@pytest.fixture(name="numba_alone")
def numba_alone_fixture() -> Iterator[None]:
    """A test in which Numba does everything."""
    with numba_alone():
        yield
