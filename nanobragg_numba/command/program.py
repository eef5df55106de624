"""What the commands of the simulated programs have in common: from argv to exit code, whatever the program computes.

nanoBragg, nonBragg and noisify each give a `Program`; `main_of` makes the command of it.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from nanobragg_numba.command.guard import DONE, complain, guarded
from nanobragg_numba.version import VERSION_LINE

NOTHING_TO_DO = 9
"""Exit code of arguments that name no input, as in the C programs."""


class Program(NamedTuple):
    """A program. What its functions need is imported when they are called: a start is felt at every run.

    Attributes
    ----------
    name : str
        Its messages begin with it.
    banner : str
        The line that names it on standard output.
    options : callable
        Reads arguments into option values, with at least the fields `help`, `version`, `list_fixes` and `threads`.
    usage : callable
        The text of --help.
    list_fixes : callable
        The text of `-fix list`.
    run : callable
        Takes the arguments, and when the command began to load what it needs (time.perf_counter, seconds); returns
        the exit code.
    """

    name: str
    banner: str
    options: Callable[[list[str]], Any]
    usage: Callable[[], str]
    list_fixes: Callable[[], str]
    run: Callable[[list[str], float], int]


class Main(Protocol):
    """The `main` of a command."""

    def __call__(self, argv: Sequence[str] | None = None) -> int:
        """Run it.

        Parameters
        ----------
        argv : sequence of str, optional
            Arguments without the program's name. By default those of the process, which then is this command's
            own: signals end it at once.

        Returns
        -------
        int
            Exit code: 0 done, 1 something is wrong, 2 bad usage, 9 no input is named, 130 interrupted.
        """


def main_of(program: Program) -> Main:
    """The `main` of a program's command."""

    def command(argv: list[str]) -> int:
        options = program.options(argv)
        if options.help or options.version or options.list_fixes:
            _describe(program, options)
            return DONE
        if options.threads and "numba" not in sys.modules:
            os.environ["NUMBA_NUM_THREADS"] = str(options.threads)  # more than the cores, if someone wants that
        began = time.perf_counter()
        import numpy as np

        with np.errstate(all="ignore"):  # what is wrong with a number is said in our own words
            return program.run(argv, began)

    def main(argv: Sequence[str] | None = None) -> int:
        if argv is None:
            _without_linear_algebra()
        return guarded(program.name, command, argv, kernels=True)

    return main


def _without_linear_algebra() -> None:
    """Keep Numba from loading SciPy's BLAS, a quarter of the start-up, and NumPy's own from threads, which spin.

    No kernel uses either. It has to be said before the first of them is imported, in a process of our own.
    """
    sys.modules["scipy.linalg"] = None  # type: ignore[assignment]
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _describe(program: Program, options: Any) -> None:
    if options.help:
        print(program.usage(), end="")
    elif options.list_fixes:
        print(program.list_fixes(), end="")
    else:
        print(VERSION_LINE)


def nothing_to_do(program: Program, message: str, before_banner: Sequence[str] = ()) -> int:
    """Print the banner and the help, as the C programs do where no input is named, and say on standard error which.

    Parameters
    ----------
    program : Program
    message : str
        What to give.
    before_banner : sequence of str
        Lines that the program has to say before its banner.

    Returns
    -------
    int
        Exit code.
    """
    sys.stdout.write("\n".join([*before_banner, program.banner, program.usage()]))
    complain(program.name, message)
    return NOTHING_TO_DO
