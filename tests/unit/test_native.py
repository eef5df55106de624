"""Machine code without Numba: what linker and loader refuse, whose files are run, what leads back to Numba."""

import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from paths import ROOT
from ways import numba_alone

from nanobragg_numba.kernels import entries, ready
from nanobragg_numba.native import cache, linker, loader, trust
from nanobragg_numba.native.calls import Call, Mismatch, Packed, c_types
from nanobragg_numba.native.linker import Image, Refused, link
from nanobragg_numba.native.loader import Library, NotLoaded

pytestmark = pytest.mark.skipif(not loader.is_supported(), reason="images are for Linux on x86-64 alone")

RETURN_42 = bytes.fromhex("b82a000000c3")  # mov eax, 42; ret
SECTION = struct.Struct("<IIQQQQIIQQ")
PROGBITS, SYMTAB, STRTAB, RELA, NOBITS = 1, 2, 3, 4, 8
WRITE, ALLOC, EXECUTE = 1, 2, 4
R_64, R_PC32, R_32S, R_PC64 = 1, 2, 11, 24
CODE, DATA, OUTSIDE = 1, 2, 0


class Strings:
    """A string table."""

    def __init__(self) -> None:
        self.content = b"\0"

    def add(self, text: str) -> int:
        place = len(self.content)
        self.content += text.encode() + b"\0"
        return place


def object_file(
    code: bytes = RETURN_42, data: bytes = b"", relocations: tuple[tuple[int, int, str, int], ...] = (),
    outside: tuple[str, ...] = (), data_flags: int = ALLOC, data_kind: int = PROGBITS, machine: int = 62,
) -> bytes:  # fmt: skip
    """A relocatable file with a function `answer`, some constants, and names that stand elsewhere.

    Parameters
    ----------
    relocations : tuple of (offset, kind, symbol, addend)
        Of the code; the symbols are `answer`, `constants` and those outside.
    """
    names, strings = Strings(), Strings()
    symbols = [struct.pack("<IBBHQQ", 0, 0, 0, 0, 0, 0)]
    numbers = {}
    for name, section in (("answer", CODE), ("constants", DATA), *((name, OUTSIDE) for name in outside)):
        numbers[name] = len(symbols)
        symbols.append(struct.pack("<IBBHQQ", strings.add(name), 0x12, 0, section, 0, 0))
    packed = [struct.pack("<QQq", at, numbers[name] << 32 | kind, addend) for at, kind, name, addend in relocations]
    contents = [
        (".text", PROGBITS, ALLOC | EXECUTE, code, 0, 0), (".rodata", data_kind, data_flags, data, 0, 0),
        (".rela.text", RELA, 0, b"".join(packed), 4, CODE), (".symtab", SYMTAB, 0, b"".join(symbols), 5, 1),
        (".strtab", STRTAB, 0, strings.content, 0, 0),
    ]  # fmt: skip
    sections, body = [SECTION.pack(*[0] * 10)], b""
    for name, kind, flags, content, link_to, info in contents:
        offset = 64 + len(body)
        sections.append(SECTION.pack(names.add(name), kind, flags, 0, offset, len(content), link_to, info, 16, 0))
        body += content
    place = names.add(".shstrtab")
    sections.append(SECTION.pack(place, STRTAB, 0, 0, 64 + len(body), len(names.content), 0, 0, 1, 0))
    body += names.content
    header = struct.pack(
        "<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 1, machine, 1, 0, 0, 64 + len(body), 0, 64, 0, 0, 64,
        len(sections), len(sections) - 1,
    )  # fmt: skip
    return header + body + b"".join(sections)


def linked(**how) -> Image:
    return link(object_file(**how), {"answer": "answer"})


def test_a_function_is_linked_loaded_and_called():
    image = linked()
    assert image == Image(RETURN_42, (), (), {"answer": 0})
    library = Library(image)
    answer = library.function("answer", [])
    assert answer is not None and answer() == 42
    assert library.function("question", []) is None


def test_addresses_are_filled_in():
    """A function that calls another one of the C library, through an address, and one that reads a constant."""
    by_address = bytes.fromhex("48b80000000000000000")  # mov rax, address
    code = by_address + bytes.fromhex("8b00c3")  # mov eax, [rax]; ret
    image = linked(code=code, data=struct.pack("<I", 77), relocations=((2, R_64, "constants", 0),))
    assert image.relative == ((2, 16),)
    answer = Library(image).function("answer", [])
    assert answer is not None and answer() == 77

    code = by_address + bytes.fromhex("ffe0")  # jmp rax
    image = linked(code=code, relocations=((2, R_64, "memcmp", 0),), outside=("memcmp",))
    assert image.external == ((2, "memcmp"),)
    compare = Library(image).function("answer", c_types(["int[1]".replace("int", "int64")])[:3])
    a, b = np.arange(4), np.arange(4)
    assert compare is not None and compare(a.ctypes.data, b.ctypes.data, 32) == 0


def test_distances_are_filled_in():
    code = bytes.fromhex("8b0500000000c3")  # mov eax, [rip + distance]; ret
    image = linked(code=code, data=struct.pack("<I", 78), relocations=((2, R_PC32, "constants", -4),))
    assert image.relative == () and struct.unpack_from("<i", image.code, 2) == (16 - 6,)
    answer = Library(image).function("answer", [])
    assert answer is not None and answer() == 78


@pytest.mark.parametrize(
    "how, what",
    [
        ({"data": b"1234", "data_flags": ALLOC | WRITE}, "writable"),
        ({"data": b"1234", "data_flags": ALLOC | 0x400}, "writable"),
        ({"data": b"1234", "data_kind": NOBITS}, "of the kind 0x8"),
        ({"code": bytes(16), "relocations": ((0, R_32S, "answer", 0),)}, "relocation 11 to answer"),
        ({"code": bytes(16), "relocations": ((0, 37, "answer", 0),)}, "relocation 37"),
        ({"code": bytes(16), "relocations": ((0, R_64, "system", 0),), "outside": ("system",)}, "to system"),
        ({"code": bytes(16), "relocations": ((0, R_PC32, "sin", 0),), "outside": ("sin",)}, "relocation 2 to sin"),
        ({"code": bytes(16), "relocations": ((0, R_64, "sin", 8),), "outside": ("sin",)}, "relocation 1 to sin"),
        ({"code": bytes(16), "relocations": ((12, R_64, "answer", 0),)}, "beyond its section"),
        ({"machine": 183}, "not an object file for x86-64"),
    ],
)  # fmt: skip
def test_what_the_linker_does_not_know_is_refused(how, what):
    with pytest.raises(Refused, match=what):
        linked(**how)


def test_an_entry_that_is_not_there_is_refused():
    with pytest.raises(Refused, match="no symbol question"):
        link(object_file(), {"answer": "question"})


def test_no_part_of_an_object_file_is_linked_as_the_whole():
    whole = object_file(code=bytes(64), data=b"1234", relocations=((0, R_64, "constants", 0),))
    for length in range(0, len(whole), 7):
        with pytest.raises(Refused):
            link(whole[:length], {"answer": "answer"})


def test_damaged_object_files_are_refused_or_linked_never_worse():
    """Every byte of the file changed, one at a time: a Refused or an image whose parts fit it."""
    whole = object_file(code=bytes(32), data=b"12345678", relocations=((0, R_64, "constants", 0),))
    for place in range(len(whole)):
        for flip in (0x01, 0x80, 0xFF):
            damaged = bytearray(whole)
            damaged[place] ^= flip
            try:
                image = link(bytes(damaged), {"answer": "answer"})
            except Refused:
                continue
            assert all(0 <= offset <= len(image.code) - 8 for offset, _ in image.relative)


def test_an_image_that_asks_for_something_else_is_not_loaded():
    with pytest.raises(NotLoaded, match="system"):
        Library(Image(bytes(16), (), ((0, "system"),), {"answer": 0}))


# Files

IMAGE = Image(bytes(range(64)), ((0, 8), (8, 16)), ((16, "sin"), (24, "sin")), {"one": 0, "two": 32})


@pytest.fixture
def image_file(tmp_path, monkeypatch) -> Iterator[cache.ImageFile]:
    monkeypatch.setenv(cache.CACHE_VARIABLE, str(tmp_path / "cache"))
    file = cache.ImageFile("rows", "k" * 64)
    assert file.save(IMAGE)
    yield file


def test_what_is_saved_is_loaded(image_file):
    assert image_file.load() == IMAGE
    assert cache.ImageFile("rows", "l" * 64).load() is None
    assert image_file.save("it cannot be done") and image_file.load() == "it cannot be done"


def test_a_file_under_another_name_is_not_loaded(image_file):
    for other in (cache.ImageFile("taps", "k" * 64), cache.ImageFile("rows", "k" * 63 + "l")):
        Path(other.path).write_bytes(Path(image_file.path).read_bytes())
        assert other.load() is None


def test_damaged_and_truncated_files_are_not_loaded(image_file):
    path = Path(image_file.path)
    whole = path.read_bytes()
    for length in (0, 1, 30, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert image_file.load() is None
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert image_file.load() is None
    path.write_bytes(whole)
    assert image_file.load() == IMAGE


def test_an_image_that_does_not_fit_itself_is_not_loaded():
    for wrong in (
        IMAGE._replace(relative=((60, 0),)), IMAGE._replace(external=((57, "sin"),)),
        IMAGE._replace(entries={"one": 64}), IMAGE._replace(relative=((0, 65),)),
    ):  # fmt: skip
        with pytest.raises(ValueError):
            cache.unpacked(cache.packed(wrong))
    with pytest.raises(ValueError):
        cache.unpacked(b"something")


@pytest.mark.parametrize("mode", [0o666, 0o664, 0o646])
def test_a_file_that_others_may_write_is_not_run(image_file, mode):
    os.chmod(image_file.path, mode)
    assert image_file.load() is None


def test_a_folder_that_the_world_may_write_is_no_place_for_code(image_file):
    folder = Path(image_file.path).parent
    folder.chmod(0o777)
    assert image_file.load() is None
    folder.chmod(0o755)
    assert image_file.load() == IMAGE


def test_another_owner(image_file, monkeypatch):
    """A file of somebody else's is not run; one of root's is."""
    status = os.stat(image_file.path)
    monkeypatch.setattr(os, "geteuid", lambda: status.st_uid + 1)
    assert trust.is_trusted(status) == (status.st_uid == 0)
    foreign = os.stat_result((status.st_mode, 0, 0, 1, status.st_uid + 2, 0, 0, 0, 0, 0))
    assert not trust.is_trusted(foreign)


def test_links_and_pipes_are_not_followed(image_file):
    path = Path(image_file.path)
    elsewhere = path.with_name("elsewhere")
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    assert image_file.load() is None
    path.unlink()
    os.mkfifo(path)
    assert image_file.load() is None  # at once


def test_a_lock_is_waited_for_and_lost_with_its_process(tmp_path):
    lock = tmp_path / "lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", f"""
import sys, time
from nanobragg_numba.native.trust import in_turn
with in_turn({str(lock)!r}):
    print("held", flush=True)
    time.sleep(60)
"""],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    waited = []
    with trust.in_turn(str(lock), lambda: (waited.append(True), holder.kill())):
        assert waited == [True]
    holder.wait()


# Calls


def test_values_of_other_kinds_do_not_fit():
    call = Call(lambda *plain: 0, ["float64[2]", "int"], [])
    call(np.zeros((2, 3)), 1)
    for value in (np.zeros(3), np.zeros((2, 3), np.float32), np.zeros((4, 4))[::2, ::2], [[1.0]], np.zeros((2, 2)).T):
        with pytest.raises(Mismatch):
            call(value, 1)
    with pytest.raises(Mismatch):
        call(np.zeros((2, 3)))


def test_a_record_that_lacks_a_field_does_not_fit():
    from nanobragg_numba.kernels.window import Window, whole_window

    Packed(Window, whole_window(3, 4))
    with pytest.raises(Mismatch):
        Packed(Window, (1, 2, 3))
    with pytest.raises(Mismatch):
        Packed(Window, whole_window(3, 4)._replace(mask=np.zeros((3, 4), np.int32)))


# What leads back to Numba

SCRIPT = """
import sys
from nanobragg_numba.kernels import ready
print(ready.library("rows") is not None, "numba" in sys.modules, ready.why_not("rows"), sep="|")
"""


def ways(script: str = SCRIPT, *arguments: str, **environment: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], env={**clean, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "name, value", [("NANOBRAGG_NUMBA_NATIVE", "0"), ("NUMBA_DISABLE_JIT", "1"), ("NUMBA_CPU_NAME", "generic")]
)
def test_settings_that_numba_must_obey(name, value):
    assert ways(**{name: value}).startswith("False|False|" + name)


def test_another_processor_and_another_compiler_have_another_key(monkeypatch):
    keys = {cache.key_of(str(ROOT / "nanobragg_numba"))}
    monkeypatch.setattr(cache, "_processor", lambda: b"flags: none")
    keys.add(cache.key_of(str(ROOT / "nanobragg_numba")))
    monkeypatch.setattr(cache, "_compiler", lambda: iter([b"0.1", b"0.2"]))
    keys.add(cache.key_of(str(ROOT / "nanobragg_numba")))
    assert len(keys) == 3 and None not in keys
    monkeypatch.setattr(cache.sys, "path", ["/nowhere"])
    monkeypatch.undo()
    monkeypatch.setattr(sys, "path", ["/nowhere"])
    assert cache.key_of(str(ROOT / "nanobragg_numba")) is None


def test_a_build_that_fails_is_silent_and_not_tried_again(tmp_path, monkeypatch):
    """What a new version of Numba may do: the command says nothing, and Numba renders as it did."""
    monkeypatch.setenv(cache.CACHE_VARIABLE, str(tmp_path))
    monkeypatch.setattr(ready, "_groups", {})
    monkeypatch.setattr(ready, "_compiled", lambda groups: [entries_that_fail(monkeypatch, name) for name in groups])
    assert not ready.prepare()
    assert "AttributeError" in ready.why_not("rows")
    monkeypatch.setattr(ready, "_groups", {})
    monkeypatch.setattr(ready, "_compiled", lambda groups: pytest.fail("tried again"))
    assert not ready.prepare() and "AttributeError" in ready.why_not("rows")


def entries_that_fail(monkeypatch, group: str):
    with monkeypatch.context() as broken:
        broken.setattr(entries, "_linked", lambda made: made.no_such_method())
        broken.setattr(entries, "kernels_of", lambda group: {})
        return entries.image(group)


def test_the_linker_knows_what_the_c_library_offers():
    import ctypes

    libm = ctypes.CDLL("libm.so.6")
    assert all(hasattr(libm, name) or hasattr(ctypes.CDLL(None), name) for name in linker.EXTERNAL)


# A plain still

STILL = "-cell 100 100 100 90 90 90 -default_F 100 -N 5 -lambda 1 -detpixels 40 -seed 3"

PLAIN = f"""
import os, sys
import numpy
at_start = set(sys.modules)
os.chdir(sys.argv[1])
from nanobragg_numba.programs.nanobragg.cli import main
assert main([*{STILL.split()!r}, *sys.argv[2:]]) == 0
heavy = {{"numba", "llvmlite", "scipy", "PIL", "tqdm", "h5py", "dataclasses", "pathlib", "urllib.parse", "difflib",
         "shlex", "textwrap", "hashlib", "json", "logging", "subprocess", "tempfile", "nanobragg_numba.trace"}}
print(*sorted(heavy & set(sys.modules) - at_start), file=sys.stderr)
"""


ROTATION = "-hkl P1.hkl -mosaic 1 -mosaic_domains 2 -phi 5 -osc 1 -phisteps 2"


@pytest.mark.parametrize("more", ["", "-nonoise -nopgm", ROTATION])
def test_a_plain_still_imports_nothing_heavy(more, tmp_path):
    (tmp_path / "P1.hkl").write_text("0 0 0 5\n1 0 0 7.5\n0 2 0 12\n-3 1 2 8\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    done = subprocess.run(
        [sys.executable, "-c", PLAIN, str(tmp_path), *more.split()], env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0 and done.stderr.strip() == "", done.stderr


PLAIN_NOISE = """
import os, sys
import numpy
at_start = set(sys.modules)
os.chdir(sys.argv[1])
numpy.full((256, 256), 50, numpy.float32).tofile("floatimage.bin")
from nanobragg_numba.programs.noisify.cli import main
assert main(["floatimage.bin", "-seed", "1", *sys.argv[2:]]) == 0
heavy = {"numba", "llvmlite", "scipy", "PIL", "tqdm", "h5py", "dataclasses", "subprocess",
         "nanobragg_numba.trace"}
print("heavy:", *sorted(heavy & set(sys.modules) - at_start))
"""


@pytest.mark.parametrize(
    "more",
    ["", "-bits 32 -flicker 0.02 -readout 3 -threads 2", "-psf gauss", "-psf fiber -psf_radius 5 -nopgm -nonoise"],
)
def test_a_plain_noisify_imports_nothing_heavy(more, tmp_path):
    assert ready.prepare(["noisify"]), ready.why_not("noisify")
    assert ways(PLAIN_NOISE, str(tmp_path), *more.split()).splitlines()[-1] == "heavy:"


@pytest.mark.parametrize("threads", [1, 2, 5, 7, 64])
@pytest.mark.parametrize(
    "more",
    [
        "", "-mosaic 1 -mosaic_domains 3 -phi 10 -osc 1 -phisteps 2", "-dispersion 2 -dispsteps 3 -interpolate",
        "-roi 3 37 5 20 -gauss_xtal", "-round_xtal -oversample 2 -misset random -misset_seed 5",
        "-detector_thick 450 -detector_thicksteps 3 -detector_abs 234", "-curved_det -point_pixel",
    ],
)  # fmt: skip
def test_both_ways_on_any_number_of_threads(more, threads):
    import nanobragg_numba as nb

    args = f"{STILL} {more}"
    native = nb.simulate(args, threads=threads, noise=True)
    with numba_alone():
        numba = nb.simulate(args, threads=min(threads, 2), noise=True)
    assert native.noise is not None and numba.noise is not None
    assert native.image.tobytes() == numba.image.tobytes()
    assert native.noise.pixels.tobytes() == numba.noise.pixels.tobytes()
    assert native.integer_image().tobytes() == numba.integer_image().tobytes()
    assert native.statistics == numba.statistics
    assert type(native.progress.engine).__name__ == "NativeRowEngine"
    assert type(numba.progress.engine).__name__ == "RowEngine"


@pytest.mark.parametrize(
    "text", ["1 2 3 4.5\n", "-1 +2 3\t1e-3 extra\n\n 4 5 6 .5\n", "1 2 3 0.123456789012345678\n"]
)
def test_reflections_are_read_alike(text, tmp_path):
    from nanobragg_numba.formats.hkl import read_hkl

    path = tmp_path / "list.hkl"
    path.write_text(text)
    native = read_hkl(path)
    with numba_alone():
        plain = read_hkl(path)
    for name in ("h", "k", "l", "F"):
        assert np.array_equal(getattr(native, name), getattr(plain, name))
    assert native.note == plain.note


def test_numbers_with_many_digits_are_rounded_as_python_rounds_them(tmp_path):
    from nanobragg_numba.formats.hkl import read_hkl

    random = np.random.default_rng(1)
    numbers = [repr(float(x)) for x in random.uniform(0, 1000, 2000)]
    numbers += [f"{x:.{d}f}" for d in range(18) for x in random.uniform(0, 10 ** random.integers(0, 6), 100)]
    numbers += [f"{n}.5" for n in 2**53 + random.integers(-50, 50, 100)]
    numbers += [f"{x:.12e}" for x in random.normal(size=500)]
    path = tmp_path / "list.hkl"
    path.write_text("".join(f"1 2 3 {text}\n" for text in numbers))
    assert read_hkl(path).F.tolist() == [float(text) for text in numbers]
