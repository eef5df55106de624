"""Small rooms: files of at most 300 lines, functions whose bodies have at most 40, with few named exceptions."""

import ast

import pytest
from paths import PACKAGE

FILE_LINES, BODY_LINES = 300, 40
EXCEPTIONS = {
    "kernels/loop/pixel_loop.py": "the loop nest, to be read beside C from top to bottom",
    "kernels/noise/chain.py": "all that is drawn for a pixel, with the state of the chain in registers",
    "kernels/amorphous/pixel_loop.py": "the same of amorphous matter",
    "engine/flatten.py": "one line for each of the kernels' fields",
    "tools/trace/arguments.py": "the table of nb-trace's options",
}


def bodies(tree: ast.Module):
    """Name and length in lines of every function's body, docstring apart."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            has_text = ast.get_docstring(node) is not None and len(node.body) > 1
            yield node.name, node.end_lineno - node.body[has_text].lineno + 1


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_files_and_functions_are_small(path):
    if str(path.relative_to(PACKAGE)) in EXCEPTIONS:
        return
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= FILE_LINES
    assert {name: lines for name, lines in bodies(ast.parse(text)) if lines > BODY_LINES} == {}


def test_exceptions_are_few_and_needed():
    assert len(EXCEPTIONS) <= 6
    for name in EXCEPTIONS:
        text = (PACKAGE / name).read_text(encoding="utf-8")
        long = any(lines > BODY_LINES for _, lines in bodies(ast.parse(text)))
        assert len(text.splitlines()) > FILE_LINES or long, f"{name} needs no exception any more"
