"""Work that may crash or never end, done in a process apart.

Libraries in C that read damaged files can crash, and then take Python with them, or run for ever with every signal of
Python's waiting. The process is forked from this one, so that what is imported is there at once, and the system itself
ends it after its processor time, also when nobody is left who waits for it.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import signal
import sys
import warnings
from collections.abc import Callable
from typing import Any, NoReturn


class Died(Exception):
    """The process ended without an answer.

    Attributes
    ----------
    signal : int
        That ended it, SIGXCPU if it took too much processor time; 0 if it ended itself.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name if number else "without a word")
        self.signal = number


class Apart:
    """An object in a process of its own; its methods are asked by name.

    Parameters
    ----------
    make : callable
        Makes the object, over there.
    limit_s : int
        Processor time for making it together with the first answer, and for each further answer.
    """

    def __init__(self, make: Callable[[], object], limit_s: int) -> None:
        self._signal = 0  # that ended it
        questions, self._questions = (os.fdopen(fd, mode) for fd, mode in zip(os.pipe(), ("rb", "wb")))
        self._answers, answers = (os.fdopen(fd, mode) for fd, mode in zip(os.pipe(), ("rb", "wb")))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of threads, none of which is needed over there
            self._process = os.fork()
        if self._process == 0:
            self._questions.close()
            self._answers.close()
            _serve(make, limit_s, questions, answers)
        questions.close()
        answers.close()

    def ask(self, method: str, *arguments: object) -> Any:
        """The value of a method, which can be pickled.

        Raises
        ------
        Exception
            That the method raised, or the making of the object.
        Died
        """
        if self._process == 0:
            raise Died(self._signal)
        try:
            pickle.dump((method, arguments), self._questions)
            self._questions.flush()
            error, answer = pickle.load(self._answers)
        except (OSError, EOFError, pickle.UnpicklingError):
            self._end()
            raise Died(self._signal) from None
        if error is not None:
            raise error
        return answer

    def close(self) -> None:
        """End the process."""
        self._end(signal.SIGKILL)

    def _end(self, how: int = 0) -> None:
        """Wait for the process, ended if need be by a signal."""
        if self._process == 0:
            return
        process, self._process = self._process, 0
        self._answers.close()
        with contextlib.suppress(OSError):  # a question that found nobody
            self._questions.close()
        if how:
            os.kill(process, how)
        self._signal = max(-os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), 0)


def _serve(make: Callable[[], object], limit_s: int, questions: Any, answers: Any) -> NoReturn:
    """Answer until nobody asks any more."""
    try:
        _be_quiet()
        made: object = None
        while True:
            _limit(limit_s)
            method, arguments = pickle.load(questions)
            answer: tuple[Exception | None, Any]
            try:
                made = made or make()
                answer = None, getattr(made, method)(*arguments)
            except Exception as error:
                answer = error, None
            pickle.dump(answer, answers, protocol=pickle.HIGHEST_PROTOCOL)
            answers.flush()
    finally:
        os._exit(1)


def _be_quiet() -> None:
    """Whoever waits says what happened: the process leaves Ctrl-C to it, and writes nothing when it dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if "faulthandler" in sys.modules:
        sys.modules["faulthandler"].disable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _limit(seconds: int) -> None:
    """End this process after so many more seconds of processor time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + 1 + seconds
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
