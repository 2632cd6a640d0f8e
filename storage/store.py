"""One database, its key, and the unit of work: everything in it becomes true together, or nothing does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, Engine

from flows.grant import Action, Actor, Deny, FieldClass, Grant, Role
from flows.phi import Phi
from flows.policy import Relation, authorize
from storage.audit import Ledger, Tail
from storage.keyfile import MasterKey
from storage.keyring import KeyCache
from storage.subject_keys import SubjectKeys
from storage.vault import Vault

PROGRAM = Actor("handrail", Role.PROGRAM)
NO_RELATION = Relation()


class Unit:
    """One transaction at one moment. `now` is the only time there is in it."""

    def __init__(self, connection: Connection, vault: Vault, ledger: Ledger, now: datetime) -> None:
        self.connection = connection
        self.vault = vault
        self.ledger = ledger
        self.now = now
        self._grants: dict[str, Grant] = {}

    @property
    def engine(self) -> Engine:
        return self.connection.engine

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


class Store:
    """A database and the key to it. Units are short: one writer works at a time."""

    def __init__(self, engine: Engine, master: MasterKey) -> None:
        self.engine = engine
        self.master = master
        self.cache = KeyCache()
        self.tail = Tail()

    @contextmanager
    def begin(self, now: datetime) -> Iterator[Unit]:
        """A unit of work. The ledger is written last, so that nothing waits while its head is locked."""
        with self.engine.connect() as connection:
            vault = Vault(self.master, SubjectKeys(connection), self.cache)
            ledger = Ledger(self.master.audit_key, self.tail)
            transaction = connection.begin()
            try:
                yield Unit(connection, vault, ledger, now)
                ledger.flush(connection)
                transaction.commit()
            except BaseException:
                vault.rolled_back()
                transaction.rollback()
                raise
            vault.committed()

    def close(self) -> None:
        self.engine.dispose()
