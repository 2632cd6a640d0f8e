"""What is known after an evening: what people did, what their phones showed, when the process was up, what it said,
and one look into the database with the key."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Table, text

from flows.grant import FieldClass
from storage import tables as t
from storage.audit_check import Verdict, verify
from storage.schema import audit, to_microseconds
from storage.store import Store, Unit
from tests.faults.hands import Posted
from tests.faults.phones import Shown
from tests.faults.programme import Programme

Row = dict[str, Any]
NOBODY = "system"


@dataclass(frozen=True)
class Life:
    """One life of the process: started, ready (0 if it was killed before), gone."""

    started: float
    ready: float
    gone: float


@dataclass(frozen=True)
class Evidence:
    """All of it. Times are seconds since 1970."""

    programme: Programme
    ladder: Mapping[str, Any]
    posted: tuple[Posted, ...]
    shown: tuple[Shown, ...]
    lives: tuple[Life, ...]
    output: bytes
    canaries: tuple[str, ...]
    crises: frozenset[str]
    rows: Mapping[str, tuple[Row, ...]]
    chain: Verdict
    integrity: str
    stored_bytes: bytes = b""
    kills: int = 0
    figures: dict[str, float] = field(default_factory=dict)

    def without(self, table: str, *numbers: int) -> Evidence:
        """The same with some rows of a table left out: for judging the judge."""
        kept = tuple(row for number, row in enumerate(self.rows[table]) if number not in numbers)
        return replace(self, rows={**self.rows, table: kept})

    def with_rows(self, table: str, rows: Sequence[Row]) -> Evidence:
        return replace(self, rows={**self.rows, table: tuple(rows)})


TABLES: tuple[Table, ...] = (
    t.inbox, t.outbox, t.care_case, t.case_fact, t.signal, t.check_in, t.answer, t.follow_up, t.timer, t.talk, audit,
)  # fmt: skip
SEALED = {"inbox": ("body", FieldClass.WORDS), "outbox": ("body", FieldClass.WORDS)}


def look(store: Store, now: Any) -> tuple[dict[str, tuple[Row, ...]], Verdict, str]:
    """Every table, with the words of inbox and outbox opened; the audit chain; the database's own word."""
    with store.begin(now) as unit:
        rows = {table.name: tuple(_rows(unit, table)) for table in TABLES}
        chain = verify(unit.connection, store.master.audit_key)
        sqlite = store.engine.dialect.name == "sqlite"
        integrity = str(unit.connection.execute(text("PRAGMA integrity_check")).scalar()) if sqlite else "ok"
    return rows, chain, integrity


def _rows(unit: Unit, table: Table) -> list[Row]:
    order = table.c.seq if "seq" in table.c else next(iter(table.primary_key.columns))
    found = [row._asdict() for row in unit.connection.execute(table.select().order_by(order))]
    sealed = SEALED.get(table.name)
    for row in found:
        if sealed:
            subject = row.get("subject_id") or row.get("person_id") or NOBODY
            place = (table.name, sealed[0], row["id"])
            row[sealed[0]] = unit.open(subject, place, row[sealed[0]], sealed[1]).reveal()
        for name, value in row.items():
            if hasattr(value, "tzinfo"):
                row[name] = to_microseconds(value) / 1e6
    return found


def said_in(row: Row) -> str:
    """The text of an outbox row as the phone gets it."""
    return str(json.loads(row["body"])[0])
