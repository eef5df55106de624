"""The outer shell of every command: what can go wrong becomes one line on standard error, and an exit code.

A command is a function from its arguments to an exit code, and a `main` around it:

    from nanobragg_numba.command.guard import guarded

    def main(argv: Sequence[str] | None = None) -> int:
        return guarded("noisify", _run, argv, kernels=True)

    def _run(argv: list[str]) -> int:
        options = parser().parse_args(argv)  # of command.parser: mistakes are OptionErrors
        ...
        return DONE

`_run` raises a NanoBraggError where it cannot go on, and lets everything else pass: errors of the system, a lack of
memory, an interrupt, a reader that has left. It imports what is heavy only where it is used, so that the module of
`main` is loaded quickly: before that, a signal is answered by Python, with a traceback.

Exit codes are the same for all: 0 done, 1 bad input, 2 bad usage, 3 some failed or something differs, and 128 + N
after signal N, so 130 after Ctrl-C. Commands that compare say 0 same, 1 differs, 2 cannot (`failure_code=2`).
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence

import nanobragg_numba.io.atomic  # noqa: F401  (so that its temporary files are known before the first signal)
from nanobragg_numba.cleanup import clean_up
from nanobragg_numba.command.streams import prepare_streams
from nanobragg_numba.errors import NanoBraggError, one_line

DONE, BAD_INPUT, BAD_USAGE, SOME_FAILED = 0, 1, 2, 3
INTERRUPTED = 128 + signal.SIGINT

Run = Callable[[list[str]], int]

_SIGNALS = {signal.SIGINT: "SIGINT", signal.SIGTERM: "SIGTERM", signal.SIGHUP: "SIGHUP"}


class Interrupted(KeyboardInterrupt):
    """A signal that asks the process to end; `number` says which."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def guarded(
    name: str, run: Run, argv: Sequence[str] | None = None, *,
    kernels: bool = False, failure_code: int = BAD_INPUT, ended_note: str = "files are whole, old or new",
) -> int:  # fmt: skip
    """Run a command.

    Parameters
    ----------
    name : str
        Of the command: its messages begin with it.
    run : callable
        What it does: takes the arguments, returns the exit code.
    argv : sequence of str, optional
        Arguments without the program's name. By default those of the process, which then is the command's own: its
        standard streams are opened where they are closed, signals are answered, and it ends with the exit code.
        Given arguments, it is a function that is called from Python.
    kernels : bool
        Whether it may be at work in a kernel for long. It then runs on a thread of its own, so that a signal is
        answered within the kernel: the process removes its temporary files and ends at once. Otherwise a signal
        raises `Interrupted` where the command is, so that it can end what it has begun; a second one ends it at once.
    failure_code : int
        Exit code of what cannot be done; 2 for commands whose 1 says that something differs.
    ended_note : str
        What an interrupted command leaves, in words that complete "ended by SIGINT; ...".

    Returns
    -------
    int
        Exit code.
    """
    if argv is not None:
        return _answered(name, run, list(argv), failure_code, ended_note)
    prepare_streams()
    arguments = sys.argv[1:]
    _answer_signals(name, ended_note, at_once=kernels)
    if not kernels:
        return _leave(_answered(name, run, arguments, failure_code, ended_note))
    finished: list[int] = []
    worker = threading.Thread(
        target=lambda: finished.append(_answered(name, run, arguments, failure_code, ended_note)), daemon=True
    )
    worker.start()
    worker.join()
    return _leave(finished[0] if finished else BAD_INPUT)


def complain(name: str, message: str) -> None:
    """Write a line on standard error, as all messages of a command are written."""
    try:
        print(f"{name}: {one_line(message)}", file=sys.stderr, flush=True)
    except OSError:
        return  # there is nowhere to say so


def _answered(name: str, run: Run, argv: list[str], failure_code: int, ended_note: str) -> int:
    """Run the command; what is wrong becomes a line and an exit code."""
    try:
        code = run(argv)
        sys.stdout.flush()
        return code
    except SystemExit as end:  # argparse has shown its help or the version
        return end.code if isinstance(end.code, int) else BAD_USAGE if end.code else DONE
    except NanoBraggError as error:
        complain(name, str(error))
        return max(error.exit_code, failure_code)
    except KeyboardInterrupt as error:
        number = getattr(error, "number", signal.SIGINT)
        complain(name, f"ended by {_SIGNALS[number]}; {ended_note}")
        return 128 + number
    except MemoryError:
        complain(name, "not enough memory: make the detector, the images or the number of steps smaller")
        return failure_code
    except OSError as error:  # files have errors of their own; this is what carries the text
        complain(name, f"cannot go on: {error.strerror or error}: {error.filename or 'standard output'}")
        return failure_code


def _answer_signals(name: str, ended_note: str, at_once: bool) -> None:
    lines = {number: f"{name}: ended by {word}; {ended_note}\n".encode() for number, word in _SIGNALS.items()}

    def end_at_once(number: int, frame: object) -> None:
        """Leave no temporary file and end, whatever the other threads are doing."""
        clean_up()
        try:
            os.write(2, lines[signal.Signals(number)])
        finally:
            os._exit(128 + number)

    def interrupt(number: int, frame: object) -> None:
        _set(answered, end_at_once)  # who asks twice does not want to wait
        raise Interrupted(number)

    answered = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    _set(answered, end_at_once if at_once else interrupt)


def _set(numbers: list[signal.Signals], handler: Callable[[int, object], None]) -> None:
    for number in numbers:
        signal.signal(number, handler)


def _leave(code: int) -> int:
    """End the process without taking apart what is loaded, which takes as long as a small image."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            code = code or BAD_INPUT
    atexit._run_exitfuncs()
    clean_up()
    os._exit(code)
