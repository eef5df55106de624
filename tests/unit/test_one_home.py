"""No fact has two homes: each of these is written down in one file, which the others read."""

import ast
import re

import pytest
from paths import PACKAGE

from nanobragg_numba.constants import LARGEST_COUNT
from nanobragg_numba.engine.names import ENGINES
from nanobragg_numba.formats.suffixes import NEXUS

TREES = {str(path.relative_to(PACKAGE)): ast.parse(path.read_text(encoding="utf-8"))
         for path in sorted(PACKAGE.rglob("*.py"))}  # fmt: skip


def constants(tree: ast.Module) -> list:
    """All of them but docstrings, which are no facts."""
    texts = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in texts]


CONSTANTS = {name: constants(tree) for name, tree in TREES.items()}


def homes(is_fact) -> set[str]:
    """Files with a constant of this kind outside docstrings."""
    return {name for name, values in CONSTANTS.items() if any(is_fact(value) for value in values)}


def test_names_of_engines():
    """In comparisons, defaults and keyword arguments; the word row is also a unit of progress."""
    found = set()
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            values = []
            if isinstance(node, ast.Compare):
                values = [node.left, *node.comparators]
            elif isinstance(node, ast.arguments):
                values = [*node.defaults, *node.kw_defaults]
            elif isinstance(node, ast.keyword):
                values = [node.value]
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                values = [node.value]
            if any(isinstance(value, ast.Constant) and value.value in ENGINES for value in values):
                found.add(name)
    assert found == {"engine/names.py", "trace/owners.py"}  # there it is a folder


@pytest.mark.parametrize("suffix", NEXUS)
def test_what_names_of_nexus_files_end_in(suffix):
    assert homes(lambda value: value == suffix) == {"formats/suffixes.py"}


def test_the_largest_count():
    assert homes(lambda value: type(value) in (int, float) and value == LARGEST_COUNT) <= {
        "constants.py",
        "kernels/noise/readout.py",  # where it is the mask of sixteen bits
        "kernels/noise/chain.py",  # where a table of factorials ends
    }  # fmt: skip


def test_nothing_to_render():
    """A line for each program that can have nothing to do."""
    assert homes(lambda value: isinstance(value, str) and value.startswith("nothing to render:")) == {
        "programs/nanobragg/run.py", "programs/nonbragg/run.py",
    }  # fmt: skip


def test_how_c_prints_what_is_no_number():
    assert homes(lambda value: isinstance(value, str) and "-nan" in value.lower()) == set()
    named = homes(lambda value: value == "nan")
    assert {name for name in named if not name.startswith("tools/")} == {"io/numbers.py"}  # tools compute with it
    text = (PACKAGE / "io" / "numbers.py").read_text(encoding="utf-8")
    assert text.count('replace("inf", "nan")') == 1


def test_the_rotation_formula():
    """Rodrigues' formula multiplies by 1 - cos; C's random rotations write out the matrix in an order of their own."""
    term = re.compile(r"\(1\.0 - (cos(?!2theta)\w*\)|(math|np)\.cos\()")
    found = {str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py") if term.search(path.read_text("utf-8"))}
    assert found == {"kernels/vectors.py"}


def test_the_first_lines_of_defects():
    """Two programs that share a defect may say it in other words; none says it twice."""
    from nanobragg_numba.programs.nanobragg.defects.table import TABLE as nanobragg
    from nanobragg_numba.programs.noisify.defects import TABLE as noisify
    from nanobragg_numba.programs.nonbragg.defects import TABLE as nonbragg

    for table in (nanobragg, nonbragg, noisify):
        assert len({defect.name for defect in table.defects}) == len(table.defects)
        assert len({defect.does for defect in table.defects}) == len(table.defects)
