"""What nb-compare says: summary.json, summary.md, commands.txt, the table and the verdict."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nanobragg_numba.tools.compare.metrics import Agreement
from nanobragg_numba.tools.compare.run import Program, Run
from nanobragg_numba.tools.machine import git_commit, machine, versions

IDENTICAL, WITHIN_TOLERANCE, DISAGREES = "IDENTICAL", "DIFFERS, within tolerance", "DISAGREES"
"""How a comparison can end."""


def summary(
    arguments: Sequence[str], runs: dict[str, Run], found: Agreement, shapes: dict[str, tuple[int, ...]],
    files: dict[str, Any], settings: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """Collect everything that is known about a comparison.

    Parameters
    ----------
    arguments : sequence of str
        nanoBragg's, as the caller gave them.
    runs : dict of Run
        By label, c and py.
    found : Agreement
    shapes : dict
        Slow and fast pixels of each side's image.
    files : dict
        How the other files compare.
    settings : dict
        roi, resample, threshold, sum_tolerance, png_scale, repeat, exact.

    Returns
    -------
    dict
        Ready for JSON.
    """
    numbers = asdict(found)
    worst = {"slow": found.worst[0], "fast": found.worst[1], "c": numbers.pop("worst_c"), "py": numbers.pop("worst_py")}
    numbers["worst"] = worst if found.n_differing else None
    resampled = shapes["c"] != shapes["py"]
    unequal = [name for name, how in files.items() if how in ("different", "c only")]
    bytes_equal = found.identical and not resampled
    agrees = found.agrees(settings["threshold"], settings["sum_tolerance"])
    return {
        "args": list(arguments),
        "headline": IDENTICAL if bytes_equal and not unequal else WITHIN_TOLERANCE if agrees else DISAGREES,
        "agrees": agrees,
        "bytes_equal": bytes_equal,
        "unequal_files": unequal,
        **settings,
        "resample": _resampling(shapes) if resampled else None,
        "runtime_c_ms": runs["c"].best,
        "runtime_py_ms": runs["py"].best,
        **numbers,
        "shapes": {label: list(shape) for label, shape in shapes.items()},
        "other_files": files,
        "binaries": {label: _program(run.program) for label, run in runs.items()},
        "runtimes_ms": {label: run.milliseconds for label, run in runs.items()},
        "versions": versions(),
        "cpu": machine()["cpu"],
        "machine": machine(),
        "git_commit": git_commit(),
    }


def _resampling(shapes: dict[str, tuple[int, ...]]) -> str:
    (slow, fast), (c_slow, c_fast) = shapes["py"], shapes["c"]
    return f"py image of {fast} x {slow} pixels stretched to C's {c_fast} x {c_slow}, nearest neighbour"


def _program(program: Program) -> dict[str, Any]:
    return {"command": list(program.command), "sha256": program.sha256}


def rows(values: dict[str, Any]) -> list[tuple[str, str]]:
    """The small table: name and value of each number."""
    peaks, ms = values["peaks"], {label: values[f"runtime_{label}_ms"] for label in ("c", "py")}
    table = [
        ("pixels that differ", f"{values['n_differing']} of {values['n_pixels']}"),
        ("largest difference", f"{values['max_abs_diff']:.6g} photons, {values['max_ulp']} units in the last place"),
        ("correlation", f"{values['correlation']:.9g}"),
        ("RMSE", f"{values['rmse']:.6g} photons"),
        ("sum, C and ours", f"{values['c_sum']:.9g}  {values['py_sum']:.9g}  ratio {values['sum_ratio']:.9g}"),
        ("brightest peaks", f"{peaks['matched']} of {peaks['c']} matched within a pixel"),
        ("time, C and ours", f"{ms['c']:.0f} ms  {ms['py']:.0f} ms  (whole command, best of {values['repeat']})"),
    ]
    if values["n_not_finite"]:
        table.insert(1, ("infinite or no number", f"{values['n_not_finite']} pixels, not the same on both sides"))
    if values["resample"]:
        table.insert(0, ("resampled", values["resample"]))
    if values["other_files"]:
        table.append(("other files", ", ".join(f"{name} {how}" for name, how in values["other_files"].items())))
    if values["worst"]:
        worst = values["worst"]
        where = f"slow {worst['slow']}, fast {worst['fast']}: C {worst['c']:.9g}, ours {worst['py']:.9g}"
        table.append(("worst pixel", where))
    return table


def verdict(values: dict[str, Any]) -> str:
    """One line: IDENTICAL, DIFFERS, within tolerance, or DISAGREES, and what that rests on."""
    unequal = values["unequal_files"]
    others = f"; {', '.join(unequal)} {'differs' if len(unequal) == 1 else 'differ'}" if unequal else ""
    if values["bytes_equal"]:
        return f"{values['headline']}: the float images are equal, byte for byte{others}"
    same = f"{values['n_differing']} of {values['n_pixels']} pixels differ"
    if values["identical"]:
        same = "every pixel is equal after resampling, the bytes are not"
    measures = f"correlation {values['correlation']:.6g} (wanted {values['threshold']:g} or more), " \
        f"sum ratio {values['sum_ratio']:.6g} (wanted within {values['sum_tolerance']:g} of 1)"  # fmt: skip
    if values["n_not_finite"]:
        measures += f", {values['n_not_finite']} pixels infinite or no number"
    return f"{values['headline']}: {same}{others}; {measures}"


def text(values: dict[str, Any]) -> str:
    """The table and the verdict, for a terminal."""
    table = rows(values)
    width = max(len(name) for name, _ in table)
    return "\n".join([*(f"{name:<{width}}  {value}" for name, value in table), verdict(values)])


def markdown(values: dict[str, Any], trace_commands: Sequence[str]) -> str:
    """The summary as a page."""
    lines = ["# Comparison with the C program", "", f"**{verdict(values)}**", ""]
    lines += [f"Arguments: `{shlex.join(values['args'])}`", ""]
    if values["roi"]:
        bounds = "{} to {} along the fast axis, {} to {} along the slow one".format(*values["roi"])
        lines += [f"Region compared: {bounds}.", ""]
    lines += ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows(values)), ""]
    for label, program in values["binaries"].items():
        lines.append(f"- {label}: `{shlex.join(program['command'])}`, SHA-256 `{program['sha256']}`")
    lines.append(f"- {values['cpu']}, commit {values['git_commit'] or 'unknown'}")
    lines.append("- " + ", ".join(f"{name} {version}" for name, version in values["versions"].items()))
    if trace_commands:
        lines += ["", "The first divergence in the worst pixel:", "", "```", *trace_commands, "```"]
    return "\n".join(lines) + "\n"


def trace_commands(
    arguments: Sequence[str], pixel: tuple[int, int], c_program: str, outdir: Path
) -> list[tuple[str, list[str]]]:
    """The commands that find the first divergence in a pixel.

    Parameters
    ----------
    arguments : sequence of str
        nanoBragg's.
    pixel : (2,) int
        Slow and fast index on the detector.
    c_program : str
    outdir : Path

    Returns
    -------
    list of (str, list of str)
        Name of each tool and its arguments.
    """
    slow, fast = (str(index) for index in pixel)
    folder = outdir / "trace"
    logs = [str(folder / f"{side}_traces" / f"worst_pixel_{slow}_{fast}.log") for side in ("c", "py")]
    trace = ["--pixel", slow, fast, "--tag", "worst", "--out", str(folder), "--c-bin", c_program, "--", *arguments]
    return [
        ("nb-trace", trace),
        ("nb-trace-diff", [*logs, "-o", str(outdir / "first_divergence.md")]),
    ]
