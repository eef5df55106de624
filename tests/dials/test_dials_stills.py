"""DIALS finds how twenty stills of 1ORC stand, given its cell.

Its own `dials.stills_process`, and the indexer that it takes for stills by itself, need a module that Debian's package
has not (`xfel_mono_sim_ext`); `dials.index` indexes stills one by one with the other indexer.
"""

import subprocess

import numpy as np
from dials_tools import ask, dials
from paths import EXAMPLES
from sweeps import command
from test_dials_series import misorientation

from nanobragg_numba.formats.nexus.reader import NexusReader
from nanobragg_numba.geometry.lattice import rotation_about
from nanobragg_numba.tools.sf import main as nb_sf

COUNT = 20
STILL = ("-lambda 1 -N 20 -nointerpolate -distance 120 -pixel 0.1 -detpixels 1024 -oversample 1 -fluence 1e27 "
         "-water 3 -hkl P1.hkl -cell 34.77 39.17 48.31 90 90 90 -phi 1 -misset random -mosaic 0.15 "
         "-mosaic_domains 20")  # fmt: skip

INDEX = ("index imported.expt strong.refl known_symmetry.unit_cell=34.77,39.17,48.31,90,90,90 "
         "known_symmetry.space_group=P222 stills.indexer=sequences indexing.method=real_space_grid_search "
         "joint_indexing=False n_macro_cycles=3 crystal.fix=cell detector.fix=all beam.fix=all")  # fmt: skip
"""One image leaves a cell and a distance open: they are known, and stay."""


def standing(path, frame):
    """A* of a still as it stands, in the frame of DIALS."""
    with NexusReader(path) as file:
        record = file.record(frame)
    real = record.crystal.real @ rotation_about(record.geometry.axis, -record.geometry.phi0)
    return np.diag([-1.0, 1.0, -1.0]) @ np.linalg.inv(real)


def test_stills_are_indexed(tmp_path):
    assert nb_sf([str(EXAMPLES / "1orc/1orc.pdb"), "--dmin", "2.2", "-o", str(tmp_path / "P1.hkl")]) == 0
    (tmp_path / "base.args").write_text(STILL)
    words = command(str(tmp_path / "base.args"), "--count", str(COUNT), "--out", str(tmp_path / "stills"))
    subprocess.run(words, check=True, capture_output=True, timeout=1800)
    folder = tmp_path / "stills"
    for step in ("import stacks/stack_000000.nxs", "find_spots imported.expt nproc=2", INDEX):
        dials(*step.split(), folder=folder)
    found = ask("ask_series.py", str(folder / "indexed.expt"))["crystals"]
    stack = folder / "stacks/stack_000000.nxs"
    angles = {
        crystal["frame"]: misorientation(standing(stack, crystal["frame"]), np.array(crystal["A"]).reshape(3, 3))
        for crystal in found
    }
    assert sorted(angles) == list(range(COUNT)) and len(found) == COUNT, sorted(angles)
    assert max(angles.values()) < 0.2, angles
