"""nb-sweep on clusters of dask.distributed: the files of the local pool, and nothing lost with the scheduler."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sweeps import DRAWN, SLOW, assert_whole, command, frames, sweep, write_base


@pytest.fixture(scope="module")
def local(tmp_path_factory) -> tuple[list[str], Path]:
    """Arguments of a sweep, and what the local pool made of it."""
    folder = tmp_path_factory.mktemp("local")
    arguments = [write_base(folder, SLOW), *DRAWN, "--chunk", "3"]
    sweep(*arguments, "--out", str(folder / "out"))
    return arguments, folder / "out"


@contextmanager
def cluster(folder: Path, environment: dict[str, str] | None = None) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """`dask scheduler` and two `dask worker`s, started by hand; yields the address and the scheduler."""
    folder.mkdir()
    place = folder / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    more = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True, "cwd": folder,
            "env": environment}  # fmt: skip
    scheduler = [*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file"]
    worker = [*dask, "worker", "--host", "127.0.0.1", "--nthreads", "1", "--no-dashboard", "--scheduler-file"]
    processes = [subprocess.Popen([*each, str(place)], **more) for each in (scheduler, worker, worker)]
    try:
        deadline = time.monotonic() + 60.0
        while not place.exists() or not place.read_text().endswith("}"):
            assert time.monotonic() < deadline and processes[0].poll() is None
            time.sleep(0.1)
        yield json.loads(place.read_text())["address"], processes[0]
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGKILL)  # workers and their nannies, which are of our own session
            process.wait()


def test_workers_without_this_package_are_refused(local, tmp_path):
    arguments, _ = local
    folder = tmp_path / "hidden"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text("import sys\nsys.modules['nanobragg_numba'] = None\n")
    with cluster(tmp_path / "one", {**os.environ, "PYTHONPATH": str(folder)}) as (address, _):
        done = sweep(*arguments, "--out", str(tmp_path / "out"), "--scheduler", address, code=1)
    assert "cannot load nanobragg_numba" in done.stderr and done.stderr.count("\n") == 1, done.stderr


def files(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (out / "stacks").iterdir()}


def test_an_embedded_cluster_writes_the_same_bytes(local, tmp_path):
    arguments, out = local
    sweep(*arguments, "--out", str(tmp_path / "out"), "--local-cluster", "--workers", "2")
    assert files(tmp_path / "out") == files(out)


def test_a_cluster_by_hand_writes_the_same_bytes_and_may_lose_its_scheduler(local, tmp_path):
    arguments, out = local
    lost = tmp_path / "lost"
    with cluster(tmp_path / "one") as (address, scheduler):
        sweep(*arguments, "--out", str(tmp_path / "out"), env={**os.environ, "DASK_SCHEDULER_ADDRESS": address})
        assert files(tmp_path / "out") == files(out)
        process = subprocess.Popen(command(*arguments, "--out", str(lost), "--scheduler", address), text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
        deadline = time.monotonic() + 60.0
        while not list(lost.glob("stacks/*.nxs")) and time.monotonic() < deadline:
            time.sleep(0.02)
        scheduler.kill()
        _, stderr = process.communicate(timeout=60)
        assert process.returncode == 1 and "run again" in stderr.splitlines()[-1], stderr
    with cluster(tmp_path / "two") as (address, _):
        sweep(*arguments, "--out", str(lost), "--scheduler", address)
    assert_whole(lost, frames(out))
    assert files(lost) == files(out)


def test_nobody_answers(local, tmp_path):
    arguments, _ = local
    done = sweep(*arguments, "--out", str(tmp_path / "out"), "--scheduler", "tcp://127.0.0.1:1", code=1)
    assert "no dask scheduler answers at tcp://127.0.0.1:1" in done.stderr and done.stderr.count("\n") == 1
