"""nb-show: images with scale, resolution rings, beam centre and predicted spots."""

from __future__ import annotations

import argparse
import sys

import numpy as np

from nanobragg_numba.command.guard import DONE
from nanobragg_numba.command.parser import Parser
from nanobragg_numba.errors import OptionError
from nanobragg_numba.experiment.experiment import Experiment
from nanobragg_numba.formats.hkl import grid, read_hkl
from nanobragg_numba.formats.picture import Picture, read_picture
from nanobragg_numba.geometry.frames import Geometry, geometry_of
from nanobragg_numba.geometry.spots import Spots, predict, rotated_crystal_from_record, rotated_crystal_of, with_factors
from nanobragg_numba.io.atomic import atomic_output
from nanobragg_numba.programs.nanobragg.run import experiment_from
from nanobragg_numba.tools.argument_lists import split_arguments
from nanobragg_numba.tools.commands import main_of
from nanobragg_numba.tools.output import show
from nanobragg_numba.tools.show.plot import Look, Panel, has_display, open_window, save

_COLUMNS = "h,k,l,x,y,phi,F,partiality"


def build_parser() -> argparse.ArgumentParser:
    """The options of nb-show."""
    parser = Parser(
        prog="nb-show",
        usage="nb-show FILE... [-o PICTURE.png] [--spots] [--csv TABLE.csv] [options] [-- NANOBRAGG ARGUMENTS]",
        description="Show images (SMV, float with the .img beside it, NeXus, CBF). After -- the arguments of the run "
        "say its geometry and crystal exactly; without them the file's header has to do, and only NeXus files know "
        "their crystal.",
    )
    parser.add_argument("files", metavar="FILE", nargs="+")
    parser.add_argument("-o", "--output", metavar="PNG",
                        help="write a picture (default: a window where there is a display, else FILE.png)")  # fmt: skip
    parser.add_argument("--spots", action="store_true", help="mark predicted reflections")
    parser.add_argument("--csv", metavar="FILE",
                        help=f"write a table of them: {_COLUMNS}; x and y are fractional fast and slow pixels, the "
                        "centre of the first is 0.5; phi in degrees; - for standard output")  # fmt: skip
    parser.add_argument("--hkl", metavar="FILE", help="structure factor list for the F of the table")
    parser.add_argument("--dmin", type=float, metavar="A", help="of the reflections (default: the detector's corner)")
    parser.add_argument("--min-partiality", type=float, default=0.05, metavar="P",
                        help="leave out what is weaker (default %(default)s)")  # fmt: skip
    parser.add_argument("--labels", action="store_true", help="write h k l beside the spots")
    parser.add_argument("--rings", type=float, nargs="*", metavar="A", help="resolutions (default: some that suit)")
    parser.add_argument("--scale", choices=("auto", "linear", "log"), default="auto")
    parser.add_argument("--low", type=float, help="what is white (default: chosen)")
    parser.add_argument("--high", type=float, help="what is black (default: chosen)")
    parser.add_argument("--frame", type=int, default=-1, metavar="N",
                        help="of a NeXus file, from 0 (default: of a rotation the sum, of a stack the first)")
    parser.add_argument("--header", default="", metavar="IMG", help="SMV file that describes a float image")
    parser.add_argument("--dpi", type=int, default=150, help="of the picture (default %(default)s)")
    return parser


def _experiment(arguments: list[str] | None) -> Experiment | None:
    return None if arguments is None else experiment_from(arguments).experiment


def _geometry(picture: Picture, experiment: Experiment | None) -> Geometry | None:
    if experiment is None:
        return picture.geometry
    geometry = geometry_of(experiment)
    if geometry.shape != picture.pixels.shape:
        raise OptionError(
            f"{picture.name} has {picture.pixels.shape[1]} x {picture.pixels.shape[0]} pixels, but the arguments after "
            f"-- describe {geometry.shape[1]} x {geometry.shape[0]}"
        )
    return geometry


def find_spots(picture: Picture, experiment: Experiment | None, options: argparse.Namespace) -> Spots:
    """Predicted reflections of an image, the strongest first.

    Parameters
    ----------
    picture : Picture
    experiment : Experiment or None
        Where the arguments of the run are known; else the file has to say how the crystal stands.
    options : argparse.Namespace
        --dmin (Angstrom) and --min-partiality.

    Raises
    ------
    NanoBraggError
        The crystal is not known.
    """
    geometry = _geometry(picture, experiment)
    if geometry is None or (experiment is None and picture.crystal is None):
        raise OptionError(
            f"{picture.name}: the file does not say how the crystal stands; repeat the arguments of the run after --"
        )
    if experiment is not None:
        turned = rotated_crystal_of(experiment)
    else:
        assert picture.crystal is not None
        turned = rotated_crystal_from_record(picture.crystal, geometry)
    slow, fast = geometry.shape
    corners = geometry.resolution(np.array([0.0, 0.0, slow, slow]), np.array([0.0, fast, 0.0, fast]))
    spots = predict(geometry, turned, max(options.dmin or 0.0, float(corners.min())))
    spots = spots.chosen(spots.partiality >= options.min_partiality)
    spots = _with_factors(spots, experiment, options.hkl)
    strength = np.where(np.isnan(spots.F), 1.0, spots.F**2) * spots.partiality
    return spots.chosen(np.lexsort((*spots.hkl.T, -strength)))


def _with_factors(spots: Spots, experiment: Experiment | None, hkl_file: str | None) -> Spots:
    if hkl_file:
        table = grid(read_hkl(hkl_file))
        low = (table.ranges.h_min, table.ranges.k_min, table.ranges.l_min)
        return with_factors(spots, table.F, low, 0.0)
    if experiment is None:
        return spots
    factors = experiment.structure_factors
    if factors.grid is None:
        return with_factors(spots, np.zeros((0, 0, 0)), (0, 0, 0), factors.default_F)
    known = factors.grid[:-1, :-1, :-1]
    return with_factors(spots, known, (factors.h_min, factors.k_min, factors.l_min), factors.default_F)


def table_text(spots: Spots) -> str:
    """The table as CSV; F is empty where it is not known."""
    lines = [_COLUMNS]
    rows = zip(spots.hkl.tolist(), spots.x, spots.y, spots.phi, spots.F, spots.partiality)
    for (h, k, l), x, y, phi, F, partiality in rows:
        known = "" if np.isnan(F) else f"{F:.4f}"
        lines.append(f"{h},{k},{l},{x:.3f},{y:.3f},{phi:.4f},{known},{partiality:.4f}")
    return "\n".join(lines) + "\n"


def _check(options: argparse.Namespace) -> None:
    if options.csv and len(options.files) > 1:
        raise OptionError("--csv takes one image at a time")
    if options.rings is not None and any(not d > 0.0 for d in options.rings):
        raise OptionError("--rings needs resolutions in Angstrom, above 0")
    if not 10 <= options.dpi <= 1200:
        raise OptionError("--dpi must be between 10 and 1200")
    if options.dmin is not None and not options.dmin > 0.0:
        raise OptionError("--dmin must be above 0 Angstrom")


def _run(options: argparse.Namespace, arguments: list[str] | None) -> None:
    _check(options)
    experiment = _experiment(arguments)
    panels = []
    for name in options.files:
        picture = read_picture(name, options.header, options.frame)
        spots = find_spots(picture, experiment, options) if options.spots or options.csv else None
        panels.append(Panel(picture, _geometry(picture, experiment), spots))
    if options.csv:
        _write_table(options.csv, panels[0].spots)
    rings = None if options.rings is None else tuple(options.rings)
    look = Look(rings, options.low, options.high, options.scale, options.labels, options.dpi)
    if options.output is None and has_display():
        open_window(panels, look)
    elif options.output or options.spots or not options.csv:
        output = options.output or f"{options.files[0]}.png"
        save(output, panels, look)
        if options.csv != "-":
            show(f"{output}: {', '.join(options.files)}")


def _write_table(name: str, spots: Spots | None) -> None:
    assert spots is not None
    if name == "-":
        show(table_text(spots).rstrip("\n"))
        return
    with atomic_output(name) as file:
        file.write(table_text(spots).encode("ascii"))


def run_tool(argv: list[str]) -> int:
    """Run nb-show; returns the exit code."""
    own, arguments = split_arguments(argv)
    _run(build_parser().parse_args(own), arguments)
    return DONE


main = main_of("nb-show")


if __name__ == "__main__":
    sys.exit(main())
