"""nonBragg's help and manual page, made from its option table; only the standard library is imported."""

import argparse
import sys
from pathlib import Path

try:
    from nanobragg_numba.options.help import parser_of
except ImportError:  # the manual page is built before there is an installed package
    sys.path.insert(0, str(Path(__file__).parents[3]))
    from nanobragg_numba.options.help import parser_of
from nanobragg_numba.programs.nonbragg.option_rows import TABLE

_DESCRIPTION = (
    "Simulate the image that amorphous matter scatters: water, air, all that is no crystal. A drop-in for the C "
    "program nonBragg: the same options, the same files, the same standard output. Options match by substring and "
    "later ones win."
)
_EPILOG = (
    "Exit codes: 0 done, 1 something is wrong with the input or the output, 9 nothing to render, 130 "
    "interrupted. At least a table is needed: -stol, -4stol or -Q."
)


def build_parser() -> argparse.ArgumentParser:
    """A parser that holds every option with its values, unit, default and meaning."""
    return parser_of(TABLE, "nonBragg", _DESCRIPTION, _EPILOG)


def usage() -> str:
    """The whole help text."""
    return build_parser().format_help()
