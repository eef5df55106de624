"""Which defects of the C program the options trigger: those whose fix would change what was said."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from nanobragg_numba.programs.nanobragg.parse import parse
from nanobragg_numba.programs.nanobragg.said import Said


def _decisive(said: Said) -> tuple[Any, ...]:
    """Orientation and detector arm, as far as they decide an image."""
    angles = (said.misset_x, said.misset_y, said.misset_z) if said.misset == "explicit" else (0.0, 0.0, 0.0)
    pivot = said.pivot if said.convention == "custom" else ""
    return said.misset == "random", angles, said.twotheta, pivot


def option_defects(argv: Sequence[str], before: Said, said: Said) -> list[str]:
    """Names of the defects in the reading of an argument list that this one triggers.

    Parameters
    ----------
    argv : sequence of str
    before : Said
        What the image headers have said.
    said : Said
        The same with `argv` read into it.
    """
    others = {}
    if before.header_twotheta != 0.0:
        others["header-twotheta"] = replace(before, twotheta=before.header_twotheta)
    for name, option in (("misset-seed", "-misset_seed"), ("twotheta-axis", "-twotheta_axis")):
        if any(option in argument for argument in argv):
            others[name] = replace(before, fixes=before.fixes | {name})
    named = []
    for name, other in others.items():
        parse(argv, other)
        if name not in said.fixes and _decisive(other) != _decisive(said):
            named.append(name)
    if said.convention == "custom" and not math.isnan(said.pix0_x) and "pix0" not in said.fixes:
        named.append("pix0")
    return named
