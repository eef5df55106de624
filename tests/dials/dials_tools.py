"""What the tests with the real DIALS share; it runs under Debian's own Python, so it is asked from outside."""

import json
import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
PYTHON = os.environ.get("DIALS_PYTHON", "/usr/bin/python3")


def missing() -> str:
    """Why DIALS cannot be asked; empty if it can."""
    if shutil.which("dials.import") is None:
        return "there is no dials.import in the PATH (Debian: apt-get install dials)"
    done = subprocess.run([PYTHON, "-c", "import dxtbx"], capture_output=True, text=True)
    return "" if done.returncode == 0 else f"{PYTHON} cannot import dxtbx: {done.stderr.strip().splitlines()[-1]}"


def environment() -> dict[str, str]:
    """Without what belongs to this Python."""
    return {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}


def dxtbx(*names: str) -> dict:
    """What dxtbx makes of files; an answer with an error fails here."""
    answers = ask("ask_dxtbx.py", *names)
    for name, answer in answers.items():
        assert "error" not in answer, (name, answer)
    return answers


def ask(script: str, *arguments: str) -> dict:
    """Run one of the scripts beside this file under the Python of DIALS."""
    done = subprocess.run([PYTHON, str(HERE / script), *arguments], capture_output=True, text=True, env=environment(),
                          timeout=600)  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def dials(program: str, *arguments: str, folder: Path) -> str:
    """Run a program of DIALS in a folder; returns what it prints."""
    done = subprocess.run([f"dials.{program}", *arguments], cwd=folder, capture_output=True, text=True,
                          env=environment(), timeout=1800)  # fmt: skip
    assert done.returncode == 0, (program, done.stdout[-1500:], done.stderr[-1500:])
    return done.stdout
