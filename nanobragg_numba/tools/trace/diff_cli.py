"""nb-trace-diff: the first token at which two traces of one pixel differ."""

from __future__ import annotations

import json
import math
import re
import sys
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

from nanobragg_numba.io.atomic import atomic_output
from nanobragg_numba.tools.commands import main_of
from nanobragg_numba.tools.output import show
from nanobragg_numba.tools.trace.arguments import trace_diff_parser
from nanobragg_numba.trace.diff import Comparison, Divergence, NumberDifference, Tolerance, compare
from nanobragg_numba.trace.parse import Entry, Log, read_log


def run_tool(argv: list[str]) -> int:
    """Run nb-trace-diff; returns the exit code: 0 same, 1 different (what cannot be compared raises)."""
    options = trace_diff_parser().parse_args(argv)
    a, b = read_log(options.a), read_log(options.b)
    result = compare(a, b, Tolerance(options.rtol, options.atol), options.partial)
    if options.output:
        with atomic_output(options.output) as file:
            file.write(markdown(result, a, b).encode())
    show(json.dumps(as_json(result, a, b), indent=2) if options.json else plain(result, a, b))
    return 0 if result.same else 1


main = main_of("nb-trace-diff")


def plain(result: Comparison, a: Log, b: Log) -> str:
    """Write the result for a terminal: numbers first, the verdict last.

    Parameters
    ----------
    result : Comparison
    a, b : Log
        What was compared.
    """
    lines = [f"A: {_summary(a)}", f"B: {_summary(b)}"]
    if result.first:
        lines += ["", *_divergence_lines(result.first), ""]
    lines += [_counts(result), "DIFFERENT" if result.first else "SAME"]
    return "\n".join(lines)


def markdown(result: Comparison, a: Log, b: Log) -> str:
    """Write the result as a report, with the command line of either log if it is known.

    Parameters
    ----------
    result : Comparison
    a, b : Log
        What was compared.
    """
    lines = ["# First divergence", ""]
    for label, log in (("A", a), ("B", b)):
        command = known_command(Path(log.name))
        lines.append(f"- {label}: `{_summary(log)}`")
        if command:
            lines.append(f"  - made by `{command}`")
    lines += ["", "```", *(_divergence_lines(result.first) if result.first else ["none"]), "```"]
    lines += ["", f"{_counts(result)}."]
    if result.differing_keys:
        rows = (f"| {key} | {count} |" for key, count in result.differing_keys.items())
        lines += ["", "| token that differs | times |", "|---|---|", *rows]
    return "\n".join(lines) + "\n"


def as_json(result: Comparison, a: Log, b: Log) -> dict[str, Any]:
    """Return the result as plain values for JSON; numbers that JSON has no word for are text.

    Parameters
    ----------
    result : Comparison
    a, b : Log
        What was compared.
    """
    first = None
    if result.first:
        first = {
            "token": result.first.key,
            "level": result.first.level,
            "owner": result.first.owner,
            "occurrence": {"a": result.first.occurrence_a, "b": result.first.occurrence_b},
            "a": _entry_json(result.first.a),
            "b": _entry_json(result.first.b),
            "differences": [_plain_numbers(asdict(d)) for d in result.first.differences],
        }
    return {
        "same": result.same,
        "a": {"log": a.name, "command": known_command(Path(a.name)), "tokens": len(a.entries)},
        "b": {"log": b.name, "command": known_command(Path(b.name)), "tokens": len(b.entries)},
        "agreed": result.agreed,
        "differed": result.differed,
        "only_a": result.only_a,
        "only_b": result.only_b,
        "differing_tokens": result.differing_keys,
        "first_divergence": first,
    }


def _entry_json(entry: Entry | None) -> dict[str, Any] | None:
    return {"line": entry.line, "text": entry.text} if entry else None


def _plain_numbers(values: dict[str, Any]) -> dict[str, Any]:
    return {
        key: str(value) if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in values.items()
    }


def _summary(log: Log) -> str:
    pixels = ", ".join(f"pixel {slow} {fast}" for slow, fast in log.pixels)
    about = [f"{len(log.entries)} tokens", *log.prefixes[:3], *([pixels] if pixels else [])]
    return f"{log.name} ({', '.join(about)})"


def _counts(result: Comparison) -> str:
    return (
        f"tokens: {result.agreed} agreed, {result.differed} differed, "
        f"{result.only_a} only in A, {result.only_b} only in B"
    )


def _divergence_lines(first: Divergence) -> list[str]:
    return [
        f"first divergence: {first.key}",
        _side("A", first.a, first.occurrence_a),
        _side("B", first.b, first.occurrence_b),
        *(_value_line(difference) for difference in first.differences),
        f"  loop level: {first.level}",
        f"  owner: {first.owner}",
    ]


def _side(label: str, entry: Entry | None, occurrence: int) -> str:
    if entry is None:
        return f"  {label}: no such token here"
    return f"  {label} line {entry.line} (number {occurrence} of its name): {entry.text}"


def _value_line(found: NumberDifference) -> str:
    head = f"  value {found.index + 1}{f' {found.label}' if found.label else ''}: "
    head += f"A {_shown(found.a)}, B {_shown(found.b)}"
    if found.difference is None:
        return head
    steps = "no count of units" if found.ulps is None else f"{found.ulps} units"
    return (
        f"{head}, A-B {found.difference:.3g}, relative {found.relative:.3g}, "
        f"{steps} in the last place"
    )


def _shown(value: float | str | None) -> str:
    if value is None:
        return "missing"
    return f"{value:.15g}" if isinstance(value, float) else value


def known_command(log: Path) -> str:
    """Look up the command that made a log; empty if it is not known.

    Parameters
    ----------
    log : Path
        In a bundle of nb-trace its commands.txt is read; beside reference logs, `args`.

    Returns
    -------
    str
    """
    for folder in (log.parent.parent, log.parent):
        lines = _lines(folder / "commands.txt")
        names = {f"# {log.parent.name}/{log.name}", f"# {log.name}"}
        for title, command in pairwise(lines):
            if title in names:
                return command
    arguments = _lines(log.parent / "args")
    pixel = re.fullmatch(r"pixel_(\d+)_(\d+)\.log", log.name)
    if len(arguments) == 1 and pixel:
        return f"nanoBragg {arguments[0]} -trace_pixel {pixel[1]} {pixel[2]}"
    return ""


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []


if __name__ == "__main__":
    sys.exit(main())
