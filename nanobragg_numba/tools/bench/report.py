"""The tables of nb-bench as Markdown, from stored results alone. Standard library only."""

from __future__ import annotations

from typing import Any

from nanobragg_numba.engine.names import LOOP, ROW
from nanobragg_numba.errors import FormatError

BEGIN, END = "<!-- benchmarks:begin -->", "<!-- benchmarks:end -->"


def with_table(page: str, table: str, name: str) -> str:
    """Put a table between the markers of a page.

    Parameters
    ----------
    page, table : str
    name : str
        Of the page, for the error.

    Raises
    ------
    FormatError
        The markers are not there, once each and in order.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in after:
        raise FormatError(f"{name}: the markers {BEGIN} and {END} must stand in it once each, in this order")
    return f"{before}{BEGIN}\n{table}{END}{after}"


def markdown(results: dict[str, Any]) -> str:
    """Write the tables of a run.

    Parameters
    ----------
    results : dict
        Of results.json.

    Returns
    -------
    str
        Ends with a newline.
    """
    blocks = [_about(results), _kernel_table(results), _command_table(results), _notes(results)]
    if results["profile"]:
        blocks.append(_phase_table(results))
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _about(results: dict[str, Any]) -> list[str]:
    m, v, c = results["machine"], results["versions"], results["c_program"]
    lines = [
        f"{m['cpu']}, {m['cores']} core{'s' * (m['cores'] != 1)}, {m['system']}; Python {v['python']}, "
        f"Numba {v.get('numba', '-')}, {v['c_library']}; {results['date']}, best of {results['iterations']}."
    ]
    if c:
        built = f", {c['compiler']}" if c["compiler"] else ""
        threads = "with OpenMP" if c["threaded"] else "without threads"
        lines[0] += f" C is `{c['name']}` ({threads}{built})."
    if not results["complete"]:
        lines.append("\n**This run was interrupted: it is not complete.**")
    return lines


def _table(header: list[str], rows: list[list[str]]) -> list[str]:
    if not rows:
        return []
    line = ["---"] + ["---:"] * (len(header) - 1)
    return [f"| {' | '.join(cells)} |" for cells in (header, line, *rows)]


def _kernel_table(results: dict[str, Any]) -> list[str]:
    measured = [row for row in results["workloads"] if row.get("kernel")]
    sides = [(each["engine"], each["threads"]) for each in measured[0]["kernel"]] if measured else []
    sides.sort(key=lambda side: (("c", LOOP, ROW).index(side[0]), side[1]))
    header = ["ns per evaluation", "evaluations", *(_side_name(*side) for side in sides)]
    best = [engine for engine in (ROW, LOOP) if engine in results["engines"]]
    with_c = "c" in results["engines"] and best
    if with_c:
        most = max(results["threads"])
        header += [f"{best[0]} {most} over C 1", f"{best[0]} {most} over C {most}"]
    if best:
        header += [f"{best[0]} efficiency", f"{best[0]} Mpixel/s"]
    header.append("spread")
    if with_c:
        header.append("equal to C")
    rows = []
    for row in measured:
        times = {(each["engine"], each["threads"]): each["best"] for each in row["kernel"]}
        per = {(each["engine"], each["threads"]): each["ns_per_evaluation"] for each in row["kernel"]}
        cells = [row["about"], _count(row["evaluations"]), *(_short(per[side]) for side in sides)]
        if with_c:
            cells += _gains(times, best[0], most)
        if best:
            cells += [_efficiency(times, best[0]), _short(_fastest(row, best[0])["pixels_per_second"] / 1e6)]
        cells.append(f"{100 * max(each['spread'] / each['best'] for each in row['kernel']):.0f} %")
        if with_c:
            cells.append(_equal(row["parity"]))
        rows.append(cells)
    return _table(header, rows)


def _side_name(engine: str, threads: int) -> str:
    return f"{'C' if engine == 'c' else engine} {threads}"


def _fastest(row: dict[str, Any], engine: str) -> dict[str, Any]:
    """The measurement of an engine with the most threads."""
    return max((each for each in row["kernel"] if each["engine"] == engine), key=lambda each: each["threads"])


def _gains(times: dict[tuple[str, int], float], engine: str, most: int) -> list[str]:
    """How many times faster an engine is than C with 1 thread and with as many as it has.

    Parameters
    ----------
    times : dict of (engine, threads) to float
        s.
    engine : str
    most : int
        Threads.
    """
    ours = times[engine, most]
    alone = times.get(("c", 1))
    same = times.get(("c", most), alone)
    return [f"{_short(c / ours)} x" if c else "-" for c in (alone, same)]


def _efficiency(times: dict[tuple[str, int], float], engine: str) -> str:
    """Speed-up per thread, from the fewest threads to the most."""
    counts = sorted(threads for name, threads in times if name == engine)
    few, many = counts[0], counts[-1]
    if few == many:
        return "-"
    return f"{100 * times[engine, few] * few / (times[engine, many] * many):.0f} %"


def _equal(parity: dict[str, Any]) -> str:
    if all(found["bytes_equal"] for found in parity.values()):
        return "bytes"
    return f"correlation {min(float(found['correlation']) for found in parity.values()):.6f}"


def _command_table(results: dict[str, Any]) -> list[str]:
    """Whole commands that were repeated, from shell to shell."""
    measured = [row for row in results["workloads"] if _repeated(row, results)]
    if not measured:
        return []
    order = [engine for engine in ("c", LOOP, ROW) if engine in results["engines"]]
    most = max(results["threads"])
    header = [f"whole command, {most} thread{'s' * (most != 1)}"]
    header += [f"{'C' if engine == 'c' else engine}" for engine in order]
    header += [f"{'C' if engine == 'c' else engine} peak" for engine in order]
    rows = []
    for row in measured:
        found = {each["engine"]: each for each in row["command"]}
        cells = [row["about"], *(_seconds(found[engine]) for engine in order)]
        rows.append([*cells, *(f"{found[engine]['peak_mib']:.0f} MiB" for engine in order)])
    return _table(header, rows)


def _repeated(row: dict[str, Any], results: dict[str, Any]) -> bool:
    return all(len(each["seconds"]) == results["iterations"] for each in row["command"]) and bool(row["command"])


def _seconds(found: dict[str, Any]) -> str:
    return f"{found['best']:.3f} s +{100 * found['spread'] / found['best']:.0f} %"


def _notes(results: dict[str, Any]) -> list[str]:
    lines = [
        "The number behind an engine is that of its threads. An evaluation is one pixel x subpixel x source x phi step "
        "x domain. Spread, and what stands behind a +, is how much longer the slowest repetition took. Efficiency is "
        "the speed-up per thread. The loops of C are the whole command less the same command with one pixel; ours are "
        "timed around the kernels, already compiled. Peak memory of C is never read below 9 MiB."
    ]
    cold = results["cold_seconds"]
    if cold:
        times = ", ".join(f"{seconds:.1f} s with `-engine {engine}`" for engine, seconds in cold.items())
        lines.append(f"- The first run after installation compiles: {times}, start and image included, once.")
    tracing = results["tracing"]
    if tracing:
        lines.append(
            "- Taps cost nothing where no pixel is traced: `-engine loop` takes "
            f"{_short(tracing['untapped'])} ns per evaluation without and {_short(tracing['with_one_traced'])} ns with "
            f"one traced pixel (spread {_short(tracing['spread'])}); a pixel that records takes "
            f"{_short(tracing['tapped'])} ns."
        )
    slower = _where_c_is_faster(results)
    if slower:
        lines.append(f"- C is faster where little is computed: {'; '.join(slower)}.")
    elif "c" in results["engines"] and results["engines"] != ["c"]:
        lines.append("- In no workload of this run was C faster.")
    return ["\n".join([lines[0], "", *lines[1:]]).rstrip()]


def _where_c_is_faster(results: dict[str, Any]) -> list[str]:
    found = []
    for row in results["workloads"]:
        if _repeated(row, results):
            times = {each["engine"]: each["best"] for each in row["command"]}
            found += _slower(row["about"] + ", whole command", times, "s", 1.0)
        if row.get("kernel"):
            most = max(each["threads"] for each in row["kernel"])
            times = {each["engine"]: each["best"] for each in row["kernel"] if each["threads"] in (1, most)}
            found += _slower(row["about"] + ", loops alone", times, "ms", 1e3)
    return found


def _slower(what: str, times: dict[str, float], unit: str, scale: float) -> list[str]:
    """A line on where C is faster; none where it is not.

    Parameters
    ----------
    what : str
    times : dict of str to float
        Seconds of C and of the engines.
    unit : str
    scale : float
        Units in a second.
    """
    ours = min((seconds for engine, seconds in times.items() if engine != "c"), default=0.0)
    if times.get("c", ours) >= ours:
        return []
    return [f"{what} ({_short(times['c'] * scale)} {unit} against {_short(ours * scale)} {unit})"]


def _phase_table(results: dict[str, Any]) -> list[str]:
    """Where the time of our whole commands goes, best run of each."""
    rows: list[list[str]] = []
    names: list[str] = []
    for row in results["workloads"]:
        for each in row["command"]:
            if each["phases"] and _repeated(row, results):
                names = names or list(each["phases"])
                outside = each["best"] - sum(each["phases"].values())
                phases = [f"{each['phases'].get(name, 0.0):.3f}" for name in names]
                rows.append([f"{row['about']}, {each['engine']}", f"{outside:.3f}", *phases, f"{each['best']:.3f}"])
    return _table(["seconds", "interpreter", *names, "whole"], rows)


def _count(number: int) -> str:
    return f"{number / 1e6:.1f} M" if number >= 1e6 else f"{number / 1e3:.0f} k"


def _short(value: float) -> str:
    """A number with about three digits."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
