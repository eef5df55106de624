"""Plots of nb-bench: time against size, domains and threads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nanobragg_numba.engine.names import LOOP, ROW
from nanobragg_numba.errors import FormatError
from nanobragg_numba.tools.compare.plots import new_figure

_STYLES = {"c": ("C", "#555555", "s"), LOOP: ("engine loop", "#d98032", "^"), ROW: ("engine row", "#35608d", "o")}


def write_plots(folder: Path, results: dict[str, Any]) -> list[str]:
    """Write size.png, domains.png and threads.png, as far as the run has points for them.

    Parameters
    ----------
    folder : Path
    results : dict
        Of results.json.

    Returns
    -------
    list of str
        Names of the files.

    Raises
    ------
    FormatError
        A file cannot be written.
    """
    figures = {
        "size.png": _growth(results, "size", "Still at each size", "pixels along each side of the detector"),
        "domains.png": _growth(results, "domains", "96 x 96 pixels, loops", "mosaic domains"),
        "threads.png": _threads(results),
    }
    written = []
    for name, figure in figures.items():
        if figure is None:
            (folder / name).unlink(missing_ok=True)  # of an earlier run
            continue
        try:
            figure.savefig(folder / name, dpi=120)
        except OSError as error:
            raise FormatError(f"cannot write {folder / name}: {error.strerror}") from error
        written.append(name)
    return written


def _machine(results: dict[str, Any]) -> str:
    return f"{results['machine']['cpu']}, {results['machine']['cores']} cores"


def _place(row: dict[str, Any], family: str) -> float:
    """Where a workload stands along the axis: pixels a side, or domains."""
    return row["pixels"] ** 0.5 if family == "size" else row["evaluations"] / row["pixels"]


def _growth(results: dict[str, Any], family: str, title: str, label: str) -> Any:
    """Seconds against size or domains, each engine with as many threads as there are; whole commands dashed."""
    points = [row for row in results["workloads"] if row["family"] == family and row.get("kernel")]
    if len(points) < 2:
        return None
    figure, axes = new_figure(6.4, 4.6)
    for engine, (name, colour, marker) in _STYLES.items():
        loops = [(_place(row, family), _most(row["kernel"], engine)) for row in points]
        loops = [(x, each["best"]) for x, each in loops if each]
        if not loops:
            continue
        axes.plot(*zip(*loops), color=colour, marker=marker, label=f"{name}: loops alone")
        if family == "size":
            whole = [(_place(row, family), _most(row["command"], engine)) for row in points]
            seconds = [(x, each["best"]) for x, each in whole if each]
            axes.plot(*zip(*seconds), color=colour, marker=marker, ls="--", mfc="none", label=f"{name}: whole command")
    axes.set_xscale("log")
    axes.set_yscale("log")
    ticks = [_place(row, family) for row in points]
    axes.set_xticks(ticks, [f"{tick:.0f}" for tick in ticks])
    axes.minorticks_off()
    _finish(axes, f"{title}, {max(results['threads'])} threads\n{_machine(results)}", label, "seconds")
    return figure


def _most(measured: list[dict[str, Any]], engine: str) -> dict[str, Any] | None:
    found = [each for each in measured if each["engine"] == engine]
    return max(found, key=lambda each: each["threads"]) if found else None


def _threads(results: dict[str, Any]) -> Any:
    """Speed-up of the loops against threads."""
    points = [row for row in results["workloads"] if row["family"] == "threads" and row.get("kernel")]
    if not points or len(results["threads"]) < 2:
        return None
    figure, axes = new_figure(6.4, 4.6)
    row = points[0]
    for engine, (name, colour, marker) in _STYLES.items():
        found = sorted((each["threads"], each["best"]) for each in row["kernel"] if each["engine"] == engine)
        if len(found) > 1:
            axes.plot(*zip(*found), color=colour, marker=marker, label=name)
            ideal = [(threads, found[0][1] * found[0][0] / threads) for threads, _ in found]
            axes.plot(*zip(*ideal), color=colour, ls=":", lw=1)
    axes.plot([], [], color="black", ls=":", lw=1, label="in proportion")
    axes.set_yscale("log")
    axes.set_xticks(results["threads"])
    _finish(axes, f"{row['about']}\n{_machine(results)}", "threads", "seconds in the loops")
    return figure


def _finish(axes: Any, title: str, x: str, y: str) -> None:
    axes.set_title(title, fontsize=10)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(True, which="both", lw=0.4)
    axes.legend(fontsize=8)
