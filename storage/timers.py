"""Everything that waits for a moment, as rows. The heartbeat asks what is due; nothing waits in memory."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, bindparam, delete, literal, select, type_coerce, update

from flows.event import Due
from flows.turn import DropTimer, SetTimer
from storage import tables as t
from storage.dialect import upsert
from storage.store import Unit

#: Timers of a running crisis. They are looked for first and never wait behind a herd of check-ins.
URGENT_KINDS = frozenset(
    {"climb", "lapse", "page_failed", "second_way", "broken", "quiet", "unreached", "unheard", "uncertain"}
)
_DUE = (
    select(t.timer)
    .where(t.timer.c.rank == bindparam("of_rank"), t.timer.c.due_at <= bindparam("now"))
    .order_by(t.timer.c.due_at)
    .limit(bindparam("at_most"))
)
_DONE = delete(t.timer).where(
    t.timer.c.person_id == bindparam("of"), t.timer.c.kind == bindparam("what"), t.timer.c.key == bindparam("which")
)
_DROP = delete(t.timer).where(t.timer.c.person_id == bindparam("of"), t.timer.c.kind == bindparam("what"))
_NEXT = select(t.timer.c.due_at).where(t.timer.c.rank == bindparam("of_rank")).order_by(t.timer.c.due_at).limit(1)


def take_due(unit: Unit, at_most: int) -> list[Due]:
    """The timers that are due, at most one a person, the crisis' own first; they are gone from the table.

    They are decided in this same transaction: if it does not commit, they are still there.
    """
    found: dict[str, Due] = {}
    for rank in (0, 1):
        rows = unit.run(_DUE, {"of_rank": rank, "now": unit.now, "at_most": at_most - len(found)})
        for row in rows:
            if row.person_id not in found:
                found[row.person_id] = Due(row.person_id, row.kind, row.key, row.due_at, json.loads(row.data))
        if len(found) >= at_most:
            break
    if found:
        unit.write(_DONE, *({"of": due.person_id, "what": due.kind, "which": due.key} for due in found.values()))
    return list(found.values())


_WAITS = (
    select(t.timer.c.due_at).where(t.timer.c.person_id == bindparam("of"), t.timer.c.kind == bindparam("what")).limit(1)
)


def waits(unit: Unit, person_id: str, kind: str) -> bool:
    """Whether something of this kind is still to fall due for this person."""
    return unit.run(_WAITS, {"of": person_id, "what": kind}).first() is not None


def change(unit: Unit, changes: Sequence[SetTimer | DropTimer]) -> None:
    """Set and drop, in the order given within each person."""
    dropped = [c for c in changes if isinstance(c, DropTimer)]
    for drop in dropped:
        if drop.key:
            unit.write(_DONE, {"of": drop.person_id, "what": drop.kind, "which": drop.key})
    whole = [{"of": drop.person_id, "what": drop.kind} for drop in dropped if not drop.key]
    if whole:
        unit.write(_DROP, *whole)
    standing = _standing(changes)
    if standing:
        unit.write(upsert(unit.dialect, t.timer), *(row(timer) for timer in standing))


def _standing(changes: Sequence[SetTimer | DropTimer]) -> list[SetTimer]:
    """The timers that were set and neither set again nor dropped after that."""
    standing: dict[tuple[str, str, str], SetTimer] = {}
    for one in changes:
        place = (one.person_id, one.kind, one.key)
        if isinstance(one, SetTimer):
            standing[place] = one
        elif one.key:
            standing.pop(place, None)
        else:
            standing = {at: timer for at, timer in standing.items() if at[:2] != place[:2]}
    return list(standing.values())


def row(timer: SetTimer) -> dict[str, object]:
    """A timer as it is kept."""
    return {
        "person_id": timer.person_id,
        "kind": timer.kind,
        "key": timer.key,
        "rank": 0 if timer.kind in URGENT_KINDS else 1,
        "wall": timer.wall,
        "due_at": timer.at,
        "data": json.dumps(dict(timer.data)) if timer.data else "{}",
    }


def next_due(unit: Unit) -> datetime | None:
    """When the next timer falls due."""
    found = [unit.connection.execute(_NEXT, {"of_rank": rank}).scalar() for rank in (0, 1)]
    return min((at for at in found if at is not None), default=None)


def shift_elapsed(unit: Unit, by: timedelta) -> int:
    """The clock on the wall jumped by `by`: what counts passing time keeps its distance. Returns how many moved."""
    column = type_coerce(t.timer.c.due_at, BigInteger)
    moved = column + literal(by // timedelta(microseconds=1), BigInteger)
    changed = unit.connection.execute(update(t.timer).where(t.timer.c.wall.is_(False)).values(due_at=moved))
    return changed.rowcount
