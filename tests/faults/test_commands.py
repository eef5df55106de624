"""Every command that is installed: the same help, mistakes, streams and signals, the same exit codes."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from commands import BASE_ARGS, CASES, command_line, installed
from fake_programs import fake
from paths import ROOT

from nanobragg_numba.version import __version__

ALL = sorted(CASES)
TOOLS = [name for name in ALL if ".tools." in installed()[name]]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "NB_C_BIN": "", "NB_PY_BIN": ""}


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder with what the cases need."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "pipe.pdb").symlink_to("pipe")
    (tmp_path / "base.args").write_text(BASE_ARGS)
    for behaviour in ("good", "asleep"):
        fake(tmp_path, behaviour)
    return tmp_path


def start(name: str, arguments: str, folder: Path, **how) -> subprocess.Popen[str]:
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, **how}
    return subprocess.Popen(command_line(name, *arguments.split()), cwd=folder, text=True, env=ENVIRONMENT, **streams)


def run(name: str, arguments: str, folder: Path, **how) -> tuple[int, str, str]:
    process = start(name, arguments, folder, **how)
    out, err = process.communicate(timeout=120)
    return process.returncode, out or "", err or ""


def errors(err: str) -> list[str]:
    """Lines of standard error that are no warning and no announcement."""
    return [line for line in err.splitlines() if "warning: " not in line and "compiling the kernels" not in line]


def own_name(name: str) -> str:
    """The name that a command calls itself by: the first of those that are installed for it."""
    places = installed()
    return next(other for other, place in places.items() if place == places[name])


def test_every_command_has_a_case():
    """The commands that the package installs are the cases of these tests."""
    assert set(CASES) == set(installed())


@pytest.mark.parametrize("name", ALL)
def test_help(name, tmp_path):
    """--help: on standard output, with the name of the command and the exit codes of the tools; exit code 0."""
    code, out, err = run(name, "--help", tmp_path)
    assert (code, err) == (0, "") and "usage" in out.lower()
    if name in TOOLS:
        assert name in out and "--version" in out


@pytest.mark.parametrize("name", ALL)
def test_version(name, tmp_path):
    """--version: the same line from all commands, exit code 0."""
    word = "--version" if name in TOOLS else "-version"
    assert run(name, word, tmp_path) == (0, f"nanobragg_numba {__version__}\n", "")


@pytest.mark.parametrize("name", ALL)
def test_bad_usage(name, folder):
    """An option that there is not: one line that names it, exit code 2, no file."""
    before = set(folder.iterdir())
    arguments = f"--unheard-of {CASES[name].works}" if name in TOOLS else f"{CASES[name].works} -strict -unheard_of"
    code, out, err = run(name, arguments, folder)
    (line,) = errors(err)
    assert code == 2 and out == "" and line.startswith(f"{own_name(name)}: ") and "-unheard" in line
    assert set(folder.iterdir()) == before


@pytest.mark.parametrize("name", ALL)
def test_a_missing_file(name, folder):
    """An input file that is missing: one line that names it, exit code 1 (2 from those that compare)."""
    code, out, err = run(name, CASES[name].missing, folder)
    (line,) = errors(err)
    assert code == CASES[name].cannot and "nowhere" in line and line.startswith(f"{own_name(name)}: ")
    assert "Traceback" not in out + err


@pytest.mark.parametrize("name", [name for name in ALL if CASES[name].takes_nanobragg])
def test_a_forgotten_separator(name, folder):
    """nanoBragg's arguments without -- in front: that is said, exit code 2."""
    code, _, err = run(name, CASES[name].works.split(" -- ")[0] + " -lambda 1.5 -distance 100", folder)
    assert code == 2
    assert err == f"{name}: -lambda is an option of nanoBragg: put -- before nanoBragg's arguments\n"


@pytest.mark.parametrize("closed", [(1,), (2,), (0, 1, 2)], ids=["stdout", "stderr", "all"])
@pytest.mark.parametrize("name", ALL)
def test_closed_streams(name, closed, folder):
    """Standard streams that are closed: exit code 0, and the files are those of any run."""
    case = CASES[name]
    done = run(name, case.works, folder, preexec_fn=lambda: [os.close(number) for number in closed])
    assert done[0] == 0, done
    assert errors(done[2]) == []
    assert (1 in closed) == (done[1] == "")
    assert not case.made or (folder / case.made).stat().st_size > 0


@pytest.mark.parametrize("name", ALL)
def test_a_reader_that_has_left(name, folder):
    """A reader of standard output that is gone: exit code 0, nothing is said, the files are written."""
    reading, writing = os.pipe()
    os.close(reading)
    case = CASES[name]
    code, _, err = run(name, case.works, folder, stdout=writing)
    os.close(writing)
    assert code == 0 and errors(err) == []
    assert not case.made or (folder / case.made).stat().st_size > 0


def wait_for(process: subprocess.Popen[str], folder: Path) -> int | None:
    """Wait until a command has begun to read the pipe, or to run the program that sleeps."""
    pipe = folder / "pipe"
    deadline = time.monotonic() + 100.0
    while time.monotonic() < deadline and process.poll() is None:
        if (folder / "out" / "c" / "stdout.txt").exists():
            return None
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)  # works once the other end is open
        except OSError:
            time.sleep(0.01)
    raise AssertionError(f"it never waited: {process.communicate()}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("name", ALL)
def test_an_interrupt(name, number, folder):
    """SIGINT or SIGTERM while it waits for a file or a program: one line, exit code 128 + the signal."""
    process = start(name, CASES[name].waits, folder)
    held = wait_for(process, folder)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    if held is not None:
        os.close(held)
    assert process.returncode == 128 + number
    (line,) = errors(err)
    assert f"ended by {number.name}; " in line
    assert not [path for path in folder.rglob("*") if path.name.endswith(".part")]
