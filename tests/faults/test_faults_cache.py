"""A cache of compiled kernels that is damaged, foreign, unreadable or shared: it is never believed blindly."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from paths import ROOT
from permissions import bound_by_permissions

SCRIPT = """
import numpy as np
from nanobragg_numba.kernels import jit
from nanobragg_numba.kernels.loop.polarization import polarization_factor
print(polarization_factor(0.0, 1.0, 0.0, 0.0, 0.5, 0.5, 0.0, np.zeros(3)))
print(sum(polarization_factor.stats.cache_hits.values()))
"""
COMMAND = (
    "-cell 40 50 60 90 90 90 -default_F 10 -N 3 -lambda 1 -detpixels 4 -oversample 1 -seed 1 -noprogress -engine loop "
    "-nonoise -nopgm"
).split()


def run(cache: Path, **environment: str) -> tuple[str, int]:
    """What a kernel computes with this cache, and how often it found itself there."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "NANOBRAGG_NUMBA_CACHE_DIR": str(cache), **environment}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    value, hits = done.stdout.split()
    return value, int(hits)


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> tuple[Path, str]:
    """A cache with the kernel in it, and what the kernel computes."""
    cache = tmp_path_factory.mktemp("filled")
    value, _ = run(cache)
    assert run(cache) == (value, 1)
    return cache, value


@pytest.fixture
def cache(filled, tmp_path) -> Path:
    return shutil.copytree(filled[0], tmp_path / "cache")


def entries(cache: Path, kernel: str) -> list[Path]:
    found = sorted(cache.rglob(f"*{kernel}*.nbc"))
    assert found
    return found


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "truncated": lambda path: os.truncate(path, path.stat().st_size // 2),
    "empty": lambda path: os.truncate(path, 0),
    "garbage": lambda path: path.write_bytes(os.urandom(5000)),
    "a pickle of something else": lambda path: path.write_bytes(b"\x80\x04]\x94."),
    "one bit": flip_a_bit,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged(damage, cache, filled):
    """An entry of the cache cut short, emptied, overwritten or with one bit changed: the kernel is compiled anew,
    computes the same, and is kept again."""
    for path in entries(cache, "polarization_factor"):
        DAMAGES[damage](path)
    assert run(cache) == (filled[1], 0)
    assert run(cache) == (filled[1], 1)


def test_code_of_another_kernel(cache, filled):
    """The intact entry of another kernel under this one's name: it is not run."""
    shutil.copy(entries(cache, "vectors.dot")[0], entries(cache, "polarization_factor")[0])
    assert run(cache) == (filled[1], 0)


def test_code_of_another_processor(cache, filled):
    """A cache that was filled on another kind of processor: its code is left alone, each kind has its own."""
    value, hits = run(cache, NUMBA_CPU_NAME="x86-64", NUMBA_CPU_FEATURES="+sse2")
    assert (float(value), hits) == (float(filled[1]), 0)
    assert run(cache) == (filled[1], 1)


def test_a_folder_in_the_place_of_an_entry(cache, filled):
    """A folder where an entry of the cache should be: the kernel is compiled for each run."""
    (entry,) = entries(cache, "polarization_factor")
    entry.unlink()
    entry.mkdir()
    assert run(cache) == (filled[1], 0)
    assert [path.name for path in cache.rglob("*.part")] == []


def test_runs_that_fill_a_cache_together(filled, tmp_path):
    """Four first runs at the same moment with one empty cache: one compiles, the others wait for it and find it."""
    results: list[tuple[str, int]] = []
    threads = [threading.Thread(target=lambda: results.append(run(tmp_path))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [(filled[1], 0), *[(filled[1], 1)] * 3]
    assert run(tmp_path) == (filled[1], 1)


def run_bound(arguments: list[str], folder: Path, cache: Path, temporary: Path) -> subprocess.CompletedProcess[str]:
    """Run Python with a cache folder as a user whom permissions bind."""
    environment = {"NANOBRAGG_NUMBA_CACHE_DIR": str(cache), "TMPDIR": str(temporary), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env={**os.environ, **environment},
        preexec_fn=bound_by_permissions, capture_output=True, text=True,
    )  # fmt: skip


@pytest.fixture
def folders(tmp_path) -> tuple[Path, Path, Path]:
    """A folder to work in, one for the cache, and one for temporary folders."""
    made = tmp_path / "work", tmp_path / "cache", tmp_path / "temporary"
    for folder in made:
        folder.mkdir()
    return made


def test_a_cache_folder_without_permission(folders):
    """A cache folder without permission to read it: the command compiles for itself, says so, and leaves nothing."""
    work, cache, temporary = folders
    cache.chmod(0o000)
    done = run_bound(["-m", "nanobragg_numba", *COMMAND], *folders)
    assert done.returncode == 0
    warning, announcement = done.stderr.splitlines()
    assert "no writable cache folder" in warning and str(temporary) in warning and "compiling" in announcement
    assert list(temporary.iterdir()) == []
    assert {path.name for path in work.iterdir()} == {"floatimage.bin", "intimage.img"}


def test_a_cache_folder_that_is_read_only(folders, filled):
    """A cache folder that can be read but not written: what it holds is used, and nothing temporary is made."""
    _, cache, temporary = folders
    shutil.copytree(filled[0], cache, dirs_exist_ok=True)
    for folder in (cache, *cache.iterdir()):
        folder.chmod(0o500)
    done = run_bound(["-c", SCRIPT], *folders)
    assert done.stdout.split() == [filled[1], "1"] and done.stderr == ""
    assert list(temporary.iterdir()) == []


def test_a_cache_folder_that_is_read_only_and_lacks_a_kernel(folders, filled):
    """One that lacks what is needed: it is compiled for this run, in a temporary folder that goes with it."""
    _, cache, temporary = folders
    shutil.copytree(filled[0], cache, dirs_exist_ok=True)
    for entry in entries(cache, "polarization_factor"):
        entry.unlink()
    for folder in (cache, *cache.iterdir()):
        folder.chmod(0o500)
    done = run_bound(["-c", SCRIPT + "print(*jit.cache_folder())"], *folders)
    value, hits, folder, is_temporary = done.stdout.split()
    assert (value, hits, is_temporary) == (filled[1], "0", "True") and Path(folder).parent == temporary
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o707, 0o1777])
def test_a_cache_folder_that_is_open_to_others(mode, cache, filled):
    """A cache folder that others can write to: its code is not run, whatever its digests say."""
    (folder,) = cache.iterdir()
    folder.chmod(mode)
    assert run(cache) == (filled[1], 0)
    folder.chmod(0o700)
    assert run(cache) == (filled[1], 1)


def test_an_entry_that_is_open_to_others(cache, filled):
    """An entry that others can write to: not run; it is replaced by one of ours."""
    for entry in entries(cache, "polarization_factor"):
        entry.chmod(0o666)
    assert run(cache) == (filled[1], 0)
    assert run(cache) == (filled[1], 1)


@pytest.mark.parametrize("what", ["folder", "entry"])
def test_code_of_another_user(what, cache, filled):
    """A cache folder, or an entry, of another user: not run. (Only root can give a file away.)"""
    (folder,) = cache.iterdir()
    for path in [folder] if what == "folder" else entries(cache, "polarization_factor"):
        try:
            os.chown(path, 65534, -1)
        except PermissionError:
            pytest.skip("only root can give a file to another user")
    assert run(cache) == (filled[1], 0)


def test_new_folders_are_for_the_user_alone(tmp_path):
    """Cache folders that are made: nobody else can look into them or write there."""
    run(tmp_path / "new" / "deeper")
    made = [tmp_path / "new", tmp_path / "new" / "deeper", *(tmp_path / "new" / "deeper").iterdir()]
    assert len(made) == 3 and all(path.stat().st_mode & 0o7777 == 0o700 for path in made)


HOLDER = """
import sys
from nanobragg_numba.kernels import jit
from nanobragg_numba.kernels.loop import polarization
with polarization.polarization_factor._cache._cache_file.turn():
    print("inside", flush=True)
    sys.stdin.read()
"""


def holder(cache: Path) -> subprocess.Popen[str]:
    """A process that has its turn at a kernel and never lets go."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "NANOBRAGG_NUMBA_CACHE_DIR": str(cache)}
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout and process.stdout.readline() == "inside\n"
    return process


def test_a_process_that_is_killed_while_it_compiles(tmp_path, filled):
    """A process that is killed during its turn: the next one has its turn at once."""
    process = holder(tmp_path)
    process.kill()
    process.communicate()
    assert run(tmp_path) == (filled[1], 0)


def test_a_process_that_compiles_for_ever(tmp_path, filled, monkeypatch):
    """A process that never ends its turn: the others wait a while, then compile for themselves."""
    process = holder(tmp_path)
    hurry = SCRIPT.replace("print", "jit._PATIENCE = 0.3\nprint", 1)
    monkeypatch.setattr(sys.modules[__name__], "SCRIPT", hurry)
    assert run(tmp_path) == (filled[1], 0)
    process.communicate("")


SETTINGS = [
    "NUMBA_THREADING_LAYER=tbb", "NUMBA_THREADING_LAYER=safe", "NUMBA_THREADING_LAYER=bogus", "NUMBA_NUM_THREADS=many",
    "NUMBA_THREADING_LAYER_PRIORITY=bogus", "NUMBA_NUM_THREADS=0", "NUMBA_NUM_THREADS=-3", "NUMBA_OPT=high",
    "NUMBA_CPU_NAME=bogus", "NUMBA_CPU_FEATURES=+sse2,+bogus",
]  # fmt: skip


@pytest.mark.parametrize("setting", SETTINGS)
def test_settings_that_cannot_be_had(setting, cache, filled):
    """A setting of Numba that cannot be had here: the default, without a word."""
    name, _, value = setting.partition("=")
    env = {**os.environ, "PYTHONPATH": str(ROOT), "NANOBRAGG_NUMBA_CACHE_DIR": str(cache), name: value}
    script = SCRIPT + "print(jit.set_threads(1))"
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.split() == [filled[1], "1", "1"]
