"""Clocks that count passing time, in the database: an escalation must not stop because somebody set a wall clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, bindparam, insert, literal, select, text, type_coerce, update

from flows.errors import HandrailError
from storage import tables as t
from storage import timers
from storage.schema import from_microseconds, setting, to_microseconds
from storage.store import Unit

MARK = "clock_mark"
#: A clock that stands so far behind what this database has seen is wrong, not late.
TOO_FAR_BACK = timedelta(hours=24)


class ClockIsWrong(HandrailError):
    """The clock says {0}, but this database was in use at {1}. Nothing was started. Set the clock, then start again."""


def shift(unit: Unit, by: timedelta) -> None:
    """The wall moved by `by`: timers and ladders that count passing time, and all that still has to be sent, move with
    it; what was put off to a time of day does not."""
    timers.shift_elapsed(unit, by)
    moved = _plus(t.care_case.c.ladder_at, by)
    unit.connection.execute(update(t.care_case).where(text("state <> 'closed'")).values(ladder_at=moved))
    unit.connection.execute(
        update(t.outbox)
        .where(text("outbox.state in ('waiting', 'sending') or (outbox.state = 'later' and outbox.attempts > 0)"))
        .values(
            {column: _plus(column, by) for column in (t.outbox.c.made_at, t.outbox.c.due_at, t.outbox.c.expires_at)}
        )
    )
    unit.ledger.note(unit.now, "handrail", "clock_jumped", None, "clock", None, {"seconds": round(by.total_seconds())})


def _plus(column: Column[datetime], by: timedelta) -> object:
    return type_coerce(column, BigInteger) + literal(by // timedelta(microseconds=1), BigInteger)


_WRITE = update(setting).where(setting.c.key == MARK).values(value=bindparam("to"))


def write_mark(unit: Unit) -> None:
    """Write down what time it is, so that a clock that was wrong at the next start is found out."""
    now = str(to_microseconds(unit.now))
    if not unit.connection.execute(_WRITE, {"to": now}).rowcount:
        unit.connection.execute(insert(setting), {"key": MARK, "value": now})


def catch_up(unit: Unit) -> None:
    """At the start: a clock that went back while nobody watched moves the waiting clocks back with it.

    Raises ClockIsWrong for one that is more than a day behind.
    """
    written = unit.connection.execute(select(setting.c.value).where(setting.c.key == MARK)).scalar()
    if written is None:
        return
    mark = from_microseconds(int(written))
    if unit.now < mark - TOO_FAR_BACK:
        raise ClockIsWrong(f"{unit.now:%Y-%m-%d %H:%M} UTC", f"{mark:%Y-%m-%d %H:%M} UTC")
    if unit.now < mark:
        shift(unit, unit.now - mark)
