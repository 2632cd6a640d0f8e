"""What is to be taken away again from people's screens: the words stay here, sealed, and the chat forgets them.

A message says when it is sent, or arrives, whether it may stay there. What may not is `due`, then `gone`; or it `stays`
after all, where the channel would not take it away in time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, exists, or_, select, text, tuple_, update

from flows.grant import FieldClass
from storage import tables as t
from storage.store import Unit

#: Written out, not bound: a partial index serves only a condition that says the same at the time of planning.
OUTBOX_DUE, INBOX_DUE = text("outbox.erase = 'due'"), text("inbox.erase = 'due'")
CASE_IS_OPEN = text("care_case.state <> 'closed'")
DUE, GONE, STAYS = "due", "gone", "stays"
OURS, THEIRS = "outbox", "inbox"
#: So many are looked at in one go, so that nobody else waits long for the database.
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Trace:
    """One message on somebody's screen. `name` is what the channel calls it: for theirs, as in the inbox."""

    table: str
    id: str
    place: str
    name: str
    at: datetime
    seq: int


_of_an_open_case = exists().where(t.care_case.c.person_id == t.outbox.c.subject_id, CASE_IS_OPEN)
#: What staff read about somebody whose case is open is still needed.
_FREE = or_(t.outbox.c.person_id == t.outbox.c.subject_id, ~_of_an_open_case)


def _looked_at(query: Select[Any], at: Any, seq: Any) -> Select[Any]:
    after = tuple_(bindparam("after_at", type_=at.type), bindparam("after_seq", type_=seq.type))
    return (
        query.where(t.address.c.channel == bindparam("on"), at <= bindparam("before"), tuple_(at, seq) > after)
        .order_by(at, seq)
        .limit(bindparam("at_most"))
    )


_OURS = _looked_at(
    select(
        t.outbox.c.id,
        t.outbox.c.mark.label("name"),
        t.outbox.c.sent_at.label("at"),
        t.outbox.c.seq,
        t.address.c.id.label("address_id"),
        t.address.c.person_id,
        t.address.c.place,
    )
    .join(t.address, t.address.c.id == t.outbox.c.address_id)
    .where(OUTBOX_DUE, _FREE),
    t.outbox.c.sent_at,
    t.outbox.c.seq,
)
_THEIRS = _looked_at(
    select(
        t.inbox.c.id,
        t.inbox.c.external_id.label("name"),
        t.inbox.c.arrived_at.label("at"),
        t.inbox.c.seq,
        t.address.c.id.label("address_id"),
        t.address.c.person_id,
        t.address.c.place,
    )
    .join(t.address, (t.address.c.person_id == t.inbox.c.person_id) & (t.address.c.channel == t.inbox.c.channel))
    .where(INBOX_DUE),
    t.inbox.c.arrived_at,
    t.inbox.c.seq,
)


def due(unit: Unit, table: str, channel: str, before: datetime, after: Trace | None) -> list[Trace]:
    """Some of what was said on this channel before that moment and may not stay, the oldest first; with `after`, those
    behind it."""
    start = (after.at, after.seq) if after else (datetime(1970, 1, 1, tzinfo=before.tzinfo), -1)
    wanted = {"on": channel, "before": before, "after_at": start[0], "after_seq": start[1], "at_most": AT_ONCE}
    rows = unit.connection.execute(_OURS if table == OURS else _THEIRS, wanted).all()
    places = {row.address_id: _place(unit, row) for row in {row.address_id: row for row in rows}.values()}
    return [Trace(table, row.id, places[row.address_id], row.name, row.at, row.seq) for row in rows]


def _place(unit: Unit, row: Row[Any]) -> str:
    place = ("address", "place", row.address_id)
    return unit.open(row.person_id, place, row.place, FieldClass.ADDRESS).reveal()


_TAKEN = {
    OURS: update(t.outbox).where(t.outbox.c.id == bindparam("of")).values(erase=GONE),
    THEIRS: update(t.inbox).where(t.inbox.c.id == bindparam("of")).values(erase=GONE),
}


def gone(unit: Unit, traces: Iterable[Trace]) -> None:
    """These are not on any screen any more."""
    by_table: dict[str, list[dict[str, str]]] = {}
    for trace in traces:
        by_table.setdefault(trace.table, []).append({"of": trace.id})
    for table, rows in by_table.items():
        unit.write(_TAKEN[table], *rows)


def give_up(unit: Unit, too_old: datetime) -> int:
    """What is so old can never be taken away; returns how many messages that is, not counting what staff still
    needed."""
    needed = ~_FREE
    kept = update(t.outbox).where(OUTBOX_DUE, t.outbox.c.sent_at < too_old, needed).values(erase=STAYS)
    ours = update(t.outbox).where(OUTBOX_DUE, t.outbox.c.sent_at < too_old).values(erase=STAYS)
    theirs = update(t.inbox).where(INBOX_DUE, t.inbox.c.arrived_at < too_old).values(erase=STAYS)
    unit.connection.execute(kept)
    return sum(unit.connection.execute(statement).rowcount for statement in (ours, theirs))
