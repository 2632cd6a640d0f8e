"""One database, its key, and the unit of work: everything in it becomes true together, or nothing does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import local
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from flows.grant import Action, Actor, Deny, FieldClass, Grant, Role
from flows.phi import Phi
from flows.policy import Relation, authorize
from storage.audit import Ledger, Tail
from storage.keyfile import MasterKey
from storage.keyring import KeyCache, NoKey, WrongKey
from storage.prepared import Parameters, Rows, Statement, Wire
from storage.subject_keys import SubjectKeys
from storage.vault import Unreadable, Vault

T = TypeVar("T")
PROGRAM = Actor("handrail", Role.PROGRAM)
NO_RELATION = Relation()
#: What reading a row raises whose bytes were changed, whose key is gone, or that holds what no program of ours wrote.
UNOPENED = (Unreadable, NoKey, WrongKey, ValueError, LookupError, TypeError, AttributeError)


def of_the_database(failure: Exception) -> bool:
    """Whether it came from the database: then the whole unit is over, and nobody may go on in it."""
    return isinstance(failure, SQLAlchemyError)


def is_trouble(failure: Exception) -> bool:
    """Whether the database itself failed (it is locked, full, away), and not over what it was given."""
    return isinstance(failure, OperationalError | InterfaceError)


class Unit:
    """One transaction at one moment. `now` is the only time there is in it."""

    def __init__(self, wire: Wire, vault: Vault, ledger: Ledger, now: datetime) -> None:
        self._wire = wire
        self.vault = vault
        self.ledger = ledger
        self.now = now
        self.unopened: list[tuple[str, str]] = []  # table and row id of what was left out
        self.places: dict[str, tuple[str, bytes]] = {}  # addresses that were read: channel and sealed place, by id
        self.promised: list[Any] = []  # messages that wait to be sent since; None is for what must be looked up
        self._grants: dict[str, Grant] = {}

    @property
    def dialect(self) -> str:
        """Which database it is, for the statements that differ."""
        return self._wire.dialect

    @property
    def connection(self) -> Connection:
        """For statements of every kind. What was to be written before has been."""
        return self._wire.connection

    def run(self, statement: Statement, parameters: Parameters | Sequence[Parameters] = ()) -> Rows:
        """Execute a statement of the hot path: one that is kept for good, without lists of varying length."""
        return self._wire.run(statement, parameters)

    def write(self, statement: Statement, *rows: Parameters) -> None:
        """The same, for one whose result nobody needs: it goes out with the next one, or with the commit."""
        self._wire.write(statement, *rows)

    def handling(self, person_id: str) -> Grant:
        """The program's own leave to handle one person's message or timer."""
        found = self._grants.get(person_id)
        if found is None:
            made = authorize(PROGRAM, Action.HANDLE, person_id, NO_RELATION, "handling", self.now)
            if isinstance(made, Deny):
                raise TypeError(made.reason_code)
            found = self._grants[person_id] = made
        return found

    def open(self, subject: str, place: tuple[str, str, str], sealed: bytes, kind: FieldClass) -> Phi[str]:
        """A sealed field of the person who is being handled. `place` is table, column, row id."""
        return self.vault.open(self.handling(subject), subject, *place, sealed, kind, self.now)

    def opened(self, table: str, row_id: str, read: Callable[[], T], instead: T) -> T:
        """What `read` reads from a row; `instead`, and a note of it, where that cannot be opened. One spoiled row must
        not stop what can go on without it."""
        try:
            return read()
        except UNOPENED:
            self.unopened.append((table, row_id))
            return instead


class Store:
    """A database and the key to it. Units are short: one writer works at a time.

    Each thread that works has a connection of its own, which stays open: opening one cost more than many a message.
    """

    def __init__(self, engine: Engine, master: MasterKey) -> None:
        self.engine = engine
        self.master = master
        self.cache = KeyCache()
        self.tail = Tail()
        self.reached = True  # whether the last unit of work could begin at all
        self._kept = local()
        self._open: list[Connection] = []

    @contextmanager
    def begin(self, now: datetime) -> Iterator[Unit]:
        """A unit of work. The ledger is written last, so that nothing waits while its head is locked."""
        self.reached = False
        connection = self._connection()
        wire = Wire(connection)
        vault = Vault(self.master, SubjectKeys(wire), self.cache)
        ledger = Ledger(self.master.audit_key, self.tail)
        transaction = connection.begin()
        self.reached = True
        try:
            yield Unit(wire, vault, ledger, now)
            ledger.flush(wire)
            wire.commit(transaction)
        except BaseException:
            vault.rolled_back()
            transaction.rollback()
            connection.close()  # whatever state it is in: the pool puts it right before anybody has it again
            raise
        vault.committed()

    def _connection(self) -> Connection:
        """This thread's own; a new one after a failure."""
        kept: Connection | None = getattr(self._kept, "connection", None)
        if kept is None or kept.closed or kept.invalidated:
            kept = self._kept.connection = self.engine.connect()
            self._open = [*(one for one in self._open if not (one.closed or one.invalidated)), kept]
        return kept

    def close(self) -> None:
        """Close every connection. A unit of work that begins later opens one again."""
        for connection in self._open:
            connection.close()
        self._open = []
        self.engine.dispose()
