"""Docstrings say what arguments mean, and where formulas come from."""

import ast
import re

import pytest
from paths import PACKAGE, ROOT

MODULES = sorted(PACKAGE.rglob("*.py"))
PHYSICAL = {"float", "np.ndarray", "np.ndarray | None", "Vector"}


def arguments(node: ast.FunctionDef) -> list[ast.arg]:
    """All but self and cls."""
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    named = [each for each in every if each is not None]
    return named[1:] if named and named[0].arg in ("self", "cls") else named


def functions(tree: ast.Module):
    """Functions and methods with the names of the classes around them, but none inside a function."""
    waiting = [(node, ()) for node in tree.body]
    while waiting:
        node, owners = waiting.pop()
        if isinstance(node, ast.FunctionDef):
            yield node, owners
        elif isinstance(node, ast.ClassDef):
            waiting += [(each, (*owners, node)) for each in node.body]


def explains(node: ast.FunctionDef | ast.ClassDef) -> bool:
    return "Parameters\n----------\n" in (ast.get_docstring(node) or "")


TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}
EXPLAINED = {(owners[-1].name, node.name)
             for tree in TREES.values() for node, owners in functions(tree) if owners and explains(node)}  # fmt: skip
"""Methods that say what their arguments are, by class and name."""

EXPLAINED_CLASSES = {node.name for tree in TREES.values() for node in ast.walk(tree)
                     if isinstance(node, ast.ClassDef) and explains(node)}  # fmt: skip


def is_explained(node: ast.FunctionDef, owners: tuple[ast.ClassDef, ...]) -> bool:
    """Whether a function says it, or its class does, or a method that it overrides or refers to."""
    if explains(node) or not owners:
        return explains(node)
    bases = {ast.unparse(base).split(".")[-1] for base in owners[-1].bases}
    if node.name == "__init__" and EXPLAINED_CLASSES & {owners[-1].name, *bases}:
        return True
    named = {name.split(".")[-1] for name in re.findall(r"`([\w.]+)`", ast.get_docstring(node) or "")}
    return any((owner, node.name) in EXPLAINED for owner in bases | named)


def needs_explanation(node: ast.FunctionDef, owners: tuple[ast.ClassDef, ...]) -> bool:
    if len(arguments(node)) < 3 or node.name == "__exit__":  # which Python calls
        return False
    private = node.name.startswith("_") and node.name != "__init__" or any(each.name[0] == "_" for each in owners)
    kinds = {ast.unparse(each.annotation) for each in arguments(node) if each.annotation}
    return not private or (bool(kinds & PHYSICAL) and node.name != "__init__")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_three_arguments_are_explained(path):
    """Of public functions, and of helpers that take physical quantities."""
    missing = [node.name for node, owners in functions(TREES[path])
               if needs_explanation(node, owners) and not is_explained(node, owners)]  # fmt: skip
    assert missing == []


def rows() -> list[list[str]]:
    page = (ROOT / "docs" / "references.md").read_text(encoding="utf-8")
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines()[6:] if line[:1] == "|"]


@pytest.mark.parametrize("formula, source, where", rows(), ids=[row[0] for row in rows()])
def test_sources_are_cited_where_the_formula_stands(formula, source, where):
    """The first author of each work, or what stands before the year of a table."""
    text = " ".join((PACKAGE / where.strip("`")).read_text(encoding="utf-8").split())
    for work in source.split("; "):
        first = re.match(r"[\w .]+ Tables for Crystallography \w|[\w ]+", work)
        assert first and first[0] in text, work
