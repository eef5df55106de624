"""Random command lines of noisify, from a seed: likely ones, odd ones, and some that are wrong."""

import random
from collections.abc import Iterator

FILES = {
    "crystal": 4096, "faint": 768, "dim": 768, "spots": 768, "bright": 120, "negative": 120, "edges": 48, "even": 384,
    "huge": 64, "half": 1920, "inf": 120, "nan": 120, "minus_one": 12, "one": 1, "prime": 97, "row": 50, "zeros": 240,
    "cut": 20,
}  # fmt: skip
"""Inputs of the golden cases, and their pixels."""
HEADERS = ("header", "header_1024", "header_256", "header_alone", "header_dimensions", "header_small", "header_twice",
           "header_zero", "rectangle", "crystal")  # fmt: skip


def _one_of(draw: random.Random, *options: str) -> str:
    return draw.choice(options)


def _input(draw: random.Random) -> list[str]:
    name = draw.choice([*FILES, "crystal", "faint", "spots"])
    if draw.random() < 0.1:
        return ["inputs/floatimage.bin", *draw.choice([[], ["-detpixels_x", "40", "-detpixels_y", "56"]])]
    words = [_one_of(draw, "-floatfile", "-floatimage", "-bin", "-my-bin"), f"inputs/{name}.bin"]
    pixels = FILES[name]
    shape = draw.random()
    if shape < 0.3:
        words += ["-detpixels_x", str(draw.randint(1, max(1, int(1.3 * pixels**0.5))))]
    elif shape < 0.45:
        words += ["-detpixels_y", str(draw.randint(1, max(1, int(2 * pixels**0.5))))]
    elif shape < 0.6:
        words += ["-detpixels", str(draw.randint(1, max(1, int(1.2 * pixels**0.5))))]
    elif shape < 0.65:
        words += ["-detpixels_x", str(pixels + 1), "-detsize_y", f"{draw.uniform(0.1, 2):.3f}"]
    return words


def _seeds(draw: random.Random) -> list[str]:
    seed = draw.choice([1, 2, 31337, -5, 0, 2147483647, -2147483647, 2147483648, 5000000000, draw.randint(1, 10**9)])
    words = ["-seed", str(seed)]
    if draw.random() < 0.3:
        words += ["-calib_seed", str(draw.choice([42, -42, 0, 2147483647, -2147483647, draw.randint(1, 10**9)]))]
    return words


def _spread(draw: random.Random) -> list[str]:
    words = ["-psf", draw.choice(["gauss", "fiber", "gauss", "fiber", "a_gaussian", "lorentz"])]
    if draw.random() < 0.8:
        fwhm = 10 ** draw.uniform(0, 3.2) if draw.random() < 0.9 else draw.choice([0, -3, 1e-7, 1e7])
        words += [_one_of(draw, "-psf_fwhm", "-psf_width", "-psf_size"), f"{fwhm:.4g}"]
    if draw.random() < 0.4:
        words += ["-psf_radius", draw.choice(["0", "1", "2", "3.7", "6", "12", "25", "1000"])]
    return words


def _maybe(draw: random.Random) -> list[list[str]]:
    """What may be there, with its chance."""
    logarithmic = f"{10 ** draw.uniform(-3, 4):.5g}"
    options = [
        (0.25, ["-flicker", f"{draw.uniform(0, 0.2):.3g}"]),
        (0.5, ["-calibration", draw.choice(["0", "0", "0.1", "-1"])]),
        (0.35, [_one_of(draw, "-readout", "-readnoise", "-readout_noise"), f"{draw.uniform(-1, 8):.3g}"]),
        (0.3, ["-scale", draw.choice([logarithmic, "0", "-1", "1e20"])]),
        (0.3, ["-gain", f"{draw.uniform(-2, 40):.4g}"]),
        (0.3, ["-adc", f"{draw.uniform(-50, 200):.4g}"]),
        (0.25, ["-bits", "32"]),
        (0.2, ["-nonoise"]),
        (0.2, ["-nopgm"]),
        (0.1, ["-fluence", f"{10 ** draw.uniform(26, 32):.5g}"]),
        (0.15, ["-pixel", f"{10 ** draw.uniform(-2, 0):.4g}"]),
        (0.1, ["-distance", f"{draw.uniform(-10, 400):.5g}"]), (0.1, ["-lambda", f"{draw.uniform(0.1, 9):.5g}"]),
        (0.1, ["-Xbeam", f"{draw.uniform(-5, 50):.5g}"]), (0.1, ["-Ybeam", f"{draw.uniform(-5, 50):.5g}"]),
        (0.1, [_one_of(draw, "-phi", "-phistep", "-phisteps"), f"{draw.uniform(0, 90):.4g}"]), (0.1, ["-osc", "0.25"]),
        (0.2, ["-header", f"inputs/{draw.choice(HEADERS)}.img"]), (0.1, ["-detsize", f"{draw.uniform(0.1, 30):.4g}"]),
        (0.05, ["-noisefile", "intimage.img"]), (0.05, ["-pgmfile-intfile", "both.out"]), (0.05, ["-unknown", "7"]),
        (0.05, ["-gain", draw.choice(["2.5x", "-nopgm", "0x1p3", "none", "nan", "inf"])]),
        (0.03, ["-scale-gain-adc", "2.5"]),
        (0.03, ["-bits", draw.choice(["8", "16", "32.9", "-16"])]),
        (0.02, ["-psf_radius", "-3"]),
        (0.02, ["-pixel", "0"]),
        (0.03, ["-lambda", "inputs/floatimage.bin"]), (0.02, ["-detpixels", "100000"]), (0.02, ["-psf"]),
    ]  # fmt: skip
    return [words for chance, words in options if draw.random() < chance]


def random_command(seed: int) -> list[str]:
    """The command line of a seed."""
    draw = random.Random(seed)
    groups = [_input(draw), _seeds(draw), *_maybe(draw)]
    if draw.random() < 0.5:
        groups.append(_spread(draw))
    draw.shuffle(groups)
    return [word for group in groups for word in group]


def commands(first: int, count: int) -> Iterator[list[str]]:
    """Command lines of consecutive seeds."""
    for seed in range(first, first + count):
        yield random_command(seed)
