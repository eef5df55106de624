"""The reference cases: what the C program wrote, and how to run the same command line here."""

import io
import shutil
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from paths import GOLDEN

CASES = sorted(path.name for path in GOLDEN.joinpath("cases").iterdir())
NOT_WRITTEN_BY_THE_COMMAND = {"args", "stdout.txt"}


@dataclass
class Finished:
    """What a command left: exit code, text, and the folder of its files."""

    code: int
    stdout: str
    stderr: str
    folder: Path


def arguments(case: str) -> list[list[str]]:
    """The commands of a case, one after the other in one folder."""
    text = GOLDEN.joinpath("cases", case, "args").read_text()
    return [line.split() for line in text.splitlines() if line.strip()]


def run_here(argv: list[str], folder: Path, monkeypatch) -> Finished:
    """Run the command in this process, in a folder."""
    from nanobragg_numba.programs.nanobragg.cli import main

    monkeypatch.chdir(folder)
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(argv)
    return Finished(code, out.getvalue(), err.getvalue(), folder)


def prepare_folder(folder: Path) -> Path:
    """A folder with the inputs that the cases read."""
    shutil.copytree(GOLDEN / "inputs", folder / "inputs")
    return folder


def comparable(text: str) -> list[str]:
    """Lines of standard output without what cannot agree: the banner and a memory address."""
    banners = ("nanoBragg nanocrystal", "nanobragg_numba ", "nanobragg_ref ")
    return [
        line for line in text.split("\n") if not line.startswith(banners) and not line.startswith("mmap(")
    ]


def written_files(folder: Path) -> set[str]:
    """Names of the files that a command left in its folder."""
    return {path.name for path in folder.iterdir() if path.name != "inputs"}


if __name__ == "__main__":
    print("\n".join(CASES), file=sys.stdout)
