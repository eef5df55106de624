"""Command lines that hold one of nanoBragg's."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nanobragg_numba.errors import OptionError


def split_arguments(argv: Sequence[str]) -> tuple[list[str], list[str] | None]:
    """A tool's own arguments, and nanoBragg's, which come after `--`; None if there are none.

    Raises
    ------
    OptionError
        There is no `--`, and one of the arguments is an option of nanoBragg.
    """
    own = list(argv)
    if "--" not in own:
        _refuse_missing_dashes(own)
        return own, None
    place = own.index("--")
    return own[:place], own[place + 1 :]


def _refuse_missing_dashes(own: Sequence[str]) -> None:
    options = [word for word in own if re.fullmatch(r"-[A-Za-z_]\w+", word)]
    if not options:
        return
    from nanobragg_numba.programs.nanobragg.option_rows import TABLE

    for word in options:
        if TABLE.named(word):
            raise OptionError(f"{word} is an option of nanoBragg: put -- before nanoBragg's arguments")
