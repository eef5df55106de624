"""All commands of the package, each with arguments that work, that name a missing file, that wait."""

import configparser
import sys
from dataclasses import dataclass

from paths import GOLDEN, NOISIFY_GOLDEN, NONBRAGG_GOLDEN, ROOT

_CRYSTAL = "-cell 40 50 60 90 90 90 -default_F 10 -N 3 -lambda 1 -detpixels 4 -oversample 1 -noprogress -seed 1"
_IMAGE, _MTZ = GOLDEN / "cases" / "absorption" / "intimage.img", ROOT / "tests" / "reflections" / "5e5z.mtz"
_PHOTONS = NOISIFY_GOLDEN / "inputs" / "faint.bin"
_COUNTS = f"-floatfile {_PHOTONS} -detpixels_x 32 -seed 1 -noprogress"
_AIR = NONBRAGG_GOLDEN / "inputs" / "air.stol"
_GAS = "-distance 40 -pixel 0.5 -detpixels 8 -lambda 1 -density 0.0012 -MW 29 -thickness 40 -noprogress -seed 1"
_LOG = GOLDEN / "traces" / "absorption" / "pixel_40_52.log"
_RESULTS = ROOT / "benchmarks" / "results" / "results.json"


@dataclass(frozen=True)
class Case:
    """A command.

    Attributes
    ----------
    works : str
        Arguments of a run that succeeds quickly.
    made : str
        A file that this run writes, if any.
    missing : str
        Arguments that name the file `nowhere`, which is missing.
    waits : str
        Arguments that name the pipe `pipe` as an input, or the program `asleep`.
    cannot : int
        Exit code of what cannot be done.
    takes_nanobragg : bool
        Whether nanoBragg's arguments come after `--`.
    """

    works: str
    made: str
    missing: str
    waits: str
    cannot: int = 1
    takes_nanobragg: bool = False


_NANOBRAGG = Case(
    _CRYSTAL, "floatimage.bin", f"{_CRYSTAL} -hkl nowhere", f"{_CRYSTAL} -hkl pipe"
)
_NONBRAGG = Case(f"-stol {_AIR} {_GAS}", "floatimage.bin", f"-stol nowhere {_GAS}", f"-stol pipe {_GAS}")
_NOISIFY = Case(
    _COUNTS, "noiseimage.img", "-floatfile nowhere -detpixels_x 32 -noprogress", f"{_COUNTS} -header pipe"
)
CASES = {
    "nanoBragg": _NANOBRAGG,
    "nanobragg-numba": _NANOBRAGG,
    "nonBragg": _NONBRAGG,
    "nb-nonbragg": _NONBRAGG,
    "noisify": _NOISIFY,
    "nb-noisify": _NOISIFY,
    "nb-stol": Case("air -o a.stol", "a.stol", "nowhere -o a.stol", "pipe -o a.stol"),
    "nb-add": Case(f"{_PHOTONS} -o sum.bin", "sum.bin", "nowhere -o sum.bin", "pipe -o sum.bin"),
    "nb-sf": Case(f"{_MTZ} -o P1.hkl", "P1.hkl", "nowhere -o P1.hkl", "pipe.pdb -o P1.hkl"),
    "nb-orient": Case(
        "--random --cell 40 50 60 --wavelength 1 -o A.mat", "A.mat", "--mat nowhere --wavelength 1",
        "--mat pipe --wavelength 1",
    ),
    "nb-show": Case(f"{_IMAGE} -o a.png", "a.png", "nowhere -o a.png", "pipe -o a.png", takes_nanobragg=True),
    "nb-convert": Case(f"{_IMAGE} -o a.cbf", "a.cbf", "nowhere -o a.cbf", "pipe -o a.cbf", takes_nanobragg=True),
    "nb-sweep": Case("base.args --count 2 --command 1", "", "nowhere --count 2 --out out", "pipe --count 2 --out out"),
    "nb-trace": Case(
        "--list-taps", "", f"--pixel 1 1 --out out -- {_CRYSTAL} -hkl nowhere",
        f"--pixel 1 1 --out out -- {_CRYSTAL} -hkl pipe", takes_nanobragg=True,
    ),
    "nb-trace-diff": Case(f"{_LOG} {_LOG} -o found.md", "found.md", f"nowhere {_LOG}", f"pipe {_LOG}", 2),
    "nb-compare": Case(
        "--c-bin ./good --py-bin ./good --out out -- -lambda 1", "out/summary.json", "--c-bin nowhere -- -lambda 1",
        "--c-bin ./asleep --out out -- -lambda 1", 2, takes_nanobragg=True,
    ),
    "nb-bench": Case(f"--table {_RESULTS}", "", "--table nowhere", "--table pipe"),
}  # fmt: skip
"""Of every command that the package installs."""


def installed() -> dict[str, str]:
    """Names of all commands, and the functions behind them, as setup.cfg has them."""
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(ROOT / "setup.cfg")
    lines = settings["options.entry_points"]["console_scripts"].strip().splitlines()
    return {name.strip(): place.strip() for name, _, place in (line.partition("=") for line in lines)}


def command_line(name: str, *arguments: str) -> list[str]:
    """A command in a process of its own, as its script starts it."""
    module, _, function = installed()[name].partition(":")
    code = f"import sys; from {module} import {function}; sys.argv[0] = {name!r}; sys.exit({function}())"
    return [sys.executable, "-c", code, *arguments]


BASE_ARGS = _CRYSTAL.replace("-noprogress -seed 1", "") + "\n"
