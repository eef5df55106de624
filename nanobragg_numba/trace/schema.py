"""Write traces/SCHEMA.md from the token table: `python -m nanobragg_numba.trace.schema [FILE]`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from nanobragg_numba.trace.owners import owner
from nanobragg_numba.trace.tokens import PIXEL_TOKENS, SETUP_TOKENS, Token

_HEAD = """\
# Trace schema

Made by `python -m nanobragg_numba.trace.schema` from `nanobragg_numba/trace/tokens.py`; change
that and run it again.

`nanoBragg ... -trace_pixel SLOW FAST` prints these lines on standard output. `PREFIX` is TRACE_PY,
TRACE_C in the C program, or what `-trace_prefix` says. Numbers are written with the C conversion
named here, one space apart; `-0` and `0` are the same value.

## Setup tokens

Printed as the detector is placed, in the order of the reference logs: `tilted_beam_pivot` for the
beam pivot, where the seven rotated vectors come twice, and `tilted_sample_pivot` for the other.
"""

_PIXEL_HEAD = """\
## Pixel tokens

In this order. A token that stands in loops is repeated with them.
"""


def text() -> str:
    """Return the whole schema.

    Returns
    -------
    str
        Markdown.
    """
    return "\n".join([_HEAD, *_table(SETUP_TOKENS), "", _PIXEL_HEAD, *_table(PIXEL_TOKENS), ""])


def _table(tokens: Iterable[Token]) -> list[str]:
    head = ["| token | line | when | format | unit | meaning | made by |", "|" + "---|" * 7]
    return head + [_row(token) for token in tokens]


def _row(token: Token) -> str:
    conversions = sorted(set(token.formats), key=token.formats.index)
    counts = (f"{token.formats.count(conversion)} {conversion}" for conversion in conversions)
    cells = (
        token.name,
        f"`{token.form}`",
        token.level,
        ", ".join(counts).replace("1 ", "") if len(token.formats) == 1 else ", ".join(counts),
        token.unit,
        token.meaning,
        f"`{owner(token).place}`",
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Write the schema to the file named on the command line, or to traces/SCHEMA.md."""
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "traces/SCHEMA.md")
    target.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
