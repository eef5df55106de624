"""The command nonBragg: what it gives to `command.program`, and its run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nanobragg_numba.command.program import Program, main_of, nothing_to_do
from nanobragg_numba.version import __version__

if TYPE_CHECKING:
    from nanobragg_numba.programs.nonbragg.option_values import OptionValues


def _options(argv: list[str]) -> OptionValues:
    from nanobragg_numba.programs.nonbragg.parse import parse

    return parse(argv)[0]


def _usage() -> str:
    from nanobragg_numba.programs.nonbragg.help import usage

    return usage()


def _list_fixes() -> str:
    from nanobragg_numba.programs.nonbragg.defects import TABLE

    return TABLE.listing()


def _run(argv: list[str], began: float) -> int:
    from nanobragg_numba.options.environment import edge_pixels
    from nanobragg_numba.programs.nonbragg.console import Console
    from nanobragg_numba.programs.nonbragg.run import NOTHING_TO_RENDER, Run

    console = Console(PROGRAM.name, PROGRAM.banner)
    run = Run(argv, console)
    run.options.trace_pixels += edge_pixels()
    if run.nothing_to_render:
        return nothing_to_do(PROGRAM, NOTHING_TO_RENDER, run.notes.before_banner)
    console.load_kernels()
    run.execute()
    return 0


BANNER = f"nanobragg_numba {__version__}: scattering of amorphous matter, after nonBragg by Holton and Frankel"
PROGRAM = Program("nonBragg", BANNER, _options, _usage, _list_fixes, _run)
main = main_of(PROGRAM)
