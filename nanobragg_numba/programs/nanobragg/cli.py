"""The command: from argv to exit code, reading top to bottom."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nanobragg_numba.command.guard import complain, guarded
from nanobragg_numba.errors import OptionError
from nanobragg_numba.version import VERSION_LINE, __version__

if TYPE_CHECKING:
    from nanobragg_numba.programs.nanobragg.option_values import OptionValues

BANNER = f"nanobragg_numba {__version__}: diffraction images of nanocrystals, after nanoBragg by Holton and Frankel"
NAME = "nanoBragg"
NOTHING_TO_RENDER_CODE = 9


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program's name. By default those of the process, which then is this command's
        own: signals end it at once.

    Returns
    -------
    int
        Exit code: 0 done, 1 something is wrong, 2 bad usage, 9 nothing to render, 130 interrupted.
    """
    if argv is None:
        # Numba is kept from loading SciPy's BLAS, a quarter of the start-up, which no kernel uses.
        sys.modules["scipy.linalg"] = None  # type: ignore[assignment]
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # nor needs NumPy's its threads, which spin from the start
    return guarded(NAME, _command, argv, kernels=True)


def _command(argv: list[str]) -> int:
    from nanobragg_numba.programs.nanobragg.parse import parse

    options, _ = parse(argv)
    if options.help or options.version or options.list_fixes:
        return _describe(options)
    if options.threads < 0:
        raise OptionError("-threads must be at least 1")
    if options.threads and "numba" not in sys.modules:
        os.environ["NUMBA_NUM_THREADS"] = str(options.threads)  # more than the cores, if someone wants that
    began = time.perf_counter()
    import numpy as np

    with np.errstate(all="ignore"):  # what is wrong with a number is said in our own words
        return _simulate(argv, began)


def _describe(options: OptionValues) -> int:
    if options.help:
        from nanobragg_numba.programs.nanobragg.help import usage

        print(usage(), end="")
    elif options.list_fixes:
        from nanobragg_numba.programs.nanobragg.defects.table import listing

        print(listing(), end="")
    else:
        print(VERSION_LINE)
    return 0


def _simulate(argv: list[str], began: float) -> int:
    from nanobragg_numba.options.environment import edge_pixels
    from nanobragg_numba.programs.nanobragg.console import Console
    from nanobragg_numba.programs.nanobragg.run import Run

    console = Console(NAME, BANNER, began)
    run = Run(argv, console)
    run.options.trace_pixels += edge_pixels()
    if run.nothing_to_render:
        return _nothing_to_render()
    console.load_kernels(run)
    run.execute(write_dump=True)
    return 0


def _nothing_to_render() -> int:
    from nanobragg_numba.programs.nanobragg.help import usage
    from nanobragg_numba.programs.nanobragg.run import NOTHING_TO_RENDER

    print(BANNER)
    print(usage(), end="")
    complain(NAME, NOTHING_TO_RENDER)
    return NOTHING_TO_RENDER_CODE
