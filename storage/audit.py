"""Who did what, as one keyed chain: an entry that was changed, removed or moved is found.

`hash_n = HMAC-SHA-256(audit key, hash_(n-1) | seq | canonical JSON)`. Entries hold ids, codes and numbers, never words,
so that erasing somebody breaks nothing. What the chain alone cannot show is a tail that was cut off and the head set
back to fit. `storage/audit_check.py` walks the chain.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from flows.errors import HandrailError
from storage.prepared import Wire
from storage.schema import audit, audit_head, to_microseconds

START = b"\0" * 32
HEAD = 1
canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
"""The one way an entry is written for hashing."""

_CODE = re.compile(r"[A-Za-z0-9_.:,-]{1,80}").fullmatch
# The same tables without types: what is hashed is what is kept, and a reader must not stumble over a hostile value.
entries = sa.table(audit.name, *(sa.column(c.name) for c in audit.c))
head = sa.table(audit_head.name, *(sa.column(c.name) for c in audit_head.c))

_LOCK = sa.select(head.c.seq, head.c.hash).where(head.c.id == HEAD).with_for_update()
_COUNT = sa.select(sa.func.count()).select_from(entries)
_INSERT = sa.insert(entries)
_BEGIN = sa.insert(head)
_MOVE = sa.update(head).where(head.c.id == HEAD)
_MOVE_IF = _MOVE.where(head.c.seq == sa.bindparam("seen_seq"), head.c.hash == sa.bindparam("seen_hash"))


class NotACode(HandrailError):
    """An audit entry takes ids, short codes and numbers, and {0} is none of them. Seal words, and note their id."""


class NoHead(HandrailError):
    """The head of the audit chain is gone though there are entries. Nothing was written. Run handrail audit verify."""


class Tail:
    """Where this process last saw the chain end. Only a guess, which saves a question; the database has the word."""

    __slots__ = ("seen",)

    def __init__(self) -> None:
        self.seen: tuple[int, bytes] | None = None


class Ledger:
    """The audit entries of one transaction, written as its last statements: nothing may wait behind the locked head."""

    def __init__(self, key: bytes, tail: Tail | None = None) -> None:
        self._key = key
        self._tail = tail or Tail()
        self._entries: list[dict[str, Any]] = []

    def note(
        self,
        at: datetime,
        actor: str,
        action: str,
        subject: str | None,
        object_kind: str,
        object_id: str | None,
        detail: Mapping[str, str | int],
    ) -> None:
        """Remember an entry. Refuses anything that looks like words."""
        entry = {
            "at": to_microseconds(at),
            "actor": _code("actor", actor),
            "action": _code("action", action),
            "subject": None if subject is None else _code("subject", subject),
            "object_kind": _code("object_kind", object_kind),
            "object_id": None if object_id is None else _code("object_id", object_id),
            "detail": _detail(detail) if detail else "{}",
        }
        self._entries.append(entry)

    def __len__(self) -> int:
        return len(self._entries)

    def cut(self, length: int = 0) -> None:
        """Forget all entries after the first `length`: a savepoint was rolled back (or, with 0, everything)."""
        del self._entries[length:]

    def flush(self, wire: Wire) -> None:
        """Write what was noted, and move the head once. Nothing but `wire.commit` may follow."""
        if not self._entries:
            return
        rows = self._guessed(wire) or self._asked(wire)
        wire.write(_INSERT, *rows)
        self._tail.seen = rows[-1]["seq"], rows[-1]["hash"]
        self._entries = []

    def _guessed(self, wire: Wire) -> list[dict[str, Any]] | None:
        """Move the head (which locks it) if it is where we saw it last. After a rollback it is not: nothing moves."""
        seen = self._tail.seen  # once: another thread may move it
        if seen is None:
            return None
        rows = self._chained(*seen)
        seen_seq, seen_hash = seen
        move = {"seq": rows[-1]["seq"], "hash": rows[-1]["hash"], "seen_seq": seen_seq, "seen_hash": seen_hash}
        return rows if wire.run(_MOVE_IF, move).rowcount == 1 else None

    def _asked(self, wire: Wire) -> list[dict[str, Any]]:
        rows = self._chained(*_locked(wire.connection))
        wire.write(_MOVE, {"seq": rows[-1]["seq"], "hash": rows[-1]["hash"]})
        return rows

    def _chained(self, seq: int, last: bytes) -> list[dict[str, Any]]:
        rows = []
        for number, entry in enumerate(self._entries, seq + 1):
            last = link(self._key, last, number, canonical(entry))
            rows.append(entry | {"seq": number, "hash": last})
        return rows


def link(key: bytes, last: bytes, seq: int, body: str) -> bytes:
    """The hash of an entry, which depends on all before it."""
    return hmac.digest(key, last + seq.to_bytes(8, "big", signed=True) + body.encode(), "sha256")


def _locked(connection: sa.Connection) -> tuple[int, bytes]:
    row = connection.execute(_LOCK).first()
    if row is not None:
        return row[0], row[1]
    if connection.execute(_COUNT).scalar():
        raise NoHead()
    connection.execute(_BEGIN, {"id": HEAD, "seq": 0, "hash": START})
    return 0, START


def _detail(given: Mapping[str, str | int]) -> str:
    return canonical({_code("detail", name): _plain(name, value) for name, value in given.items()})


def _code(name: str, value: str) -> str:
    if not _CODE(value):
        raise NotACode(name)
    return value


def _plain(name: str, value: str | int) -> str | int:
    return value if isinstance(value, int) else _code(name, value)
