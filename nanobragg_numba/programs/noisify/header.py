"""The SMV header that -header names: what is looked up in it, and how it is copied."""

import re

from nanobragg_numba.errors import FormatError
from nanobragg_numba.formats.smv import HEADER_BYTES, smv_header_bytes
from nanobragg_numba.io.inputs import open_input, read_at_most
from nanobragg_numba.io.numbers import c_format, leading_float
from nanobragg_numba.programs.noisify.option_values import UNSET_LIMIT, OptionValues
from nanobragg_numba.records import dataclass

_MAGIC = b"{\nHEADER_BYT"
_LARGEST = 1 << 31
TYPES = {16: "unsigned_short", 32: "long_integer"}


@dataclass(frozen=True)
class Header:
    """A header file.

    Attributes
    ----------
    name : str
    content : bytes
        As many as its HEADER_BYTES says.
    """

    name: str
    content: bytes

    def value(self, key: str) -> float | None:
        """The number behind the last place where a key occurs, 0 where there is none; None without the key."""
        return _value(self.content, key)

    def says(self, bits: int) -> bool:
        """Whether TYPE and BYTE_ORDER are those of what is written."""
        order = re.search(rb"BYTE_ORDER\s*=\s*(\w+)", self.content)
        kind = re.search(rb"(?m)^TYPE\s*=\s*(\w+)", self.content)
        right_kind = kind is None or kind[1] == TYPES[bits].encode()
        return order is not None and order[1] == b"little_endian" and right_kind and (kind is not None or bits == 16)

    def mended(self, bits: int) -> bytes:
        """The header with TYPE and BYTE_ORDER of what is written, as long as it was where that is possible."""
        return self.changed({"BYTE_ORDER": "little_endian", "TYPE": TYPES[bits]})

    def changed(self, values: dict[str, str]) -> bytes:
        """The header with other values for some keys, as long as it was where that is possible."""
        text = self.content.split(b"\0", 1)[0]
        end = text.rfind(b"}")
        text = text[:end] if end >= 0 else text.rstrip() + b"\n"
        keys = "|".join(map(re.escape, values))
        text = re.sub(rf"(?m)^({keys})\s*=[^;\n]*;?\n?".encode(), b"", text)
        lines = [line for line in text.decode("latin-1").split("\n")[1:] if line]
        lines += [f"{key}={value};" for key, value in values.items()]
        length = len(self.content)
        while len(header := smv_header_bytes(_with_length(lines, length), length)) > length:
            length += HEADER_BYTES
        return header


def _with_length(lines: list[str], length: int) -> list[str]:
    return [f"HEADER_BYTES={length};", *(line for line in lines if not line.startswith("HEADER_BYTES"))]


def _value(content: bytes, key: str) -> float | None:
    text = content.split(b"\0", 1)[0]
    place = text.rfind(key.encode())
    if place < 0:
        return None
    equals = text.find(b"=", place)
    found = leading_float(text[equals + 1 :].decode("latin-1")) if equals >= 0 else None
    return found[0] if found else 0.0


def read_header(name: str) -> Header:
    """Read a header; the pixels behind it need not exist.

    Raises
    ------
    FormatError
    """
    with open_input(name, "header file") as file:
        start = read_at_most(file, HEADER_BYTES)
        if not start.startswith(_MAGIC):
            raise FormatError(f"{name}: not an SMV file: it does not begin with a brace and HEADER_BYTES")
        length = _value(start, "HEADER_BYTES") or 0.0
        if not 1.0 <= length < _LARGEST:
            raise FormatError(f"{name}: HEADER_BYTES={length:g} is not a possible header length")
        content = (start + read_at_most(file, int(length) - len(start)))[: int(length)]
    if len(content) < int(length):
        raise FormatError(f"{name}: HEADER_BYTES={length:g}, but there are {len(content)} bytes")
    return Header(name, content)


def _count(header: Header, key: str) -> int:
    value = header.value(key)
    if value is None or not 1.0 <= value < _LARGEST:
        raise FormatError(f"{header.name}: {key} is missing or impossible in its header")
    return int(value)


def apply_header(header: Header, options: OptionValues) -> None:
    """Take over the geometry of a header.

    Raises
    ------
    FormatError
        BYTE_ORDER or the size of the image is missing.
    """
    if header.value("BYTE_ORDER") is None:
        raise FormatError(f"{header.name}: no BYTE_ORDER in its header")
    size = header.value("SIZE1")
    if size is None or abs(size) < 1.0:
        key = "SIZE1" if header.value("DETECTOR_DIMENSIONS") is None else "DETECTOR_DIMENSIONS"
        options.xpixels = options.ypixels = _count(header, key)
    else:
        options.xpixels, options.ypixels = _count(header, "SIZE1"), _count(header, "SIZE2")
    pixel = header.value("PIXEL_SIZE")
    if pixel is not None:
        options.pixel = pixel / 1000.0
    options.detsize_x, options.detsize_y = options.pixel * options.xpixels, options.pixel * options.ypixels
    for key, name, divisor in (
        ("DISTANCE", "distance", 1000.0), ("WAVELENGTH", "wavelength", 1e10), ("BEAM_CENTER_X", "Xbeam", 1000.0),
    ):  # fmt: skip
        value = header.value(key)
        if value is not None:
            setattr(options, name, value / divisor)
    centre = header.value("BEAM_CENTER_Y")
    if centre is not None:
        options.Ybeam = options.detsize_y - centre / 1000.0


def with_options(header: Header, before: OptionValues, options: OptionValues) -> Header:
    """The header with the values of options where they are others than before.

    Parameters
    ----------
    header : Header
    before : OptionValues
        What the header alone says.
    options : OptionValues
        What it says together with the options.
    """
    rows = own_lines(options, options.ypixels * options.pixel)
    changes = {
        key: rows[key]
        for key, names in (
            ("SIZE1", ["xpixels"]), ("SIZE2", ["ypixels"]), ("PIXEL_SIZE", ["pixel"]), ("DISTANCE", ["distance"]),
            ("WAVELENGTH", ["wavelength"]), ("BEAM_CENTER_X", ["Xbeam"]),
            ("BEAM_CENTER_Y", ["Ybeam", "pixel", "ypixels"]),
        )
        if any(getattr(before, name) != getattr(options, name) for name in names)
        and getattr(options, names[0]) > UNSET_LIMIT
    }  # fmt: skip
    return Header(header.name, header.changed(changes)) if changes else header


def own_lines(options: OptionValues, detsize_y: float) -> dict[str, str]:
    """Value of each key of an own header, whose slow side is so many metres long."""

    def number(value: float) -> str:
        return c_format("%g", value)

    return {
        "DIM": "2", "BYTE_ORDER": "little_endian", "TYPE": TYPES[options.bits], "SIZE1": str(options.xpixels),
        "SIZE2": str(options.ypixels), "PIXEL_SIZE": number(options.pixel * 1000.0),
        "DISTANCE": number(options.distance * 1000.0), "WAVELENGTH": number(options.wavelength),
        "BEAM_CENTER_X": number(options.Xbeam * 1000.0), "BEAM_CENTER_Y": number((detsize_y - options.Ybeam) * 1000),
        "PHI": number(options.phi), "OSC_START": number(options.phi), "OSC_RANGE": number(options.osc),
        "DETECTOR_SN": "000", "BEAMLINE": "fake",
    }  # fmt: skip


def own_header(options: OptionValues) -> bytes:
    """The header of an image without a header file."""
    lines = own_lines(options, options.detsize_y)
    return smv_header_bytes([f"HEADER_BYTES={HEADER_BYTES};", *(f"{key}={value};" for key, value in lines.items())])
