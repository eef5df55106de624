"""Command lines of the tools: argparse, with mistakes in one line and the options that all of them have."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from nanobragg_numba.errors import OptionError
from nanobragg_numba.version import VERSION_LINE


class Parser(argparse.ArgumentParser):
    """A parser with `--version`, whose mistakes are OptionErrors, for `guarded` to say in one line.

    Parameters
    ----------
    prog : str
        Name of the command.
    **how
        As for argparse.
    """

    def __init__(self, prog: str, **how: Any) -> None:
        super().__init__(prog=prog, **how)
        self.add_argument("--version", action="version", version=VERSION_LINE, help="print the version and exit")

    def error(self, message: str) -> NoReturn:
        """What argparse calls where the arguments are wrong."""
        raise OptionError(f"{message} ({self.prog} --help lists what there is)")

    def alias(self, old: str, option: str) -> None:
        """Keep an older spelling of an option, which the help does not show.

        Parameters
        ----------
        old : str
            Such as "--outdir".
        option : str
            What it is called now; it must be known.
        """
        action = self._option_string_actions[option]
        self._option_string_actions[old] = action
