"""The commands of the tools, each in the guard that all commands share.

A tool is loaded inside the guard, so that an interrupt while it loads ends in a line, too, and `--version` waits for
nothing. Its module has a function `run_tool`, from arguments to exit code.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple, Protocol

from nanobragg_numba.command.guard import BAD_INPUT, BAD_USAGE, DONE, guarded
from nanobragg_numba.version import VERSION_LINE


class Tool(NamedTuple):
    """A command.

    Attributes
    ----------
    name : str
        As it is typed.
    module : str
        Where its `run_tool` is, below this folder.
    failure_code : int
        Exit code of what cannot be done; 2 for the tools whose 1 says that something differs.
    kernels : bool
        Whether it is at work in a kernel for long; see `guarded`.
    ended_note : str
        What is left when it is interrupted.
    """

    name: str
    module: str
    failure_code: int = BAD_INPUT
    kernels: bool = False
    ended_note: str = "files are whole, old or new"


TOOLS = {
    tool.name: tool
    for tool in (
        Tool("nb-sf", "sf"),
        Tool("nb-stol", "stol"),
        Tool("nb-add", "add"),
        Tool("nb-orient", "orient"),
        Tool("nb-show", "show.cli"),
        Tool("nb-convert", "convert"),
        Tool("nb-sweep", "sweep", ended_note="what is complete is kept, run again to go on"),
        Tool("nb-trace", "trace.cli", kernels=True),
        Tool("nb-trace-diff", "trace.diff_cli", failure_code=BAD_USAGE),
        Tool("nb-compare", "compare.cli", failure_code=BAD_USAGE),
        Tool("nb-bench", "bench.cli"),
    )
}


class Main(Protocol):
    """The `main` of a command."""

    def __call__(self, argv: Sequence[str] | None = None) -> int:
        """Run it."""


def main_of(name: str) -> Main:
    """The `main` of a command.

    Parameters
    ----------
    name : str
        From `TOOLS`.

    Returns
    -------
    callable
        Takes arguments, by default those of the process, and returns the exit code; see `guarded`.
    """
    tool = TOOLS[name]

    def run(argv: list[str]) -> int:
        if argv == ["--version"]:
            print(VERSION_LINE)
            return DONE
        return int(import_module(f"nanobragg_numba.tools.{tool.module}").run_tool(argv))

    def main(argv: Sequence[str] | None = None) -> int:
        return guarded(
            tool.name, run, argv, kernels=tool.kernels, failure_code=tool.failure_code, ended_note=tool.ended_note
        )

    return main


nb_sf = main_of("nb-sf")
nb_stol = main_of("nb-stol")
nb_add = main_of("nb-add")
nb_orient = main_of("nb-orient")
nb_show = main_of("nb-show")
nb_convert = main_of("nb-convert")
nb_sweep = main_of("nb-sweep")
nb_trace = main_of("nb-trace")
nb_trace_diff = main_of("nb-trace-diff")
nb_compare = main_of("nb-compare")
nb_bench = main_of("nb-bench")
