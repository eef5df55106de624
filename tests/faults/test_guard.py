"""The outer shell of all commands: errors, signals and streams of every kind end in a line and an exit code."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from paths import ROOT

from nanobragg_numba.command.guard import guarded
from nanobragg_numba.errors import NanoBraggError, OptionError

SCRIPT = """
import os, sys, time
from nanobragg_numba.command.guard import guarded
from nanobragg_numba.io.atomic import atomic_output

def words(argv):
    print("words", flush=True)
    print("a complaint", file=sys.stderr)
    print(*argv)
    with atomic_output("made") as file:
        file.write(b"whole")
    return 0

def waits(argv):
    with atomic_output("made") as file:
        file.write(b"half")
        try:
            os.write(1, b"ready\\n")
            time.sleep(60)
        finally:
            print("tidied")

sys.exit(guarded("tool", {run}, None, kernels={kernels}))
"""


def start(folder: Path, run: str, *arguments: str | bytes, kernels: bool = False, **how) -> subprocess.Popen[bytes]:
    script = SCRIPT.format(run=run, kernels=kernels)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **how.pop("env", {})}
    return subprocess.Popen([sys.executable, "-c", script, *arguments], cwd=folder, env=environment, **how)


def raises(error: BaseException):
    def run(argv: list[str]) -> int:
        raise error

    return run


ERRORS = [
    (NanoBraggError("the sky is red"), 1, "the sky is red"),
    (NanoBraggError("two\nlines"), 1, "two lines"),
    (OptionError("no option -x"), 2, "no option -x"),
    (MemoryError(), 1, "not enough memory: make the detector, the images or the number of steps smaller"),
    (KeyboardInterrupt(), 130, "ended by SIGINT; files are whole, old or new"),
    (OSError(28, "No space left on device"), 1, "cannot go on: No space left on device: standard output"),
    (OSError(13, "Permission denied", "a.txt"), 1, "cannot go on: Permission denied: a.txt"),
    (SystemExit("no"), 2, None),
    (SystemExit(0), 0, None),
    (SystemExit(7), 7, None),
]


@pytest.mark.parametrize("error, code, line", ERRORS)
def test_what_goes_wrong_is_one_line(error, code, line, capsys):
    """An error of ours, of the system, of memory, an interrupt: one line, and the exit code of its kind."""
    assert guarded("tool", raises(error), []) == code
    assert capsys.readouterr() == ("", f"tool: {line}\n" if line else "")


@pytest.mark.parametrize("error", [NanoBraggError("no"), OptionError("no"), MemoryError(), OSError(5, "no")])
def test_commands_that_compare_cannot(error, capsys):
    """An error in a command whose 1 says that something differs: 2."""
    assert guarded("tool", raises(error), [], failure_code=2) == 2


def test_the_answer_of_the_command_is_the_exit_code():
    """A command that ends by itself: its own exit code."""
    assert guarded("tool", lambda argv: 3, []) == 3


def test_a_fault_of_our_own_is_not_hidden():
    """An exception that no one has thought of: it is not made to look like bad input."""
    with pytest.raises(ZeroDivisionError):
        guarded("tool", raises(ZeroDivisionError()), [])


def closing(*numbers: int):
    return lambda: [os.close(number) for number in numbers]


@pytest.mark.parametrize("numbers", [(0,), (1,), (2,), (0, 1), (1, 2), (0, 2), (0, 1, 2)])
@pytest.mark.parametrize("kernels", [False, True])
def test_closed_streams(numbers, kernels, tmp_path):
    """Standard streams that are closed: nothing ends in the wrong stream or file, and the file is written."""
    process = start(
        tmp_path, "words", "said", kernels=kernels, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=closing(*numbers),
    )  # fmt: skip
    out, err = process.communicate()
    assert process.returncode == 0
    assert out == (b"" if 1 in numbers else b"words\nsaid\n")
    assert err == (b"" if 2 in numbers else b"a complaint\n")
    assert (tmp_path / "made").read_bytes() == b"whole"


@pytest.mark.parametrize("kernels", [False, True])
def test_a_reader_that_leaves(kernels, tmp_path):
    """A reader of standard output that leaves early: nothing is said, and the file is written."""
    reading, writing = os.pipe()
    os.close(reading)
    process = start(tmp_path, "words", kernels=kernels, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert process.communicate()[1] == b"a complaint\n"
    assert process.returncode == 0 and (tmp_path / "made").read_bytes() == b"whole"


def test_a_stream_that_is_full(tmp_path):
    """Standard output on a full disk: one line, exit code 1; standard error on one: no matter."""
    with open("/dev/full", "wb") as full:
        process = start(tmp_path, "words", stdout=full, stderr=subprocess.PIPE)
        assert process.communicate()[1] == b"tool: cannot go on: No space left on device: standard output\n"
        assert process.returncode == 1


@pytest.mark.parametrize("kernels", [False, True])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals(number, kernels, tmp_path):
    """SIGINT, SIGTERM and SIGHUP: one line, 128 + the signal, no temporary file; a command that is not in a kernel
    ends what it has begun."""
    process = start(
        tmp_path, "waits", kernels=kernels, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # whatever the tests were started to ignore
    )  # fmt: skip
    assert process.stdout and process.stdout.readline() == b"ready\n"
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert err.decode() == f"tool: ended by {number.name}; files are whole, old or new\n"
    assert out == (b"" if kernels else b"tidied\n")
    assert list(tmp_path.iterdir()) == []


def test_a_signal_that_is_ignored_stays_so(tmp_path):
    """A process that was started to ignore SIGHUP (nohup): it goes on."""
    process = start(
        tmp_path, "waits", kernels=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )  # fmt: skip
    assert process.stdout and process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=60)[1].startswith(b"tool: ended by SIGTERM")


@pytest.mark.parametrize("encoding, shown", [("utf-8", b"gr\xc3\xb6\xc3\x9fe \xff"), ("ascii", b"gr\\xf6\\xdfe \xff")])
def test_letters_that_a_stream_lacks(encoding, shown, tmp_path):
    """Letters that the encoding lacks, and a name that is no text in it: escapes, and the bytes as they came."""
    name = "größe ".encode() + b"\xff"
    process = start(
        tmp_path, "words", name, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={"PYTHONIOENCODING": encoding, "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert process.communicate()[0] == b"words\n" + shown + b"\n"
    assert process.returncode == 0
