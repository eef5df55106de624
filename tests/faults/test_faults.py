"""Interrupted at random moments, on full disks and beside a twin: every output is whole, the old one or the new."""

import argparse
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import pytest
from paths import GOLDEN

import nanobragg_numba as nb

COMMAND = (
    "-cell 70 80 90 75 85 95 -default_F 100 -N 5 -lambda 1.5 -distance 50 -pixel 0.1 -detpixels 384 "
    "-oversample 3 -osc 1 -phisteps 4 -noprogress -seed 1"
).split()
FACTORS = ("-hkl", str(GOLDEN / "inputs" / "small.hkl"))
OUTPUTS = ("floatimage.bin", "intimage.img", "image.pgm", "noiseimage.img")
WITH_FACTORS = (*OUTPUTS, "Fdump.bin")
OLD = b"an older result"
MOMENTS = 100
AT_ONCE = 2


def start(folder: Path, *more: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "nanobragg_numba", *COMMAND, *more], cwd=folder, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, env={**os.environ, **environment},
    )  # fmt: skip


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digests(folder: Path, names: Sequence[str] = OUTPUTS) -> dict[str, str]:
    return {name: digest(folder / name) for name in names}


def undisturbed(folder: Path) -> tuple[dict[str, str], float]:
    """Digests of an undisturbed run, and how long one takes once the kernels are compiled."""
    start(folder, *FACTORS).communicate()
    began = time.perf_counter()
    twins = [start(folder, *FACTORS) for _ in range(AT_ONCE)]
    assert [twin.wait() for twin in twins] == [0] * AT_ONCE
    return digests(folder, WITH_FACTORS), time.perf_counter() - began


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> tuple[dict[str, str], float]:
    return undisturbed(tmp_path_factory.mktemp("undisturbed"))


def test_killed_at_random_moments(finished, tmp_path):
    """A hundred runs ended by SIGINT, SIGTERM or SIGKILL at random moments, half of them while a file is being
    written: every output is whole, the old one or the new, and only SIGKILL leaves a temporary file.

    `python tests/test_faults.py 10000` runs a longer campaign.
    """
    complete, seconds = finished
    campaign(MOMENTS, tmp_path, complete, seconds, seed=20261120)


def campaign(moments: int, parent: Path, complete: dict[str, str], seconds: float, seed: int) -> dict[str, int]:
    """Kill so many runs, two of them going at a time; count how they ended."""
    ended: Counter[str] = Counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        tasks = [pool.submit(killed_run, parent, moment, complete, seconds, seed) for moment in range(moments)]
        for task in as_completed(tasks):
            ended[task.result()] += 1
    return dict(ended)


def killed_run(parent: Path, number: int, complete: dict[str, str], seconds: float, seed: int) -> str:
    """Kill one run at a random moment with a random signal, check what it leaves, say how it ended."""
    rng = random.Random(f"{seed} {number}")
    folder = parent / str(number)
    folder.mkdir()
    had_old = rng.random() < 0.5
    for name in complete if had_old else ():
        (folder / name).write_bytes(OLD)
    sent = rng.choice([signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
    process = start(folder, *FACTORS)
    await_moment(rng, folder, process, seconds)
    process.send_signal(sent)
    began = time.perf_counter()
    _, stderr = process.communicate(timeout=60)
    took = time.perf_counter() - began
    for name, expected in complete.items():
        path = folder / name
        if path.exists() and path.read_bytes() != OLD:
            assert digest(path) == expected, name
        else:
            assert path.exists() == had_old
    if sent != signal.SIGKILL:
        assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
        assert took < 5.0
        in_python_itself = process.returncode == 1 and b"init_import_site" in stderr
        assert in_python_itself or process.returncode in (0, 128 + sent, -sent), stderr  # -sent: before our first line
    shutil.rmtree(folder)
    return f"{signal.Signals(sent).name} -> {process.returncode}"


def await_moment(rng: random.Random, folder: Path, process: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait for any moment of a run, or for one at which it writes: the dump, or the images all together."""
    parts = rng.choice((0, 0, 1, 2))
    if not parts:
        time.sleep(rng.uniform(0.0, 1.1 * seconds))
        return
    while process.poll() is None:
        if sum(name.endswith(".part") for name in os.listdir(folder)) >= parts:
            time.sleep(rng.uniform(0.0, 0.01))
            return
        time.sleep(0.001)


def test_ctrl_c_is_answered_within_a_long_row(tmp_path):
    """SIGINT while rows take minutes each: answered within half a second (the best of three tries, since the machine
    may be busy), exit code 130, nothing left behind."""
    answered = []
    for _ in range(3):
        process = start(tmp_path, "-engine", "loop", "-oversample", "300")
        time.sleep(4.0)
        process.send_signal(signal.SIGINT)
        sent = time.perf_counter()
        _, stderr = process.communicate(timeout=60)
        answered.append(time.perf_counter() - sent)
        assert process.returncode == 130 and b"SIGINT" in stderr
        assert list(tmp_path.iterdir()) == []
        if answered[-1] < 0.5:
            return
    raise AssertionError(f"answered after {answered} seconds")


def test_two_runs_at_once_in_one_folder_with_an_empty_cache(finished, tmp_path):
    """Two runs started at the same moment in one folder and with an empty cache: both succeed and every file is
    whole."""
    folder, cache = tmp_path / "work", tmp_path / "cache"
    folder.mkdir()
    twins = [start(folder, *FACTORS, "-engine", "loop", NANOBRAGG_NUMBA_CACHE_DIR=str(cache)) for _ in range(2)]
    assert [twin.wait() for twin in twins] == [0, 0], [twin.stderr.read() for twin in twins]
    assert digests(folder, WITH_FACTORS) == finished[0]
    assert {path.name for path in folder.iterdir()} == set(WITH_FACTORS)


def test_a_full_disk_loses_nothing(tmp_path):
    """A full disk: one line of error, and the older files are as they were."""
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
    """File names with a space, a newline, non-ASCII letters, a leading dash: written like any other."""
    process = start(tmp_path, "-floatfile", name, "-detpixels", "16", "-nonoise", "-nopgm")
    assert process.wait() == 0
    assert (tmp_path / name).stat().st_size == 16 * 16 * 4


def test_a_fifo_as_output(tmp_path):
    """A FIFO as output file: it receives the bytes and stays a FIFO."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append(fifo.read_bytes()))
    reader.start()
    assert start(tmp_path, "-floatfile", str(fifo), "-detpixels", "16").wait() == 0
    reader.join()
    assert len(received[0]) == 16 * 16 * 4 and fifo.is_fifo()


def test_threads_of_one_program(tmp_path, monkeypatch):
    """Four threads of one program that render at once: all get the same image."""
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
def forked(expected):
    try:
        return work(0) == expected
    except nb.NanoBraggError as error:
        return str(error)
if __name__ == "__main__":
    here = work(0)
    with multiprocessing.get_context("fork").Pool(1) as pool:
        print(pool.map(forked, [here])[0])
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        print(set(pool.map(work, range(4))) == {{here}})
"""


@pytest.mark.parametrize("native", ["0", "1"])
def test_processes_of_one_program(native, tmp_path):
    """A process forked after a render, and spawned ones: all give the same bytes; forked after Numba's threads
    have started one may be refused with a sentence, as they do not live on in it."""
    script = tmp_path / "script.py"
    script.write_text(FORKED.format(args=[*COMMAND, "-detpixels", "32"]))
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, cwd=tmp_path, timeout=120,
                          env={**os.environ, "NANOBRAGG_NUMBA_NATIVE": native})  # fmt: skip
    lines = done.stdout.splitlines()
    assert lines[0] == "True" or (native == "0" and "spawn" in lines[0]), done.stderr
    assert lines[1] == "True", done.stderr


def main() -> int:
    parser = argparse.ArgumentParser(description="End runs of the command at random moments.")
    parser.add_argument("moments", type=int, nargs="?", default=MOMENTS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--record", action="store_true", help="keep the numbers in docs/faults.json")
    options = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        complete, seconds = undisturbed(Path(name))
        folder = Path(name) / "runs"
        folder.mkdir()
        ended = campaign(options.moments, folder, complete, seconds, options.seed)
    for key, count in sorted(ended.items()):
        print(f"{count:6d}  {key}")
    print(f"{options.moments} runs ended; every output was whole, the old one or the new, and no signal that can be")
    print("answered left a temporary file")
    if options.record:
        from fault_table import record_kills

        record_kills(options.seed, options.moments, ended, time.perf_counter() - began)
    return 0


if __name__ == "__main__":
    sys.exit(main())
