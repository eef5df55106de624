"""The command nanoBragg: what it gives to `command.program`, and its run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nanobragg_numba.command.program import Program, main_of, nothing_to_do
from nanobragg_numba.version import __version__

if TYPE_CHECKING:
    from nanobragg_numba.programs.nanobragg.option_values import OptionValues


def _options(argv: list[str]) -> OptionValues:
    from nanobragg_numba.programs.nanobragg.parse import parse

    return parse(argv)[0]


def _usage() -> str:
    from nanobragg_numba.programs.nanobragg.help import usage

    return usage()


def _list_fixes() -> str:
    from nanobragg_numba.programs.nanobragg.defects.table import listing

    return listing()


def _run(argv: list[str], began: float) -> int:
    from nanobragg_numba.options.environment import edge_pixels
    from nanobragg_numba.programs.nanobragg.console import Console
    from nanobragg_numba.programs.nanobragg.run import NOTHING_TO_RENDER, Run

    console = Console(PROGRAM.name, PROGRAM.banner, began)
    run = Run(argv, console)
    run.options.trace_pixels += edge_pixels()
    if run.nothing_to_render:
        return nothing_to_do(PROGRAM, NOTHING_TO_RENDER)
    console.load_kernels(run)
    run.execute(write_dump=True)
    return 0


BANNER = f"nanobragg_numba {__version__}: diffraction images of nanocrystals, after nanoBragg by Holton and Frankel"
PROGRAM = Program("nanoBragg", BANNER, _options, _usage, _list_fixes, _run)
main = main_of(PROGRAM)
