"""Where the number of a trace token is made, found in the source text itself."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from nanobragg_numba.records import dataclass
from nanobragg_numba.trace.tokens import Token

_PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Owner:
    """Where a token's number is made: file and function, and the line it is handed over at."""

    place: str
    line: int

    def __str__(self) -> str:
        return f"{self.place}, line {self.line}"


@cache
def owner(token: Token) -> Owner:
    """Find the function and the line that own a token, by a search of the source text.

    Parameters
    ----------
    token : Token

    Returns
    -------
    Owner

    Raises
    ------
    LookupError
        If no source file mentions the token: the table and the code have parted.
    """
    for path, pattern in _where_to_look(token):
        source = path.read_text(encoding="utf-8")
        match = re.search(pattern, source)
        if match and path.name == "records.py":  # it was called where the number is made
            recorder = _enclosing(source, match.start())
            path = path.with_name("pixel_loop.py")
            source = path.read_text(encoding="utf-8")
            match = re.search(rf"^ +{recorder}\(", source, re.MULTILINE)
        if match:
            place = f"{path.relative_to(_PACKAGE)}:{_enclosing(source, match.start())}"
            return Owner(place, source.count("\n", 0, match.start()) + 1)
    raise LookupError(f"no source file makes the trace token {token.key}")


def _where_to_look(token: Token) -> list[tuple[Path, str]]:
    """Return source files, most likely owner first, and what to look for in each."""
    if token.slot:
        call = rf"\btap\d\(\s*\w+,\s*(?:\w+\.)?{token.slot}\b"
        kernels = sorted((_PACKAGE / "kernels").rglob("*.py"), key=lambda path: (path.parent.name != "loop", path))
        return [(path, call) for path in kernels]
    value = token.name.removesuffix("_m")
    places = [(_PACKAGE / "trace" / "emit.py", rf'\("{token.name}",|"{token.name}:')]
    stages = ("shared/placement.py", "nanobragg/resolve/convention.py")
    made = [(_PACKAGE / "programs" / name, rf"\b{value}\b[\w, ]*=(?!=)") for name in stages]
    return [*made, *places]


def _enclosing(source: str, position: int) -> str:
    """Return the name of the last function that begins before a position of a source text."""
    names = re.findall(r"^def (\w+)", source[:position], re.MULTILINE)
    return names[-1] if names else "module"
