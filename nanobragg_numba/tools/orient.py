"""nb-orient: orientation matrices, from and to misset angles, quaternions and DIALS experiment lists."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

from nanobragg_numba.command.guard import DONE, complain
from nanobragg_numba.command.parser import Parser
from nanobragg_numba.errors import OptionError
from nanobragg_numba.formats.dials_crystal import crystal_model, monochromatic_beam, read_expt_crystal
from nanobragg_numba.formats.matrix import read_orientation, write_matrix
from nanobragg_numba.geometry import lattice
from nanobragg_numba.io.atomic import atomic_output
from nanobragg_numba.programs.nanobragg.resolve.advice import wavelength_advice
from nanobragg_numba.programs.nanobragg.resolve.convention import AXES
from nanobragg_numba.tools.commands import main_of
from nanobragg_numba.tools.output import show


@dataclass(frozen=True, eq=False)
class Oriented:
    """A crystal in the laboratory of a convention: columns a*, b*, c* (1/Angstrom), wavelength in Angstrom."""

    reciprocal: np.ndarray
    wavelength: float
    convention: str
    notes: tuple[str, ...] = ()


def build_parser() -> argparse.ArgumentParser:
    """The options of nb-orient."""
    parser = Parser(
        prog="nb-orient",
        description="Make an orientation matrix for nanoBragg -mat, and say the same orientation in other words. "
        "Orientations turn the standard setting (a* along x, b* in the x-y plane).",
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--random", action="store_true", help="an orientation drawn uniformly from all rotations")
    source.add_argument("--misset", type=float, nargs=3, metavar=("X", "Y", "Z"),
                        help="turned about x, then y, then z, degrees, as -misset does")  # fmt: skip
    source.add_argument("--quaternion", type=float, nargs=4, metavar=("W", "X", "Y", "Z"), help="of any length")
    source.add_argument("--mat", metavar="FILE", help="an orientation matrix, MOSFLM style")
    source.add_argument("--expt", metavar="FILE", help="the crystal of a DIALS experiment list")
    parser.add_argument("--cell", type=float, nargs="+", metavar="A",
                        help="edges and angles, Angstrom and degrees; left-out angles are 90")  # fmt: skip
    parser.add_argument("--wavelength", type=float, metavar="A",
                        help="of the run that will use the matrix, Angstrom; noted in it (default: that of the "
                        "matrix or experiment list that is read, else 1)")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of --random (default %(default)s)")
    parser.add_argument("--experiment", type=int, metavar="N",
                        help="of --expt, from 0; needed where it has several crystals")
    parser.add_argument("--convention", default="mosflm", choices=sorted(AXES),
                        help="whose laboratory axes are meant, for experiment lists (default %(default)s)")  # fmt: skip
    parser.add_argument("-o", "--output", action="append", default=[], metavar="FILE",
                        help="write the matrix, or a DIALS experiment list where the name ends in .expt or .json; "
                        "may be given several times")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print the orientation as JSON")
    return parser


def _cell(values: list[float] | None) -> lattice.Cell:
    if not values:
        raise OptionError("--cell is needed: edges in Angstrom and angles in degrees")
    if len(values) > 6:
        raise OptionError(f"--cell takes at most six numbers, not {len(values)}")
    edges = [*values, *[values[0]] * (3 - len(values))][:3]
    angles = [*values[3:], *[90.0] * (3 - len(values[3:]))]
    a, b, c, alpha, beta, gamma = *edges, *angles
    return a, b, c, alpha, beta, gamma


def to_canonical(convention: str) -> np.ndarray:
    """Rotation from the laboratory of a convention into the imgCIF frame, (3, 3)."""
    axes = AXES[convention]
    return lattice.canonical_frame(np.array(axes.spindle), np.array(axes.beam))


def oriented(options: argparse.Namespace) -> Oriented:
    """The crystal that the options describe.

    Raises
    ------
    NanoBraggError
    """
    if options.wavelength is not None and not 0.0 < options.wavelength < float("inf"):
        raise OptionError(f"--wavelength cannot be {options.wavelength:g}")
    wavelength = options.wavelength or 1.0
    notes: tuple[str, ...] = ()
    if options.expt:
        found = read_expt_crystal(options.expt, options.experiment)
        reciprocal = np.linalg.inv(found.real @ to_canonical(options.convention))
        wavelength, notes = options.wavelength or found.wavelength or 1.0, found.notes
    elif options.mat:
        read = read_orientation(options.mat)
        own = read.wavelength or options.wavelength
        if own is None:
            raise OptionError(f"{options.mat} does not say for which wavelength it was made: give --wavelength")
        reciprocal, wavelength = read.matrix / own, options.wavelength or own
    else:
        if options.random:
            U = lattice.random_rotation(options.seed)
        elif options.misset:
            U = lattice.rotation_of_misset(tuple(options.misset))
        else:
            U = lattice.rotation_of_quaternion(tuple(options.quaternion))
        reciprocal = U @ lattice.standard_reciprocal(_cell(options.cell))
    return Oriented(reciprocal, wavelength, options.convention, notes)


def matrix_of(crystal: Oriented) -> np.ndarray:
    """Rows x, y, z; columns a*, b*, c* times the wavelength."""
    return crystal.reciprocal * crystal.wavelength


def experiment_list(crystal: Oriented) -> str:
    """A DIALS experiment list with a beam, a rotation axis and this crystal."""
    real = np.linalg.inv(crystal.reciprocal) @ to_canonical(crystal.convention).T
    x, y, z = np.eye(3)
    return json.dumps({
        "__id__": "ExperimentList",
        "experiment": [{"__id__": "Experiment", "identifier": "", "beam": 0, "goniometer": 0, "crystal": 0}],
        "imageset": [],
        "beam": [monochromatic_beam(crystal.wavelength, z, y, 0.999)],
        "detector": [],
        "goniometer": [{"rotation_axis": x.tolist(), "fixed_rotation": np.eye(3).ravel().tolist(),
                        "setting_rotation": np.eye(3).ravel().tolist()}],
        "scan": [], "crystal": [crystal_model(real)], "profile": [], "scaling_model": [],
    }, indent=2) + "\n"  # fmt: skip


def description(crystal: Oriented) -> list[str]:
    """The orientation in every form, a line each."""
    U = lattice.orientation(crystal.reciprocal)
    cell = lattice.cell_of(crystal.reciprocal)
    rows = [" ".join(f"{value:17.14f}" for value in row) for row in matrix_of(crystal)]
    return [
        "cell: " + " ".join(f"{value:.6g}" for value in cell),
        f"wavelength: {crystal.wavelength:.10g}",
        "misset: " + " ".join(f"{value:.10f}" for value in lattice.misset_of_rotation(U)),
        "quaternion: " + " ".join(f"{value:.14f}" for value in lattice.quaternion_of_rotation(U)),
        "matrix:",
        *rows,
    ]


def _write(name: str, crystal: Oriented) -> None:
    with atomic_output(name) as file:
        if name.lower().endswith((".expt", ".json")):
            file.write(experiment_list(crystal).encode("ascii"))
        else:
            write_matrix(file, matrix_of(crystal), crystal.wavelength)


def run_tool(argv: list[str]) -> int:
    """Run nb-orient; returns the exit code."""
    options = build_parser().parse_args(argv)
    crystal = oriented(options)
    lines = description(crystal)
    for name in options.output:
        _write(name, crystal)
    advice = wavelength_advice(crystal.wavelength, "--wavelength")
    for note in [*crystal.notes, *([advice] if advice else [])]:
        complain("nb-orient", note)
    show(json.dumps(_as_json(lines), indent=2) if options.json else "\n".join(lines))
    return DONE


def _as_json(lines: list[str]) -> dict[str, list[float] | list[list[float]]]:
    """The description as numbers: those of each line, and the rows of the matrix."""
    place = lines.index("matrix:")
    values: dict[str, Any] = {}
    for name, _, text in (line.partition(": ") for line in lines[:place]):
        values[name] = [float(word) for word in text.split()]
    return {**values, "matrix": [[float(word) for word in row.split()] for row in lines[place + 1 :]]}


main = main_of("nb-orient")


if __name__ == "__main__":
    sys.exit(main())
