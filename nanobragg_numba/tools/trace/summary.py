"""What nb-trace has to say: the summary, the solid angles, the list of taps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from nanobragg_numba.trace.owners import owner
from nanobragg_numba.trace.tokens import PIXEL_TOKENS, SETUP_TOKENS

_COLUMNS = (
    ("I_before_scaling", "I before scaling"),
    ("steps", "steps"),
    ("capture_fraction", "capture"),
    ("polar", "polarization"),
    ("omega_pixel", "solid angle, sr"),
    ("I_pixel_final", "photons (double)"),
    ("floatimage_accumulated", "float image"),
)

_DERIVED = (
    ("aggregate", "as the tokens", "once a pixel, after the loops", "the sum and its factors"),
    ("omega", "sr", "layer, subpixel", "each solid angle, their mean, the one used"),
    ("f_cell", "electrons", "once a pixel", "structure factor lookups, counted"),
    ("hkl", "1; electrons", "layer, subpixel", "indices and structure factor of the first step"),
    ("intensity", "electrons^2", "layer, subpixel", "terms, running sum, normalization"),
)


def list_taps() -> str:
    """Return a table of every token, and of the taps made from them."""
    rows = [("tap", "unit", "loop level", "owner", "meaning")]
    for token in (*SETUP_TOKENS, *PIXEL_TOKENS):
        rows.append((token.key, token.unit, token.level, str(owner(token)), token.meaning))
    lines = _columns(rows)
    made = [("--taps", "unit", "loop level", "owner", "meaning")]
    for name, unit, level, meaning in _DERIVED:
        made.append((name, unit, level, f"tools/trace_taps.py:{name}", meaning))
    return "\n".join([*lines, "", *_columns(made)])


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def summary_lines(bundle: dict[str, Any]) -> list[str]:
    """Write the summary for a terminal, one line a pixel."""
    lines = []
    for pixel in bundle["pixels"]:
        values = pixel["values"]
        lines.append(
            f"pixel {pixel['slow']} {pixel['fast']}: I_pixel_final {values['I_pixel_final']:.15g}, "
            f"floatimage_accumulated {values['floatimage_accumulated']:.15g}"
            + (f"; C: {_c_verdict(pixel)}" if _c_verdict(pixel) else "")
        )
        omega = pixel["taps"].get("omega")
        if omega:
            lines.append(f"  {omega_line(omega)}")
    return [*lines, *zero_lines(bundle), f"traces and summary in {bundle['out_dir']}"]


def verdict(comparison: dict[str, Any]) -> str:
    """Say in one line how a trace compares with the C program's."""
    if comparison["same"]:
        return f"all {comparison['agreed']} tokens agree"
    return (
        f"first divergence {comparison['first']} ({comparison['agreed']} tokens agree, "
        f"{comparison['differed']} differ, {comparison['one_sided']} on one side)"
    )


def printout_verdict(printout: dict[str, Any]) -> str:
    """Say in one line how a printout compares with the C program's."""
    if printout["first"] is None:
        return f"no trace; the {printout['agreed']} values that it prints agree"
    values = printout["values"][printout["first"]]
    return (
        f"no trace; of the values that it prints {printout['differed']} differ and {printout['agreed']} agree, first "
        f"{printout['first']}: C {values['c']}, ours {values['py']}"
    )


def _c_verdict(pixel: dict[str, Any]) -> str:
    """How a pixel compares with the C program's; empty where there is none."""
    if pixel["comparison"]:
        return verdict(pixel["comparison"])
    if pixel["printout"]:
        return printout_verdict(pixel["printout"])
    return "no trace" if pixel["c_missing"] else ""


def omega_line(omega: dict[str, Any]) -> str:
    """Say in one line what a single solid angle costs."""
    return (
        f"omega: first subpixel {omega['first']:.15g} sr, mean {omega['mean']:.15g} sr, "
        f"used {omega['used']:.15g} sr, relative difference {omega['relative_difference']:.6g}"
    )


def zero_lines(bundle: dict[str, Any]) -> list[str]:
    """Say whether anything was lit, and where to look instead if nothing was."""
    if not bundle["all_zero"]:
        return []
    brightest = bundle["brightest"]
    if brightest is None:
        return ["all traced intensities are zero, and so is every pixel of the region of interest"]
    place = f"{brightest['slow']} {brightest['fast']}"
    line = (
        f"all traced intensities are zero; the brightest pixel of the region of interest is "
        f"{place}, {brightest['value']:.6g} photons: try --pixel {place}"
    )
    return [line]


def summary_markdown(bundle: dict[str, Any]) -> str:
    """Write summary.md."""
    lines = ["# Traces", "", f"`nanoBragg {bundle['command']}`", "", "## Final values", ""]
    lines += _table(
        ("pixel (slow fast)", *(title for _, title in _COLUMNS)),
        (
            (
                f"{pixel['slow']} {pixel['fast']}",
                *(f"{pixel['values'][name]:.15g}" for name, _ in _COLUMNS),
            )
            for pixel in bundle["pixels"]
        ),
    )
    lines += ["", *(zero_lines(bundle) or ["Not all traced intensities are zero."])]
    compared = [pixel for pixel in bundle["pixels"] if _c_verdict(pixel)]
    if compared:
        lines += ["", "## Against the C program", ""]
        lines += [f"- {p['slow']} {p['fast']}: {_c_verdict(p)}" for p in compared]
        lines += [f"- {line}" for line in dict.fromkeys(p["c_missing"] for p in compared if p["c_missing"])]
    lines += _tap_sections(bundle["pixels"])
    lines += ["", "## Files", ""]
    lines += [f"- `{name}`" for pixel in bundle["pixels"] for name in pixel["files"]]
    lines += ["- `commands.txt`: what was run", "- `env/trace_env.json`: what it was run with"]
    return "\n".join(lines) + "\n"


def _tap_sections(pixels: list[dict[str, Any]]) -> list[str]:
    lines = []
    for pixel in pixels:
        taps = pixel["taps"]
        findings = []
        if "omega" in taps:
            findings.append(f"- {omega_line(taps['omega'])} (`omega_analysis.md`)")
        if "f_cell" in taps:
            cell = taps["f_cell"]
            findings.append(
                f"- f_cell: {cell['lookups']} lookups, {cell['out_of_range']} out of range, "
                f"{cell['default_used']} with the default, {cell['zeros']} zero, "
                f"interpolation {cell['interpolation']}; h, k, l from {cell['index_bounds']}, "
                f"list {cell['list_bounds']}"
            )
        if "intensity" in taps:
            sums = taps["intensity"]
            findings.append(
                f"- intensity: {sums['before_normalization']:.15g} before normalization, "
                f"{sums['steps']} steps, {sums['final']:.15g} photons"
            )
        if findings:
            lines += ["", f"## Taps of pixel {pixel['slow']} {pixel['fast']}", "", *findings]
    return lines


def omega_markdown(pixels: list[dict[str, Any]]) -> str:
    """Write omega_analysis.md.

    Parameters
    ----------
    pixels : list of dict
        Those with an `omega` tap.
    """
    lines = [
        "# Solid angles",
        "",
        "The C program takes the solid angle of a pixel's first subpixel for all of it, unless",
        "`-oversample_omega` is given. `relative difference` is (used - mean)/mean.",
        "",
    ]
    lines += _table(
        ("pixel (slow fast)", "first subpixel, sr", "mean, sr", "used, sr", "relative difference"),
        (
            (
                f"{pixel['slow']} {pixel['fast']}",
                *(f"{pixel['taps']['omega'][name]:.15g}" for name in ("first", "mean", "used")),
                f"{pixel['taps']['omega']['relative_difference']:.6g}",
            )
            for pixel in pixels
        ),
    )
    for pixel in pixels:
        lines += ["", f"## Pixel {pixel['slow']} {pixel['fast']}", ""]
        lines += _table(
            ("layer", "subS", "subF", "solid angle, sr", "in force, sr", "from the mean, relative"),
            (
                (
                    *(str(row[name]) for name in ("layer", "subS", "subF")),
                    *(f"{row[name]:.15g}" for name in ("omega", "in_force")),
                    f"{row['from_mean']:.6g}",
                )
                for row in pixel["taps"]["omega"]["subpixels"]
            ),
        )
    return "\n".join(lines) + "\n"


def _table(titles: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    head = [f"| {' | '.join(titles)} |", "|" + "---|" * len(titles)]
    return head + [f"| {' | '.join(row)} |" for row in rows]
