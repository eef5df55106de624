"""The house: imports go down the table, kernels know neither files nor dataclasses, one place for decorators."""

import ast
from pathlib import Path

import pytest
from paths import PACKAGE, ROOT

BASE = {"constants", "errors", "version", "cleanup", "records"}
BELOW = {
    "version": set(),
    "constants": set(),
    "errors": set(),
    "records": set(),
    "cleanup": set(),
    "io": set(),
    "command": {"io"},
    "options": {"io"},
    "experiment": set(),
    "geometry": {"experiment", "kernels"},
    "formats": {"io", "experiment", "geometry", "kernels"},
    "reflections": {"io", "formats"},
    "native": set(),
    "scattering": {"io"},
    "kernels": {"native"},
    "engine": {"experiment", "kernels", "native"},
    "trace": {"io", "experiment", "kernels"},
    "programs.shared": {"io", "options", "experiment", "formats", "kernels", "engine"},
    "programs.noisify": {
        "io", "command", "options", "experiment", "geometry", "formats", "kernels", "engine", "programs.shared",
    },
    "programs.nanobragg": {
        "io", "command", "options", "experiment", "geometry", "formats", "reflections", "kernels", "engine", "trace",
        "programs.shared",
    },
    "programs.nonbragg": {
        "io", "command", "options", "experiment", "formats", "kernels", "engine", "trace", "scattering",
        "programs.shared",
    },
    "sweep": {"io", "options", "experiment", "geometry", "formats", "kernels", "engine", "programs.nanobragg"},
    "tools": {
        "io", "command", "options", "experiment", "geometry", "formats", "reflections", "scattering", "kernels",
        "engine", "trace", "sweep", "programs.nanobragg", "programs.nonbragg", "programs.shared",
    },
    "__init__": {"programs.nanobragg", "programs.noisify", "programs.nonbragg", "experiment"},
    "__main__": {"programs.nanobragg"},
}  # fmt: skip
NOT_IN_KERNELS = {"dataclasses", "io", "sys", "json", "logging"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return room_of((*relative.parts[:-1], relative.stem))


def room_of(parts: tuple[str, ...]) -> str:
    """The room of a module, by the parts of its name: programs have one each."""
    return ".".join(parts[:2]) if parts[0] == "programs" else parts[0]


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
    rooms = {room_of(tuple(name.split(".")[1:])) for name in imported(path) if name.startswith("nanobragg_numba.")}
    if here == "programs.__init__":
        assert path.read_text() == ""
        return
    assert here in BELOW, f"{path} stands in a room that the table does not know"
    assert rooms - {here} <= BELOW[here] | BASE


@pytest.mark.parametrize("path", sorted((PACKAGE / "kernels").rglob("*.py")), ids=lambda path: path.name)
def test_kernels_know_no_files_and_no_dataclasses(path):
    tree = ast.parse(path.read_text())
    if path.name not in ("jit.py", "entries.py", "ready.py", "build.py"):  # these compile and load
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
    assert {room(path) for path in modules()} - {"programs.__init__"} == set(BELOW)


def test_the_page_on_architecture_names_every_room():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for name in set(BELOW) - {"__init__", "__main__"}:
        assert f"`{name.replace('.', '/')}" in page, name
