"""Cases as staff look at them: the worklist, and the record that is opened with a Grant."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, bindparam, select

from flows.case import Fact
from flows.grant import FieldClass, Grant
from flows.level import Level
from flows.people import StaffMember
from flows.phi import Phi
from flows.policy import Action, Actor, authorize
from flows.relation import relation
from flows.situation import CaseLine, Heard, Record
from storage import people
from storage import tables as t
from storage.people import Registry
from storage.situations import CASE_IS_OPEN, case_of
from storage.store import Unit

_BY_ID = select(t.care_case.c.person_id, t.care_case.c.state).where(t.care_case.c.id == bindparam("of"))
_BY_NUMBER = select(t.care_case.c.person_id).where(t.care_case.c.number == bindparam("of"))
_OPEN = (
    select(t.person, t.address.c.private, t.address.c.channel, *[c.label(f"case_{c.name}") for c in t.care_case.c])
    .join(t.person, t.person.c.id == t.care_case.c.person_id)
    .outerjoin(t.address, t.address.c.id == t.person.c.address_id)
    .where(CASE_IS_OPEN)
    .order_by(t.care_case.c.level.desc(), t.care_case.c.opened_at)
    .limit(50)
)


_SPEAKS_IN = select(t.care_case.c.id, t.care_case.c.number).where(
    t.care_case.c.speaker_id == bindparam("who"), CASE_IS_OPEN, t.care_case.c.id != bindparam("but")
)


def speaks_in(unit: Unit, staff_id: str, but: str) -> tuple[tuple[str, int], ...]:
    """Id and number of the open cases in which somebody speaks, but for one."""
    return tuple((row[0], row[1]) for row in unit.run(_SPEAKS_IN, {"who": staff_id, "but": but}))


_SPOKEN_IN = select(t.care_case.c.id).where(
    t.care_case.c.number == bindparam("number"), t.care_case.c.speaker_id == bindparam("who")
)


def spoken_in_room(unit: Unit, staff_id: str, room: str) -> str:
    """The case whose room this is, if this person speaks in it; nothing otherwise."""
    kind, _, number = room.partition(" ")
    if kind != "case" or not number.isdecimal():
        return ""
    return unit.connection.execute(_SPOKEN_IN, {"number": int(number), "who": staff_id}).scalar() or ""


def participant_of_case(unit: Unit, case_id: str) -> str:
    """Whose case this is; nothing for one that never was."""
    row = unit.connection.execute(_BY_ID, {"of": case_id}).first()
    return row[0] if row else ""


def participant_of_number(unit: Unit, number: int) -> str:
    """Whose case has this number."""
    row = unit.connection.execute(_BY_NUMBER, {"of": number}).first()
    return row[0] if row else ""


_ID = select(t.care_case.c.id).where(t.care_case.c.number == bindparam("of"))
_HOLDER = select(t.care_case.c.holder_id).where(t.care_case.c.id == bindparam("of"))


def id_of_number(unit: Unit, number: int) -> str:
    """The case of this number; nothing for one that never was."""
    return unit.connection.execute(_ID, {"of": number}).scalar() or ""


def holder_of(unit: Unit, case_id: str) -> str:
    """Who holds this case, or held it last."""
    return unit.connection.execute(_HOLDER, {"of": case_id}).scalar() or ""


def worklist(unit: Unit, staff: StaffMember, registry: Registry) -> tuple[CaseLine, ...]:
    """The open cases that this person may know of, the most urgent first. A name only where the door opens for it."""
    lines = []
    for row in unit.connection.execute(_OPEN):
        case = case_of(row)
        participant = people.participant_of(unit, row, private=bool(row.private))
        if case is None:
            continue
        ties = relation(staff, participant, case, registry.roster, unit.now)
        leave = authorize(Actor(staff.id, staff.role), Action.SEE_CASE, participant.id, ties, "worklist", unit.now)
        if isinstance(leave, Grant):
            lines.append(
                CaseLine(case.number, case.level, case.state, case.opened_at, case.holder_id, participant.name)
            )
    unit.ledger.note(unit.now, staff.id, "worklist_seen", None, "case", None, {"count": len(lines)})
    return tuple(lines)


_OWNER = select(t.follow_up.c.owner_id).where(t.follow_up.c.id == bindparam("of"))


def owner_of_task(unit: Unit, task_id: str) -> str:
    """Who owns a follow-up task; nothing for one that never was."""
    return unit.connection.execute(_OWNER, {"of": task_id}).scalar() or ""


#: A nudge (level none) is counted, and tells whoever takes a case nothing.
_SIGNALS = (
    select(t.signal)
    .where(t.signal.c.case_id == bindparam("of"), t.signal.c.level > 0)
    .order_by(t.signal.c.at.desc())
    .limit(20)
)
_FACTS = (
    select(t.case_fact)
    .where(t.case_fact.c.case_id == bindparam("of"))
    .order_by(t.case_fact.c.at.desc(), t.case_fact.c.seq.desc())
    .limit(50)
)
_MESSAGES = select(t.inbox).where(t.inbox.c.person_id == bindparam("of")).order_by(t.inbox.c.seq.desc()).limit(6)
_MOODS = (
    select(t.answer, t.check_in.c.local_date)
    .join(t.check_in, t.check_in.c.id == t.answer.c.check_in_id)
    .where(t.answer.c.person_id == bindparam("of"), t.answer.c.item == "check_in.mood")
    .order_by(t.answer.c.at.desc())
    .limit(14)
)


def record(unit: Unit, grant: Grant, person_id: str, case_id: str, name: str) -> Record:
    """What staff may see of a participant and their case, opened with their Grant; the view goes into the ledger."""
    where = {"of": case_id}
    heard = tuple(_heard(unit, grant, row) for row in unit.connection.execute(_SIGNALS, where))
    facts = tuple(_fact(unit, grant, row) for row in unit.connection.execute(_FACTS, where))
    whose = {"of": person_id}
    messages = [_message(unit, grant, row, name) for row in unit.connection.execute(_MESSAGES, whose)]
    moods = [_mood(unit, grant, row) for row in unit.connection.execute(_MOODS, whose)]
    unit.ledger.note(
        unit.now,
        grant.actor.id,
        "record_seen",
        person_id,
        "case",
        case_id or None,
        {"fields": ",".join(sorted(grant.fields))},
    )
    return Record(
        heard=heard,
        facts=facts[::-1],
        messages=tuple(message for message in reversed(messages) if message is not None),
        moods=tuple(mood for mood in reversed(moods) if mood is not None),
    )


#: Stands where words do not open: a case must be taken over all the same.
SPOILED = Phi("…")


def _opened(
    unit: Unit, grant: Grant, row: Row[Any], place: tuple[str, str], kind: FieldClass = FieldClass.WORDS
) -> Phi[str]:
    """A sealed field for the one who was granted it. `place` is table and column."""

    def read() -> Phi[str]:
        return unit.vault.open(grant, row.person_id, *place, row.id, getattr(row, place[1]), kind, unit.now)

    return unit.opened(place[0], row.id, read, SPOILED)


def _heard(unit: Unit, grant: Grant, row: Row[Any]) -> Heard:
    words = _opened(unit, grant, row, ("signal", "words"))
    return Heard(row.at, row.rule, row.version, Level(row.level), row.explain, words)


def _fact(unit: Unit, grant: Grant, row: Row[Any]) -> Fact:
    detail = _opened(unit, grant, row, ("case_fact", "detail")).reveal() if row.detail is not None else ""
    words = _opened(unit, grant, row, ("case_fact", "words")) if row.words is not None else None
    return Fact(row.kind, row.at, row.by, detail, words)


def _message(unit: Unit, grant: Grant, row: Row[Any], name: str) -> tuple[datetime, str, Phi[str]] | None:
    if row.kind not in {"text", "edit"}:
        return None
    return row.arrived_at.astimezone(UTC), name, _opened(unit, grant, row, ("inbox", "body"))


def _mood(unit: Unit, grant: Grant, row: Row[Any]) -> tuple[Any, int] | None:
    value = _opened(unit, grant, row, ("answer", "value"), FieldClass.ANSWERS).reveal()
    return (row.local_date, int(value)) if value.isdecimal() else None
