"""Is the audit chain whole? Says where the first fault is, and survives whatever was written into the tables.

A tail that was cut off and a head set back to fit look whole from inside: keep `entries` and `head` of a sound verdict
somewhere else, and compare.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from storage.audit import HEAD, START, canonical, entries, head, link

PAGE = 1000
TEXTS = ("actor", "action", "object_kind", "detail")
TEXTS_OR_NOTHING = ("subject", "object_id")
_END = sa.select(head.c.seq, head.c.hash).where(head.c.id == HEAD)
_AFTER = sa.select(entries).where(entries.c.seq > sa.bindparam("last")).order_by(entries.c.seq).limit(PAGE)
_ONE = sa.select(entries).where(entries.c.seq == sa.bindparam("one"))

Row = Mapping[str, Any]


class Fault(StrEnum):
    """What is wrong with the chain."""

    EDITED = "edited"  # or swapped with another
    MISSING = "missing"
    EXTRA = "extra"  # not written by the ledger
    UNREADABLE = "unreadable"  # of a wrong type
    HEAD = "head"  # gone, or not the end of these entries


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many entries are sound, the hash of the last of them, and the first that is not."""

    entries: int
    head: bytes
    bad_seq: int | None = None
    fault: Fault | None = None

    @property
    def ok(self) -> bool:
        """Nothing was found."""
        return self.fault is None


class BrokenHead(Exception):
    """The head row is not one that the ledger wrote."""


def verify(connection: Connection, key: bytes) -> Verdict:
    """Walks the whole chain, then looks at the head. Writers may go on meanwhile."""
    try:
        end = _end(connection)
    except BrokenHead:
        end = None
    seq, last, there = 0, START, START
    for row in _rows(connection):
        fault = _fault(row, seq + 1, last, key)
        if row is None or fault:
            return Verdict(seq, last, seq + 1, fault)
        seq, last = seq + 1, row["hash"]
        there = last if end and seq == end[0] else there
    return _ending(connection, end, Verdict(seq, last), there)


def _ending(connection: Connection, end: tuple[int, bytes] | None, walked: Verdict, there: bytes) -> Verdict:
    """Do the entries end where the head said? `there` is the hash found at the head's own number."""
    seq, last = walked.entries, walked.head
    try:
        now = _end(connection)
    except BrokenHead:
        return Verdict(seq, last, seq, Fault.HEAD)
    if end is None or now is None:
        return walked if seq == 0 and now is None else Verdict(seq, last, seq, Fault.HEAD)
    if seq < end[0]:
        return Verdict(seq, last, seq + 1, Fault.MISSING)
    if there != end[1]:
        return Verdict(seq, last, end[0], Fault.HEAD)
    return Verdict(seq, last, now[0] + 1, Fault.EXTRA) if now[0] < seq else walked


def _end(connection: Connection) -> tuple[int, bytes] | None:
    """What the head says; None before the first entry."""
    try:
        row = connection.execute(_END).first()
    except (SQLAlchemyError, ValueError):
        raise BrokenHead from None
    if row is not None and not (isinstance(row[0], int) and isinstance(row[1], bytes)):
        raise BrokenHead
    return None if row is None else (row[0], row[1])


def _rows(connection: Connection) -> Iterator[Row | None]:
    """All entries in order; None, and no more, where one cannot even be read."""
    last = -1 << 63
    while True:
        try:
            page = [row._asdict() for row in connection.execute(_AFTER, {"last": last})]
        except (SQLAlchemyError, ValueError):
            yield from _one_by_one(connection, max(last, 0) + 1)
            return
        yield from page
        if len(page) < PAGE:
            return
        last = page[-1]["seq"]


def _one_by_one(connection: Connection, first: int) -> Iterator[Row | None]:
    """A page in which something cannot be read, as far as it can."""
    try:
        for seq in range(first, first + PAGE):
            yield from [row._asdict() for row in connection.execute(_ONE, {"one": seq})]
    except (SQLAlchemyError, ValueError):
        pass
    yield None


def _fault(row: Row | None, seq: int, last: bytes, key: bytes) -> Fault | None:
    if row is None or not _readable(row):
        return Fault.UNREADABLE
    if row["seq"] != seq:
        return Fault.MISSING if row["seq"] > seq else Fault.EXTRA
    body = {name: value for name, value in row.items() if name not in {"seq", "hash"}}
    return None if hmac.compare_digest(link(key, last, seq, canonical(body)), row["hash"]) else Fault.EDITED


def _readable(row: Row) -> bool:
    return (
        all(isinstance(row[name], int) for name in ("seq", "at"))
        and all(isinstance(row[name], str) for name in TEXTS)
        and all(row[name] is None or isinstance(row[name], str) for name in TEXTS_OR_NOTHING)
        and isinstance(row["hash"], bytes)
    )
