"""What became of a message is written down, and decides what is done next about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, exists, update

from flows.message import Urgency
from storage import tables as t
from storage.erasing import DUE
from storage.outbox.alarms import (
    change,
    give_up,
    lose_track,
    may_be_repeated,
    next_address,
    raise_alarm,
    to_a_human,
)
from storage.outbox.letters import Returned, Sent, Unsent
from storage.outbox.rows import BACK, IS_OPEN, ONE, RELAY_PATIENCE, UNSURE
from storage.store import Unit

#: A page that no channel has taken for so long goes to the next tier as well; it is still tried.
PAGE_PATIENCE = timedelta(seconds=60)
#: Nothing of the crisis class waits longer than this between two tries.
LONGEST_PAUSE = timedelta(seconds=30)
LONGEST_ORDINARY_PAUSE = timedelta(minutes=5)


_MARK_SENT = (
    update(t.outbox)
    .where(t.outbox.c.id == bindparam("of"))
    .values(
        state="sent",
        sent_at=bindparam("at"),
        delivered_at=bindparam("delivered"),
        mark=bindparam("called"),
        erase=bindparam("then"),
    )
)
_CHECK_IN_ARRIVED = (
    update(t.check_in)
    .where(t.check_in.c.delivered_at.is_(None), t.check_in.c.id == bindparam("of"))
    .values(delivered_at=bindparam("delivered"))
)


def mark(unit: Unit, results: Sequence[Sent | Unsent | Returned]) -> None:
    """Write down what became of messages that were being sent."""
    sent = [_as_sent(result) for result in results if isinstance(result, Sent)]
    if sent:
        unit.write(_MARK_SENT, *sent)
    arrived = [{"of": r.ref, "delivered": r.delivered_at or r.at} for r in results if isinstance(r, Sent) and r.ref]
    if arrived:
        unit.write(_CHECK_IN_ARRIVED, *arrived)
    back = [{"of": r.key} for r in results if isinstance(r, Returned)]
    if back:
        unit.write(BACK, *back)
    for result in results:
        if isinstance(result, Unsent):
            _mark_unsent(unit, result)
    drop_overtaken(unit, [result.key for result in results if not isinstance(result, Sent)])


def _as_sent(result: Sent) -> dict[str, object]:
    then = DUE if result.passing else None
    return {"of": result.key, "at": result.at, "delivered": result.delivered_at, "called": result.mark, "then": then}


_newer = t.outbox.alias("newer")
_OVERTAKEN = (
    update(t.outbox)
    .where(
        t.outbox.c.id == bindparam("of"),
        IS_OPEN,
        t.outbox.c.replaces != "",
        exists().where(
            _newer.c.seq > t.outbox.c.seq,
            _newer.c.person_id == t.outbox.c.person_id,
            _newer.c.replaces == t.outbox.c.replaces,
        ),
    )
    .values(state="replaced")
)


def drop_overtaken(unit: Unit, keys: Sequence[str]) -> None:
    """While these were being sent, a newer message may have taken their place: "Jo has it" must not be followed by the
    page that Jo has answered."""
    if keys:
        unit.connection.execute(_OVERTAKEN, [{"of": key} for key in keys])


def _mark_unsent(unit: Unit, result: Unsent) -> None:
    row = unit.run(ONE, {"of": result.key}).first()
    if row is None or row.state != "sending":
        return
    urgency = Urgency(row.urgency)
    if result.ambiguous:
        unit.write(UNSURE, {"of": row.id})
    if result.ambiguous and not may_be_repeated(row):
        lose_track(unit, row)
    elif result.permanent:
        next_address(unit, row)
    elif _worth_trying(row, urgency, unit.now):
        _try_later(unit, row)
    else:
        give_up(unit, row, "expired")


def _worth_trying(row: Row[Any], urgency: Urgency, now: datetime) -> bool:
    if urgency is Urgency.CRISIS:
        return True
    until = row.expires_at or row.made_at + RELAY_PATIENCE
    return bool(now < until)


def pause(attempts: int, urgency: Urgency = Urgency.CRISIS) -> timedelta:
    """How long to wait before the next try: 1, 2, 4 … seconds, never more than 30; what is nobody's crisis, up to 5
    minutes, so that a channel which is down for a day is not tried for nothing ten thousand times."""
    longest = LONGEST_PAUSE if urgency <= Urgency.RELAY else LONGEST_ORDINARY_PAUSE
    return min(timedelta(seconds=2 ** min(attempts, 12)), longest)


def _try_later(unit: Unit, row: Row[Any]) -> None:
    next_try = unit.now + pause(row.attempts, Urgency(row.urgency))
    change(unit, row, "later", next_try, row.address_id)
    if (row.urgency == Urgency.CRISIS or to_a_human(row)) and _patience_ended(row, unit.now):
        raise_alarm(unit, row)


def _patience_ended(row: Row[Any], now: datetime) -> bool:
    """Whether the patience with a message ended since it was tried last: its alarm is raised once, not at every try."""
    last_try = row.due_at - pause(row.attempts - 1) if row.attempts else row.made_at
    return bool(last_try < row.made_at + PAGE_PATIENCE <= now)
