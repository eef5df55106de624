"""The workloads of nb-bench, by name: what is rendered, and what is measured of it.

Standard library only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SIZES = (256, 512, 1024, 2048, 4096)
DOMAINS = (1, 10, 100, 1000)
FACTORS = "factors.hkl"
"""A list of structure factors that `write_inputs` makes, and"""

TABLE = "liquid.stol"
"""a table of structure factors of a liquid."""

_CUBIC = "-cell 100 100 100 90 90 90 -default_F 100 -N 5 -lambda 6.2 -distance 100 -pixel 0.1"
_TRICLINIC = "-cell 70 80 90 75 85 95 -default_F 100 -N 5 -lambda 1.5 -distance 100 -oversample 1"
_QUIET = "-noprogress -seed 1"
_IMAGES_ONLY = f"-nonoise -nopgm {_QUIET}"


@dataclass(frozen=True)
class Workload:
    """One command line and what is measured of it.

    Attributes
    ----------
    name, about : str
    args : str
        nanoBragg's arguments; files are named relative to the folder of `write_inputs`.
    kernel : bool
        Measure the pixel loops alone.
    command : bool
        Measure the whole command, from shell to shell, in every repetition.
    family : str
        size, domains or threads: the plot that it is a point of.
    long : bool
        Takes C minutes, so `all` leaves it out.
    program : str
        nanoBragg or nonBragg; `all` leaves the latter out, too.
    """

    name: str
    about: str
    args: str
    kernel: bool = True
    command: bool = False
    family: str = ""
    long: bool = False
    program: str = "nanoBragg"

    @property
    def usual(self) -> bool:
        """Whether `all` has it."""
        return not self.long and self.program == "nanoBragg"


def still(size: int) -> Workload:
    """A still of a cubic crystal at one size of the detector, pixels a side."""
    arguments = f"{_CUBIC} -detpixels {size} {_IMAGES_ONLY}"
    return Workload(f"still_{size}", f"still, {size} x {size} pixels", arguments, command=True, family="size")


def _every_file(size: int) -> Workload:
    """A still with noise and all files, of which the noise image is one chain of random numbers."""
    name = "noise" if size == 1024 else f"noise_{size}"
    arguments = f"{_CUBIC} -detpixels {size} -fluence 1e32 {_QUIET}"
    about = f"still with noise and every file, {size} x {size}"
    return Workload(name, about, arguments, kernel=False, command=True)


def _domains(count: int) -> Workload:
    arguments = f"{_TRICLINIC} -mosaic 0.5 -mosaic_domains {count} -pixel 1 -detpixels 96 {_IMAGES_ONLY}"
    about = f"{count} mosaic domain{'s' * (count > 1)}, 96 x 96"
    return Workload(f"domains_{count}", about, arguments, family="domains")


def _shape(option: str) -> Workload:
    name = option.removesuffix("_xtal").removesuffix("_spots")
    arguments = f"{_TRICLINIC} -{option} -fudge {'1e-6' if name == 'tophat' else '1'} -pixel 0.1 -detpixels 1024"
    return Workload(f"shape_{name}", f"{name} spots, 1024 x 1024", f"{arguments} {_IMAGES_ONLY}")


def _rotation_500(name: str, factors: str, crystal: str) -> Workload:
    rotation = "-osc 1 -phisteps 10 -mosaic 0.5 -mosaic_domains 50"
    about = f"rotation with mosaic, 512 x 512, 10 phi x 50 domains, {factors}"
    return Workload(name, about, f"{crystal}{rotation} -pixel 0.2 -detpixels 512 {_IMAGES_ONLY}", long=True)


def _amorphous(name: str, about: str, more: str, kernel: bool = True) -> Workload:
    arguments = f"-stol {TABLE} -lambda 1 -distance 100 -pixel 0.1 -fluence 1e23 {more}"
    return Workload(name, f"a liquid, {about}", arguments, kernel=kernel, command=True, program="nonBragg")


OTHERS = (
    Workload("startup", "start-up: 256 x 256 still, every file", f"{_CUBIC} -detpixels 256 {_QUIET}",
             kernel=False, command=True),
    Workload("rotation_mosaic", "rotation with mosaic, 512 x 512, 5 phi x 5 domains",
             f"{_TRICLINIC} -osc 1 -phisteps 5 -mosaic 0.5 -mosaic_domains 5 -pixel 0.2 -detpixels 512 {_IMAGES_ONLY}",
             command=True, family="threads"),
    _rotation_500("rotation_500", "uniform F", f"{_TRICLINIC} "),
    _rotation_500("rotation_500_hkl", "listed F", "-cell 50 60 70 90 90 90 -hkl factors.hkl -nointerpolate -N 5 "
                  "-lambda 1 -distance 100 -oversample 1 "),
    Workload("beam", "beam divergence with dispersion, 512 x 512, 15 sources",
             f"{_TRICLINIC} -divergence 3 -divsteps 3 -dispersion 1 -dispsteps 3 -pixel 0.2 -detpixels 512 "
             f"{_IMAGES_ONLY}"),
    Workload("oversample", "4 x 4 subpixels, 1024 x 1024",
             f"{_TRICLINIC} -oversample 4 -pixel 0.1 -detpixels 1024 {_IMAGES_ONLY}"),
    *(_shape(option) for option in ("round_xtal", "gauss_xtal", "tophat_spots")),
    Workload("interpolation", "interpolated structure factors, 512 x 512",
             "-cell 50 60 70 90 90 90 -hkl factors.hkl -interpolate -N 5 -lambda 1 -distance 100 -oversample 1 "
             f"-pixel 0.1 -detpixels 512 {_IMAGES_ONLY}"),
    *(_every_file(size) for size in (1024, 2048, 4096)),
    *(_domains(count) for count in DOMAINS),
    _amorphous("amorphous", "1024 x 1024, one source, unpolarized", f"-detpixels 1024 {_IMAGES_ONLY}"),
    _amorphous("amorphous_polar", "1024 x 1024, one source, Kahn factor", f"-detpixels 1024 -polar 0.9 {_IMAGES_ONLY}"),
    _amorphous("amorphous_beam", "512 x 512, 6 wavelengths, Kahn factor",
               f"-detpixels 512 -polar 0.9 -dispersion 1 -dispsteps 6 {_IMAGES_ONLY}"),
    _amorphous("amorphous_4096", "4096 x 4096, every file", f"-detpixels 4096 {_QUIET}", kernel=False),
)  # fmt: skip


def names() -> list[str]:
    """Every name that can be asked for; `still` stands for all sizes; domains, shape and nonbragg are groups."""
    return ["still", "domains", "shape", "nonbragg", *(each.name for each in OTHERS)]


def choose(wanted: Sequence[str], sizes: Sequence[int]) -> list[Workload]:
    """The workloads of these names, in the order of the table.

    Parameters
    ----------
    wanted : sequence of str
        From `names`, or `still_SIZE`; `all` for all of nanoBragg's but the long ones.
    sizes : sequence of int
        Detector sizes of the stills.

    Returns
    -------
    list of Workload

    Raises
    ------
    KeyError
        A name that no workload has.
    """
    stills = [still(size) for size in sizes]
    known = {each.name: each for each in [*stills, *OTHERS]}
    groups = {"all": {each.name for each in known.values() if each.usual}, "still": {each.name for each in stills}}
    groups["nonbragg"] = {each.name for each in known.values() if each.program == "nonBragg"}
    for group in ("domains", "shape"):
        groups[group] = {name for name in known if name.startswith(group + "_")}
    chosen: set[str] = set()
    for name in wanted:
        if name not in known and name not in groups:
            raise KeyError(name)
        chosen |= groups.get(name, {name})
    return [each for each in known.values() if each.name in chosen]


def write_inputs(folder: Path) -> None:
    """Write the files that workloads name: structure factors from a formula, so that all runs have the same."""
    reach = range(-20, 21)
    lines = (
        f"{h} {k} {l} {10 + (7 * h * h + 3 * k * k + 5 * l * l + h * k + 2 * k * l) % 97}\n"
        for h in reach
        for k in reach
        for l in reach
    )
    (folder / FACTORS).write_text("".join(lines))
    points = (f"{i / 50} {9 / (1 + i / 8) + (3 if 6 < i < 11 else 0)}\n" for i in range(61))
    (folder / TABLE).write_text("".join(points))
