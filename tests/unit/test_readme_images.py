"""The README's way from a PDB file to images works as it stands."""

import os
import subprocess
import sys
from pathlib import Path

import fabio
import numpy as np
import pyFAI
import pytest
from paths import ROOT
from PIL import Image

from nanobragg_numba.formats.hkl import read_hkl


def snippet() -> str:
    """The commands of the section, the installation left out."""
    section = (ROOT / "README.md").read_text().split("## From a PDB file")[1]
    block = section.split("```sh\n")[1].split("```")[0]
    install, _, commands = block.partition("\n")
    assert install.startswith("pip install") and "[formats]" in install
    return commands


def test_from_a_pdb_file_to_every_format(tmp_path):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(["bash", "-euc", snippet()], cwd=tmp_path, env={**os.environ, "PATH": path},
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    ours, stored = read_hkl(tmp_path / "P1.hkl"), read_hkl(ROOT / "examples/1orc/1orc_P1.hkl")
    assert np.array_equal(ours.h, stored.h) and np.abs(ours.F - stored.F).max() < 0.02
    for name in ("1orc.png", "spots.png"):
        assert Image.open(tmp_path / name).format == "PNG"
    photons = np.fromfile(tmp_path / "floatimage.bin", np.float32).reshape(1024, 1024)
    frames = fabio.open(f"{tmp_path}/1orc.nxs::/entry/data/data")
    assert frames.nframes == 5
    total = sum(frames.get_frame(i).data.astype(float) for i in range(5))
    assert np.abs(total - photons).max() <= photons.max() * 2.0**-23
    counts, noise = (fabio.open(str(tmp_path / name)).data for name in ("1orc.cbf", "noiseimage.img"))
    assert np.array_equal(counts, np.where(noise == 65535, 65535, noise - 40))  # the offset of SMV
    assert pyFAI.load(str(tmp_path / "1orc.poni")).detector.shape == (1024, 1024)
    assert len((tmp_path / "spots.csv").read_text().splitlines()) > 100


def test_spots_water_and_a_detector(tmp_path):
    """The section's commands as they stand; the sum is that of the two images, the water's ring is in it."""
    section = (ROOT / "README.md").read_text().split("## Spots, water and a detector")[1]
    commands = section.split("```sh\n")[1].split("```")[0]
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(["bash", "-euc", commands], cwd=tmp_path, env={**os.environ, "PATH": path},
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    spots, water, both = (np.fromfile(tmp_path / f"{name}.bin", np.float32) for name in ("spots", "water", "both"))
    assert np.array_equal(both, spots + water)
    row = water.reshape(1024, 1024)[512, 512:]
    q = 4 * np.pi * np.sin(np.arctan((np.arange(512) + 0.5) * 0.1 / 120) / 2)
    assert 1.85 < q[row.argmax()] < 2.0  # polarization and solid angle pull it inwards
    counts = fabio.open(str(tmp_path / "detector.img")).data.reshape(1024, 1024)
    assert np.median(counts) == pytest.approx(np.median(both) + 40, rel=0.05)
