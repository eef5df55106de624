"""What the tests of nb-sweep share: a small sweep, running it, and looking at what it has left."""

import contextlib
import hashlib
import io
import os
import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path

import h5py
import hdf5plugin  # noqa: F401  its filters are in the stacks
import numpy as np

from nanobragg_numba.programs.nanobragg.cli import main as nanobragg
from nanobragg_numba.tools.sweep import main as nb_sweep

COUNT = 24
BASE = """
nanoBragg -cell 70 80 90 75 85 95 -hkl factors.hkl -nointerpolate  # a triclinic crystal
-distance 100 -pixel 1 -detpixels 64 -oversample 2 -water 5 -mosaic 0.5 -mosaic_domains 3 -fluence 1e24
"""
SLOW = " -phisteps 60 -osc 1"
DRAWN = ["--count", str(COUNT), "--seed", "7", "--orient", "random", "--vary", "lambda=normal(1.3,0.005)",
         "--vary", "fluence=lognormal(1e24,0.3)", "--vary", "N=uniform(10,40)"]  # fmt: skip


def write_base(folder: Path, more: str = "") -> str:
    """Write the base arguments and their structure factors; returns the name of the file."""
    reach = range(-9, 10)
    lines = (f"{h} {k} {l} {10 + (7 * h * h + 3 * k * k + h * l) % 97}\n" for h in reach for k in reach for l in reach)
    (folder / "factors.hkl").write_text("".join(lines))
    (folder / "base.args").write_text(BASE + more)
    return str(folder / "base.args")


def command(*arguments: str) -> list[str]:
    """The command, in a process of its own."""
    return [sys.executable, "-m", "nanobragg_numba.tools.sweep", *arguments]


def sweep(*arguments: str, code: int = 0, **more) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    done = subprocess.run(command(*arguments), capture_output=True, text=True, timeout=120, **more)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return done


def printed(*arguments: str) -> str:
    """Standard output of a call that renders nothing."""
    with contextlib.redirect_stdout(io.StringIO()) as text:
        assert nb_sweep(arguments) in (0, 3)
    return text.getvalue()


def single(folder: Path, line: str) -> dict[str, bytes]:
    """Run a single command in a folder; returns the files that it has written."""
    folder.mkdir()
    before = os.getcwd()
    os.chdir(folder)
    try:
        name, *arguments = shlex.split(line)
        assert name == "nanoBragg"
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            assert nanobragg(arguments) == 0
    finally:
        os.chdir(before)
    return {path.name: path.read_bytes() for path in folder.glob("shot_*")}


def smv_pixels(content: bytes, shape: tuple[int, int] = (64, 64)) -> np.ndarray:
    """Pixels of an SMV image, which end its file."""
    return np.frombuffer(content[-shape[0] * shape[1] * 2 :], "<u2").reshape(shape)


def frames(out: Path) -> dict[int, np.ndarray]:
    """Every frame of every stack by its shot; a shot that is there twice is an error."""
    found: dict[int, np.ndarray] = {}
    for path in sorted((out / "stacks").iterdir()):
        assert path.suffix == ".nxs", f"{path} was left behind"
        with h5py.File(path) as file:
            shots = file["entry/sample/nanobragg/shot"][()].tolist()
            assert not set(shots) & set(found)
            found.update(zip(shots, file["entry/data/data"][()]))
    return found


def manifest(out: Path, query: str) -> list[tuple]:
    """Ask the manifest of a folder."""
    with contextlib.closing(sqlite3.connect(out / "manifest.sqlite")) as connection:
        return connection.execute(query).fetchall()


def assert_whole(out: Path, expected: dict[int, np.ndarray]) -> None:
    """All shots are there, each once, with the pixels of its single command, and the manifest knows it."""
    there = frames(out)
    assert sorted(there) == sorted(expected)
    assert all(np.array_equal(there[shot], expected[shot]) for shot in expected)
    rows = manifest(out, "SELECT shot, state, digest FROM shots ORDER BY shot")
    assert [(shot, state) for shot, state, _ in rows] == [(shot, "done") for shot in sorted(expected)]
    assert all(digest == hashlib.sha256(expected[shot].tobytes()).hexdigest() for shot, _, digest in rows)


def expected_pixels(folder: Path, out: Path) -> dict[int, np.ndarray]:
    """Pixels that the single commands of a sweep's shots write."""
    folder.mkdir()
    pixels = {}
    for shot, in manifest(out, "SELECT shot FROM shots"):
        files = single(folder / str(shot), printed("--out", str(out), "--command", str(shot)))
        pixels[shot] = smv_pixels(files[f"shot_{shot:07d}.img"])
    return pixels
