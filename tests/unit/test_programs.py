"""What the three programs have in common: help, versions, lists of fixes, threads, and how their processes start."""

import importlib
import os
import subprocess
import sys

import pytest
from paths import ROOT

from nanobragg_numba.version import __version__

PROGRAMS = ("nanobragg", "nonbragg", "noisify")
START = """
import atexit, os, sys
from nanobragg_numba.programs.{program}.cli import main
sys.argv = ["program", "--version"]
atexit.register(lambda: print(os.environ.get("OPENBLAS_NUM_THREADS"), sys.modules.get("scipy.linalg", "none said"),
                              "numpy" in sys.modules, flush=True))
main()
"""


@pytest.fixture(params=PROGRAMS)
def program(request):
    return importlib.import_module(f"nanobragg_numba.programs.{request.param}.cli")


def test_help_version_and_fixes_need_no_input(program, capsys):
    assert program.main(["--version"]) == 0
    assert capsys.readouterr().out == f"nanobragg_numba {__version__}\n"
    assert program.main(["-threads", "2", "--help"]) == 0
    assert capsys.readouterr().out == program.PROGRAM.usage()
    assert program.main(["-fix", "list"]) == 0
    assert capsys.readouterr().out == program.PROGRAM.list_fixes()


def test_no_input_shows_the_help_and_what_to_give(program, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert program.main([]) == 9
    out, err = capsys.readouterr()
    assert out == f"{program.BANNER}\n{program.PROGRAM.usage()}"
    assert err.startswith(f"{program.PROGRAM.name}: ") and ": give " in err and err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_fewer_than_no_threads_are_bad_usage(program, capsys):
    assert program.main(["-threads", "-1"]) == 2
    assert capsys.readouterr().err == f"{program.PROGRAM.name}: -threads must be at least 1\n"


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_linear_algebra_is_loaded(name):
    """NumPy's BLAS gets one thread and Numba finds no SciPy's, before either is imported."""
    environment = {key: value for key, value in os.environ.items() if key != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run([sys.executable, "-c", START.format(program=name)], capture_output=True, text=True,
                          env={**environment, "PYTHONPATH": str(ROOT)})  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"nanobragg_numba {__version__}\n1 None False\n"
