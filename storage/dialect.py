"""Everything in which SQLite and PostgreSQL differ, in one place."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Insert, Table, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from flows.errors import HandrailError

#: The number of the advisory lock that says "a Handrail process works on this database".
LOCK = 0x48414E44
#: Held in a transaction that changes the tables.
MIGRATION_LOCK = LOCK + 1


class BadDatabaseUrl(HandrailError):
    """{0} is not a database Handrail knows. Write sqlite:///data/handrail.db or postgresql://user@host/name."""


class AlreadyRunning(HandrailError):
    """Another Handrail process works on this database ({0}). Stop it first; two would page people twice."""


class NotDurable(HandrailError):
    """The database does not keep what it confirms: {0}. Handrail does not start on it; set it back."""


def engine_for(url: str, *, throwaway: bool = False) -> Engine:
    """An engine for `url`. `throwaway` gives up durability for speed: only for rehearsals, which nobody relies on."""
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, throwaway=throwaway)
    return create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_size=3,
        hide_parameters=True,
        connect_args={"options": "-c idle_in_transaction_session_timeout=10000 -c lock_timeout=5000"},
    )


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise BadDatabaseUrl(url) from None
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise BadDatabaseUrl(parsed.render_as_string(hide_password=True))
    return parsed


def _sqlite(parsed: URL, *, throwaway: bool) -> Engine:
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(parsed, connect_args={"check_same_thread": False}, hide_parameters=True)
    sync = "OFF" if throwaway else "FULL"
    pragmas = ("journal_mode=WAL", f"synchronous={sync}", "busy_timeout=10000", "foreign_keys=ON", "secure_delete=ON")

    @event.listens_for(engine, "connect")
    def _(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # no implicit BEGIN: savepoints and DDL behave
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        try:
            driver.execute("BEGIN IMMEDIATE")  # no upgrade from reader to writer, so no deadlock
        except sqlite3.Error as failure:
            raise OperationalError("BEGIN IMMEDIATE", None, failure) from failure

    return engine


def _insert(dialect: str, table: Table) -> Any:
    """Only the dialect that is used is imported: a program must start fast."""
    return import_module(f"sqlalchemy.dialects.{dialect}").insert(table)


# Kept, because putting one together costs more than running it.
@cache
def insert_new(dialect: str, table: Table) -> Insert:
    """INSERT that leaves a row alone which is already there."""
    statement = _insert(dialect, table)
    made: Insert = statement.on_conflict_do_nothing()
    return made


@cache
def upsert(dialect: str, table: Table) -> Insert:
    """INSERT that takes the place of the row with the same primary key."""
    statement = _insert(dialect, table)
    keys = [c.name for c in table.primary_key]
    changed = {c.name: statement.excluded[c.name] for c in table.c if c.name not in keys}
    made: Insert = statement.on_conflict_do_update(index_elements=keys, set_=changed)
    return made


def sent_together(dialect: str, driver: Any) -> AbstractContextManager[object]:
    """While it is open, a server is sent statements without waiting for the answer to each."""
    pipeline: AbstractContextManager[object] = driver.pipeline() if dialect == "postgresql" else nullcontext()
    return pipeline


class BrokenReferences(HandrailError):
    """The upgrade would have left rows that point nowhere ({0}). Nothing was changed. Please report this."""


@contextmanager
def migrating(engine: Engine) -> Iterator[Connection]:
    """One transaction for all migrations, in which nobody else writes."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            with _without_foreign_keys(connection), connection.begin():
                yield connection
                _refuse_broken(connection)
            return
        with connection.begin():
            connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": MIGRATION_LOCK})
            yield connection


@contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    """A table is changed on SQLite by copying and dropping it; with foreign keys on, that silently empties every table
    that points at it. The PRAGMA does nothing inside a transaction, so it is given before."""
    raw: Any = connection.connection.driver_connection
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def _refuse_broken(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise BrokenReferences(f"from {broken[0]} to {broken[2]}")


def copy_database(engine: Engine, suffix: str) -> Path | None:
    """A whole and readable copy of a SQLite file as of the last commit, beside it, open to its owner only.

    None where there is no file. A copy of the same name gives way.
    """
    if engine.dialect.name != "sqlite" or engine.url.database in {None, "", ":memory:"}:
        return None
    copy = Path(f"{engine.url.database}.{suffix}")
    unfinished = copy.with_name(f"{copy.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(str(engine.url.database))) as source, closing(sqlite3.connect(unfinished)) as target:
        source.backup(target)
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    return unfinished.replace(copy)


def refuse_unless_durable(connection: Connection) -> None:
    """A confirmed message must survive a power cut: checked at the start, refused otherwise."""
    if connection.dialect.name == "sqlite":
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        sync = connection.exec_driver_sql("PRAGMA synchronous").scalar()
        if mode != "wal" or sync != 2:
            raise NotDurable(f"journal_mode={mode}, synchronous={sync} instead of wal, 2")
        return
    for name in ("fsync", "synchronous_commit"):
        value = connection.execute(text(f"SHOW {name}")).scalar()
        if value == "off":
            raise NotDurable(f"{name}={value}")


class OneProcess:
    """Held while a process works on a database, so that a second one is refused. Free again the moment it dies."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._file: int | None = None
        self._connection: Connection | None = None

    def take(self) -> None:
        """Raises AlreadyRunning when somebody else holds it."""
        if self._engine.dialect.name == "sqlite":
            self._take_file()
        else:
            self._take_advisory()

    def _take_file(self) -> None:
        path = Path(f"{self._engine.url.database}.lock")
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self._file, 32).decode() or "unknown"
            os.close(self._file)
            self._file = None
            raise AlreadyRunning(f"process {holder}") from None
        os.ftruncate(self._file, 0)
        os.write(self._file, str(os.getpid()).encode())

    def _take_advisory(self) -> None:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if not connection.execute(text("SELECT pg_try_advisory_lock(:n)"), {"n": LOCK}).scalar():
            connection.close()
            raise AlreadyRunning("it holds the advisory lock")
        self._connection = connection

    def keep(self) -> None:
        """A server that restarts, or hangs up, gives the lock away: take it again. Raises AlreadyRunning when somebody
        else was faster; while the server is away there is nobody to be faster."""
        if self._file is not None:
            return
        if self._connection is not None:
            try:
                self._connection.execute(text("SELECT 1"))
            except SQLAlchemyError:
                self._hang_up()
            else:
                return
        self._take_advisory()

    def release(self) -> None:
        """Give it up; a process that dies gives it up as well."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        self._hang_up()

    def _hang_up(self) -> None:
        if self._connection is not None:
            with suppress(Exception):
                self._connection.invalidate()  # closed for good: back in the pool it would go on holding the lock
                self._connection.close()
            self._connection = None
