"""Command lines that hold one of nanoBragg's."""

from __future__ import annotations

from collections.abc import Sequence


def split_arguments(argv: Sequence[str]) -> tuple[list[str], list[str] | None]:
    """A tool's own arguments, and nanoBragg's, which come after `--`; None if there are none."""
    own = list(argv)
    if "--" not in own:
        return own, None
    place = own.index("--")
    return own[:place], own[place + 1 :]
