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
from nanobragg_numba.scattering.catalogue import ICE_SIZE, NAMES, Material, material, of_gas
from nanobragg_numba.scattering.gases import read_molecule
from nanobragg_numba.tools.commands import main_of
from nanobragg_numba.tools.output import show


def build_parser() -> argparse.ArgumentParser:
    """The options of nb-stol."""
    parser = Parser(
        prog="nb-stol",
        description="Write a table of structure factors for nonBragg -stol. Gases are free molecules by Debye's "
        "formula; water is made from its radial distribution; oil (Paratone-N) and kapton are one broad halo, rough; "
        "ice are powder lines. How good each is: docs/amorphous.md. Standard output says the -density and -MW that "
        "belong to the table.",
    )  # fmt: skip
    parser.add_argument("name", metavar="NAME", help=f"{', '.join(NAMES)}, or an XYZ file of one molecule of a gas")
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help="the table to write")
    parser.add_argument("--pressure", type=float, default=101325.0, metavar="PA", help="of a gas, Pa (default "
                        "%(default)g)")  # fmt: skip
    parser.add_argument("--temperature", type=float, default=295.0, metavar="K", help="of a gas, K (default "
                        "%(default)g)")  # fmt: skip
    parser.add_argument("--size", type=float, default=ICE_SIZE, metavar="ANGSTROM", help="of the crystallites of ice: "
                        "lines have the width of Scherrer's formula (default %(default)g)")  # fmt: skip
    parser.add_argument("--last", type=float, default=2.0, metavar="STOL", help="last sin(theta)/lambda, 1/Angstrom "
                        "(default %(default)g)")  # fmt: skip
    parser.add_argument("--compton", action="store_true", help="add Compton scattering: incoherent scattering "
                        "functions of free atoms, without recoil. The C program has none")  # fmt: skip
    return parser


def material_named(options: argparse.Namespace) -> Material:
    """The material of a name, or the molecule in a file.

    Raises
    ------
    NanoBraggError
    """
    name, conditions = options.name, (options.pressure, options.temperature)
    if os.path.exists(name):
        return of_gas(read_molecule(name), *conditions, options.compton)
    if name not in NAMES:
        raise FormatError(f"there is no table {name!r} and no such file; tables: {', '.join(NAMES)}")
    return material(name, *conditions, options.size, options.compton)


def run_tool(argv: list[str]) -> int:
    """Run nb-stol; returns the exit code."""
    options = build_parser().parse_args(argv)
    for name in ("pressure", "temperature", "last", "size"):
        if not 0.0 < getattr(options, name) < 1e12:
            raise OptionError(f"--{name} must be above 0")
    if options.last > 6.0:
        raise OptionError("--last cannot be above 6: form factors end there")
    if not 20.0 <= options.size <= 5000.0:
        raise OptionError("--size must be from 20 to 5000 Angstrom")
    made = material_named(options)
    with atomic_output(options.output) as file:
        write_stol(file, made.table(options.last))
    show(f"-stol {options.output} -density {made.density:.6g} -MW {made.weight:.6g}")
    return DONE


main = main_of("nb-stol")


if __name__ == "__main__":
    sys.exit(main())
