"""Seeded random command lines that mix every option group, for comparing two programs.

`python tests/support/random_commands.py --seed 1 --count 1000` runs the C reference and the Python command on a
thousand of them and compares every file and every line of text.
"""

import argparse
import math
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from remarks import REMARKED

EVALUATIONS = 200_000
"""Most evaluations (pixel x subpixel x source x phi step x domain x layer) of a command."""

LARGEST_SIDE = 48
TAKE_TURNS = (
    "0.6510346185815178 -0.7553631854560736 -0.07470196427183813",
    "0.79 0.8 0.15",
)
"""Polarization vectors that C's normalization turns into two that alternate."""

MASK_PIXELS = 72 * 56


def _number(value: float, digits: int = 5) -> str:
    return f"{value:.{digits}g}"


class _Maker:
    """One command line in the making: groups of arguments, and what one pixel costs."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.groups: list[list[str]] = []
        self.cost = 1
        self.custom = False
        self.has_hkl = False
        self.side_f = self.side_s = LARGEST_SIDE
        self.pixel = self.rng.choice([0.1, 0.1713, 0.25, 0.4, 0.8])

    def add(self, *arguments: str | float) -> None:
        self.groups.append([a if isinstance(a, str) else _number(a) for a in arguments])

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def between(self, low: float, high: float) -> float:
        return self.rng.uniform(low, high)

    def inputs(self) -> str:
        """The folder of an input: as it is, or with remarks in it."""
        return self.rng.choice(["inputs", REMARKED])

    def affordable(self, most: int) -> int:
        """A count from 1 to `most`, as far as 64 pixels would still be affordable with it."""
        count = self.rng.randint(1, most)
        return count if self.cost * count * 64 <= EVALUATIONS else 1


def _phi(m: _Maker) -> None:
    style = m.rng.choice(["none", "none", "osc", "steps", "both", "step", "offset", "through"])
    count = m.affordable(5)
    if style == "none":
        return
    if style == "osc":
        count = 2
        m.add("-osc", m.between(0.1, 3))
    elif style == "steps":
        m.add("-phisteps", str(count))
    elif style == "both":
        m.add("-osc", m.between(0.1, 3), "-phisteps", str(count))
    elif style == "step":
        count = 2
        m.add("-phistep", m.between(0.1, 1))
    elif style == "offset":
        m.add("-phi", m.between(-180, 180), "-osc", m.between(0.1, 2), "-phisteps", str(count))
    else:
        count = 4
        m.add("-phi", "-0.5", "-osc", "1", "-phistep", "0.25")
    m.cost *= count


def _mosaic(m: _Maker) -> None:
    if m.chance(0.55):
        return
    domains = m.affordable(6)
    spread = m.rng.choice(["-mosaic", "-mosaici", "-mosaic_spread"])
    style = m.rng.choice(["both", "both", "both", "domains only", "zero"])
    if style == "both":
        m.add(spread, m.between(0.05, 3), "-mosaic_domains", str(domains))
        m.cost *= domains
    elif style == "domains only":
        m.add("-mosaic_dom", str(domains))
    else:
        m.add(spread, "0")
    if m.chance(0.5):
        m.add("-mosaic_seed", str(m.rng.randint(1, 10**6)))


def _dispersion(m: _Maker) -> None:
    if m.chance(0.65):
        return
    m.add("-dispersion", m.between(0.05, 3))
    count = 2
    if m.chance(0.7):
        count = max(2, m.affordable(4))
        m.add("-dispsteps", str(count))
    m.cost *= count


def _divergence(m: _Maker) -> None:
    if m.chance(0.6):
        return
    h, v = m.affordable(3), m.affordable(3)
    style = m.rng.choice(["both", "each", "step", "one", "counts"])
    if style == "both":
        v = h = max(2, h)
        m.add("-divergence", m.between(0.1, 5), "-divsteps", str(h))
    elif style == "each":
        h, v = max(2, h), max(2, v)
        m.add("-hdivrange", m.between(0.1, 5), "-hdivsteps", str(h))
        m.add("-vdivrange", m.between(0.1, 5), "-vdivsteps", str(v))
    elif style == "step":
        h, v = 4, 2
        m.add("-hdivrange", "2", "-hdivstep", m.between(0.5, 1), "-vdivstep", m.between(0.1, 1))
    elif style == "one":
        h, v = 2, 1
        m.add("-vdivrange", m.between(0.1, 5))
    else:
        h, v = max(2, h), 1
        m.add("-hdivsteps", str(h))
    if m.chance(0.4):
        m.add(m.rng.choice(["-square_div", "-round_div"]))
    m.cost *= h * v


def _sources(m: _Maker) -> None:
    if m.chance(0.12):
        m.add("-sourcefile", f"{m.inputs()}/{m.rng.choice(['sources.txt', 'sources_xyz.txt'])}")
        m.cost *= 3
        return
    _divergence(m)
    _dispersion(m)


def _absorption(m: _Maker) -> None:
    if m.chance(0.65):
        return
    layers = max(2, m.affordable(4))
    m.add("-detector_thick", m.between(10, 800))
    if m.chance(0.8):
        m.add("-detector_abs", m.rng.choice(["inf", "0", "300", "55.5", "1200"]))
    if m.chance(0.7):
        m.add(m.rng.choice(["-detector_thicksteps", "-thicksteps"]), str(layers))
    m.cost *= max(2, layers)


def _oversampling(m: _Maker) -> None:
    count = 1
    while count < 4 and m.chance(0.45) and m.cost * (count + 1) ** 2 * 64 <= EVALUATIONS:
        count += 1
    m.add("-oversample", str(count))
    m.cost *= count * count
    for flag in ("-oversample_thick", "-oversample_polar", "-oversample_omega"):
        if m.chance(0.12):
            m.add(flag)


def _beam(m: _Maker) -> None:
    style = m.rng.choice(["-lambda", "-wave", "-energy", "none"])
    if style == "-energy":
        m.add(style, m.between(4000, 20000))
    elif style != "none":
        m.add(style, m.between(0.5, 6.5))
    if m.chance(0.4):
        m.add("-fluence", f"{10 ** m.between(20, 32):.4g}")
    elif m.chance(0.3):
        m.add("-flux", f"{10 ** m.between(10, 21):.4g}", "-exposure", m.between(0.01, 10))
        if m.chance(0.5):
            m.add("-beamsize", f"{10 ** m.between(-5, -1):.4g}")
    if m.chance(0.4):
        m.add("-polar", m.between(-1, 1))
    if m.chance(0.12):
        m.add("-nopolar")
    if m.chance(0.2):
        m.add("-water", m.between(0, 900))


def _vector(m: _Maker, x: float, y: float, z: float) -> list[str]:
    """Near (x, y, z), often tilted, often not of unit length."""
    if m.chance(0.2):
        return [_number(v) for v in (x, y, z)]
    length = m.rng.choice([1.0, 1.0, 2.5])
    tilt = m.rng.choice([0.01, 0.2, 0.2, 0.6])
    return [_number(length * (v + m.between(-tilt, tilt)), m.rng.choice([2, 5, 12])) for v in (x, y, z)]


def _polarization_vector(m: _Maker) -> list[str]:
    """Any direction: near the usual one, next to the beam, or one that C's normalization does not leave alone."""
    style = m.rng.choice(["near", "any", "any", "beam", "takes turns", "creeps"])
    if style == "near":
        return _vector(m, 0, 0, 1)
    if style == "beam":
        return _vector(m, 1, 1e-4, -2e-4)
    if style == "takes turns":
        return m.rng.choice(TAKE_TURNS).split()
    if style == "creeps":
        return ["0.94", "0.85", "0.03"]
    return [_number(m.rng.gauss(0, 1), m.rng.choice([2, 5, 12])) for _ in range(3)]


def _axes(m: _Maker) -> None:
    """A named convention, custom vectors, or both in either order."""
    if m.chance(0.5):
        m.add(m.rng.choice(["-mosflm", "-xds", "-adxv", "-denzo", "-dials"]))
    if m.chance(0.6):
        return
    m.custom = True
    vectors = {
        "-fdet_vector": (0, 0, 1),
        "-sdet_vector": (0, -1, 0),
        "-odet_vector": (1, 0, 0),
        "-beam_vector": (1, 0, 0),
        "-spindle_axis": (0, 0.3, 1),
        "-twotheta_axis": (0, 1, 0),
        "-pix0_vector": (0.05, 0.01, -0.02),
    }
    for name in m.rng.sample(sorted(vectors), m.rng.randint(0, 4)):
        m.add(name, *_vector(m, *vectors[name]))
    if m.chance(0.5):
        m.add("-polar_vector", *_polarization_vector(m))


def _placement(m: _Maker) -> None:
    if m.chance(0.85):
        m.add("-distance", m.between(30, 200))
    if m.chance(0.2):
        m.add("-close_distance", m.between(30, 200))
    for angle in ("-detector_rotx", "-detector_roty", "-detector_rotz", "-twotheta"):
        if m.chance(0.25):
            m.add(angle, m.between(-60, 60) if m.chance(0.3) else m.between(-8, 8))
    width = LARGEST_SIDE * m.pixel
    for pair in (("-Xbeam", "-Ybeam"), ("-Xclose", "-Yclose"), ("-ORGX", "-ORGY")):
        for name in pair:
            if m.chance(0.15):
                m.add(name, m.between(-5, 60) if name.startswith("-ORG") else m.between(0, width))
    if m.chance(0.2):
        m.add("-pivot", m.rng.choice(["sample", "beam"]))
    if m.chance(0.08):
        m.add("-curved_det", "1")
    if m.chance(0.08):
        m.add("-point_pixel")


def _masked_detector(m: _Maker) -> bool:
    """The geometry of a file, if its pixels can be afforded."""
    if m.cost * MASK_PIXELS > EVALUATIONS or not m.chance(0.3):
        return False
    style = m.rng.choice(["mask", "img", "both"])
    if style != "img":
        m.add("-mask", "inputs/mask.img")
    if style != "mask":
        m.add("-img", "inputs/header.img")
    m.side_f, m.side_s = 72, 56
    return True


def _detector(m: _Maker) -> None:
    if _masked_detector(m):
        return
    side = min(LARGEST_SIDE, int(math.sqrt(EVALUATIONS / m.cost)))
    m.side_f = m.side_s = m.rng.randint(max(4, side // 2), max(5, side))
    m.add("-pixel", m.pixel)
    style = m.rng.choice(["square", "each", "xy", "size", "sizes"])
    if style == "square":
        m.add("-detpixels", str(m.side_f))
    elif style == "size":
        m.add("-detsize", _number(m.side_f * m.pixel, 7))
    else:
        m.side_s = m.rng.randint(4, max(5, side))
        sides = (str(m.side_f), str(m.side_s))
        if style == "sizes":
            sides = (_number(m.side_f * m.pixel, 7), _number(m.side_s * m.pixel, 7))
        names = {"each": "-detpixels_{}", "xy": "-detpixels_{}", "sizes": "-detsize_{}"}[style]
        for letter, value in zip("xy" if style == "xy" else "fs", sides):
            m.add(names.format(letter), value)


def _region(m: _Maker) -> None:
    if m.chance(0.7):
        return
    x = sorted(m.rng.randint(0, m.side_f - 1) for _ in range(2))
    y = sorted(m.rng.randint(0, m.side_s - 1) for _ in range(2))
    if m.chance(0.2):
        x[1] += 100
    if m.chance(0.06):
        x[0] = x[1] + 1
    m.add("-roi", *(str(v) for v in (*x, *y)))
    if m.chance(0.3) and x[0] <= x[1] < m.side_f and (x[1] - x[0]) * (y[1] - y[0]) < 40:
        m.add("-printout")


def _cell(m: _Maker) -> None:
    a, b, c = (m.between(20, 130) for _ in range(3))
    style = m.rng.choice(["cubic", "partial", "orthogonal", "monoclinic", "triclinic", "triclinic", "matrix"])
    if style == "cubic":
        m.add("-cell", a, a, a, "90", "90", "90")
    elif style == "partial":
        m.add("-cell", *[a, b, c][: m.rng.randint(1, 3)])
    elif style == "orthogonal":
        m.add("-cell", a, b, c, "90", "90", "90")
    elif style == "monoclinic":
        m.add("-cell", a, b, c, "90", m.between(91, 125), "90")
    elif style == "triclinic":
        m.add("-cell", a, b, c, *(m.between(72, 108) for _ in range(3)))
    else:
        m.add(m.rng.choice(["-mat", "-matrix"]), "inputs/1orc.mat")
        if m.chance(0.3):
            m.add("-cell", "34.77", "39.17", "48.31", "90", "90", "90")
    if style in ("cubic", "triclinic") and m.chance(0.1):
        m.add("-mat", "nowhere.mat")


def _orientation(m: _Maker) -> None:
    style = m.rng.choice(["none", "angles", "angles", "random", "seed last"])
    seed = ["-misset_seed", str(m.rng.randint(1, 10**6))]
    if style == "angles":
        m.add("-misset", *(m.between(-180, 180) for _ in range(3)))
    elif style == "random":
        m.add(*seed, "-misset", "random")
    elif style == "seed last":
        m.add("-misset", "random", *seed, "-noprogress", "-adc", "40")


def _size(m: _Maker) -> None:
    style = m.rng.choice(["N", "N", "N", "each", "sample", "axes", "none"])
    if style == "N":
        m.add("-N", str(m.rng.choice([0, 1, 2, 3, 5, 5, 10, 30, 200])))
    elif style == "each":
        for name in ("-Na", "-Nb", "-Nc"):
            m.add(name, str(m.rng.randint(1, 12)))
    elif style == "sample":
        m.add(
            m.rng.choice(["-samplesize", "-sample_size", "-xtalsize"]),
            f"{10 ** m.between(-5, -1):.3g}",
        )
    elif style == "axes":
        for name in ("-sample_x", "-width", "-xtal_height"):
            if m.chance(0.7):
                m.add(name, f"{10 ** m.between(-5, -0.5):.3g}")
    if m.chance(0.45):
        m.add(m.rng.choice(["-square_xtal", "-round_xtal", "-gauss_xtal", "-tophat_spots", "-binary_spots"]))
        if m.chance(0.7):
            m.add("-fudge", f"{10 ** m.between(-8, 0.5):.3g}")


def _factors(m: _Maker) -> None:
    style = m.rng.choice(["default", "default", "small", "repeated", "1orc_P1", "hkl and default"])
    if style in ("small", "repeated", "1orc_P1"):
        m.add("-hkl", f"{m.inputs()}/{style}.hkl")
    elif style == "hkl and default":
        m.add("-hkl", f"{m.inputs()}/small.hkl", "-default_F", m.between(0.5, 50))
    else:
        m.add("-default_F", m.between(0.5, 300))
    if m.chance(0.2):
        m.add("-dump", m.rng.choice(["factors.bin", "factors.bin", "nowhere/factors.bin"]))
    if m.chance(0.3):
        m.add(m.rng.choice(["-interpolate", "-nointerpolate"]))
    if m.chance(0.2):
        m.add("-dmin", m.between(0.8, 12))
    if m.chance(0.05):
        m.add("-stol", "inputs/bg.stol")


def _output(m: _Maker) -> None:
    if m.chance(0.4):
        m.add("-noprogress")
    if m.chance(0.2):
        m.add("-nonoise")
    if m.chance(0.2):
        m.add("-nopgm")
    if m.chance(0.04):
        m.add("-adc", m.rng.choice(["-3000000001", "-70000", "5000000000"]))
    for name, low, high in (("-adc", -60, 200), ("-scale", 1e-3, 1e3), ("-pgmscale", 1e-3, 1e3)):
        if m.chance(0.15):
            m.add(name, m.between(low, high))
    for name in ("-floatfile", "-intimage", "-pgmfile", "-noiseimage"):
        if m.chance(0.08):
            m.add(name, f"my{name}.out")
    if m.chance(0.12):
        m.add("-printout_pixel", str(m.rng.randrange(m.side_f)), str(m.rng.randrange(m.side_s)))
    if m.chance(0.05):
        m.add("-unheard_of", "3")


def random_command(seed: int) -> list[str]:
    """Make a command line.

    Parameters
    ----------
    seed : int
        The same seed gives the same command.

    Returns
    -------
    list of str
        Arguments without the program's name; files named are those of tests/golden/nanobragg/inputs, and the same
        with remarks.
    """
    m = _Maker(seed)
    for group in (_phi, _mosaic, _sources, _absorption, _oversampling):
        group(m)
    for group in (
        _detector,
        _region,
        _axes,
        _placement,
        _beam,
        _cell,
        _orientation,
        _size,
        _factors,
        _output,
    ):
        group(m)
    m.rng.shuffle(m.groups)
    command = [argument for group in m.groups for argument in group]
    return [*command, "-seed", str(m.rng.randint(1, 10**6))]


def commands(seed: int, count: int) -> Iterator[list[str]]:
    """Make `count` command lines, the same for the same seed."""
    for index in range(count):
        yield random_command(seed * 1_000_003 + index)


def main() -> int:
    from compare_programs import compare, run_c, run_python
    from cref_build import build

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--c-bin", type=Path, help="the C program; built from cref if not given")
    parser.add_argument("--engine", choices=["row", "loop"], help="engine of the Python command")
    options = parser.parse_args()
    extra = ["-engine", options.engine] if options.engine else []
    different = 0
    with tempfile.TemporaryDirectory() as folder:
        c_program = options.c_bin or build("nanobragg_ref", Path(folder))
        for index, command in enumerate(commands(options.seed, options.count)):
            problems = compare(run_c(c_program.resolve(), command), run_python([*command, *extra]))
            if problems:
                different += 1
                print(f"command {index}: {' '.join(command)}")
                for problem in problems:
                    print(f"    {problem}", flush=True)
    print(f"{options.count} commands of seed {options.seed}: {different} differ")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
