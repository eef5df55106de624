"""Files that change under the reader's eyes, folders and disks that take nothing: no loss, and one clear line."""

import io
import os
import resource
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from paths import GOLDEN
from permissions import bound_by_permissions

import nanobragg_numba as nb
from nanobragg_numba.errors import NanoBraggError
from nanobragg_numba.formats.fdump import read_fdump
from nanobragg_numba.formats.hkl import read_hkl
from nanobragg_numba.formats.matrix import read_matrix
from nanobragg_numba.formats.smv import read_smv
from nanobragg_numba.formats.sources import read_sources
from nanobragg_numba.formats.stol import read_stol
from nanobragg_numba.io import inputs
from nanobragg_numba.io.atomic import OutputGroup
from nanobragg_numba.trace.parse import read_log

COMMAND = "-cell 40 50 60 90 90 90 -default_F 10 -N 3 -lambda 1 -pixel 0.4 -noprogress -seed 1".split()
OUTPUTS = ("floatimage.bin", "intimage.img", "image.pgm", "noiseimage.img")
OLD = b"an older result"

READERS = {
    "hkl": (read_hkl, "inputs/1orc_P1.hkl"),
    "dump": (read_fdump, "cases/fdump_read/Fdump.bin"),
    "matrix": (read_matrix, "inputs/1orc.mat"),
    "sources": (read_sources, "inputs/sources.txt"),
    "stol": (read_stol, "inputs/bg.stol"),
    "smv": (read_smv, "inputs/mask.img"),
    "trace": (read_log, "traces/absorption/pixel_40_52.log"),
}


def shrink(path: str) -> None:
    # at the end of a line, where a shorter list looks complete
    data = Path(path).read_bytes()
    os.truncate(path, data.rfind(b"\n", 0, len(data) // 2) + 1 or 8)


def grow(path: str) -> None:
    with open(path, "ab") as file:
        file.write(b"\n")


class Changing(io.FileIO):
    """A file to which something happens once its first bytes have been read."""

    happens = staticmethod(lambda path: None)

    def read(self, size: int = -1) -> bytes:  # type: ignore[override]
        piece = super().read(min(size, 8) if self.tell() == 0 else size)
        if self.tell() == len(piece):
            self.happens(self.name)
        return piece


@pytest.fixture(params=READERS)
def reader_and_file(request, tmp_path, monkeypatch):
    read, name = READERS[request.param]
    path = str(shutil.copy(GOLDEN / name, tmp_path / "file"))
    monkeypatch.setattr(inputs, "open", lambda path, mode: Changing(path, mode), raising=False)
    return read, path


@pytest.mark.parametrize("change", [shrink, grow])
def test_a_file_that_changes_while_it_is_read(change, reader_and_file, monkeypatch):
    """An input file that shrinks or grows while it is read: refused with a sentence, by every reader."""
    read, path = reader_and_file
    monkeypatch.setattr(Changing, "happens", staticmethod(change))
    with pytest.raises(NanoBraggError, match="changed while it was being read|shorter|bytes"):
        read(path)


def test_a_file_that_vanishes_while_it_is_read(reader_and_file, monkeypatch):
    """An input file that is deleted while it is read: it is read to its end."""
    read, path = reader_and_file
    expected = read(path)
    monkeypatch.setattr(Changing, "happens", staticmethod(os.unlink))
    found = read(path)
    assert not os.path.exists(path)
    if isinstance(found, np.ndarray):
        assert np.array_equal(found, expected)
    elif isinstance(found, list):
        assert found == expected
    else:
        assert type(found) is type(expected)


@pytest.mark.parametrize("kind", READERS)
def test_a_disk_that_fails(kind):
    """A read error of the disk: refused with the system's reason."""
    with pytest.raises(NanoBraggError, match="Input/output error"):
        READERS[kind][0]("/proc/self/mem")


def run(folder: Path, *more: str, **how) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "nanobragg_numba", *COMMAND, "-detpixels", "64", *more], cwd=folder,
        capture_output=True, **how,
    )  # fmt: skip


def errors(done: subprocess.CompletedProcess[bytes]) -> list[str]:
    return [line for line in done.stderr.decode().splitlines() if "warning: " not in line]


@pytest.fixture
def older(tmp_path) -> Path:
    """A folder with the outputs of an earlier run."""
    folder = tmp_path / "older"
    folder.mkdir()
    for name in OUTPUTS:
        (folder / name).write_bytes(OLD)
    return folder


def assert_untouched(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == set(OUTPUTS)
    assert all((folder / name).read_bytes() == OLD for name in OUTPUTS)


def test_a_folder_that_is_read_only(older):
    """A folder that is read-only: one line of error, and the older files are as they were."""
    older.chmod(0o555)
    done = run(older, preexec_fn=bound_by_permissions)
    assert done.returncode == 1
    assert errors(done) == ["nanoBragg: cannot write floatimage.bin: Permission denied"]
    assert_untouched(older)


def test_a_file_that_is_read_only(older):
    """An older output file that is read-only: one line of error, and it is not replaced."""
    (older / "image.pgm").chmod(0o444)
    done = run(older, preexec_fn=bound_by_permissions)
    assert done.returncode == 1
    assert errors(done) == ["nanoBragg: cannot write image.pgm: the file that is there is write-protected"]
    assert_untouched(older)


@pytest.mark.parametrize("size", [100, 5000, 10000])
def test_no_room_for_the_files(size, older):
    """A disk or quota that is full after so many bytes of a file: one line of error, the older files are as they
    were, and no temporary file is left."""
    done = run(older, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
    assert done.returncode == 1
    (error,) = errors(done)
    assert error.startswith("nanoBragg: cannot write ") and error.endswith("File too large")
    assert_untouched(older)


def test_a_folder_that_vanishes(tmp_path):
    """An output folder that is deleted before its files are complete: one line of error."""
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(NanoBraggError, match="cannot write"), OutputGroup() as group:
        group.open(folder / "file").write(b"content")
        shutil.rmtree(folder)


def test_two_runs_at_once_in_one_folder(tmp_path):
    """Two runs of the default engine at the same moment in one folder: both succeed and every file is whole."""
    alone, together = tmp_path / "alone", tmp_path / "together"
    alone.mkdir()
    together.mkdir()
    assert run(alone).returncode == 0
    codes: list[int] = []
    threads = [threading.Thread(target=lambda: codes.append(run(together).returncode)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [0, 0]
    assert {path.name for path in together.iterdir()} == set(OUTPUTS)
    for name in OUTPUTS:
        assert (together / name).read_bytes() == (alone / name).read_bytes()


def test_standard_output_as_output_file(tmp_path):
    """/dev/stdout as output file: the bytes arrive there, among the text, whole."""
    done = run(tmp_path, "-floatfile", "/dev/stdout", "-nonoise", "-nopgm")
    assert done.returncode == 0
    expected = nb.simulate([*COMMAND, "-detpixels", "64"]).image.tobytes()
    assert expected in done.stdout and done.stdout.count(b"\n") > 20
    assert [path.name for path in tmp_path.iterdir()] == ["intimage.img"]


def test_a_render_that_is_given_up(tmp_path, monkeypatch):
    """A render from Python that ends in an exception of its caller: no thread goes on, and the next one works."""
    experiment = nb.experiment_from([*COMMAND, "-detpixels", "64"]).experiment
    before = threading.active_count()

    def enough(progress) -> None:
        raise KeyboardInterrupt

    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            nb.render_experiment(experiment, noise=True, after_rows=enough)
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and thread.daemon:
            thread.join(5.0)
    assert threading.active_count() <= before
    assert nb.render_experiment(experiment, noise=True).image.any()
