"""Opening a database that is already there, and saying in one sentence why it cannot be opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError

from flows.errors import HandrailError
from storage.dialect import engine_for
from storage.key_check import NoKeyCheck, check_key
from storage.keyfile import MasterKey
from storage.schema import subject_key
from storage.store import Store
from storage.upgrade import DatabaseOlder, refuse_foreign, refuse_unless_current, revision_of


class NoDatabase(HandrailError):
    """There is no database at {0}. New here: run handrail init. Otherwise put your backup back there."""


class DatabaseTrouble(HandrailError):
    """The database {0} cannot be used: {1}."""


def refuse_unless_there(file: Path | None) -> None:
    """Raises NoDatabase for a SQLite file that nobody has made; opening it would make an empty one."""
    if file is not None and not file.is_file():
        raise NoDatabase(file)


@contextmanager
def troubles_told(url: str) -> Iterator[None]:
    """What the database itself complains about, as one sentence with the address (without its password)."""
    try:
        yield
    except (DatabaseError, InterfaceError) as failure:
        first = (str(failure.orig).strip() or type(failure.orig).__name__).splitlines()[0]
        raise DatabaseTrouble(without_password(url), first.rstrip(".")) from None


def without_password(url: str) -> str:
    """The address of a database as it may be shown and written down."""
    parsed = _parsed(url)
    if parsed is None:
        return "you named"
    name, user, host, port = parsed.drivername, parsed.username, parsed.host, parsed.port
    return URL.create(name, user, None, host, port, parsed.database, parsed.query).render_as_string()


def _parsed(url: str) -> URL | None:
    try:
        return make_url(url)
    except ArgumentError:
        return None


def refuse_unless_ours(store: Store) -> None:
    """Raises unless the database has the shape this program knows and was sealed with this key. Changes nothing."""
    with store.engine.connect() as connection:
        refuse_unless_current(connection)
        check_key(connection, store.master)


def reading_engine(url: str) -> Engine:
    """An engine that cannot write, and that keeps nobody waiting: for looking at a database in use."""
    parsed = _parsed(url)
    if parsed is None or parsed.get_backend_name() != "sqlite":
        return engine_for(url).execution_options(postgresql_readonly=True)
    where = URL.create("sqlite", database=f"file:{quote(str(parsed.database))}", query={"mode": "ro", "uri": "true"})
    engine = create_engine(where, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA query_only=ON")
        connection.execute("PRAGMA busy_timeout=10000")

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")  # one moment for everything that is looked at

    return engine


class State(Enum):
    """What was found where a database should be."""

    NOTHING = "nothing"
    BARE = "bare"  # its tables are there, but it was never set up with a key
    OLDER = "older"
    CURRENT = "current"


def found_there(url: str, file: Path | None, master: MasterKey | None, *, older_too: bool) -> State:
    """What there is, without changing it. Raises DatabaseNewer, ForeignDatabase, WrongKey, and (without `older_too`)
    DatabaseOlder."""
    if file is not None and not file.is_file():
        return State.NOTHING
    engine = reading_engine(url)
    try:
        with engine.connect() as connection:
            return _state(connection, master, older_too=older_too)
    finally:
        engine.dispose()


def _state(connection: Connection, master: MasterKey | None, *, older_too: bool) -> State:
    if revision_of(connection) is None:
        refuse_foreign(connection)
        return State.NOTHING
    found = State.CURRENT
    try:
        refuse_unless_current(connection)
    except DatabaseOlder:
        if not older_too:
            raise
        found = State.OLDER
    return found if _was_set_up(connection, master) else State.BARE


def _was_set_up(connection: Connection, master: MasterKey | None) -> bool:
    """Whether anything in it was sealed. Raises WrongKey where that was done with another key than `master`."""
    sealed = connection.execute(_ANY_KEY).first() is not None
    try:
        if master is not None:
            check_key(connection, master)
    except NoKeyCheck:
        if sealed:
            raise
    return sealed


_ANY_KEY = select(subject_key.c.subject).limit(1)
