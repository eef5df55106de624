"""Small files that ask for much: one line, and no more memory than the file justifies."""

import json
import lzma
import os
import signal
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from paths import ROOT

from nanobragg_numba.errors import NanoBraggError
from nanobragg_numba.formats.dials_crystal import read_expt_crystal
from nanobragg_numba.formats.nexus import reader
from nanobragg_numba.formats.picture import read_picture
from nanobragg_numba.io.apart import Apart, Died

ROOM = 1 << 29
"""Bytes that a reader may take on top of what its process has."""

READ = """
import resource, sys
import h5py, hdf5plugin
from nanobragg_numba.errors import NanoBraggError
from nanobragg_numba.formats.dials_crystal import read_expt_crystal
from nanobragg_numba.formats.picture import read_picture
size = int(open("/proc/self/statm").read().split()[0]) * 4096
resource.setrlimit(resource.RLIMIT_AS, (size + {room}, size + {room}))
name = sys.argv[1]
try:
    read_expt_crystal(name) if name.endswith(".expt") else read_picture(name)
except NanoBraggError as error:
    print(error)
"""


def refusal(path: Path) -> str:
    """What a reader says of a file, in a process with little memory."""
    script = READ.format(room=ROOM)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, env=environment, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1 and done.stdout.startswith(f"{path}: "), done.stdout + done.stderr
    return done.stdout


def nexus(path: Path, **how) -> h5py.File:
    """The beginning of a NeXus file, open, with data of this shape and kind."""
    file = h5py.File(path, "w")
    if how:
        file.create_dataset("/entry/data/data", **how)
    return file


@pytest.mark.parametrize("how", [
    {"shape": (1, 200_000, 200_000), "dtype": "f4", "chunks": (1, 100, 100)},
    {"shape": (200_000, 200_000, 1), "dtype": "f4", "chunks": (1, 100, 1)},
    {"shape": (1, 2, 2), "maxshape": (None, None, None), "dtype": "f8", "chunks": (1, 20_000, 20_000)},
    {"shape": (1 << 60, 1, 1), "dtype": "f4", "chunks": (1, 1, 1)},
], ids=["frame", "frames", "chunk", "2^60"])  # fmt: skip
def test_arrays_that_are_not_there(how, tmp_path):
    """HDF5 of a few kilobytes that declares an array, a stack or a chunk of gigabytes: one line, no memory."""
    nexus(tmp_path / "a.nxs", **how).close()
    assert (tmp_path / "a.nxs").stat().st_size < 20_000
    assert "cannot hold" in refusal(tmp_path / "a.nxs")


def test_another_array_that_is_not_there(tmp_path):
    """The same with any other array of the file: one line."""
    with nexus(tmp_path / "a.nxs", shape=(1, 2, 2), dtype="f4") as file:
        file.create_dataset("/entry/instrument/beam/incident_wavelength", (1 << 40,), "f8", chunks=(100,))
    assert "incident_wavelength is declared as" in refusal(tmp_path / "a.nxs")


@pytest.fixture
def secret(tmp_path) -> Path:
    path = tmp_path / "secret.h5"
    with h5py.File(path, "w") as file:
        file["data"] = np.arange(4.0).reshape(1, 2, 2)
    return path


def _external_link(file: h5py.File, secret: Path) -> None:
    file["/entry/data/data"] = h5py.ExternalLink(str(secret), "/data")


def _external_group(file: h5py.File, secret: Path) -> None:
    file["/entry"] = h5py.ExternalLink(str(secret), "/")


def _raw(file: h5py.File, secret: Path) -> None:
    file.create_dataset("/entry/data/data", (1, 2, 2), "u1", external=[(str(secret), 0, 4)])


def _virtual(file: h5py.File, secret: Path) -> None:
    layout = h5py.VirtualLayout((1, 2, 2), "f8")
    layout[:] = h5py.VirtualSource(str(secret), "data", (1, 2, 2))
    file.create_virtual_dataset("/entry/data/data", layout)


@pytest.mark.parametrize("make", [_external_link, _external_group, _raw, _virtual])
def test_ways_into_other_files(make, secret, tmp_path):
    """Links to another file, arrays that lie in one, virtual arrays: one line, the other file is not read."""
    with nexus(tmp_path / "a.nxs") as file:
        make(file, secret)
    said = refusal(tmp_path / "a.nxs")
    assert "another file" in said or "other files" in said


@pytest.mark.parametrize("make", ["/entry/data/data", "/entry/data", "/nowhere"])
def test_links_that_go_round(make, tmp_path):
    """Soft links to themselves, to their parents, to nothing; groups that hold themselves: one line."""
    with nexus(tmp_path / "a.nxs") as file:
        group = file.create_group("/entry/data")
        group["data"] = h5py.SoftLink(make)
        group["again"] = file["/entry"]
    assert "not an NXmx file" in refusal(tmp_path / "a.nxs")


CBF = (
    b"###CBF: VERSION 1.5\r\n conversions=\"x-CBF_BYTE_OFFSET\"\r\nX-Binary-Size-Fastest-Dimension: %d\r\n"
    b"X-Binary-Size-Second-Dimension: %d\r\n\r\n\x0c\x1a\x04\xd5\x01"
)  # fmt: skip


def _spoil_text(path: Path) -> None:
    """Change the type of each text of variable length into one that HDF5 has no name for, and crashes on."""
    data = path.read_bytes()
    text, unknown = (bytes([0x19, kind, 1, 0, 16, 0, 0, 0]) for kind in (0x01, 0xA8))
    assert text in data
    path.write_bytes(data.replace(text, unknown))


def test_text_of_an_unknown_type(tmp_path):
    """A damaged type of an attribute, and of an array, that the reader reads: no crash of HDF5."""
    with nexus(tmp_path / "attribute.nxs", shape=(1, 2, 2), dtype="f4") as file:
        file["/entry/data/data"].attrs["units"] = "counts"
    with nexus(tmp_path / "array.nxs", shape=(1, 2, 2), dtype=h5py.string_dtype()) as file:
        file["/entry/data/data"][:] = "counts"
    for name in ("attribute.nxs", "array.nxs"):
        _spoil_text(tmp_path / name)
        assert "neither numbers nor text" in refusal(tmp_path / name)


NEVER_ENDS = Path(__file__).with_name("hdf5_never_ends.nxs.xz")
"""A NeXus file of ours with bytes changed by the fuzzer: HDF5 1.14 runs for ever where it reads an attribute."""


def test_hdf5_that_never_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "_LIMIT_S", 1)
    path = tmp_path / "a.nxs"
    path.write_bytes(lzma.decompress(NEVER_ENDS.read_bytes()))
    with pytest.raises(NanoBraggError, match="not an NXmx file that can be read: "):
        read_picture(path)


@pytest.mark.parametrize(
    "what, words", [("crash", r"HDF5 crashes on it \(SIGABRT\)"), ("loop", "does not come to an end")]
)
def test_what_hdf5_does_it_does_elsewhere(what, words, tmp_path, monkeypatch, capfd):
    """Whatever happens while a file is read: one line, and nothing of the process that read it."""

    def mask(self):
        while what == "loop":
            pass
        os.abort()

    monkeypatch.setattr(reader, "_LIMIT_S", 1)
    monkeypatch.setattr(reader.NexusContents, "mask", mask)
    with nexus(tmp_path / "a.nxs", shape=(1, 2, 2), dtype="f4"), reader.NexusReader(tmp_path / "a.nxs") as file:
        with pytest.raises(NanoBraggError, match=words):
            file.mask()
        with pytest.raises(NanoBraggError, match=words):  # and once more
            file.mask()
    assert capfd.readouterr().err == ""


class Work:
    """What is done apart."""

    def double(self, number):
        return 2 * number

    def fail(self):
        raise LookupError("as here")

    def process(self):
        return os.getpid()


def test_work_apart():
    apart = Apart(Work, 5)
    assert apart.ask("double", 4) == 8
    with pytest.raises(LookupError, match="as here"):
        apart.ask("fail")
    assert apart.ask("double", np.arange(1 << 20)).tolist()[-1] == 2 * ((1 << 20) - 1)
    other = apart.ask("process")
    assert other != os.getpid()
    apart.close()
    with pytest.raises(ProcessLookupError):
        os.kill(other, 0)
    with pytest.raises(Died):
        apart.ask("double", 4)


def test_work_apart_ends_with_who_asked():
    """Also where that one was killed."""
    script = """
from nanobragg_numba.io.apart import Apart
class Work:
    def loop(self):
        print("begun", flush=True)
        while True:
            pass
Apart(Work, 1).ask("loop")
"""
    asking = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert asking.stdout.readline() == b"begun\n"
    asking.send_signal(signal.SIGKILL)
    assert asking.stdout.read() == b""  # until the last who could write there is gone
    assert asking.wait() == -signal.SIGKILL


@pytest.mark.parametrize("size", [(1_000_000, 1_000_000), (1 << 40, 1), (10**30, 1), (60_000, 60_000)])
def test_pixels_that_are_not_there(size, tmp_path):
    """A CBF of 150 bytes that declares 10^12 pixels: one line, no memory."""
    (tmp_path / "a.cbf").write_bytes(CBF % size)
    said = refusal(tmp_path / "a.cbf")
    assert "too few" in said or "size of the image" in said


@pytest.mark.parametrize("remark", ["# Pixel_size -- m x 1 m", "# Wavelength e", "# Beam_xy (..,-)", "# Start_angle +"])
def test_remarks_that_are_no_numbers(remark, tmp_path):
    """A remark of a CBF that is no number: one line."""
    (tmp_path / "a.cbf").write_bytes(b"###CBF\r\n" + remark.encode() + CBF[6:] % (1, 1))
    with pytest.raises(NanoBraggError, match="its header"):
        read_picture(tmp_path / "a.cbf")


LISTS = [
    "[" * 200_000, '{"a":' * 200_000, "[" * 200_000 + "]" * 200_000, '{"experiment": ' + "[" * 99_999,
    json.dumps({"experiment": [{"crystal": 10**30}], "crystal": []}),
    '{"experiment": [{"crystal": 1' + "0" * 5000 + "}]}",
]  # fmt: skip


@pytest.mark.parametrize("text", LISTS)
def test_lists_that_are_deep(text, tmp_path):
    """An experiment list of 200 000 opening brackets, or with numbers of thousands of digits: one line."""
    (tmp_path / "a.expt").write_text(text)
    refusal(tmp_path / "a.expt")
    with pytest.raises(NanoBraggError):
        read_expt_crystal(tmp_path / "a.expt")


@pytest.mark.parametrize("part, key", [("beam", "direction"), ("goniometer", "rotation_axis")])
@pytest.mark.parametrize("vector", [[-0.0, 0.0, 0.0], [1e300, 0.0, 0.0]])
def test_lists_whose_vectors_point_nowhere(part, key, vector, tmp_path):
    models = {"beam": {"direction": [0, 0, 1], "wavelength": 1.0}, "goniometer": {"rotation_axis": [1, 0, 0]},
              "crystal": {f"real_space_{name}": row for name, row in zip("abc", np.eye(3).tolist())}}  # fmt: skip
    models[part][key] = vector
    listed = {"experiment": [dict.fromkeys(models, 0)], **{name: [model] for name, model in models.items()}}
    (tmp_path / "a.expt").write_text(json.dumps(listed))
    with pytest.raises(NanoBraggError, match=f"{key} points nowhere"):
        read_expt_crystal(tmp_path / "a.expt")


def test_what_is_large_and_there_is_read(tmp_path):
    """A blank image that is compressed a hundredfold: its size alone is no reason to refuse it."""
    with nexus(tmp_path / "a.nxs", data=np.zeros((1, 2000, 2000), "u2"), compression="gzip", chunks=(1, 500, 2000)):
        pass
    assert (tmp_path / "a.nxs").stat().st_size < 20_000
    with pytest.raises(NanoBraggError) as refused:
        read_picture(tmp_path / "a.nxs")
    assert "cannot hold" not in str(refused.value)
