"""Loads what one decision may know: a person's own rows, and the open case."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, bindparam, select, text

from flows.case import Case
from flows.grant import Action, Actor, FieldClass, Role
from flows.level import Level
from flows.plan import Plan
from flows.policy import Relation, authorize
from flows.request import Desk
from flows.situation import CheckIn, Situation, Talk
from storage import people
from storage import tables as t
from storage.ids import new_id
from storage.people import Registry
from storage.store import Unit

# Written out, not bound: only so the index on open cases serves. (SQLite would plan anew at every execution.)
CASE_IS_OPEN = text("care_case.state <> 'closed'")
_CASE = [c.label(f"case_{c.name}") for c in t.care_case.c]
_CHECK_IN = [c.label(f"check_in_{c.name}") for c in t.check_in.c]
_any = t.check_in.alias("any_check_in")
_LATEST_CHECK_IN = (
    select(_any.c.id)
    .where(_any.c.person_id == t.person.c.id)
    .order_by(_any.c.local_date.desc())
    .limit(1)
    .scalar_subquery()
)
_LOAD = (
    select(
        t.person,
        t.address.c.private,
        t.address.c.channel,
        t.address.c.place,
        t.talk.c.state.label("talk_state"),
        t.plan.c.body.label("plan_body"),
        *_CASE,
        *_CHECK_IN,
    )
    .outerjoin(t.address, t.address.c.id == t.person.c.address_id)
    .outerjoin(t.talk, t.talk.c.person_id == t.person.c.id)
    .outerjoin(t.plan, t.plan.c.id == t.person.c.plan_id)
    .outerjoin(t.care_case, (t.care_case.c.person_id == t.person.c.id) & CASE_IS_OPEN)
    .outerjoin(t.check_in, t.check_in.c.id == _LATEST_CHECK_IN)
)
_ONE = _LOAD.where(t.person.c.id == bindparam("id"))
_SEVERAL = _LOAD.where(t.person.c.id.in_(bindparam("ids", expanding=True)))
_written = json.JSONEncoder(separators=(",", ":")).encode
_NEW = Talk()
_FRESH = {field.name: getattr(_NEW, field.name) for field in fields(Talk)}
_fresh_values, _values_of = tuple(_FRESH.values()), attrgetter(*_FRESH)


_THEMSELVES = Relation(self_=True)
_NO_PLAN = Plan()


def load_participants(unit: Unit, ids: Sequence[str], registry: Registry) -> dict[str, tuple[Situation, str]]:
    """For each participant: the situation of a decision about them, and the address their messages go to."""
    if len(ids) == 1:  # by far the most often, and a list of varying length is planned anew each time
        rows = unit.run(_ONE, {"id": ids[0]}).all()
    else:
        rows = unit.connection.execute(_SEVERAL, {"ids": list(ids)}).all()
    unit.places |= {row.address_id: (row.channel, row.place) for row in rows if row.place}
    return {
        row.id: (_situation(unit, row, registry, registry.next_number + offset), row.address_id or "")
        for offset, row in enumerate(rows)
        if row.role == Role.PARTICIPANT.value
    }


def _situation(unit: Unit, row: Row[Any], registry: Registry, number: int) -> Situation:
    participant = people.participant_of(unit, row, private=bool(row.private))
    return Situation(
        now=unit.now,
        participant=participant,
        talk=unit.opened("talk", row.id, lambda: talk_in(row.talk_state), _NEW) if row.talk_state else _NEW,
        case=case_of(row),
        check_in=_check_in(row),
        plan=_plan(unit, row),
        roster=registry.roster,
        grant=authorize(Actor(row.id, Role.PARTICIPANT), Action.SEE_PLAN, row.id, _THEMSELVES, "own", unit.now),
        next_case_number=number,
        new_id=new_id(),
    )


def _plan(unit: Unit, row: Row[Any]) -> Plan:
    if row.plan_body is None:
        return _NO_PLAN

    def read() -> Plan:
        place = ("plan", "body", row.plan_id)
        return people.plan_of(unit.open(row.id, place, row.plan_body, FieldClass.PLAN).reveal())

    return unit.opened("plan", row.plan_id, read, _NO_PLAN)


def _check_in(row: Row[Any]) -> CheckIn | None:
    if row.check_in_id is None:
        return None
    return CheckIn(
        id=row.check_in_id,
        local_date=date.fromisoformat(row.check_in_local_date),
        state=row.check_in_state,
        asked_at=row.check_in_asked_at,
        conversation=row.check_in_conversation,
        reminders=row.check_in_reminders,
        delivered_at=row.check_in_delivered_at,
        first_answer_at=row.check_in_first_answer_at,
        finished_at=row.check_in_finished_at,
    )


def case_of(row: Row[Any]) -> Case | None:
    """The open case in a joined row, if there is one."""
    if row.case_id is None:
        return None
    return Case(
        id=row.case_id,
        number=row.case_number,
        participant_id=row.case_person_id,
        level=Level(row.case_level),
        opened_at=row.case_opened_at,
        ladder_at=row.case_ladder_at,
        heard_at=row.case_heard_at,
        state=row.case_state,
        tier=row.case_tier,
        round=row.case_round,
        holder_id=row.case_holder_id,
        acknowledged_at=row.case_acknowledged_at,
        engaged_at=row.case_engaged_at,
        resolved_at=row.case_resolved_at,
        speaker_id=row.case_speaker_id,
        paged=_ids(row.case_paged),
        out=_ids(row.case_out),
    )


def _ids(joined: str) -> frozenset[str]:
    return frozenset(joined.split()) if joined else frozenset()


def talk_out(talk: Talk) -> str:
    """A conversation's state for its row: only what differs from a fresh one."""
    values = zip(_FRESH, _values_of(talk), _fresh_values, strict=True)
    return _written({name: value for name, value, fresh in values if value != fresh})


def talk_in(written: str) -> Talk:
    """A conversation's state from its row. What another program wrote down and this one cannot use is left out."""
    kept = {name: value for name, value in json.loads(written).items() if name in _FRESH}
    return Talk(**{name: value for name, value in kept.items() if isinstance(value, type(_FRESH[name]))})


_DESK = select(t.desk).where(t.desk.c.person_id == bindparam("id"))


def load_desk(unit: Unit, staff_id: str) -> Desk:
    """What the program last asked this staff member."""
    row = unit.run(_DESK, {"id": staff_id}).first()
    return Desk(row.asks, row.case_id, row.speaking_case_id) if row else Desk()
