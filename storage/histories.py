"""One person's past, as far as a decision about patterns needs it: some days of one question, a month of check-ins.

Every query is about one person and served by an index: what it costs does not grow with the number of people, nor with
their years.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from flows.grant import FieldClass
from flows.risk import History, Needs
from flows.risk.history import NO_ANSWER, Given
from flows.schedule import local_date
from storage import tables as t
from storage.presences import Presence
from storage.store import Unit

_ANSWERS = (
    select(t.answer.c.id, t.answer.c.value, t.check_in.c.local_date)
    .join(t.check_in, t.check_in.c.id == t.answer.c.check_in_id)
    .where(t.answer.c.person_id == bindparam("of"), t.answer.c.item == bindparam("which"))
    .where(t.answer.c.at >= bindparam("since"))
    .order_by(t.answer.c.at)
)
_CHECK_INS = (
    select(t.check_in.c.local_date, t.check_in.c.state, t.check_in.c.delivered_at, t.check_in.c.first_answer_at)
    .where(t.check_in.c.person_id == bindparam("of"), t.check_in.c.local_date >= bindparam("since"))
    .order_by(t.check_in.c.local_date)
)
_PRESENCES = (
    select(t.presence.c.kind, t.presence.c.local_date)
    .where(t.presence.c.person_id == bindparam("of"), t.presence.c.local_date >= bindparam("since"))
    .order_by(t.presence.c.local_date)
)
#: The newest of an instrument: with one a week that is two years.
MOST_TOTALS = 100
_TOTALS = (
    select(t.total.c.id, t.total.c.value, t.total.c.at)
    .where(t.total.c.person_id == bindparam("of"), t.total.c.instrument == bindparam("which"))
    .order_by(t.total.c.at.desc())
    .limit(MOST_TOTALS)
)
_ANSWERED = frozenset({"answering", "finished", "left", "late"})


def load(unit: Unit, person_id: str, zone: str, needs: Needs) -> History:
    """As much of this person's past as is needed."""
    today = local_date(unit.now, zone)
    came = tuple(_presences(unit, person_id, today, needs.sessions)) if needs.sessions else ()
    return History(
        today=today,
        answers={item: _answers(unit, person_id, zone, item, today, days) for item, days in needs.items.items()},
        check_ins=tuple(_check_ins(unit, person_id, today, needs.check_ins)) if needs.check_ins else (),
        totals={name: tuple(_totals(unit, person_id, zone, name)) for name in sorted(needs.totals)},
        sessions=tuple((day, kind == Presence.ATTENDED) for kind, day in came if kind != Presence.DISCHARGED),
        discharged=max((day for kind, day in came if kind == Presence.DISCHARGED), default=None),
    )


def _since(today: date, days: int) -> str:
    return (today - timedelta(days=days)).isoformat()


def _answers(unit: Unit, person_id: str, zone: str, item: str, today: date, days: int) -> Given:
    """The last answer of each day. Whoever left the question out afterwards took that day's answer back."""
    since = datetime.combine(today - timedelta(days=days), time(), ZoneInfo(zone))
    latest: dict[date, str] = {}
    for row in unit.run(_ANSWERS, {"of": person_id, "which": item, "since": since}):
        value = _opened(unit, person_id, "answer", row.id, row.value)
        latest.pop(day := date.fromisoformat(row.local_date), None)
        if value and value not in NO_ANSWER:
            latest[day] = value
    return tuple(sorted(latest.items()))


def _check_ins(unit: Unit, person_id: str, today: date, days: int) -> Iterable[tuple[date, bool]]:
    """Those that reached them and are over."""
    for row in unit.run(_CHECK_INS, {"of": person_id, "since": _since(today, days)}):
        if row.state in _ANSWERED or row.first_answer_at is not None:
            yield date.fromisoformat(row.local_date), True
        elif row.state == "missed":
            yield date.fromisoformat(row.local_date), False


def _presences(unit: Unit, person_id: str, today: date, days: int) -> Iterable[tuple[str, date]]:
    for row in unit.run(_PRESENCES, {"of": person_id, "since": _since(today, days)}):
        yield row.kind, date.fromisoformat(row.local_date)


def _totals(unit: Unit, person_id: str, zone: str, instrument: str) -> Iterable[tuple[date, int]]:
    rows = unit.run(_TOTALS, {"of": person_id, "which": instrument}).all()
    for row in reversed(rows):
        if value := _opened(unit, person_id, "total", row.id, row.value):
            yield local_date(row.at, zone), int(value)


def _opened(unit: Unit, person_id: str, table: str, row_id: str, sealed: bytes) -> str:
    """A sealed value; nothing where it does not open: one spoiled row must not hide all others."""
    place = (table, "value", row_id)
    return unit.opened(table, row_id, lambda: unit.open(person_id, place, sealed, FieldClass.ANSWERS).reveal(), "")
