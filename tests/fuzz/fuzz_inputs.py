"""Inputs for the fuzzer: the real files, cut up and put together wrongly, and command lines likewise."""

import contextlib
import io
import os
import random
import re
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from unittest.mock import patch

from paths import EXAMPLES, GOLDEN, NOISIFY_GOLDEN, TESTS

from nanobragg_numba.programs.nanobragg.option_rows import ROWS

SMV = b"{\nHEADER_BYTES=512;\nDIM=2;\nBYTE_ORDER=little_endian;\nTYPE=unsigned_short;\nSIZE1=4;\nSIZE2=3;\n"
SMALL_IMAGE = (SMV + b"PIXEL_SIZE=0.1;\nDISTANCE=100;\nWAVELENGTH=1;\nBEAM_CENTER_X=0.2;\n}\f").ljust(512) + bytes(24)
SMALL_DUMP = b"-1 1 0 2 0 1\n\f" + bytes(range(8)) * 48

SMALL_CIF = b"""data_r1abcsf
_cell.length_a 30
_cell.length_b 40
_cell.length_c 50
_cell.angle_alpha 90
_cell.angle_beta 100
_cell.angle_gamma 90
_symmetry.space_group_name_H-M 'P 1 21 1'
loop_
_refln.index_h
_refln.index_k
_refln.index_l
_refln.F_meas_au
_refln.F_meas_sigma_au
0 0 2 10.5 0.1
1 2 3 7 0.2
-1 2 3 ? ?
"""

NUMBERS = (
    *(b"0", b"1", b"-1", b"2", b"3", b"7", b"0.5", b"-0.0", b"1e-3", b"1e300", b"1e-320", b"1e400", b"nan", b"-nan"),
    *(b"inf", b"-inf", b"0x1p3", b"0x", b"2147483647", b"2147483648", b"-2147483649", b"9223372036854775808"),
    *(b"1000000000", b"99999999999999999999999", b"1.", b".", b"+", b"-", b"e5", b"1e", b"1_000", b"\xd9\xa3", b"1,5"),
)
SEPARATORS = (b" ", b"\n", b"\t", b"\r", b"\r\n", b"\f", b"\v", b",", b";", b":", b"=", b"#", b"\0", b"\x85", b"\x1c")
WORDS = (
    *(b"HEADER_BYTES=", b"SIZE1=", b"SIZE2=", b"BYTE_ORDER=big_endian;", b"PIXEL_SIZE=", b"DISTANCE=", b"PHI=", b"{"),
    *(b"}\f", b";\n", b"P5\n", b"# pixels scaled by ", b"255\n", b"\n\f", b"0 0 0 0 0 0\n\f", b"TRACE_C: ", b"# "),
    *(b"TRACE_C_PHI phi_tic=0 phi_deg=", b"TRACE_CONFIG: tracing pixel (spixel=1, fpixel=2)\n", b"TRACE_C_SOURCE2: "),
    *(b"floatimage_accumulated ", b"DETECTOR_PIX0_VECTOR ", b"[1 2 3; 4 5 6]", b"\xff\xfe", b"\xc3\xa9", b"\xf0\x9f"),
)
_TOKENS = re.compile(rb"([ \t\n\f=;,:]+)")
_LONGEST = 700
_LONGEST_PIECE = 5000
WHOLE_FILE_EVERY = 400


def _first(name: str) -> bytes:
    return (GOLDEN / name).read_bytes()


def _small_pdb() -> bytes:
    lines = (EXAMPLES / "1orc" / "1orc.pdb").read_bytes().splitlines(keepends=True)
    atoms = [line for line in lines if line.startswith(b"ATOM")]
    return b"".join([line for line in lines if line.startswith((b"CRYST1", b"SCALE"))] + atoms[:5])


@cache
def _written(suffix: str) -> bytes:
    """A file of a small run, of a kind that carries its geometry."""
    from nanobragg_numba.programs.nanobragg.cli import main

    epoch = patch.dict(os.environ, SOURCE_DATE_EPOCH="0")  # so that a campaign can be run again
    with epoch, tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        names = {option: f"{folder}/a{end}" for option, end in _CARRIERS.items()}
        words = [*BASE, *SMALL, "-noprogress", "-floatfile", "/dev/null", "-intfile", "/dev/null", "-nopgm", "-nonoise"]
        assert main([*words, *(word for pair in names.items() for word in pair)]) == 0
        return Path(folder, f"a{suffix}").read_bytes()


_CARRIERS = {"-nexusfile": ".nxs", "-cbffile": ".cbf", "-exptfile": ".expt"}

SEEDS: dict[str, Callable[[], list[bytes]]] = {
    "hkl": lambda: [_first("inputs/1orc_P1.hkl"), _first("inputs/small.hkl"), b"# list\n1 2 3 10 0.5\n-1 0 0 7\n"],
    "dump": lambda: [SMALL_DUMP, _first("cases/fdump_read/Fdump.bin")],
    "matrix": lambda: [_first("inputs/1orc.mat")],
    "sources": lambda: [_first("inputs/sources.txt"), _first("inputs/sources_xyz.txt")],
    "stol": lambda: [_first("inputs/bg.stol")],
    "smv": lambda: [SMALL_IMAGE, SMALL_IMAGE, _first("inputs/header.img"), _first("inputs/mask.img")],
    "pgm": lambda: [b"P5\n4 3\n# pixels scaled by 2.5\n255\n" + bytes(12), _first("cases/orc_still/image.pgm")],
    "float": lambda: [bytes(48), _first("cases/orc_still/floatimage.bin")],
    "header": lambda: [path.read_bytes() for path in sorted((NOISIFY_GOLDEN / "inputs").glob("header*.img"))],
    "raw": lambda: [bytes(60), (NOISIFY_GOLDEN / "inputs" / "cut.bin").read_bytes()],
    "mtz": lambda: [(TESTS / "reflections" / "5e5z.mtz").read_bytes()],
    "cif": lambda: [SMALL_CIF],
    "pdb": lambda: [_small_pdb()],
    "nxs": lambda: [_written(".nxs")],
    "cbf": lambda: [_written(".cbf")],
    "expt": lambda: [_written(".expt")],
    "trace": lambda: [path.read_bytes() for path in sorted(GOLDEN.glob("traces/*/*.log"))[:8]],
}
"""Where the inputs of each reader start from."""


class Mutator:
    """Endless damaged files.

    Parameters
    ----------
    kind : str
        A key of SEEDS.
    """

    def __init__(self, kind: str) -> None:
        self._seeds = SEEDS[kind]()
        self._whole = kind in ("mtz", "nxs", "cbf", "expt")  # whose first words say where, or what, the others are

    def draw(self, rng: random.Random) -> bytes:
        """One input: a piece of a real file with a few faults in it."""
        seed = rng.choice(self._seeds)
        if self._whole:
            return spoil_bytes(rng, seed)
        if rng.random() * WHOLE_FILE_EVERY < 1.0:
            return spoil_bytes(rng, seed)
        if len(seed) > _LONGEST:
            start = rng.choice((0, seed.rfind(b"\n", 0, rng.randrange(len(seed))) + 1))
            seed = seed[start : start + rng.randrange(20, _LONGEST)]
        data = spoil_tokens(rng, seed) if rng.random() < 0.7 else seed
        return spoil_bytes(rng, data) if rng.random() < 0.5 else data


def spoil_tokens(rng: random.Random, data: bytes) -> bytes:
    """Exchange, drop, repeat and invent words; separators are every second piece."""
    pieces = _TOKENS.split(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        at = rng.randrange(len(pieces))
        action = rng.random()
        if action < 0.45:
            pieces[at] = rng.choice(SEPARATORS if at % 2 else NUMBERS)
        elif action < 0.6:
            pieces[at] = rng.choice(WORDS)
        elif action < 0.7:
            pieces[at] = b""
        elif action < 0.8:
            pieces[at] = (pieces[at] * rng.choice((2, 3, 40)))[:_LONGEST_PIECE]
        elif action < 0.9:
            pieces[at], pieces[-1 - at] = pieces[-1 - at], pieces[at]
        else:
            del pieces[at : at + rng.randrange(6)]
            pieces = pieces or [b""]
    return b"".join(pieces)


def spoil_bytes(rng: random.Random, data: bytes) -> bytes:
    """Change single bytes, cut, append and repeat."""
    spoilt = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4))):
        at = rng.randrange(len(spoilt) + 1)
        action = rng.random()
        if action < 0.3:
            spoilt[at : at + 1] = bytes((rng.randrange(256),))
        elif action < 0.5:
            spoilt[at:at] = rng.choice(WORDS)
        elif action < 0.7:
            del spoilt[at : at + rng.choice((1, 4, 64))]
        elif action < 0.85:
            del spoilt[at:]
        else:
            spoilt += spoilt[at : at + 64] + rng.randbytes(rng.randrange(9))
    return bytes(spoilt)


OPTIONS = tuple((pattern.text, row.args, row) for row in ROWS for pattern in row.match)
SMALL_NUMBERS = ("0", "1", "2", "3", "0.5", "-1", "-0.5", "1e-3", "10", "90", "0.01")
ODD_NUMBERS = ("nan", "inf", "-inf", "1e300", "-1e300", "1e-300", "1e999", "", "x", "0x10", "-", "--", "99999999999")
NAMES = ("out.bin", "with space.bin", "line\nbreak", "größe", "\udcff.bin", "/dev/null", "folder", "no/where", "-cell")
INPUTS = ("1orc.mat", "small.hkl", "mask.img", "sources.txt", "bg.stol", "damaged", "missing", "folder")
BASE = ("-cell", "40", "50", "60", "80", "90", "100", "-default_F", "10", "-N", "3", "-lambda", "1")
SMALL = ("-detpixels", "6", "-pixel", "0.4", "-oversample", "1", "-engine", "loop", "-seed", "1")


def draw_arguments(rng: random.Random, most: int) -> list[str]:
    """A command line of so many options at most, with values that fit most of the time."""
    words = list(BASE) if rng.random() < 0.8 else []
    for _ in range(rng.randrange(1, most + 1)):
        text, count, row = rng.choice(OPTIONS)
        words.append(text)
        words += [_value(rng, row) for _ in range(count if rng.random() < 0.9 else rng.randrange(4))]
    return words


def _value(rng: random.Random, row) -> str:  # type: ignore[no-untyped-def]
    if any(kind == "text" for _, kind in row.reads):
        return rng.choice(INPUTS if row.section == "Input files" else NAMES)
    return rng.choice(SMALL_NUMBERS if rng.random() < 0.85 else ODD_NUMBERS)


def spoil_arguments(rng: random.Random, words: list[str]) -> list[str]:
    """Exchange, drop and repeat arguments, and change characters in them."""
    words = list(words) or [""]
    for _ in range(rng.choice((1, 1, 2, 4))):
        at = rng.randrange(len(words))
        action = rng.random()
        if action < 0.4:
            word = words[at]
            cut = rng.randrange(len(word) + 1)
            words[at] = word[:cut] + chr(rng.choice((45, 46, 48, 49, 69, 32, 10, 0xE9, 0xDC80))) + word[cut + 1 :]
        elif action < 0.6:
            words[at] = rng.choice(ODD_NUMBERS)
        elif action < 0.8:
            del words[at]
            words = words or [""]
        else:
            words.insert(at, rng.choice(words))
    return words
