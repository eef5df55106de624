"""What a C program that cannot trace still tells of a pixel: its -printout_pixel, and the same of ours.

The values are those of the last term of the pixel's sum (indices, structure and interference factor) and the factors
of the whole pixel.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nanobragg_numba.io.numbers import c_format
from nanobragg_numba.kernels.loop import taps as slot
from nanobragg_numba.tools.trace.bundle import CProgramError, run_c
from nanobragg_numba.tools.trace.taps import TracedPixel

_NUMBER = r"([-+.\w]+)"
_LINES = (
    re.compile(rf"stol = {_NUMBER} or "),
    re.compile(rf"^hkl= {_NUMBER} {_NUMBER} {_NUMBER} +hkl0= {_NUMBER} {_NUMBER} {_NUMBER}", re.MULTILINE),
    re.compile(rf"F_cell={_NUMBER} +F_latt={_NUMBER} +I = {_NUMBER}"),
    *(re.compile(rf"^{re.escape(name)} +{_NUMBER}", re.MULTILINE)
      for name in ("I/steps", "polar", "omega", "capfrac", "pixel")),
)  # fmt: skip
_NAMES = (
    *("stol", "h", "k", "l", "h0", "k0", "l0", "F_cell", "F_latt", "I"),
    *("I/steps", "polar", "omega", "capfrac", "pixel"),
)
"""What the groups of _LINES are, in order."""


def our_printout(pixel: TracedPixel) -> dict[str, str]:
    """What our loops left of a pixel, by name, in the C program's digits; what they did not reach is absent."""
    last, steps = pixel.last, pixel.scene.steps
    untouched = slot.untouched(last)
    hkl = range(slot.LAST_HKL, slot.LAST_HKL0 + 3)
    places = (slot.LAST_STOL, *hkl, slot.LAST_F_CELL, slot.LAST_F_LATT, slot.LAST_I, slot.LAST_I, slot.LAST_POLAR,
              slot.LAST_OMEGA, slot.LAST_CAPTURE)  # fmt: skip
    formats = ("%g", *["%f"] * 3, *["%d"] * 3, *["%g"] * 3, *["%.10g"] * 4)
    found = {}
    for name, place, template in zip(_NAMES, places, formats):
        value = float(last[place]) / (steps if name == "I/steps" else 1.0)
        if not untouched[place]:
            found[name] = c_format(template, int(value) if template == "%d" else value)
    found["pixel"] = c_format("%.10g", pixel.value(slot.FLOATIMAGE_ACCUMULATED))
    return found


def parse_printout(text: str) -> dict[str, str]:
    """Numbers of a printout, by name; empty where the text holds none."""
    values: list[str | None] = []
    for line in _LINES:
        match = line.search(text)
        values += match.groups() if match else [None] * line.groups
    return {name: value for name, value in zip(_NAMES, values) if value is not None}


def c_printout(program: Path, arguments: Sequence[str], slow: int, fast: int) -> tuple[list[str], str]:
    """Let a C program print a pixel.

    Parameters
    ----------
    program : Path
    arguments : sequence of str
        Of the run.
    slow, fast : int
        Of the pixel.

    Returns
    -------
    command : list of str
    text : str
        The lines of the printout.

    Raises
    ------
    CProgramError
        It fails, or prints nothing of the pixel.
    """
    command, out = run_c(program, arguments, ["-printout_pixel", str(fast), str(slow)])
    text = out.decode(errors="replace")
    start = re.search(rf"^ *{fast} +{slow} : stol = .*$", text, re.MULTILINE)
    end = re.compile(r"^Z:.*\n?", re.MULTILINE).search(text, start.start()) if start else None
    if start is None or not parse_printout(text[start.start() :]):
        raise CProgramError(f"{program} prints nothing for -printout_pixel either")
    return command, text[start.start() : end.end() if end else None]


def compare_printout(c: dict[str, str], ours: dict[str, str]) -> dict[str, Any]:
    """Compare what both sides print; zeros of both signs are the same.

    Returns
    -------
    dict
        agreed, differed: counts; first: name of the first value that differs, or None; values: name, C's, ours.
    """
    both = [name for name in _NAMES if name in c and name in ours]
    differing = [name for name in both if not _same(c[name], ours[name])]
    return {
        "agreed": len(both) - len(differing), "differed": len(differing),
        "first": differing[0] if differing else None,
        "values": {name: {"c": c[name], "py": ours[name]} for name in both},
    }  # fmt: skip


def _same(a: str, b: str) -> bool:
    return a == b or {a.lstrip("-"), b.lstrip("-")} <= {"0", "0.000000"}
