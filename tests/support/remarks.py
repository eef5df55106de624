"""Inputs with remarks in them: blank lines, lines that begin with a #, and remarks behind the numbers."""

from pathlib import Path

REMARKED = "remarked/inputs"
_FILES = ("small.hkl", "repeated.hkl", "1orc_P1.hkl", "sources.txt", "sources_xyz.txt")


def with_remarks(text: str) -> str:
    """A list with the same numbers and remarks of every kind."""
    lines = ["# a list", ""]
    for number, line in enumerate(text.splitlines()):
        blank = not line.strip()
        lines.append(line if blank or number % 3 else f"{line} # number {number}: 1 2 3")
        if number % 7 == 5:
            lines += ["  # in between", "#1 1 1 99", ""]
    return "\n".join([*lines, "#", ""])


def add_remarked_inputs(folder: Path) -> Path:
    """Put copies with remarks beside the inputs of a folder."""
    (folder / REMARKED).mkdir(parents=True)
    for name in _FILES:
        text = (folder / "inputs" / name).read_text()
        (folder / REMARKED / name).write_text(with_remarks(text))
    return folder
