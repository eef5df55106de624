"""What the fuzzer feeds: one function for each reader, and the watch over what they may touch."""

import contextlib
import io
import os
import platform
import random
import sys
from collections.abc import Callable
from pathlib import Path

from fuzz_inputs import NAMES, SEEDS, SMALL, Mutator, draw_arguments, spoil_arguments
from paths import GOLDEN

from nanobragg_numba.errors import NanoBraggError
from nanobragg_numba.formats.dials_crystal import read_expt_crystal
from nanobragg_numba.formats.fdump import read_fdump
from nanobragg_numba.formats.float_image import read_float_image
from nanobragg_numba.formats.hkl import grid, read_hkl
from nanobragg_numba.formats.matrix import read_matrix
from nanobragg_numba.formats.nexus import reader
from nanobragg_numba.formats.pgm import read_pgm
from nanobragg_numba.formats.picture import read_picture
from nanobragg_numba.formats.sources import read_sources
from nanobragg_numba.formats.stol import read_stol
from nanobragg_numba.programs.nanobragg.cli import main as command
from nanobragg_numba.programs.nanobragg.option_values import OptionValues
from nanobragg_numba.programs.nanobragg.parse import header_files, parse
from nanobragg_numba.programs.nanobragg.resolve.headers import apply_headers
from nanobragg_numba.programs.noisify.header import apply_header, read_header, with_options
from nanobragg_numba.programs.noisify.option_values import OptionValues as NoisifyOptions
from nanobragg_numba.programs.noisify.photons import open_source, read_photons
from nanobragg_numba.programs.noisify.place import place
from nanobragg_numba.programs.shared.notes import Notes
from nanobragg_numba.reflections.read import file_cell, read_reflections
from nanobragg_numba.trace.diff import compare
from nanobragg_numba.trace.parse import parse_log, read_log

OUTPUTS = ("floatimage.bin", "intimage.img", "image.pgm", "noiseimage.img", "Fdump.bin")
INPUT = "input"
"""Beginning of the name of the file that a reader is given."""

MEBIBYTE = 1 << 20


def _read_hkl(path: str) -> object:
    return grid(read_hkl(path))


def _read_trace(path: str) -> object:
    return compare(_reference_log(), read_log(path), partial=True)


def _reference_log():  # type: ignore[no-untyped-def]
    if "trace" not in _logs:
        _logs["trace"] = parse_log(SEEDS["trace"]()[0], "reference")
    return _logs["trace"]


_logs: dict = {}


def _copied_header(path: str) -> object:
    """noisify's header file: looked up, applied, and copied with its mendings."""
    header, options = read_header(path), NoisifyOptions()
    apply_header(header, options)
    changed = with_options(header, NoisifyOptions(), options)
    return header.says(16), header.mended(16), changed.mended(32)


def _raw_photons(path: str) -> object:
    """noisify's float image, of which any length may be given."""
    options = NoisifyOptions()
    options.xpixels, source = 5, open_source(path)
    place(options, source.bytes // 4)
    return read_photons(source, options)


READERS: dict[str, tuple[Callable[[str], object], int]] = {
    "hkl": (_read_hkl, 400 * MEBIBYTE),  # a grid of 2^25 cells is allowed to any list
    "dump": (read_fdump, 64 * MEBIBYTE),
    "matrix": (read_matrix, 64 * MEBIBYTE),
    "sources": (read_sources, 64 * MEBIBYTE),
    "stol": (read_stol, 64 * MEBIBYTE),
    "smv": (lambda path: apply_headers("", path, OptionValues(), Notes()), 64 * MEBIBYTE),
    "pgm": (read_pgm, 64 * MEBIBYTE),
    "float": (lambda path: read_float_image(path, 3, 4), 64 * MEBIBYTE),
    "trace": (_read_trace, 64 * MEBIBYTE),
    "mtz": (lambda path: read_reflections(path, 10.0), 128 * MEBIBYTE),
    "cif": (lambda path: read_reflections(path, 10.0), 128 * MEBIBYTE),
    "pdb": (file_cell, 128 * MEBIBYTE),
    "nxs": (lambda path: read_picture(path), 64 * MEBIBYTE),
    "cbf": (lambda path: read_picture(path), 64 * MEBIBYTE),
    "header": (_copied_header, 64 * MEBIBYTE),
    "raw": (_raw_photons, 64 * MEBIBYTE),
    "expt": (lambda path: read_expt_crystal(path, 0), 64 * MEBIBYTE),
}
"""Each reader with the memory that it may ask for on top of what the process has."""


class ReaderTarget:
    """A reader and the damaged files that it gets."""

    limit_s = 1.0

    def __init__(self, kind: str) -> None:
        self._read, self.memory = READERS[kind]
        self.processes = kind == "nxs"  # HDF5 works in a process apart
        reader._LIMIT_S = 1  # which is ended sooner than a user's, as it happens once in a few hundred files
        self._mutator = Mutator(kind)
        self._name = f"{INPUT}.{kind}"
        self._file = open(self._name, "wb", buffering=0)

    def draw(self, rng: random.Random) -> bytes:
        return self._mutator.draw(rng)

    def allowed(self, item: bytes) -> set[str]:
        """Names that may be written."""
        return set()

    def prepare(self, item: bytes) -> None:
        """Put the input where the reader finds it."""
        self._file.seek(0)
        self._file.truncate()
        self._file.write(item)

    def run(self, item: bytes) -> str:
        """Feed one input; returns how it was accepted."""
        self._read(self._name)
        return "accepted"

    def clean(self, item: bytes) -> None:
        """Remove what the input made."""


class ArgumentTarget:
    """The scan of the argument list."""

    limit_s = 1.0
    memory = 64 * MEBIBYTE

    def draw(self, rng: random.Random) -> list[str]:
        words = draw_arguments(rng, 5)
        return spoil_arguments(rng, words) if rng.random() < 0.7 else words

    def allowed(self, item: list[str]) -> set[str]:
        return set()

    def prepare(self, item: list[str]) -> None:
        return

    clean = prepare

    def run(self, item: list[str]) -> str:
        header_files(item)
        _, notes = parse(item)
        for note in notes:
            if "\n" in note and not any("\n" in word for word in item):
                raise AssertionError(f"a note of more than one line: {note!r}")
        return "accepted with a warning" if notes else "accepted"


class CommandTarget:
    """The whole command, on a small detector, with real, damaged and missing files."""

    limit_s = 20.0
    memory = 1536 * MEBIBYTE

    def __init__(self) -> None:
        self._mutators = {kind: Mutator(kind) for kind in ("hkl", "dump", "matrix", "sources", "stol", "smv")}
        self._inputs = {path.name: path.read_bytes() for path in GOLDEN.joinpath("inputs").iterdir()}
        for name, data in self._inputs.items():
            Path(name).write_bytes(data)
        os.mkdir("folder")
        platform.processor()  # asked by h5py when it is loaded, from a process of its own
        self._run(["-h"])
        self._run([*"-cell 40 50 60 90 90 90 -default_F 10 -N 3 -lambda 1".split(), *SMALL])

    def draw(self, rng: random.Random) -> tuple[list[str], bytes]:
        words = draw_arguments(rng, 6)
        if rng.random() < 0.3:
            words = spoil_arguments(rng, words)
        # Nothing but the names of the table may be written: no other path, and no size beyond the small one.
        words = [word for word in words if "/" not in word or word in NAMES]
        damaged = self._mutators[rng.choice(list(self._mutators))].draw(rng)
        return [*words, *SMALL], damaged

    def allowed(self, item: tuple[list[str], bytes]) -> set[str]:
        return {*OUTPUTS, *item[0]}

    def prepare(self, item: tuple[list[str], bytes]) -> None:
        Path("damaged").write_bytes(item[1])

    def run(self, item: tuple[list[str], bytes]) -> str:
        code, error = self._run(item[0])
        foreign = [line for line in error.splitlines() if not line.startswith("nanoBragg: ")]
        if foreign:
            raise AssertionError(f"not a message of ours: {foreign}")
        if code not in (1, 2):
            return f"exit code {code}"
        lines = [line for line in error.split("\n") if line and "warning: " not in line]
        if len(lines) != 1:
            raise AssertionError(f"more than one line: {error!r}")
        raise NanoBraggError(lines[-1].replace("nanoBragg: ", "", 1))

    def clean(self, item: tuple[list[str], bytes]) -> None:
        for name in {*OUTPUTS, *item[0]}:
            if name in self._inputs:
                Path(name).write_bytes(self._inputs[name])
            elif name not in ("damaged", "folder") and not name.startswith("/"):
                with contextlib.suppress(OSError, ValueError):
                    os.unlink(name)
        left = set(os.listdir(".")) - {"damaged", "folder", *self._inputs}
        if left:
            raise AssertionError(f"left behind: {left}")

    @staticmethod
    def _run(words: list[str]) -> tuple[int, str]:
        error = io.StringIO()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(error):
            code = command(words)
        return code, error.getvalue()


TARGETS: dict[str, Callable[[], ReaderTarget | ArgumentTarget | CommandTarget]] = {
    **{kind: (lambda kind=kind: ReaderTarget(kind)) for kind in READERS},
    "arguments": ArgumentTarget,
    "command": CommandTarget,
}


class WriteWatch:
    """Refuses and remembers every change to a file that the input did not name."""

    _CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod")

    def __init__(self) -> None:
        self.allowed: set[str] = set()
        self.forks = False
        self.cache = ""  # folder of compiled kernels
        self.breaches: list[str] = []
        self.active = False
        sys.addaudithook(self._event)

    def _event(self, name: str, arguments: tuple) -> None:
        if not self.active:
            return
        if name == "open":
            path, mode, flags = arguments
            if not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC) or not isinstance(path, str):
                return
            targets = [path]
        elif name in self._CHANGES:
            targets = [argument for argument in arguments[: 2 if name == "os.rename" else 1] if argument != -1]
            targets = [str(target) for target in targets if not isinstance(target, int)]  # descriptors are open
        elif name == "os.fork" and self.forks:
            return
        elif name.startswith(("subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "socket.")):
            targets = [name]
        else:
            return
        for target in targets:
            place, own = os.path.split(target)
            temporary = own.startswith(".nanobragg-") and own.endswith(".part")
            own_cache = self.cache and target.startswith(self.cache)
            if target in self.allowed or target == os.devnull or own_cache or (temporary and not place.startswith("/")):
                continue
            self.breaches.append(f"{name} {target}")
            raise PermissionError(1, "not a name that was given")
