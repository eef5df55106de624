"""Help and manual page, made from the option table; only the standard library is imported.

The C program's matching rules are not argparse's, so this parser describes the options and never parses them.
"""

import argparse
import sys
from pathlib import Path

try:
    from nanobragg_numba.options.table import ROWS, SECTIONS
except ImportError:  # the manual page is built before there is an installed package
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from nanobragg_numba.options.table import ROWS, SECTIONS

_DESCRIPTION = (
    "Simulate the diffraction image of a small crystal. A drop-in for the C program nanoBragg: the same "
    "options, the same files, the same standard output. Options match by substring and later ones win."
)
_EPILOG = (
    "Exit codes: 0 done, 1 something is wrong with the input or the output, 9 nothing to render, 130 "
    "interrupted. At least -cell or -mat, and -hkl, a dump file or -default_F are needed."
)


def build_parser() -> argparse.ArgumentParser:
    """A parser that holds every option with its values, unit, default and meaning."""
    parser = argparse.ArgumentParser(
        prog="nanoBragg", description=_DESCRIPTION, epilog=_EPILOG, prefix_chars="-", allow_abbrev=False,
        add_help=False, usage="%(prog)s [options]",
        formatter_class=lambda prog: argparse.HelpFormatter(prog, max_help_position=30, width=100),
    )  # fmt: skip
    groups = {section: parser.add_argument_group(section) for section in SECTIONS}
    seen: set[str] = set()
    for row in ROWS:
        names = [name for name in row.names if name not in seen]
        if not names:
            continue
        seen.update(names)
        group = groups[row.section]
        text = row.help + (f" [{row.default}]" if row.default else "")
        if row.metavar:
            metavar = tuple(row.metavar.split())
            group.add_argument(*names, nargs=len(metavar), metavar=metavar, help=text.replace("%", "%%"))
        else:
            group.add_argument(*names, action="store_true", help=text.replace("%", "%%"))
    return parser


def usage() -> str:
    """The whole help text."""
    return build_parser().format_help()
