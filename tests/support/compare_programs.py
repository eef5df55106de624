"""Run the C reference and the Python command on the same arguments and compare what they leave."""

import io
import os
import shutil
import subprocess
import tempfile
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from golden_cases import comparable, prepare_folder
from remarks import add_remarked_inputs

TIMEOUT = 120


@dataclass
class Outcome:
    """What a command left.

    Attributes
    ----------
    code : int
        Exit code.
    stdout, stderr : str
    files : dict of str to bytes
        Every file in the folder, by its path, but for the inputs.
    """

    code: int
    stdout: str
    stderr: str
    files: dict[str, bytes]


def outcome_files(folder: Path) -> dict[str, bytes]:
    """Every file in a folder, by its path, but for the inputs."""
    found = {path for path in folder.rglob("*") if path.is_file()}
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(found)
        if "inputs" not in path.relative_to(folder).parts
    }


def _new_folder() -> Path:
    return add_remarked_inputs(prepare_folder(Path(tempfile.mkdtemp())))


def run_c(program: Path, argv: list[str], folder: Path | None = None, **environment: str) -> Outcome:
    """Run a build of cref, in a new folder with the inputs unless one is given."""
    work = folder or _new_folder()
    try:
        done = subprocess.run(
            [str(program), *argv], cwd=work, capture_output=True, timeout=TIMEOUT, check=False,
            env={**os.environ, **environment},
        )  # fmt: skip
        text = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        return Outcome(done.returncode, *text, outcome_files(work))
    finally:
        if folder is None:
            shutil.rmtree(work)


def run_python(argv: list[str], folder: Path | None = None) -> Outcome:
    """Run the Python command in this process, in a new folder with the inputs unless one is given."""
    from nanobragg_numba.programs.nanobragg.cli import main

    work = folder or _new_folder()
    out, err = io.StringIO(), io.StringIO()
    try:
        with chdir(work), redirect_stdout(out), redirect_stderr(err):
            code = main(argv)
        return Outcome(code, out.getvalue(), err.getvalue(), outcome_files(work))
    finally:
        if folder is None:
            shutil.rmtree(work)


def _first_difference(c_lines: list[str], py_lines: list[str]) -> str:
    for number, (c_line, py_line) in enumerate(zip(c_lines, py_lines), 1):
        if c_line != py_line:
            return f"line {number} of stdout: C {c_line!r}, Python {py_line!r}"
    return f"C prints {len(c_lines)} lines, Python {len(py_lines)}"


def compare(c: Outcome, py: Outcome) -> list[str]:
    """Every difference between the outcomes of the two programs, in words.

    Standard error is not compared: each program warns in its own words.
    """
    if c.code != py.code:
        return [f"exit code: C {c.code} ({c.stderr.strip()}), Python {py.code} ({py.stderr.strip()})"]
    problems = []
    if comparable(c.stdout) != comparable(py.stdout):
        problems.append(_first_difference(comparable(c.stdout), comparable(py.stdout)))
    for name in sorted(c.files.keys() | py.files.keys()):
        if name not in py.files:
            problems.append(f"{name}: written by C alone")
        elif name not in c.files:
            problems.append(f"{name}: written by Python alone")
        elif c.files[name] != py.files[name]:
            problems.append(f"{name}: {len(c.files[name])} and {len(py.files[name])} bytes that differ")
    return problems
