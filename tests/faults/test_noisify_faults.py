"""noisify killed at random moments and on full disks: every file is whole, the old one or the new."""

import os
import random
import resource
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

OLD = b"an older result"
OUTPUTS = ("intimage.img", "image.pgm", "noiseimage.img", "preview.png", "a.cbf")
ARGUMENTS = "-bin photons.raw -detpixels 700 -seed 1 -readout 3 -psf gauss -pngfile preview.png -cbffile a.cbf".split()
MOMENTS = 24


def begun(folder, *more, **how):
    return subprocess.Popen(
        [sys.executable, "-m", "nanobragg_numba.programs.noisify", *ARGUMENTS, *more], cwd=folder,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **how,
    )  # fmt: skip


def with_photons(folder, old):
    folder.mkdir()
    np.random.default_rng(1).exponential(40, (700, 700)).astype(np.float32).tofile(folder / "photons.raw")
    for name in OUTPUTS if old else ():
        (folder / name).write_bytes(OLD)
    return folder


@pytest.fixture(scope="module")
def complete(tmp_path_factory):
    """Contents of the files of an undisturbed run, and how long one takes."""
    folder = with_photons(tmp_path_factory.mktemp("noisify") / "undisturbed", old=False)
    assert begun(folder).wait() == 0
    began = time.perf_counter()
    assert begun(folder).wait() == 0
    seconds = time.perf_counter() - began
    return {name: (folder / name).read_bytes() for name in OUTPUTS if name != "a.cbf"}, seconds


def killed(parent, number, complete, seconds):
    rng = random.Random(f"noisify {number}")
    folder, had_old = parent / str(number), rng.random() < 0.5
    with_photons(folder, had_old)
    sent = rng.choice([signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
    process = begun(folder)
    time.sleep(rng.uniform(0.2, 1.1) * seconds)
    process.send_signal(sent)
    _, stderr = process.communicate(timeout=60)
    for name, expected in complete.items():
        path = folder / name
        content = path.read_bytes() if path.exists() else None
        assert content == expected or content == (OLD if had_old else None), name
    if sent != signal.SIGKILL:
        assert [name for name in os.listdir(folder) if name.startswith(".")] == []
        assert process.returncode in (0, 128 + sent, -sent) or b"init_import_site" in stderr, stderr
    return process.returncode


def test_killed_at_random_moments(complete, tmp_path):
    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(lambda number: killed(tmp_path, number, *complete), range(MOMENTS)))
    assert any(codes)  # some were


def assert_refused(process, folder, says):
    _, stderr = process.communicate(timeout=60)
    lines = [line for line in stderr.decode().splitlines() if "warning: " not in line and "compiling" not in line]
    assert process.returncode == 1 and len(lines) == 1, stderr
    assert lines[0].startswith("noisify: cannot write ") and lines[0].endswith(says)
    assert sorted(os.listdir(folder)) == sorted([*OUTPUTS, "photons.raw"])
    assert all((folder / name).read_bytes() == OLD for name in OUTPUTS)


@pytest.mark.parametrize("option", ["-intfile", "-pgmfile", "-noisefile", "-pngfile", "-cbffile", "-nexusfile"])
def test_a_full_disk_loses_nothing(option, tmp_path):
    folder = with_photons(tmp_path / "full", old=True)
    assert_refused(begun(folder, option, "/dev/full"), folder, "No space left on device")


@pytest.mark.parametrize("size", [100, 200_000, 600_000])
def test_no_room_for_the_files(size, complete, tmp_path):
    folder = with_photons(tmp_path / "limit", old=True)
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))  # noqa: E731
    assert_refused(begun(folder, preexec_fn=limit), folder, "File too large")
