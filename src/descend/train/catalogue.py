"""A table of all runs in SQLite. It holds nothing that the folders do not: it can be deleted at any time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from descend.disk import lock
from descend.engine.errors import DescendError
from descend.train import events
from descend.train.events import Done, Epoch, Event, Failed, Step
from descend.train.runs import Run, home_folder, run_folders, status

_SCHEMA = """create table if not exists runs(
    name primary key, recipe, created, seed, status, epochs, step, seconds, metrics, settings, problem, stamp
) without rowid"""
_INSERT = "insert or replace into runs values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_WAIT = 10.0  # seconds that a process waits for another one's transaction


@dataclass(frozen=True)
class Row:
    """One run in the catalogue: its newest numbers, and the problem where it failed or cannot be read."""

    name: str
    recipe: str
    created: str
    seed: int
    status: str
    epochs: int
    step: int
    seconds: float
    metrics: dict[str, float]
    settings: dict[str, Any]
    problem: str = ""


class Catalogue:
    """The runs of one home folder, brought up to date whenever it is asked.

    Args:
        home: by default DESCEND_HOME.

    Attributes:
        warnings: what had to be mended: a damaged database is made again from the folders.
    """

    def __init__(self, home: Path | None = None) -> None:
        self.home = home or home_folder()
        self.path = self.home / "catalogue.sqlite"
        self.warnings: list[events.Warning] = []

    def rows(self) -> list[Row]:
        """Every run, oldest first. Where the database cannot be used, the folders are read instead."""
        return self._live(self._found(forget=False))

    def rebuild(self) -> list[Row]:
        """The same, after forgetting what is stored and reading every folder again."""
        return self._live(self._found(forget=True))

    def _found(self, *, forget: bool) -> list[Row]:
        try:
            return self._stored(forget)
        except (OSError, sqlite3.OperationalError) as error:
            self._warn(f"cannot be used ({error}); the folders of the runs were read instead")
            return [_read(path) for path in run_folders(self.home)]
        except sqlite3.DatabaseError as error:
            self._set_aside()
            self._warn(f"was damaged ({error}) and has been made again from the folders of the runs")
            return self._stored(forget)

    def _stored(self, forget: bool) -> list[Row]:
        with self._open() as database:
            if forget:
                database.execute("delete from runs")
            self._update(database)
            return [_decode(values) for values in database.execute("select * from runs").fetchall()]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.path, timeout=_WAIT, isolation_level=None)) as database:
            # One short transaction that writes, so a write-ahead log would gain nothing; and a change to that mode
            # is refused at once ("database is locked") where two processes make it together, whatever the timeout.
            database.execute("begin immediate")
            with database:
                database.execute(_SCHEMA)
                yield database

    def _update(self, database: sqlite3.Connection) -> None:
        known = dict(database.execute("select name, stamp from runs").fetchall())
        folders = {path.name: path for path in run_folders(self.home)}
        for name in known.keys() - folders.keys():
            database.execute("delete from runs where name = ?", (name,))
        for name, path in folders.items():
            stamp = _stamp(path)
            if known.get(name) != stamp:
                database.execute(_INSERT, (*_encode(_read(path)), stamp))

    def _live(self, rows: list[Row]) -> list[Row]:
        # Whether a process trains a run changes without a trace in its files, so it is never stored.
        found = [replace(row, status="running") if self._running(row) else row for row in rows]
        return sorted(found, key=lambda row: (row.created, row.name))

    def _running(self, row: Row) -> bool:
        return row.status != "damaged" and lock.holder(self.home / "runs" / row.name / "lock") is not None

    def _set_aside(self) -> None:
        # Two processes may meet the same damage; the second finds the database in order again.
        with lock.locked(self.path.with_suffix(".lock")):
            if not _readable(self.path):
                for suffix in ("-wal", "-shm", "-journal"):
                    self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
                self.path.replace(self.path.with_suffix(".damaged"))

    def _warn(self, what: str) -> None:
        self.warnings.append(events.Warning("catalogue", f"the catalogue {self.path} {what}"))


def _read(path: Path) -> Row:
    try:
        run = Run.open(path)
        return _row(run, run.events())
    except DescendError as error:
        return Row(path.name, "", "", 0, "damaged", 0, 0, 0.0, {}, {}, problem=str(error))


def _row(run: Run, happened: list[Event]) -> Row:
    epochs = [e for e in happened if isinstance(e, Epoch)]
    ends = [e for e in happened if isinstance(e, Done | Failed)]
    end = ends[-1] if ends else None
    done = end if isinstance(end, Done) else None
    return Row(
        name=run.name,
        recipe=run.info.recipe,
        created=run.info.created,
        seed=run.info.seed,
        status=status(happened, running=False),
        epochs=epochs[-1].epoch if epochs else 0,
        step=max((e.step for e in happened if isinstance(e, Step | Epoch)), default=0),
        seconds=done.seconds if done else sum(e.seconds for e in epochs),
        metrics=done.metrics if done else epochs[-1].metrics if epochs else {},
        settings=run.info.settings,
        problem=end.problem if isinstance(end, Failed) else "",
    )


def _encode(row: Row) -> tuple[Any, ...]:
    return tuple(json.dumps(v) if isinstance(v, dict) else v for v in vars(row).values())


def _decode(values: tuple[Any, ...]) -> Row:
    cells = [*values[:8], json.loads(values[8]), json.loads(values[9]), values[10]]
    return Row(*cells)


def _stamp(path: Path) -> str:
    """Changes whenever the row may have to change: sizes and times of the two files that it comes from."""
    files = (path / "run.json", path / "events.jsonl")
    found = [file.stat() for file in files if file.exists()]
    return " ".join(f"{s.st_size}:{s.st_mtime_ns}" for s in found)


def _readable(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path, timeout=_WAIT)) as database:
            return bool(database.execute("pragma quick_check").fetchone() == ("ok",))
    except sqlite3.DatabaseError:
        return False
