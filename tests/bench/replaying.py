"""What the program writes, and the same writes once more through the database's own module and nothing else."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url

from tests.support.ears import listen

WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True, slots=True)
class Write:
    """One statement with everything it was given; `rows` are the parameters of each execution."""

    statement: str
    rows: Sequence[Any]


Transaction = list[Write]


@dataclass
class Recorder:
    """Every transaction that wrote something, in the order of the commits."""

    done: list[Transaction] = field(default_factory=list)
    _now: Transaction = field(default_factory=list)

    def watch(self, engine: Engine) -> None:
        listen(engine, self.hear)
        event.listen(engine, "commit", lambda _: self._committed())
        event.listen(engine, "rollback", lambda _: self._now.clear())

    def hear(self, statement: str, rows: Sequence[Any]) -> None:
        if statement.startswith(WRITES):
            self._now.append(Write(statement, rows))

    def _committed(self) -> None:
        if self._now:
            self.done.append(self._now)
            self._now = []

    def take(self) -> list[Transaction]:
        """What was recorded since the last time."""
        taken, self.done = self.done, []
        return taken


class RawSqlite:
    """The sqlite3 module with the same settings as ours; statements are compiled once, by its own cache."""

    def __init__(self, path: str) -> None:
        self.connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, cached_statements=256)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            self.connection.execute(f"PRAGMA {pragma}")

    def write(self, transaction: Transaction) -> None:
        execute, executemany = self.connection.execute, self.connection.executemany
        execute("BEGIN IMMEDIATE")
        for write in transaction:
            if len(write.rows) == 1:
                execute(write.statement, write.rows[0])
            else:
                executemany(write.statement, write.rows)
        execute("COMMIT")

    def close(self) -> None:
        self.connection.close()


class RawPostgresql:
    """psycopg, one connection, every statement prepared."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(
            make_url(url).set(drivername="postgresql").render_as_string(hide_password=False),
            prepare_threshold=0,
        )
        self.connection.prepared_max = 500

    def write(self, transaction: Transaction) -> None:
        with self.connection.cursor() as cursor:
            for write in transaction:
                if len(write.rows) == 1:
                    cursor.execute(write.statement, write.rows[0])
                else:
                    cursor.executemany(write.statement, write.rows)
        self.connection.commit()

    def close(self) -> None:
        self.connection.close()
