"""Run noisify's command in this process, in folders that hold the inputs of its golden cases."""

import io
import shutil
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

from compare_programs import Outcome, outcome_files
from paths import NOISIFY_GOLDEN

from nanobragg_numba.programs.noisify.cli import main

CASES = sorted(path.name for path in NOISIFY_GOLDEN.joinpath("cases").iterdir())
BANNERS = ("noisify - add noise", "noisify of nanobragg_numba", "noisify_ref ")


def with_inputs(folder: Path) -> Path:
    """A folder with a copy of the inputs."""
    shutil.copytree(NOISIFY_GOLDEN / "inputs", folder / "inputs")
    return folder


def run_noisify(argv: list[str], folder: Path) -> Outcome:
    """Run the command in a folder."""
    out, err = io.StringIO(), io.StringIO()
    with chdir(folder), redirect_stdout(out), redirect_stderr(err):
        code = main(argv)
    return Outcome(code, out.getvalue(), err.getvalue(), outcome_files(folder))


def lines(text: str) -> list[str]:
    """Standard output without the banner, which is each program's own."""
    return [line for line in text.split("\n") if not line.startswith(BANNERS)]
