"""NeXus files: the same frames make the same bytes, whenever Python lets go of the objects that wrote them."""

import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from paths import SUPPORT

from nanobragg_numba.errors import FormatError
from nanobragg_numba.formats.nexus.record import FrameRecord, Shot, run_records
from nanobragg_numba.formats.nexus.writer import NexusWriter, nexus_bytes
from nanobragg_numba.geometry.frames import geometry_of
from nanobragg_numba.programs.nanobragg.geometry_files import crystal_record
from nanobragg_numba.programs.nanobragg.run import experiment_from

SIZE = 32
ARGUMENTS = f"-cell 50 60 70 90 90 90 -default_F 1 -N 5 -detpixels {SIZE} -dumpfile /nowhere"
EXPERIMENT = experiment_from(ARGUMENTS).experiment
FRAMES = np.random.default_rng(5).poisson(3.0, (4, SIZE, SIZE))


def add_frames(grown: NexusWriter) -> None:
    grown.hidden = np.zeros((SIZE, SIZE), bool)
    for shot, frame in enumerate(FRAMES):
        truth = Shot(shot, 1e24, shot, 1, "", "0" * 64)
        grown.add(frame.astype(np.uint16), FrameRecord(geometry_of(EXPERIMENT), crystal_record(EXPERIMENT), truth))


def stack(path: Path) -> bytes:
    grown = NexusWriter(str(path), len(FRAMES) + 1, "counts")
    add_frames(grown)
    grown.finish()
    return path.read_bytes()


def single(path: Path) -> bytes:
    frames = FRAMES.astype(np.float32)
    hidden = np.zeros((SIZE, SIZE), bool)
    records = run_records(geometry_of(EXPERIMENT), crystal_record(EXPERIMENT), len(frames))
    return nexus_bytes(frames, records, hidden)


@pytest.mark.parametrize("write", [stack, single])
def test_bytes_do_not_wait_for_the_garbage_collector(write, tmp_path, monkeypatch):
    monkeypatch.setitem(os.environ, "SOURCE_DATE_EPOCH", "1700000000")
    at_once = write(tmp_path / "at_once.nxs")
    kept = []
    for name in ("create_dataset", "create_group"):
        make = getattr(h5py.Group, name)

        def make_and_keep(*arguments, make=make, **options):
            kept.append(make(*arguments, **options))
            return kept[-1]

        monkeypatch.setattr(h5py.Group, name, make_and_keep)
    assert write(tmp_path / "late.nxs") == at_once
    assert len(kept) > 20


FULL = """
import gc, os, resource, sys
sys.path[:0] = os.environ["TESTS"].split(":")
from test_nexus_bytes import FRAMES, FormatError, NexusWriter, add_frames
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
for limit in [*range(0, 50_000, 997), 100, 3000, 12_000]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        grown = NexusWriter("full.nxs", len(FRAMES), "counts", "stack_000007.nxs")
        try:
            add_frames(grown)
            grown.finish()
        except FormatError as error:
            assert str(error) == "cannot write stack_000007.nxs: File too large", error
        else:
            assert limit > 20_000
        grown.discard()
        gc.collect()
        assert os.path.getsize("full.nxs") <= limit
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
print("all")
"""


def test_a_full_disk_is_one_error(tmp_path):
    """Wherever a stack stops growing, among its frames or at its end: in a process whose memory is full of rubbish."""
    environment = {**os.environ, "TESTS": f"{Path(__file__).parent}:{SUPPORT}", "MALLOC_PERTURB_": "85"}
    done = subprocess.run([sys.executable, "-W", "error", "-c", FULL], cwd=tmp_path, env=environment, text=True,
                          capture_output=True, timeout=300)  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "all\n", "")


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FormatError, match="cannot write .*/nowhere/x.nxs: No such file"):
        NexusWriter(str(tmp_path / "nowhere/x.nxs"), 1, "counts")
