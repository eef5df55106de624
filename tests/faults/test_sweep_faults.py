"""nb-sweep, killed and starved at random moments: resumed, every shot is there once, as its single command makes it."""

import random
import resource
import signal
import subprocess
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from paths import ROOT
from sweeps import DRAWN, SLOW, assert_whole, command, expected_pixels, manifest, sweep, write_base

from nanobragg_numba.sweep.manifest import Manifest
from nanobragg_numba.sweep.plan import FACTORS
from nanobragg_numba.sweep.pool import LocalPool
from nanobragg_numba.sweep.render import Superseded, run_task
from nanobragg_numba.sweep.results import Task

ROUNDS = 4


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> tuple[list[str], dict[int, np.ndarray], float]:
    """Arguments of a sweep, what each of its shots must look like, and how long it takes."""
    folder = tmp_path_factory.mktemp("undisturbed")
    arguments = [write_base(folder, SLOW), *DRAWN, "--chunk", "3", "--workers", "2"]
    began = time.perf_counter()
    sweep(*arguments, "--out", str(folder / "out"))
    seconds = time.perf_counter() - began
    return arguments, expected_pixels(folder / "singles", folder / "out"), seconds


def start(*arguments: str, **more) -> subprocess.Popen[str]:
    return subprocess.Popen(command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)


def children(pid: int) -> list[int]:
    """Workers of a sweep; the process that tracks resources for multiprocessing is none of them."""
    try:
        lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
        found = [int(word) for text in lists for word in text.split()]
        return [child for child in found if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
    except OSError:
        return []


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] in "ZX"
    except OSError:
        return True


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_parent_is_killed(number, undisturbed, tmp_path):
    arguments, expected, seconds = undisturbed
    rng = random.Random(int(number))
    for _ in range(ROUNDS):
        process = start(*arguments, "--out", str(tmp_path / "out"))
        time.sleep(rng.uniform(0.2, 1.0) * seconds)
        workers = children(process.pid)
        process.send_signal(number)
        _, stderr = process.communicate(timeout=30)
        assert process.returncode in (0, 128 + number, -number), stderr
        if process.returncode == 128 + number:
            assert stderr.splitlines()[-1].endswith("run again to go on")
        deadline = time.monotonic() + 10.0
        while not all(map(gone, workers)):  # orphans end by themselves
            assert time.monotonic() < deadline
            time.sleep(0.05)
    done_before = complete(tmp_path / "out")
    sweep(*arguments, "--out", str(tmp_path / "out"))
    assert_whole(tmp_path / "out", expected)
    untouched = [(tmp_path / "out" / name).stat().st_mtime_ns == changed for name, changed in done_before.items()]
    assert all(untouched)


def complete(out: Path) -> dict[str, int]:
    """Files that the manifest has, and when they were written."""
    if not (out / "manifest.sqlite").exists():
        return {}
    return {name: (out / name).stat().st_mtime_ns for name, in manifest(out, "SELECT name FROM files")}


def test_workers_are_killed_and_replaced(undisturbed, tmp_path):
    arguments, expected, seconds = undisturbed
    rng = random.Random(3)
    process = start(*arguments, "--out", str(tmp_path / "out"), "--retries", "3")
    killed = 0
    while killed < ROUNDS and process.poll() is None:
        time.sleep(rng.uniform(0.1, 0.3) * seconds)
        for pid in children(process.pid)[:1]:
            subprocess.run(["kill", "-9", str(pid)], check=False)
            killed += 1
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 0 and killed, stderr
    assert_whole(tmp_path / "out", expected)


def test_a_shot_that_kills_its_workers_fails_alone(undisturbed, tmp_path, monkeypatch):
    """All other shots of its chunk are rendered."""
    arguments, expected, _ = undisturbed
    poison = tmp_path / "sitecustomize.py"
    poison.write_text(
        "import os\nimport nanobragg_numba.sweep.render as render\nwas = render.run_of_shot\n"
        "def run_of_shot(task, shot, *more):\n    if shot == 7:\n        os.kill(os.getpid(), 9)\n"
        "    return was(task, shot, *more)\nrender.run_of_shot = run_of_shot\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{ROOT}")
    done = sweep(*arguments, "--out", str(tmp_path / "out"), code=3)
    assert "23 of 24 shots done, 1 failed" in done.stdout
    assert "shot 7 failed after 2 attempts: the worker was ended by SIGKILL" in done.stdout
    monkeypatch.undo()
    sweep("--out", str(tmp_path / "out"))
    assert_whole(tmp_path / "out", expected)


def test_a_full_disk_at_any_moment(undisturbed, tmp_path):
    """Files may grow to some size only, as on a disk that is full: manifest, table or stacks, whichever comes first."""
    arguments, expected, _ = undisturbed
    for size in (500, 5_000, 30_000, 45_000):

        def limit(size: int = size) -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

        process = start(*arguments, "--out", str(tmp_path / "out"), preexec_fn=limit)
        stdout, stderr = process.communicate(timeout=60)
        assert process.returncode in (0, 1), (stdout, stderr)
        if process.returncode:
            assert stderr.startswith("nb-sweep: ") and stderr.count("\n") == 1, stderr
        assert not list((tmp_path / "out").glob("stacks/.*"))
    sweep(*arguments, "--out", str(tmp_path / "out"))
    assert_whole(tmp_path / "out", expected)


@pytest.mark.parametrize("kinds", ["nexus", "smv"])
def test_a_task_of_a_sweep_that_was_thrown_away_leaves_nothing(kinds, tmp_path):
    """A cluster may still be at it when `--new` has begun another sweep in the folder."""
    out = tmp_path / "out"
    sweep(write_base(tmp_path), "--count", "2", "--out", str(out), "--format", kinds, "--workers", "1")

    def files() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in out.rglob("*") if path.is_file() and FACTORS not in path.parts}

    before = files()
    with closing(Manifest(out)) as manifest:
        task = Task(manifest.plan, str(out), "stack_000000", ((0, manifest.row(0)), (1, manifest.row(1))), sweep="old")
    with pytest.raises(Superseded, match="another sweep"):
        run_task(task)
    assert files() == before


def test_the_pool_names_the_task_of_a_dead_worker():
    pool = LocalPool(2, 1)
    try:
        futures = [pool.submit(time.sleep, 60.0), pool.submit(len, "four")]
        assert futures[1].result(30) == 4
        subprocess.run(["kill", "-9", str(pool.processes()[0])], check=True)
        assert "SIGKILL" in str(futures[0].exception(30))
        assert pool.submit(len, "three").result(30) == 5 and pool.deaths == 1
        assert "ZeroDivisionError" in str(pool.submit(divmod, 1, 0).exception(30))
    finally:
        pool.close()
