"""Interrupted at random moments, on full disks and beside a twin: every output is whole, the old one or the new."""

import hashlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import nanobragg_numba as nb

COMMAND = (
    "-cell 70 80 90 75 85 95 -default_F 100 -N 5 -lambda 1.5 -distance 50 -pixel 0.1 -detpixels 384 -oversample 2 "
    "-noprogress -seed 1"
).split()
OUTPUTS = ("floatimage.bin", "intimage.img", "image.pgm", "noiseimage.img")
OLD = b"an older result"
MOMENTS = 100


def start(folder: Path, *more: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "nanobragg_numba", *COMMAND, *more], cwd=folder, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, env={**os.environ, **environment},
    )  # fmt: skip


def digests(folder: Path) -> dict[str, str]:
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in OUTPUTS}


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> tuple[dict[str, str], float]:
    """Digests of an undisturbed run, and how long one takes once the kernels are compiled."""
    folder = tmp_path_factory.mktemp("undisturbed")
    start(folder).communicate()
    began = time.perf_counter()
    assert start(folder).wait() == 0
    return digests(folder), time.perf_counter() - began


def check_whole(folder: Path, complete: dict[str, str], had_old: bool) -> None:
    """Every output is complete, or what was there before."""
    for name in OUTPUTS:
        path = folder / name
        if path.exists() and path.read_bytes() != OLD:
            assert hashlib.sha256(path.read_bytes()).hexdigest() == complete[name], name
        else:
            assert path.exists() == had_old


def test_killed_at_random_moments(finished, tmp_path):
    """`python tests/test_faults.py 10000` runs a longer campaign."""
    complete, seconds = finished
    campaign(MOMENTS, tmp_path, complete, seconds, seed=20261120)


def campaign(moments: int, parent: Path, complete: dict[str, str], seconds: float, seed: int) -> dict[str, int]:
    """Kill so many runs, each at a random moment with a random signal; count how they ended."""
    rng = random.Random(seed)
    ended: dict[str, int] = {}
    for moment in range(moments):
        folder = parent / str(moment)
        folder.mkdir()
        had_old = rng.random() < 0.5
        for name in OUTPUTS if had_old else ():
            (folder / name).write_bytes(OLD)
        number = rng.choice([signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
        process = start(folder)
        time.sleep(rng.uniform(0.0, 1.1 * seconds))
        process.send_signal(number)
        sent = time.perf_counter()
        _, stderr = process.communicate(timeout=30)
        check_whole(folder, complete, had_old)
        if number != signal.SIGKILL:
            assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
            assert time.perf_counter() - sent < 5.0
            assert process.returncode in (0, 128 + number, -number), stderr  # -number: before the first line ran
        key = f"{signal.Signals(number).name} -> {process.returncode}"
        ended[key] = ended.get(key, 0) + 1
        for path in folder.iterdir():
            path.unlink()
    return ended


def test_ctrl_c_is_answered_within_a_long_row(tmp_path):
    process = start(tmp_path, "-engine", "loop", "-oversample", "300")
    time.sleep(4.0)
    process.send_signal(signal.SIGINT)
    sent = time.perf_counter()
    _, stderr = process.communicate(timeout=60)
    assert time.perf_counter() - sent < 0.5
    assert process.returncode == 130 and b"SIGINT" in stderr
    assert list(tmp_path.iterdir()) == []


def test_two_runs_at_once_in_one_folder_with_an_empty_cache(finished, tmp_path):
    folder, cache = tmp_path / "work", tmp_path / "cache"
    folder.mkdir()
    twins = [start(folder, "-engine", "loop", NANOBRAGG_NUMBA_CACHE_DIR=str(cache)) for _ in range(2)]
    assert [twin.wait() for twin in twins] == [0, 0], [twin.stderr.read() for twin in twins]
    assert digests(folder) == finished[0]
    assert {path.name for path in folder.iterdir()} == set(OUTPUTS)


def test_a_full_disk_loses_nothing(tmp_path):
    for name in OUTPUTS:
        (tmp_path / name).write_bytes(OLD)
    process = start(tmp_path, "-noisefile", "/dev/full")
    _, stderr = process.communicate()
    assert process.returncode == 1
    *before, error = stderr.decode().splitlines()
    assert error == "nanoBragg: cannot write /dev/full: No space left on device"
    assert all("mended by -fix" in line or "compiling" in line for line in before)
    assert all((tmp_path / name).read_bytes() == OLD for name in OUTPUTS)


@pytest.mark.parametrize("name", ["with space.bin", "line\nbreak.bin", "größe.bin", "-cell.bin"])
def test_names_of_any_kind(name, tmp_path):
    process = start(tmp_path, "-floatfile", name, "-detpixels", "16", "-nonoise", "-nopgm")
    assert process.wait() == 0
    assert (tmp_path / name).stat().st_size == 16 * 16 * 4


def test_a_fifo_as_output(tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append(fifo.read_bytes()))
    reader.start()
    assert start(tmp_path, "-floatfile", str(fifo), "-detpixels", "16").wait() == 0
    reader.join()
    assert len(received[0]) == 16 * 16 * 4 and fifo.is_fifo()


def test_threads_of_one_program(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    images: list[bytes] = []

    def work() -> None:
        images.append(nb.simulate([*COMMAND, "-detpixels", "64"]).image.tobytes())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(images) == 4 and len(set(images)) == 1


FORKED = """
import multiprocessing, sys
import nanobragg_numba as nb
ARGS = {args!r}
def work(_):
    return nb.simulate(ARGS).image.tobytes()
def refused(_):
    try:
        work(0)
    except nb.NanoBraggError as error:
        return str(error)
if __name__ == "__main__":
    here = work(0)
    with multiprocessing.get_context("fork").Pool(1) as pool:
        print(pool.map(refused, [0])[0])
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        print(set(pool.map(work, range(4))) == {{here}})
"""


def test_processes_of_one_program(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(FORKED.format(args=[*COMMAND, "-detpixels", "32"]))
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, cwd=tmp_path, timeout=120)
    lines = done.stdout.splitlines()
    assert "spawn" in lines[0] and lines[1] == "True", done.stderr


def main() -> int:
    import tempfile

    moments = int(sys.argv[1]) if len(sys.argv) > 1 else MOMENTS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start(folder).wait()
        began = time.perf_counter()
        start(folder).wait()
        seconds = time.perf_counter() - began
        complete = digests(folder)
        (folder / "runs").mkdir()
        ended = campaign(moments, folder / "runs", complete, seconds, seed=int(began))
    for key, count in sorted(ended.items()):
        print(f"{count:6d}  {key}")
    print(f"{moments} runs killed; every output was whole, the old one or the new, and no temporary file was left")
    return 0


if __name__ == "__main__":
    sys.exit(main())
