"""Command lines and files that no program can make sense of, for both programs."""

from dataclasses import dataclass, field

BASE = (
    "-cell 40 50 60 90 90 90 -default_F 10 -N 3 -lambda 1 -distance 60 -pixel 0.4 -detpixels 8 "
    "-oversample 1 -noprogress -seed 1"
)

HEADER = "{\nHEADER_BYTES=512;\nDIM=2;\nBYTE_ORDER=little_endian;\nTYPE=unsigned_short;\nSIZE1=8;\nSIZE2=8;\n}\f"


@dataclass(frozen=True)
class BadInput:
    """A command that must end in one line of error.

    Attributes
    ----------
    name : str
    arguments : str
        Added to BASE.
    files : dict of str to bytes
        Put into the folder first.
    words : tuple of str
        What the message must name.
    code : int
        Expected exit code.
    usage : bool
        Whether it is the arguments that cannot be understood, which the Python command tells apart: it exits with 2.
    """

    name: str
    arguments: str
    files: dict[str, bytes] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    code: int = 1
    usage: bool = False


def smv(header: str = HEADER, pixels: bytes = bytes(128)) -> bytes:
    """An SMV image with this header, padded to 512 bytes."""
    return header.encode().ljust(512) + pixels


def _hkl(name: str, text: bytes, *words: str) -> BadInput:
    return BadInput(f"hkl {name}", "-hkl bad.hkl", {"bad.hkl": text}, ("bad.hkl", *words))


def _dump(name: str, content: bytes) -> BadInput:
    return BadInput(f"dump {name}", "-dump bad.bin", {"bad.bin": content}, ("bad.bin",))


def _matrix(name: str, text: bytes) -> BadInput:
    return BadInput(f"matrix {name}", "-mat bad.mat", {"bad.mat": text}, ())


def _mask(name: str, content: bytes, option: str = "-mask") -> BadInput:
    return BadInput(f"{option} {name}", f"{option} bad.img", {"bad.img": content}, ("bad.img",))


def _plain(name: str, arguments: str, *words: str) -> BadInput:
    return BadInput(name, arguments, {}, words)


def _usage(name: str, arguments: str, *words: str) -> BadInput:
    return BadInput(name, arguments, {}, words, usage=True)


BAD_INPUTS = [
    _hkl("empty", b""),
    _hkl("comments alone", b"# nothing\n\n"),
    _hkl("three numbers", b"1 2 3 10\n1 2 3\n", "2"),
    _hkl("words", b"1 2 3 10\nh k l F\n", "2"),
    _hkl("fractional index", b"1 2 3 10\n1 2.5 3 10\n", "2"),
    _hkl("F is not finite", b"1 2 3 10\n1 2 3 nan\n", "2"),
    _hkl("index not finite", b"1 2 3 10\ninf 2 3 1\n", "2"),
    _hkl("indices a billion apart", b"0 0 0 10\n1000000000 0 0 10\n"),
    _hkl("a huge box", b"-900 -900 -900 10\n900 900 900 10\n"),
    _hkl("binary", bytes(range(256)) * 4),
    _plain("hkl missing", "-hkl nowhere.hkl", "nowhere.hkl"),
    _plain("hkl is a folder", "-hkl inputs", "inputs"),
    _dump("empty", b""),
    _dump("truncated", b"-1 1 -1 1 -1 1\n\f" + bytes(8 * 63)),
    _dump("too long", b"-1 1 -1 1 -1 1\n\f" + bytes(8 * 65)),
    _dump("backwards", b"1 -1 -1 1 -1 1\n\f" + bytes(8 * 64)),
    _dump("no header", bytes(range(256)) * 8),
    _dump("a huge box", b"0 999999 0 999999 0 999999\n\f" + bytes(64)),
    _matrix("empty", b""),
    _matrix("of eight numbers", b"1 0 0\n0 1 0\n0 0\n"),
    _matrix("of words", b"one two three"),
    _matrix("singular", b"0.01 0.02 0.03\n0.02 0.04 0.01\n0.03 0.06 0.02\n"),
    _matrix("of zeros", b"0 0 0 0 0 0 0 0 0\n"),
    _matrix("not finite", b"0.01 0 0 0 0.01 0 0 0 nan\n"),
    _plain("matrix missing, and no cell", "-cell 0 -mat nowhere.mat"),
    _mask("empty", b""),
    _mask("no header", bytes(range(256)) * 4),
    _mask("truncated", smv(pixels=bytes(127))),
    _mask("promises more pixels", smv(HEADER.replace("SIZE1=8", "SIZE1=8000"))),
    _mask("negative size", smv(HEADER.replace("SIZE1=8", "SIZE1=-8"))),
    _mask("without size", smv(HEADER.replace("SIZE2=8;", ""))),
    _mask("header longer than the file", smv(HEADER.replace("=512", "=99999999"))),
    _mask("header of no length", smv(HEADER.replace("=512", "=-1"))),
    _mask("truncated", smv(pixels=bytes(100)), "-img"),
    _mask("no header", b"P5 8 8 255 " + bytes(600), "-img"),
    BadInput("mask of another size", "-mask m.img -detpixels 9", {"m.img": smv()}),
    _plain("mask missing", "-mask nowhere.img", "nowhere.img"),
    BadInput("stol empty", "-stol bad.stol", {"bad.stol": b""}, ("bad.stol",)),
    _plain("stol missing", "-stol nowhere.stol", "nowhere.stol"),
    BadInput("sources empty", "-sourcefile bad.txt", {"bad.txt": b"\n\n"}, ("bad.txt",)),
    BadInput(
        "sources of words",
        "-sourcefile bad.txt",
        {"bad.txt": b"-10 0 0\nx y z\n"},
        ("bad.txt", "2"),
    ),
    _plain("sources missing", "-sourcefile nowhere.txt", "nowhere.txt"),
    _plain("flat cell", "-cell 40 50 60 121 120 120"),
    _plain("cell angles do not close", "-cell 40 50 60 20 30 90"),
    _plain("cell angles beyond 180", "-cell 40 50 60 170 170 170"),
    _plain("negative pixel count", "-detpixels -8"),
    _plain("no detector", "-detpixels 0 -detsize 0"),
    _plain("negative detector", "-detpixels 0 -detsize -8"),
    _plain("huge detector", "-detpixels 1000000"),
    _plain("pixels of no size", "-pixel 0"),
    _plain("negative pixels", "-pixel -0.1"),
    _plain("very small pixels", "-detpixels 0 -pixel 1e-12"),
    _plain("no wavelength", "-lambda 0"),
    _plain("negative wavelength", "-lambda -1"),
    _usage("nan", "-distance nan", "-distance"),
    _usage("infinity", "-lambda inf", "-lambda"),
    _usage("overflow", "-default_F 1e999", "-default_F"),
    _usage("not a number", "-distance far", "-distance"),
    _usage("not an integer", "-N many", "-N"),
    _usage("integer overflow", "-N 99999999999", "-N"),
    _usage("seed overflow", "-seed 99999999999", "-seed"),
    _usage("no pivot", "-pivot nose", "-pivot"),
    _usage("unknown argument under -strict", "-strict -unheard_of 3", "-unheard_of"),
    _plain("endless phi steps", "-osc 90 -phistep 1e-9"),
    _plain("endless sources", "-divergence 5 -hdivstep 1e-6 -vdivstep 1e-6"),
    _plain("no phi step", "-osc 0 -phistep 0.1"),
    _plain("beam of no size", "-flux 1e12 -beamsize 0"),
    _plain("sample on the detector", "-distance 0"),
    _plain("output folder missing", "-floatfile nowhere/f.bin", "nowhere/f.bin"),
    _plain("output is a folder", "-intfile inputs", "inputs"),
    _plain("Miller indices beyond all integers", "-cell 1e13 1e13 1e13 90 90 90 -gauss_xtal", "Miller indices"),
    BadInput("nothing to render", "-default_F 0", {}, (), 9),
]
