"""The house: imports go down the table, kernels know neither files nor dataclasses, one place for decorators."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "nanobragg_numba"

BELOW = {
    "version": set(),
    "constants": set(),
    "errors": set(),
    "options": {"constants", "errors", "formats"},  # formats.numbers reads numbers as C does
    "experiment": {"constants", "errors"},
    "formats": {"constants", "errors"},
    "kernels": {"constants"},
    "images": {"experiment", "formats", "constants", "errors"},
    "reflections": {"formats", "constants", "errors"},
    "resolve": {"options", "experiment", "formats", "reflections", "kernels", "constants", "errors"},
    "trace": {"kernels", "errors", "formats", "constants"},
    "engine": {"experiment", "kernels", "constants", "errors"},
    "report": {"experiment", "engine", "resolve", "trace", "formats", "kernels", "constants"},
    "sweep": {
        "simulation", "writing", "images", "resolve", "engine", "options", "experiment", "formats", "kernels",
        "constants", "errors",
    },
}  # fmt: skip
TOP = {"simulation", "frames", "writing", "cli", "tools", "__init__", "__main__"}
NOT_IN_KERNELS = {"dataclasses", "io", "sys", "json", "logging"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


def imported(path: Path) -> set[str]:
    """Full names of the modules that a file imports, at any depth."""
    names = set()
    package = ("nanobragg_numba", *path.relative_to(PACKAGE).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            names.add(".".join([*base, *([node.module] if node.module else [])]))
    return names


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down(path):
    here = room(path)
    rooms = {name.split(".")[1] for name in imported(path) if name.startswith("nanobragg_numba.")}
    if here in TOP:
        return
    assert here in BELOW, f"{path} stands in a room that the table does not know"
    assert rooms - {here} <= BELOW[here] | {"version"}


@pytest.mark.parametrize("path", sorted((PACKAGE / "kernels").glob("*.py")), ids=lambda path: path.name)
def test_kernels_know_no_files_and_no_dataclasses(path):
    tree = ast.parse(path.read_text())
    if path.name != "jit.py":
        assert not imported(path) & NOT_IN_KERNELS
        decorators = {ast.unparse(d) for node in ast.walk(tree) for d in getattr(node, "decorator_list", [])}
        assert not any("njit" in d or "jit(" in d or "dataclass" in d for d in decorators)
    calls = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not calls & {"print", "open"}


def test_only_kernels_are_compiled():
    for path in modules():
        if room(path) not in ("kernels", "tools"):  # tools report Numba's version
            assert "numba" not in {name.split(".")[0] for name in imported(path)}, path


def test_the_table_knows_every_room():
    assert {room(path) for path in modules()} - TOP <= set(BELOW)
