"""README's way from a PDB file to the cell that DIALS prints, run as it stands."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
from dials_tools import environment
from paths import ROOT

CELL = np.array([34.77, 39.17, 48.31, 90.0, 90.0, 90.0])


def snippets() -> list[str]:
    """The blocks of commands of the section, the installation left out."""
    section = (ROOT / "README.md").read_text().split("## From a PDB file")[1].split("\n## ")[0]
    first, *others = (block.split("```")[0] for block in section.split("```sh\n")[1:])
    install, _, commands = first.partition("\n")
    assert install.startswith("pip install")
    return [commands, *others]


def test_from_a_pdb_file_to_the_cell_of_dials(tmp_path):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    blocks = snippets()
    assert len(blocks) == 2 and "dials.index" in blocks[1]
    said = ""
    for block in blocks:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", block], cwd=tmp_path, capture_output=True, text=True,
                              env={**environment(), "PATH": path})  # fmt: skip
        assert done.returncode == 0, (done.stdout[-1500:], done.stderr[-1500:])
        said = done.stdout
    last = said.splitlines()[-1]
    assert "Unit cell" in last, said[-1500:]
    found = np.array([float(number) for number in re.findall(r"\d+\.?\d*", re.sub(r"\(\d+\)", "", last))])
    assert np.abs(found / CELL - 1.0).max() < 2e-3, last
