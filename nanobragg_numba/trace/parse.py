"""Read a trace log of any program: whatever its prefix, `name=value` or `name value`.

Lines that are no trace lines (the rest of a program's standard output) are passed over, so the
output of a traced run can be read as it is.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from nanobragg_numba.errors import FormatError
from nanobragg_numba.io.inputs import open_input, read_at_most
from nanobragg_numba.trace.tokens import PHI_KEYS, PIXEL_TOKENS, SETUP_TOKENS

CANNOT_COMPARE = 2
"""Exit code of a log that cannot be read."""

MAX_BYTES = 1 << 28
"""Longest log that is read."""

CONFIG_KEY = "TRACE_CONFIG"
LAST_KEY = "floatimage_accumulated"

Value = float | str

_KNOWN = frozenset(token.name for token in (*SETUP_TOKENS, *PIXEL_TOKENS))
_BARE = frozenset(name for name in _KNOWN if name.startswith("DETECTOR_"))
_NUMBER = re.compile(
    r"[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|inf(?:inity)?|nan)\Z", re.IGNORECASE | re.ASCII
)
_GLUED = re.compile(r"^WARNING: further warnings will not be printed! (?=\S)")
_TOKEN = re.compile(r"^([^\s:=]+?)(_SOURCE2)?:\s*([A-Za-z_]\w*)(?:\s*=\s*|\s+|$)(.*)$", re.ASCII)
_PHI = re.compile(rf"^(\S+)_PHI:?\s+({PHI_KEYS[0]}\s*[= ].*)$")
# Any first word: replacing the prefix TRACE_C throughout a log hits TRACE_CONFIG as well.
_CONFIG = re.compile(r"^[^\s:]+:.*\bspixel=(-?\d{1,9}),\s*fpixel=(-?\d{1,9})", re.ASCII)
_LABELLED = re.compile(r"^([A-Za-z_]\w*)[:=](.+)$", re.ASCII)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Entry:
    """One trace line.

    Attributes
    ----------
    line : int
        Line number in the log, from 1.
    key : str
        What it is paired by: the token's name without the prefix.
    fields, values : tuple
        The label of each value (empty where it has none) and the value, number or text.
    text : str
        The line itself.
    """

    line: int
    key: str
    fields: tuple[str, ...]
    values: tuple[Value, ...]
    text: str


@dataclass(frozen=True)
class Log:
    """A trace log.

    Attributes
    ----------
    name : str
        Where it came from.
    prefixes : tuple of str
        Prefixes in use, in order of appearance.
    entries : tuple of Entry
    pixels : tuple of (int, int)
        Slow and fast index of the traced pixels, as far as the log says.
    complete_lines : bool
        The last line has its newline.
    """

    name: str
    prefixes: tuple[str, ...]
    entries: tuple[Entry, ...]
    pixels: tuple[tuple[int, int], ...]
    complete_lines: bool

    def cut_off(self) -> str:
        """Say in what way the log ends too early; empty if it does not.

        A mere excerpt, with neither the line that names the pixel nor a full setup, is not held
        to have an end.
        """
        last = self.entries[-1]
        if not self.complete_lines:
            return f"its last line ({last.line}) has no end"
        keys = [entry.key for entry in self.entries]
        if keys.count(LAST_KEY) < len(self.pixels):
            return f"it ends at line {last.line} with {last.key}, before {LAST_KEY}"
        pixel_keys = {token.key for token in PIXEL_TOKENS}
        if keys[0] in _FIRST_KEYS and not self.pixels and not pixel_keys.intersection(keys):
            return f"it ends at line {last.line} with {last.key}, before any pixel token"
        return ""


_FIRST_KEYS = ("fdet_after_rotz", "detector_convention")


def read_log(path: str | os.PathLike[str]) -> Log:
    """Read a trace log.

    Parameters
    ----------
    path : path

    Returns
    -------
    Log

    Raises
    ------
    FormatError
        With exit code 2, if the file cannot be read, is larger than MAX_BYTES, is empty, is no text, or has
        no trace line.
    """
    name = os.fspath(path)
    try:
        with open_input(path, "trace log") as file:
            data = read_at_most(file, MAX_BYTES + 1)
    except FormatError as error:
        raise FormatError(str(error), CANNOT_COMPARE) from error
    if len(data) > MAX_BYTES:
        raise FormatError(f"the trace log {name} is larger than {MAX_BYTES} bytes, which is the limit", CANNOT_COMPARE)
    return parse_log(data, name)


def parse_log(data: bytes, name: str = "trace log") -> Log:
    """Parse the content of a trace log; see `read_log`.

    Parameters
    ----------
    data : bytes
    name : str
        For messages.
    """
    if not data.strip():
        raise FormatError(f"{name} is empty: there is no trace to compare", CANNOT_COMPARE)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if _UNPRINTABLE.search(text):
        raise FormatError(f"{name} is no text file: a trace log is wanted", CANNOT_COMPARE)
    lines = [line.rstrip("\r") for line in text.split("\n")]
    prefixes = _prefixes(lines)
    entries = []
    for number, line in enumerate(lines, start=1):
        entry = _entry(number, line, prefixes)
        if entry:
            entries.append(entry)
    if not entries:
        raise FormatError(
            f"{name} holds no trace line: make one with nanoBragg -trace_pixel SLOW FAST",
            CANNOT_COMPARE,
        )
    announced = (_CONFIG.match(_GLUED.sub("", line)) for line in lines)
    pixels = tuple((int(match[1]), int(match[2])) for match in announced if match)
    return Log(name, tuple(prefixes), tuple(entries), pixels, text.endswith("\n"))


def _prefixes(lines: list[str]) -> dict[str, None]:
    """Return what begins a trace line here: a word before a known token, or any TRACE word."""
    found: dict[str, None] = {}
    for line in lines:
        line = _GLUED.sub("", line)
        token = _TOKEN.match(line)
        phi = _PHI.match(line)
        if _CONFIG.match(line):
            continue
        if phi:
            found[phi[1]] = None
        elif token and _begins_trace_line(token[1], token[3]):
            found[token[1]] = None
    return found


def _begins_trace_line(word: str, name: str) -> bool:
    if word == "WARNING":
        return False
    return name in _KNOWN or word.startswith("TRACE")


def _entry(number: int, line: str, prefixes: dict[str, None]) -> Entry | None:
    line = _GLUED.sub("", line)
    config = _CONFIG.match(line)
    if config:
        indices = (float(config[1]), float(config[2]))
        return Entry(number, CONFIG_KEY, ("spixel", "fpixel"), indices, line)
    phi = _PHI.match(line)
    if phi:
        return Entry(number, "PHI", *_values(phi[2]), line)
    token = _TOKEN.match(line)
    if token and token[1] in prefixes:
        key = f"SOURCE2 {token[3]}" if token[2] else token[3]
        return Entry(number, key, *_values(token[4]), line)
    name, _, rest = line.partition(" ")
    if name in _BARE:
        return Entry(number, name, *_values(rest), line)
    return None


def _values(text: str) -> tuple[tuple[str, ...], tuple[Value, ...]]:
    """Split what follows a name into labels and values; brackets and commas only separate."""
    fields, values = [], []
    for word in re.split(r"[\s;,\[\]()]+", text):
        if not word:
            continue
        labelled = _LABELLED.match(word)
        label, value = (labelled[1], labelled[2]) if labelled else ("", word)
        fields.append(label)
        values.append(float(value) if _NUMBER.match(value) else value)
    return tuple(fields), tuple(values)
