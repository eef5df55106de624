"""Build the C reference once per test run, into a folder of its own."""

import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from paths import ROOT

CREF = ROOT / "cref"
NO_COMPILER = (
    "no C compiler (cc, gcc or clang) and make on this machine: the tests that compare with the C reference "
    "cannot run; install them, or set CC"
)

if str(CREF) not in sys.path:
    sys.path.insert(0, str(CREF))


def find_compiler() -> str | None:
    """The C compiler that make shall use, or None if it or make is missing."""
    wanted = [os.environ["CC"]] if os.environ.get("CC") else ["cc", "gcc", "clang"]
    found = next((name for name in wanted if shutil.which(name.split()[0])), None)
    return found if shutil.which("make") else None


def build(name: str, folder: Path) -> Path:
    """Build one program of cref into a folder.

    Parameters
    ----------
    name : str
        A program of cref/Makefile, such as nanobragg_ref.
    folder : Path

    Raises
    ------
    RuntimeError
        No compiler, a compiler that fails, or one that warns.
    """
    compiler = find_compiler()
    if compiler is None:
        raise RuntimeError(NO_COMPILER)
    target = folder / name
    command = ["make", "-C", str(CREF), f"CC={compiler}", f"BUILD={folder}", str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")
    if "warning" in done.stderr:
        raise RuntimeError(f"{' '.join(command)} warns:\n{done.stderr}")
    return target


def _built(name: str, factory: pytest.TempPathFactory) -> Path:
    if find_compiler() is None:
        warnings.warn(NO_COMPILER, stacklevel=2)
        pytest.fail(NO_COMPILER)
    return build(name, factory.mktemp("cref"))


@pytest.fixture(scope="session")
def cref_binary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The parity build of the C reference: one thread, plain -O2."""
    return _built("nanobragg_ref", tmp_path_factory)


@pytest.fixture(scope="session")
def cref_omp_binary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fast build of the C reference, with OpenMP."""
    return _built("nanobragg_ref_omp", tmp_path_factory)


@pytest.fixture(scope="session")
def noisify_binary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The C reference of noisify."""
    return _built("noisify_ref", tmp_path_factory)


@pytest.fixture(scope="session")
def nonbragg_binary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The C reference of nonBragg."""
    return _built("nonbragg_ref", tmp_path_factory)
