"""Messages whose moment has come, those whose time is over, and what a crash interrupted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, and_, bindparam, case, or_, select, text, update

from flows.message import Urgency
from storage import tables as t
from storage.outbox.alarms import lose_track, may_be_repeated, to_a_human
from storage.outbox.letters import PAGER_LANE
from storage.outbox.marking import drop_overtaken
from storage.outbox.rows import BACK, IS_LATER, IS_OPEN, IS_SENDING, IS_TRIED_AGAIN, IS_WAITING, UNSURE
from storage.outbox.taking import Room
from storage.people import PAGER
from storage.store import Unit

#: For so long we count on a channel to know a repeat again. A homeserver forgets after a day, by its own clock.
KNOWN_AGAIN_FOR: Final = timedelta(hours=20)

_WAKE = update(t.outbox).where(IS_LATER, t.outbox.c.due_at <= bindparam("moment")).values(state="waiting")
#: Whoever has a message tried again now has all of theirs tried again, or those of a long outage arrive out of order:
#: "Are you safe?" once came before what it was about.
_TRIED_AGAIN_NOW = (
    select(t.outbox.c.person_id).where(IS_TRIED_AGAIN, t.outbox.c.due_at <= bindparam("moment")).distinct()
)
_WAKE_TOGETHER = (
    update(t.outbox)
    .where(IS_TRIED_AGAIN, t.outbox.c.person_id.in_(bindparam("people", expanding=True)))
    .values(state="waiting")
)
_EXPIRE = (
    update(t.outbox)
    .where(IS_OPEN, text("outbox.expires_at is not null"), t.outbox.c.expires_at < bindparam("moment"))
    .values(state="expired")
)


def wake(unit: Unit) -> int:
    """Messages whose moment has come wait to be sent; those whose time is over are not sent any more."""
    unit.connection.execute(_EXPIRE, {"moment": unit.now})
    _leave_alone(unit, IS_TRIED_AGAIN)
    tried_again = unit.connection.execute(_TRIED_AGAIN_NOW, {"moment": unit.now}).scalars().all()
    woken = unit.connection.execute(_WAKE, {"moment": unit.now}).rowcount
    if tried_again:
        unit.connection.execute(_WAKE_TOGETHER, {"people": list(tried_again)})
    return woken


def _leave_alone(unit: Unit, among: Any) -> None:
    """What was tried long ago may have arrived, and its channel may not know it again: it is not said twice."""
    long_ago = unit.now - KNOWN_AGAIN_FOR
    tried = select(t.outbox).where(among, t.outbox.c.attempts > 0, t.outbox.c.made_at < long_ago)
    for row in unit.connection.execute(tried).all():
        if not _at_least_once(row):
            lose_track(unit, row)


def _at_least_once(row: Row[Any]) -> bool:
    """Twice is better than not at all."""
    return bool(row.urgency == Urgency.CRISIS or to_a_human(row))


def next_later(unit: Unit) -> datetime | None:
    """When the next postponed message is to be sent."""
    found: datetime | None = unit.connection.execute(
        select(t.outbox.c.due_at).where(IS_LATER).order_by(t.outbox.c.due_at).limit(1)
    ).scalar()
    return found


_TO_PAGERS = select(t.address.c.id).where(t.address.c.channel == PAGER)
_LANE = case((t.outbox.c.address_id.in_(_TO_PAGERS), t.outbox.c.person_id + PAGER_LANE), else_=t.outbox.c.person_id)
_TAKEN_BACK = (
    update(t.outbox)
    .where(
        IS_SENDING,
        t.outbox.c.id.not_in(bindparam("known", expanding=True)),
        or_(
            and_(text("outbox.urgency = 0"), _LANE.not_in(bindparam("busy_crisis", expanding=True))),
            and_(text("outbox.urgency > 0"), _LANE.not_in(bindparam("busy", expanding=True))),
        ),
    )
    .values(state="waiting")
)


def take_back(unit: Unit, room: Room, known: Sequence[str]) -> None:
    """A commit that failed may have come true all the same: then messages were taken out that nobody has. Whatever is
    being sent to nobody who is busy, and of which nobody knows (`known`) what became, waits again."""
    busy = {"busy_crisis": list(room.busy_crisis), "busy": list(room.busy), "known": list(known)}
    unit.connection.execute(_TAKEN_BACK, busy)


def recover(unit: Unit, recognising: Sequence[str]) -> None:
    """After a crash: what was being sent. A channel that recognises a repeat gets it again, unless that was long ago;
    elsewhere what somebody waits for is repeated, marked as a repeat, and a relay is asked about."""
    rows = unit.connection.execute(
        select(t.outbox, t.address.c.channel)
        .outerjoin(t.address, t.address.c.id == t.outbox.c.address_id)
        .where(IS_SENDING)
        .order_by(t.outbox.c.seq)
    ).all()
    for row in rows:
        recognises = row.channel in recognising
        if recognises and unit.now - _tried_since(row) < KNOWN_AGAIN_FOR:
            unit.write(BACK, {"of": row.id})
        elif _at_least_once(row) or (may_be_repeated(row) and not recognises):
            unit.write(UNSURE, {"of": row.id})
            unit.write(BACK, {"of": row.id})
        else:
            lose_track(unit, row)
    _leave_alone(unit, IS_WAITING)
    drop_overtaken(unit, [row.id for row in rows])


def _tried_since(row: Row[Any]) -> datetime:
    """Before that nobody can have tried it. Later tries change when it is due."""
    since: datetime = row.made_at if row.attempts else row.due_at
    return since
