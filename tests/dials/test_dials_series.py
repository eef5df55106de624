"""DIALS gives the crystal back: a rotation of 1ORC, indexed without a cell, refined, integrated, scaled.

20 frames; with LONG=1, as `make test-dials LONG=1` sets it, 60.
"""

import math
import os
import subprocess

import numpy as np
import pytest
from dials_tools import ask, dials
from paths import EXAMPLES
from sweeps import command

from nanobragg_numba.formats.nexus.reader import NexusReader
from nanobragg_numba.tools.sf import main as nb_sf

LONG = os.environ.get("LONG", "") not in ("", "0")
FRAMES = 60 if LONG else 20
CELL = np.array([34.77, 39.17, 48.31, 90.0, 90.0, 90.0])
PANEL = ("-lambda 1 -N 12 -nointerpolate -distance 120 -pixel 0.1 -detpixels 1024 -oversample 1 -fluence 1e27 -water 3 "
         "-adc 0 -hkl P1.hkl -cell 34.77 39.17 48.31 90 90 90")  # fmt: skip


@pytest.fixture(scope="module")
def factors(tmp_path_factory):
    folder = tmp_path_factory.mktemp("series")
    assert nb_sf([str(EXAMPLES / "1orc/1orc.pdb"), "--dmin", "2.5", "-o", str(folder / "P1.hkl")]) == 0
    return folder


def stack_of(folder, name, arguments, table):
    """A sweep's one stack."""
    (folder / f"{name}.args").write_text(f"{PANEL} {arguments}")
    (folder / f"{name}.csv").write_text(table)
    words = command(str(folder / f"{name}.args"), "--shots", str(folder / f"{name}.csv"), "--out", str(folder / name),
                    "--chunk", "100")  # fmt: skip
    subprocess.run(words, check=True, capture_output=True, timeout=1800)
    return folder / name / "stacks/stack_000000.nxs"


def misorientation(ours, theirs):
    """Degrees between two crystals whose cells have right angles, axes of either sign: the largest of an axis."""
    ours, theirs = (np.linalg.inv(matrix) for matrix in (ours, theirs))
    cosines = [abs(a @ b) / np.linalg.norm(a) / np.linalg.norm(b) for a, b in zip(ours, theirs)]
    return math.degrees(math.acos(min(1.0, min(cosines))))


def matrix_in_dials(path, frame):
    """A* of a frame, spindle at zero, in the frame of DIALS: that of NeXus turned about its y."""
    with NexusReader(path) as file:
        return np.diag([-1.0, 1.0, -1.0]) @ np.linalg.inv(file.record(frame).crystal.real)


def test_a_rotation_from_import_to_scale(factors):
    path = stack_of(factors, "turn", "-misset 25 40 70 -osc 1 -phisteps 10",
                    "phi\n" + "".join(f"{10 + i}\n" for i in range(FRAMES)))  # fmt: skip
    folder = factors / "turn"
    for step in (
        "import stacks/stack_000000.nxs", "find_spots imported.expt nproc=2", "index imported.expt strong.refl",
        "refine indexed.expt indexed.refl", "integrate refined.expt refined.refl nproc=2 prediction.d_min=2.6",
        "reindex integrated.expt integrated.refl space_group=P222", "scale reindexed.expt reindexed.refl",
    ):  # fmt: skip
        said = dials(*step.split(), folder=folder)
    found = ask("ask_series.py", str(folder / "scaled.expt"), str(folder / "scaled.refl"), str(factors / "P1.hkl"))
    (crystal,) = ask("ask_series.py", str(folder / "refined.expt"))["crystals"]
    assert np.abs(np.array(crystal["cell"]) / CELL - 1.0).max() < 1e-3
    assert misorientation(matrix_in_dials(path, 0), np.array(crystal["A"]).reshape(3, 3)) < 0.1
    assert found["count"] > 500 and found["cc"] > 0.99, found
    columns = next(line for line in said.splitlines() if "Overall" in line).split()
    half = next(line for line in said.splitlines() if line.startswith("CC half"))
    assert float(dict(zip(columns, half.split()[2:]))["Overall"]) > 0.99, half
