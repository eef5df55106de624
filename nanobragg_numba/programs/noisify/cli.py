"""The command noisify: what it gives to `command.program`, and its run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from nanobragg_numba.command.program import Program, main_of, nothing_to_do
from nanobragg_numba.version import __version__

if TYPE_CHECKING:
    from nanobragg_numba.programs.noisify.option_values import OptionValues

_NO_INPUT = "no float image: give -floatfile, or an argument that contains floatimage.bin"


def _options(argv: list[str]) -> OptionValues:
    from nanobragg_numba.programs.noisify.parse import parse

    return parse(argv)[0]


def _usage() -> str:
    from nanobragg_numba.programs.noisify.help import usage

    return usage()


def _list_fixes() -> str:
    from nanobragg_numba.programs.noisify.defects import TABLE

    return TABLE.listing()


def _run(argv: list[str], began: float) -> int:
    from nanobragg_numba.programs.noisify.console import Console
    from nanobragg_numba.programs.noisify.run import Run

    console = Console(PROGRAM.name, PROGRAM.banner, began)
    run = Run(argv, console)
    if not run.has_input:
        return nothing_to_do(PROGRAM, _NO_INPUT)
    console.execute(run)
    return 0


BANNER = f"noisify of nanobragg_numba {__version__}: photons to counts, after noisify by Holton"
PROGRAM = Program("noisify", BANNER, _options, _usage, _list_fixes, _run)
main = main_of(PROGRAM)

if __name__ == "__main__":
    sys.exit(main())
