"""What has been rendered: an SQLite file that knows every shot, and is right whenever the process is killed."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from nanobragg_numba.errors import NanoBraggError
from nanobragg_numba.formats.suffixes import NEXUS
from nanobragg_numba.sweep.columns import check_base, column
from nanobragg_numba.sweep.places import check_links, check_name
from nanobragg_numba.sweep.plan import Plan, digest_of_file
from nanobragg_numba.sweep.results import Finished

NAME = "manifest.sqlite"
PENDING, DONE, FAILED = "pending", "done", "failed"

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE shots (
    shot INTEGER PRIMARY KEY, row TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'pending', attempts INTEGER NOT NULL
    DEFAULT 0, seconds REAL, digest TEXT, message TEXT, file TEXT, frame INTEGER);
CREATE TABLE files (name TEXT PRIMARY KEY, bytes INTEGER NOT NULL, digest TEXT NOT NULL);
CREATE INDEX shots_by_state ON shots (state) WHERE state != 'done';
CREATE INDEX shots_by_file ON shots (file);
"""

_NAMES_A_FILE = bytes.fromhex("d9d505f920a163d7")
"""The end of a journal that belongs to a transaction over several files (SQLite file format, section 3)."""


@dataclass(frozen=True)
class Counts:
    """How many shots there are in each state, and what the done ones took."""

    pending: int
    done: int
    failed: int
    seconds: float


class Manifest:
    """The manifest of a folder.

    Parameters
    ----------
    folder : Path

    Attributes
    ----------
    plan : Plan
    sweep : str
        Another one for each sweep that the folder has seen.

    Raises
    ------
    NanoBraggError
        There is none that can be read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not (folder / NAME).exists():
            raise NanoBraggError(f"{folder} holds no sweep: there is no {NAME} in it")
        check_links(folder)
        with _named(folder):
            _check_journal(folder)
            self._connection = sqlite3.connect(folder / NAME, timeout=30.0)
            self._connection.execute("PRAGMA trusted_schema = OFF")
            _check_schema(self._connection)
            self.plan = Plan.from_json(self._meta("plan"))
            self.sweep = self._meta("sweep")
        check_base(self.plan.base)
        for name in self.plan.columns:
            column(name)

    @classmethod
    def create(cls, folder: Path, plan: Plan, rows: Iterable[Sequence[str]]) -> Manifest:
        """Enter all shots at once: a manifest is there with all of them, or not at all.

        Parameters
        ----------
        folder : Path
            Of the sweep.
        plan : Plan
        rows : iterable of sequences of str
            Cells of the table, a row for each shot.
        """
        growing = folder / f".nanobragg-{NAME}.part"
        growing.unlink(missing_ok=True)
        try:
            with _named(folder), closing(sqlite3.connect(growing)) as connection:
                connection.executescript(_SCHEMA)
                with connection:
                    shots = ((shot, json.dumps(list(row))) for shot, row in enumerate(rows))
                    connection.executemany("INSERT INTO shots (shot, row) VALUES (?, ?)", shots)
                    meta = [("plan", plan.as_json()), ("sweep", os.urandom(8).hex())]
                    connection.executemany("INSERT INTO meta VALUES (?, ?)", meta)
            growing.replace(folder / NAME)
        finally:
            for leftover in (growing, growing.with_name(f"{growing.name}-journal")):
                leftover.unlink(missing_ok=True)
        return cls(folder)

    def _meta(self, key: str) -> str:
        found = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        if found is None:
            raise sqlite3.DatabaseError(f"no {key} in it")
        return str(found[0])

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def row(self, shot: int) -> list[str]:
        """The cells of a shot.

        Raises
        ------
        NanoBraggError
            There is no such shot.
        """
        found = self._connection.execute("SELECT row FROM shots WHERE shot = ?", (shot,)).fetchone()
        if found is None:
            raise NanoBraggError(f"there is no shot {shot}: they are counted from 0 to {self.plan.count - 1}")
        return list(json.loads(found[0]))

    def missing(self) -> Iterator[list[tuple[int, list[str]]]]:
        """Shots that are not done, those of a chunk together, with their cells."""
        chunk = self.plan.chunk
        for start in range(0, self.plan.count, chunk):
            query = "SELECT shot, row FROM shots WHERE shot >= ? AND shot < ? AND state != 'done' ORDER BY shot"
            found = self._connection.execute(query, (start, start + chunk)).fetchall()
            if found:
                yield [(shot, json.loads(row)) for shot, row in found]

    def missing_chunks(self) -> int:
        """How many chunks have shots that are not done."""
        query = "SELECT COUNT(DISTINCT shot / ?) FROM shots WHERE state != 'done'"
        return int(self._connection.execute(query, (self.plan.chunk,)).fetchone()[0])

    def record(self, finished: Finished) -> None:
        """Enter what a task has made: all of it or, if the process is killed, nothing."""
        with _named(self.folder), self._connection:
            for each in finished.shots:
                self._connection.execute(
                    "UPDATE shots SET state = ?, attempts = attempts + ?, seconds = ?, digest = ?, message = ?, "
                    "file = ?, frame = ? WHERE shot = ?",
                    (DONE if each.done else FAILED, each.attempts, each.seconds, each.digest, each.message,
                     each.file, each.frame, each.shot),
                )  # fmt: skip
            self._connection.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", finished.files)

    def counts(self) -> Counts:
        """How far it is."""
        query = "SELECT state, count(*), total(seconds) FROM shots GROUP BY state"
        found = {state: (count, seconds) for state, count, seconds in self._connection.execute(query)}
        pending, failed = (found.get(state, (0, 0.0))[0] for state in (PENDING, FAILED))
        return Counts(pending, *found.get(DONE, (0, 0.0))[:1], failed, found.get(DONE, (0, 0.0))[1])

    def failures(self, limit: int) -> list[tuple[int, int, str]]:
        """Failed shots with their attempts and messages."""
        query = "SELECT shot, attempts, message FROM shots WHERE state = 'failed' ORDER BY shot LIMIT ?"
        return self._connection.execute(query, (limit,)).fetchall()

    def files(self) -> Iterator[tuple[str, int, str]]:
        """Names of complete files, relative to the folder, with their bytes and digests.

        Raises
        ------
        NanoBraggError
            A name that no sweep gives.
        """
        for name, size, digest in self._connection.execute("SELECT name, bytes, digest FROM files"):
            yield check_name(name, self.folder), size, digest

    def total_bytes(self) -> int:
        """Of all complete files."""
        return int(self._connection.execute("SELECT total(bytes) FROM files").fetchone()[0])

    def forget_damaged(self, verify: bool = False) -> list[str]:
        """Have shots rendered again whose files are missing or not as long as they were; the rest of such a file goes.

        Parameters
        ----------
        verify : bool
            Compare digests, too.

        Returns
        -------
        list of str
            Names of the files.
        """
        damaged = []
        for name, size, digest in self.files():
            path = self.folder / name
            whole = path.is_file() and path.stat().st_size == size
            if not whole or (verify and digest_of_file(path) != digest):
                damaged.append(name)
        with _named(self.folder), self._connection:
            for name in damaged:
                stem = name if name.endswith(NEXUS) else name.rpartition(".")[0]
                self._connection.execute("UPDATE shots SET state = 'pending' WHERE file = ?", (stem,))
                self._connection.execute("DELETE FROM files WHERE name = ?", (name,))
        for name in damaged:
            (self.folder / name).unlink(missing_ok=True)
        return damaged


def _check_schema(connection: sqlite3.Connection) -> None:
    """Refuse a file with other tables, or with views and triggers, which are somebody's program."""
    query = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name"
    with closing(sqlite3.connect(":memory:")) as ours:
        ours.executescript(_SCHEMA)
        if connection.execute(query).fetchall() != ours.execute(query).fetchall():
            raise sqlite3.DatabaseError("this is no manifest of a sweep")


def _check_journal(folder: Path) -> None:
    """Refuse a journal that names another file, which SQLite would remove; a sweep leaves none of that kind."""
    try:
        with open(folder / f"{NAME}-journal", "rb") as file:
            if file.read().endswith(_NAMES_A_FILE):
                raise sqlite3.DatabaseError("its journal is not that of a sweep")
    except FileNotFoundError:
        return


@contextmanager
def _named(folder: Path) -> Iterator[None]:
    """What is wrong with the database becomes a line that names it."""
    try:
        yield
    except (sqlite3.Error, OSError, ValueError, TypeError) as error:
        raise NanoBraggError(f"{folder / NAME}: {error}; nothing that is complete is lost, run again") from error
