"""A folder of a sweep that somebody else has made: nothing outside it is written or removed, whatever it says."""

import json
import os
import sqlite3
from pathlib import Path

import pytest
from sweeps import write_base

from nanobragg_numba.errors import NanoBraggError
from nanobragg_numba.sweep.manifest import Manifest
from nanobragg_numba.sweep.plan import Plan
from nanobragg_numba.tools.sweep import main


@pytest.fixture
def out(tmp_path, capsys) -> Path:
    """A sweep of two shots that has been planned and not begun."""
    folder = tmp_path / "out"
    folder.mkdir()
    base = write_base(tmp_path)
    plan = Plan(("-cell", "40", "50", "60", "90", "90", "90"), ("N",), str(tmp_path), 2, "0", "0")
    Manifest.create(folder, plan, [["3"], ["4"]]).close()
    assert Path(base).exists()
    return folder


@pytest.fixture
def victim(tmp_path) -> Path:
    path = tmp_path / "victim"
    path.write_text("precious")
    return path


def change(out: Path, *statements: str, values: tuple = ()) -> None:
    with sqlite3.connect(out / "manifest.sqlite") as connection:
        for statement in statements:
            connection.execute(statement, values)
    connection.close()


def refused(*arguments: str, capsys, code: int = 1) -> str:
    assert main(arguments) == code
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and err.startswith("nb-sweep: ")
    return err


def runs(out: Path) -> list[tuple[str, ...]]:
    return [("status", str(out), "--verify"), ("--out", str(out), "--workers", "1")]


NAMES = ["VICTIM", "../victim", "stacks/../../victim", "stacks/../victim.nxs", "./victim", "", "stacks",
         "stacks/stack_000000.nxs\n", "stacks/stack_000000.nxs/../../../victim",
         "images/0000/shot_0000000.py"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_of_files_elsewhere(name, out, victim, capsys):
    """A manifest that names a file that no sweep makes: one line, nothing is removed."""
    change(out, "INSERT INTO files VALUES (?, 1, 'x')", values=(name.replace("VICTIM", str(victim)),))
    for arguments in runs(out):
        assert "no file of a sweep" in refused(*arguments, capsys=capsys)
        assert victim.read_text() == "precious"


@pytest.mark.parametrize("place", ["stacks", "images", "images/0000", "factors"])
def test_folders_that_lead_elsewhere(place, out, tmp_path, capsys):
    """A folder in it that is a link to another one: one line, nothing there is removed or written."""
    other = tmp_path / "other"
    (other / "deeper").mkdir(parents=True)
    for name in ("stack_000000.nxs", "shot_0000000.img", "thesis.txt", "deeper/shot_0000001.img"):
        (other / name).write_text("precious")
    (out / place).parent.mkdir(exist_ok=True)
    (out / place).symlink_to(other, target_is_directory=True)
    before = {path: path.read_bytes() for path in other.rglob("*") if path.is_file()}
    for arguments in (*runs(out), (str(tmp_path / "base.args"), "--count", "2", "--out", str(out), "--new")):
        assert "leads out of the folder" in refused(*arguments, capsys=capsys)
        assert {path: path.read_bytes() for path in other.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", [".lock", ".sweep", "shots.csv", "base.args", "manifest.sqlite"])
def test_files_that_lead_elsewhere(name, out, victim, tmp_path, capsys):
    """A file in it that is a link to another one: one line, and that one is as it was."""
    (out / name).unlink(missing_ok=True)
    (out / name).symlink_to(victim)
    refused(str(tmp_path / "base.args"), "--count", "2", "--seed", "1", "--orient", "random", "--out", str(out),
            "--new", capsys=capsys)  # fmt: skip
    assert victim.read_text() == "precious"


def test_arguments_that_write(out, victim, tmp_path, capsys):
    """Base arguments in a manifest that name a file to write: refused, as in a file of arguments."""
    plan = json.loads(sqlite3.connect(out / "manifest.sqlite").execute("SELECT value FROM meta").fetchone()[0])
    for option in ("-exptfile", "-floatfile", "-nexusfile", "-cbffile"):
        plan["base"] = ["-cell", "40", "50", "60", "90", "90", "90", option, str(victim)]
        change(out, "UPDATE meta SET value = ? WHERE key = 'plan'", values=(json.dumps(plan),))
        for arguments in runs(out):
            assert option in refused(*arguments, capsys=capsys, code=2)
    plan["base"], plan["columns"] = [], ["floatfile"]
    change(out, "UPDATE meta SET value = ? WHERE key = 'plan'", values=(json.dumps(plan),))
    assert "-floatfile" in refused(*runs(out)[1], capsys=capsys, code=2)
    assert victim.read_text() == "precious"


PLANS = ["[]", "{}", "1", "null", "nonsense", '{"base": [1]}']


@pytest.mark.parametrize("change_of", [{"chunk": 0}, {"chunk": "1"}, {"base": 3}, {"columns": [1]}, {"count": -1},
                                       {"formats": ["x"]}, {"more": 1}, {"noise": 1}, *PLANS])  # fmt: skip
def test_plans_that_make_no_sense(change_of, out, capsys):
    """A plan that no sweep makes: one line."""
    plan = json.loads(sqlite3.connect(out / "manifest.sqlite").execute("SELECT value FROM meta").fetchone()[0])
    text = change_of if isinstance(change_of, str) else json.dumps({**plan, **change_of})
    change(out, "UPDATE meta SET value = ? WHERE key = 'plan'", values=(text,))
    for arguments in runs(out):
        refused(*arguments, capsys=capsys)


@pytest.mark.parametrize("statement", [
    "CREATE TRIGGER t AFTER UPDATE ON shots BEGIN INSERT INTO files VALUES ('../victim', 1, 'x'); END",
    "CREATE VIEW v AS SELECT 1", "CREATE TABLE more (a)", "DROP INDEX shots_by_file",
])  # fmt: skip
def test_tables_that_are_programs(statement, out, capsys):
    """A database with triggers, views or other tables than a sweep's: one line."""
    change(out, statement)
    for arguments in runs(out):
        assert "no manifest" in refused(*arguments, capsys=capsys)


def test_a_journal_that_names_another_file(out, victim, capsys):
    """A journal of SQLite that belongs to a transaction over several files, which would remove one: one line."""
    (out / "manifest.sqlite-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7")
    for arguments in runs(out):
        assert "journal" in refused(*arguments, capsys=capsys)
    assert victim.read_text() == "precious"


def test_what_is_not_touched_is_said_by_the_reader_too(out, victim):
    """The same from Python: a NanoBraggError."""
    change(out, "INSERT INTO files VALUES (?, 1, 'x')", values=(os.fspath(victim),))
    with pytest.raises(NanoBraggError, match="no file of a sweep"):
        list(Manifest(out).files())
