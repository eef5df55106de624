"""From an object file to an image that can stand anywhere in memory: a linker for what LLVM makes of our kernels.

Numba has code made for LLVM's large code model, so a reference is an address of eight bytes. That leaves little
to do: lay the sections out in a row, fill in distances within them, and list which places want an address. What is
not known here is refused, since a guess would be a crash later.

The format is ELF for x86-64: System V Application Binary Interface, and its AMD64 supplement for the relocations.
"""

import struct
from collections.abc import Mapping
from typing import NamedTuple

EXTERNAL = frozenset(
    "sqrt sqrtf sin cos sincos tan asin acos atan atan2 erf exp exp2 log log2 log10 pow sinf cosf tanf expf logf powf "
    "fma fmod floor ceil trunc rint memset memcpy memmove memcmp".split()
)
"""Functions of the C library that kernels may call: they compute, and touch nothing but what they are given."""

_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_RELOCATION = struct.Struct("<QQq")

_RELOCATABLE, _X86_64 = 1, 62
_PROGBITS, _SYMTAB, _RELA, _NOBITS, _UNWIND = 1, 2, 4, 8, 0x70000001
_WRITE, _ALLOC, _TLS = 1, 2, 0x400
_UNDEFINED, _ABSOLUTE, _COMMON = 0, 0xFFF1, 0xFFF2
_R_64, _R_PC32, _R_PLT32, _R_PC64 = 1, 2, 4, 24

_LARGEST = 64 << 20


class Refused(Exception):
    """The object file holds something that this linker does not know; says what."""


class Image(NamedTuple):
    """Machine code and constants, and what they want to be told about where they stand.

    Attributes
    ----------
    code : bytes
    relative : tuple of (int, int)
        Offset of eight bytes, and what they hold beyond the address of the image.
    external : tuple of (int, str)
        Offset of eight bytes, and the function of the C library whose address they hold.
    entries : dict of str to int
        Offsets of the entries.
    """

    code: bytes
    relative: tuple[tuple[int, int], ...]
    external: tuple[tuple[int, str], ...]
    entries: dict[str, int]


class _Section(NamedTuple):
    name: str
    kind: int
    flags: int
    offset: int
    size: int
    link: int
    info: int
    align: int

    @property
    def is_placed(self) -> bool:
        """Whether the program needs it; tables for debuggers and for exceptions, which kernels have none of, do not."""
        if self.kind == _UNWIND or self.name.startswith((".eh_frame", ".note", ".llvm")):
            return False
        return bool(self.flags & _ALLOC) and self.size > 0


def link(content: bytes, symbols: Mapping[str, str]) -> Image:
    """Lay out an object file.

    Parameters
    ----------
    content : bytes
        A relocatable ELF file for x86-64.
    symbols : mapping of str to str
        Symbol of each entry, by the entry's name.

    Returns
    -------
    Image

    Raises
    ------
    Refused
        The file is damaged, or holds a writable section, a relocation or an outer symbol that is not known here.
    """
    try:
        return _Linker(content).image(symbols)
    except (struct.error, IndexError, ValueError, OverflowError) as error:
        raise Refused(f"the object file is damaged: {error}") from None


class _Linker:
    def __init__(self, content: bytes) -> None:
        self._content = content
        self._sections = self._read_sections()
        self._places = self._lay_out()
        self._code = self._copy()
        self._relative: list[tuple[int, int]] = []
        self._external: list[tuple[int, str]] = []

    def image(self, symbols: Mapping[str, str]) -> Image:
        tables = [i for i, section in enumerate(self._sections) if section.kind == _SYMTAB]
        if len(tables) != 1:
            raise Refused(f"{len(tables)} symbol tables")
        names = self._read_symbols(tables[0])
        for section in self._sections:
            if section.kind == _RELA and section.info in self._places:
                self._relocate(section, names)
        by_name = {name: place for name, place in names if isinstance(place, int)}
        missing = [symbol for symbol in symbols.values() if symbol not in by_name]
        if missing:
            raise Refused(f"no symbol {missing[0]}")
        entries = {entry: by_name[symbol] for entry, symbol in symbols.items()}
        return Image(bytes(self._code), tuple(self._relative), tuple(self._external), entries)

    def _read_sections(self) -> list[_Section]:
        magic, kind, machine, *_, start, _, _, _, _, size, count, names = _HEADER.unpack_from(self._content)
        if magic[:6] != b"\x7fELF\x02\x01" or (kind, machine) != (_RELOCATABLE, _X86_64) or size != _SECTION.size:
            raise Refused("not an object file for x86-64")
        raw = [_SECTION.unpack_from(self._content, start + i * size) for i in range(count)]
        strings = raw[names][4]
        sections = []
        for name, kind, flags, _, offset, length, link, info, align, _ in raw:
            if kind != _NOBITS and offset + length > len(self._content):
                raise Refused("the object file is cut off")
            sections.append(_Section(self._string(strings + name), kind, flags, offset, length, link, info, align))
        return sections

    def _string(self, offset: int) -> str:
        return self._content[offset : self._content.index(b"\0", offset)].decode()

    def _lay_out(self) -> dict[int, int]:
        """Where each section that is needed begins."""
        places, end = {}, 0
        for i, section in enumerate(self._sections):
            if not section.is_placed:
                continue
            if section.flags & (_WRITE | _TLS):
                raise Refused(f"section {section.name} is writable")
            if section.kind != _PROGBITS:
                raise Refused(f"section {section.name} is of the kind {section.kind:#x}")
            align = max(section.align, 16)
            if align > 4096 or align & (align - 1):
                raise Refused(f"section {section.name} wants an alignment of {align}")
            places[i] = end = -(-end // align) * align
            end += section.size
        if end > _LARGEST:
            raise Refused(f"{end} bytes of code")
        self._size = end
        return places

    def _copy(self) -> bytearray:
        code = bytearray(self._size)
        for i, place in self._places.items():
            section = self._sections[i]
            code[place : place + section.size] = self._content[section.offset : section.offset + section.size]
        return code

    def _read_symbols(self, table: int) -> list[tuple[str, int | None]]:
        """Name of each symbol and its place in the image; None for one that stands elsewhere."""
        section = self._sections[table]
        strings = self._sections[section.link].offset
        symbols: list[tuple[str, int | None]] = []
        for offset in range(section.offset, section.offset + section.size, _SYMBOL.size):
            name, _, _, where, value, _ = _SYMBOL.unpack_from(self._content, offset)
            place = self._places[where] + value if where in self._places else None
            if where not in (_UNDEFINED, _ABSOLUTE, _COMMON) and where >= len(self._sections):
                raise Refused(f"a symbol in section {where}")
            text = self._string(strings + name)
            symbols.append((text if where == _UNDEFINED else text or f"section {where}", place))
            if where != _UNDEFINED and place is None:
                symbols[-1] = (f"{text} in section {where:#x}", None)  # never a name of the C library
        return symbols

    def _relocate(self, section: _Section, symbols: list[tuple[str, int | None]]) -> None:
        base, size = self._places[section.info], self._sections[section.info].size
        for entry in range(section.offset, section.offset + section.size, _RELOCATION.size):
            offset, info, addend = _RELOCATION.unpack_from(self._content, entry)
            name, target = symbols[info >> 32]
            width = 4 if info & 0xFFFFFFFF in (_R_PC32, _R_PLT32) else 8
            if offset + width > size:
                raise Refused("a relocation beyond its section")
            self._fill_in(base + offset, info & 0xFFFFFFFF, name, target, addend)

    def _fill_in(self, place: int, kind: int, name: str, target: int | None, addend: int) -> None:
        if target is None:
            if kind != _R_64 or addend != 0 or name not in EXTERNAL:
                raise Refused(f"relocation {kind} to {name}")
            self._external.append((place, name))
        elif kind == _R_64:
            self._relative.append((place, target + addend))
        elif kind in (_R_PC32, _R_PLT32):
            struct.pack_into("<i", self._code, place, target + addend - place)
        elif kind == _R_PC64:
            struct.pack_into("<q", self._code, place, target + addend - place)
        else:
            raise Refused(f"relocation {kind} to {name}")
