"""nb-stol: tables of structure factors for nonBragg."""

from __future__ import annotations

import argparse
import os
import sys

from nanobragg_numba.command.guard import DONE
from nanobragg_numba.command.parser import Parser
from nanobragg_numba.errors import FormatError, OptionError
from nanobragg_numba.formats.stol import write_stol
from nanobragg_numba.io.atomic import atomic_output
from nanobragg_numba.scattering.gases import GASES, Gas, density_of, read_molecule, table_of, weight_of
from nanobragg_numba.tools.commands import main_of
from nanobragg_numba.tools.output import show


def build_parser() -> argparse.ArgumentParser:
    """The options of nb-stol."""
    parser = Parser(
        prog="nb-stol",
        description="Write a table of structure factors for nonBragg -stol: free molecules by Debye's formula. "
        "Standard output says the -density and -MW that belong to it.",
    )  # fmt: skip
    parser.add_argument("name", metavar="NAME", help=f"{', '.join(GASES)}, or an XYZ file of one molecule of a gas")
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help="the table to write")
    parser.add_argument("--pressure", type=float, default=101325.0, metavar="PA", help="Pa (default %(default)g)")
    parser.add_argument("--temperature", type=float, default=295.0, metavar="K", help="K (default %(default)g)")
    parser.add_argument("--last", type=float, default=2.0, metavar="STOL", help="last sin(theta)/lambda, 1/Angstrom "
                        "(default %(default)g)")  # fmt: skip
    return parser


def gas_named(name: str) -> Gas:
    """The gas of a name, or the molecule in a file.

    Raises
    ------
    NanoBraggError
    """
    if name in GASES and not os.path.exists(name):
        return GASES[name]
    if not os.path.exists(name):
        raise FormatError(f"there is no table {name!r} and no such file; tables: {', '.join(GASES)}")
    return read_molecule(name)


def run_tool(argv: list[str]) -> int:
    """Run nb-stol; returns the exit code."""
    options = build_parser().parse_args(argv)
    for name in ("pressure", "temperature", "last"):
        if not 0.0 < getattr(options, name) < 1e12:
            raise OptionError(f"--{name} must be above 0")
    if options.last > 6.0:
        raise OptionError("--last cannot be above 6: form factors end there")
    gas = gas_named(options.name)
    with atomic_output(options.output) as file:
        write_stol(file, table_of(gas, options.last))
    density = density_of(gas, options.pressure, options.temperature)
    show(f"-stol {options.output} -density {density:.6g} -MW {weight_of(gas):.6g}")
    return DONE


main = main_of("nb-stol")


if __name__ == "__main__":
    sys.exit(main())
