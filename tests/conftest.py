"""Fixtures that several test files share, and the head of the test report."""

import contextlib
import io
import os
import signal

import pytest
from cref_build import cref_binary, cref_omp_binary, noisify_binary, nonbragg_binary
from platform_check import describe
from ways import numba_alone, numba_alone_fixture

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # in the background of a script; commands would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)

__all__ = ["cref_binary", "cref_omp_binary", "noisify_binary", "nonbragg_binary", "numba_alone_fixture"]

STILL = "-cell 40 50 60 90 90 90 -default_F 10 -N 3 -lambda 1 -detpixels 4 -oversample 1 -noprogress -seed 1"


def pytest_report_header() -> str:
    return describe()


WITHOUT_KERNELS = {
    "test_architecture.py", "test_budget.py", "test_option_roles.py", "test_options.py", "test_trace_schema.py",
}  # fmt: skip
"""Test files that render nothing: run by themselves they do not wait for a compiler."""


@pytest.fixture(scope="session", autouse=True)
def compiled_kernels(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Compile once, so that no test sees the announcement of it on standard error."""
    if {item.path.name for item in request.session.items} <= WITHOUT_KERNELS:
        return
    from nanobragg_numba.programs.nanobragg.cli import main

    before, stack = os.getcwd(), contextlib.ExitStack()
    os.chdir(tmp_path_factory.mktemp("first"))
    try:
        for engine in ("row", "loop", "numba"):
            if engine == "numba":
                stack.enter_context(numba_alone())
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                assert main([*STILL.split(), "-engine", "loop" if engine == "loop" else "row"]) == 0
    finally:
        stack.close()
        os.chdir(before)
