"""nb-sf: the structure factor list of a crystal, from coordinates or from measured reflections."""

from __future__ import annotations

import argparse
import json
import sys

from nanobragg_numba.command.guard import DONE, complain
from nanobragg_numba.command.parser import Parser
from nanobragg_numba.errors import OptionError
from nanobragg_numba.io.atomic import atomic_output
from nanobragg_numba.programs.nanobragg.resolve.advice import wavelength_advice
from nanobragg_numba.reflections.coordinates import Recipe
from nanobragg_numba.reflections.read import read_reflections
from nanobragg_numba.reflections.table import DIGITS, Reflections, summary, with_f000
from nanobragg_numba.tools.commands import main_of
from nanobragg_numba.tools.output import show


def build_parser() -> argparse.ArgumentParser:
    """The options of nb-sf."""
    parser = Parser(
        prog="nb-sf",
        description="Write the list h k l F that nanoBragg -hkl reads: P1, all symmetry mates and Friedel mates.",
    )
    parser.add_argument("source", metavar="FILE", help="coordinates (PDB, mmCIF) or reflections (MTZ, mmCIF)")
    parser.add_argument("-o", "--output", metavar="P1.hkl", required=True, help="the list to write")
    parser.add_argument("--dmin", type=float, default=0.0, metavar="A",
                        help="resolution limit, Angstrom; needed for coordinates")  # fmt: skip
    parser.add_argument("--column", default="", metavar="LABEL",
                        help="amplitudes or intensities to take; F(+) brings F(-) along "
                        "(default: F(+) and F(-), F, I(+) and I(-) or I, the first there is)")  # fmt: skip
    parser.add_argument("--k-sol", type=float, default=Recipe.k_sol, metavar="K",
                        help="bulk solvent, electrons/A^3; 0 for none (default %(default)s)")  # fmt: skip
    parser.add_argument("--b-sol", type=float, default=Recipe.b_sol, metavar="B",
                        help="B of the bulk solvent, A^2 (default %(default)s)")  # fmt: skip
    parser.add_argument("--wavelength", type=float, default=0.0, metavar="A",
                        help="add anomalous scattering at this wavelength, Angstrom")  # fmt: skip
    parser.add_argument("--rate", type=float, default=Recipe.rate,
                        help="oversampling of the electron density (default %(default)s)")  # fmt: skip
    parser.add_argument("--cutoff", type=float, default=Recipe.cutoff,
                        help="density at which an atom ends, electrons/A^3 (default %(default)s)")  # fmt: skip
    parser.add_argument("--skip-unknown", action="store_true",
                        help="leave out atoms of no known element (X, DUM) and say how many; without it "
                        "they are refused")  # fmt: skip
    parser.add_argument("--f000", default="auto", metavar="auto|none|VALUE",
                        help="F of 0 0 0: that of the model if there is one, left out, or a number "
                        "(default %(default)s)")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print what was written as JSON")
    return parser


def _check(options: argparse.Namespace) -> None:
    if options.f000 not in ("auto", "none"):
        try:
            float(options.f000)
        except ValueError:
            raise OptionError(f"--f000 needs auto, none or a number, not {options.f000!r}") from None
    for name in ("dmin", "k_sol", "wavelength"):
        if not 0.0 <= getattr(options, name) < float("inf"):
            raise OptionError(f"--{name.replace('_', '-')} cannot be {getattr(options, name):g}")
    if not options.rate >= 1.0 or not 0.0 < options.cutoff < 1.0:
        raise OptionError("--rate must be at least 1, and --cutoff between 0 and 1")


def structure_factors(options: argparse.Namespace) -> Reflections:
    """What the options ask for.

    Raises
    ------
    NanoBraggError
    """
    _check(options)
    names = ("k_sol", "b_sol", "wavelength", "rate", "cutoff", "skip_unknown")
    recipe = {name: getattr(options, name) for name in names}
    return with_f000(read_reflections(options.source, options.dmin, options.column, **recipe), options.f000)


def list_bytes(reflections: Reflections) -> bytes:
    """The list as text, a reflection a line."""
    rows = zip(*reflections.hkl.T.tolist(), reflections.F.tolist())
    return "".join(f"{h} {k} {l} {F:.{DIGITS}f}\n" for h, k, l, F in rows).encode("ascii")


def run_tool(argv: list[str]) -> int:
    """Run nb-sf; returns the exit code."""
    options = build_parser().parse_args(argv)
    reflections = structure_factors(options)
    with atomic_output(options.output) as file:
        file.write(list_bytes(reflections))
    advice = wavelength_advice(options.wavelength, "--wavelength")
    for note in [*reflections.notes, *([advice] if advice else [])]:
        complain("nb-sf", note)
    lines = summary(reflections)
    show(json.dumps(dict(line.split(": ", 1) for line in lines), indent=2) if options.json else "\n".join(lines))
    return DONE


main = main_of("nb-sf")


if __name__ == "__main__":
    sys.exit(main())
