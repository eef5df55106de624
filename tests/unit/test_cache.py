"""Compiled kernels: kept in a folder named after their sources, and never stale."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
from paths import ROOT

from nanobragg_numba.engine.flatten import flatten
from nanobragg_numba.engine.run import is_compiled, render
from nanobragg_numba.kernels import jit
from nanobragg_numba.kernels.loop.parallel import render_rows
from nanobragg_numba.programs.nanobragg.run import experiment_from

# polarization_factor calls dot, which is defined in another file
SCRIPT = """
import numpy as np
from nanobragg_numba.kernels import jit
from nanobragg_numba.kernels.loop.polarization import polarization_factor
print(polarization_factor(0.0, 1.0, 0.0, 0.0, 0.5, 0.5, 0.0, np.zeros(3)))
print(*jit.cache_folder())
print(sum(polarization_factor.stats.cache_hits.values()))
"""


def run(package_parent: Path, cache: str | Path, **environment: str) -> list[str]:
    env = {**os.environ, "PYTHONPATH": str(package_parent), "NANOBRAGG_NUMBA_CACHE_DIR": str(cache), **environment}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, cwd=package_parent)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def copy_of_the_package(folder: Path) -> Path:
    shutil.copytree(ROOT / "nanobragg_numba", folder / "nanobragg_numba", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_a_change_in_a_called_file_is_noticed(tmp_path):
    source, cache = copy_of_the_package(tmp_path / "source"), tmp_path / "cache"
    first = run(source, cache)
    again = run(source, cache)
    assert again[0] == first[0] and again[1] == first[1]
    assert (first[2], again[2]) == ("0", "1")  # the second run found compiled code

    vectors = source / "nanobragg_numba" / "kernels" / "vectors.py"
    text = vectors.read_text()
    assert "return x1 * y1 + x2 * y2 + x3 * y3" in text
    vectors.write_text(text.replace("return x1 * y1 + x2 * y2 + x3 * y3", "return 2.0 * x1 * y1"))
    changed = run(source, cache)
    assert changed[2] == "0"
    assert float(changed[0]) == 0.5 * (1.0 + 1.0)  # cos 2theta is now 2 * 0.5
    assert changed[0] != first[0] and changed[1] != first[1]


def test_without_a_writable_folder_a_temporary_one_serves(tmp_path):
    not_a_folder = tmp_path / "file"
    not_a_folder.write_text("")
    lines = run(ROOT, not_a_folder / "cache")
    folder, temporary = lines[1].split()
    assert temporary == "True"
    assert not Path(folder).exists()  # gone with the process


def test_intel_vector_math_is_never_asked_for():
    done = subprocess.run(
        [sys.executable, "-c", "import nanobragg_numba.kernels.jit as j; print(j.NUMBA.USING_SVML)"],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout.strip() == "False", done.stderr


def test_each_signature_is_looked_up():
    """What is announced as a compilation is one: fixed defects, or another engine, need code of their own."""
    arguments = "-cell 50 60 70 90 90 90 -default_F 1 -N 3 -detpixels 4 -dumpfile /nowhere"
    scene = flatten(experiment_from(arguments).experiment)
    render(scene, 1, "loop")
    assert is_compiled(scene, "loop")
    more = np.zeros(0), -1, False, np.zeros(0, np.int64), None
    assert jit.is_cached(render_rows, (scene, 0, np.zeros((0, 4), np.float32), *more))
    assert not jit.is_cached(render_rows, (scene, 0, np.zeros((0, 4), np.float64), *more))
