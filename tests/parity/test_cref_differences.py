"""DIFFERENCES.md tells the truth: its commands, run in order, print what the page says."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from cref_build import CREF

PAGE = (CREF / "DIFFERENCES.md").read_text()
SETUP = re.search(r"```sh\n(.*?)```", PAGE, re.DOTALL)[1]
TRANSCRIPTS = re.findall(r"^### (.*?)\n.*?```console\n\$ (.*?)\n(.*?)\n?```", PAGE, re.DOTALL | re.MULTILINE)
TITLES = [title for title, _, _ in TRANSCRIPTS]

DEFECTS = [
    "phi-zero", "interpolation", "thickness", "oversample-product", "first-subpixel", "source-weights",
    "spot-orientation", "cell", "misset-seed", "twotheta-axis", "pix0", "curved-detector", "smv-header",
    "header-twotheta",
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the commands share, empty at first."""
    return tmp_path_factory.mktemp("differences")


@pytest.mark.parametrize(("title", "command", "expected"), TRANSCRIPTS, ids=TITLES)
def test_transcript(title: str, command: str, expected: str, folder: Path, cref_binary: Path) -> None:
    environment = {**os.environ, "PATH": f"{cref_binary.parent}:{os.environ['PATH']}", "LC_ALL": "C"}
    done = subprocess.run(
        ["bash", "-c", f"{SETUP}\n{command}"],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert [line.rstrip() for line in done.stdout.splitlines()] == expected.splitlines(), title


def test_every_defect_has_an_entry() -> None:
    named = {name for title, _, _ in TRANSCRIPTS for name in re.findall(r"\(`(.*?)`\)", title)}
    assert named == set(DEFECTS)
    assert PAGE.count("\n### ") == len(TRANSCRIPTS)
