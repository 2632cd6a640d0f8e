"""Looking people up for a command: by name, by role, by address. Changes nothing, and opens only what it must."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import Row, bindparam, select

from flows.errors import HandrailError
from flows.grant import FieldClass, Grant, Role
from flows.plan import Plan
from storage import tables as t
from storage.people import people_named, plan_of
from storage.store import Unit


class NobodyNamed(HandrailError):
    """There is no {0} called {1}. People are entered with handrail init --people FILE."""


class StrangerThere(HandrailError):
    """Somebody nobody knew has written from {0} before. Nothing was changed. Give the new person another address."""


class SeveralNamed(HandrailError):
    """There are {0} people called {1}. Write more of the name, or one of these ids: {2}."""


STRANGER = "stranger"
_ROLES = select(t.person.c.id, t.person.c.role).where(t.person.c.id.in_(bindparam("ids", expanding=True)))
_IDS = select(t.person.c.id).where(t.person.c.id == bindparam("of"))


def one_named(unit: Unit, words: str, roles: frozenset[Role]) -> str:
    """The id of the one person of these roles whose name holds these words, or who has this id. Raises otherwise."""
    ids = people_named(unit, words) or [row[0] for row in unit.connection.execute(_IDS, {"of": words.strip()})]
    found = sorted(row.id for row in unit.connection.execute(_ROLES, {"ids": ids}) if row.role in roles)
    if not found:
        kind = "person" if Role.PARTICIPANT in roles else "member of staff"
        kind = "participant" if roles == {Role.PARTICIPANT} else kind
        raise NobodyNamed(kind, words)
    if len(found) > 1:
        raise SeveralNamed(len(found), words, ", ".join(found))
    return str(found[0])


_AT = (
    select(t.person.c.id, t.person.c.status)
    .join(t.address, t.address.c.person_id == t.person.c.id)
    .where(t.address.c.channel == bindparam("on"), t.address.c.mark == bindparam("mark"))
)


def whose_address(unit: Unit, channel: str, place: str) -> str:
    """Who is reached there already; nothing where nobody is. Unlike an arriving message, it makes no stranger.

    Raises StrangerThere for somebody who is none of the programme's people.
    """
    mark = unit.vault.blind(f"address.{channel}", place)
    row = unit.connection.execute(_AT, {"on": channel, "mark": mark}).first()
    if row is not None and row.status == STRANGER:
        raise StrangerThere(place)
    return str(row.id) if row is not None else ""


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody with an address on some channel."""

    person_id: str
    role: Role
    place: str = field(repr=False)


_ON = (
    select(t.person.c.id, t.person.c.role, t.address.c.id.label("address_id"), t.address.c.place)
    .join(t.address, t.address.c.person_id == t.person.c.id)
    .where(t.address.c.channel == bindparam("on"), t.person.c.status == "active")
    .order_by(t.person.c.id)
)


def reached_on(unit: Unit, channel: str) -> tuple[Reached, ...]:
    """Everybody active who has an address there. What does not open is left out."""
    rows = unit.connection.execute(_ON, {"on": channel}).all()
    found = (unit.opened("address", row.address_id, partial(_reached, unit, row), None) for row in rows)
    return tuple(one for one in found if one is not None)


def _reached(unit: Unit, row: Row[*tuple[Any, ...]]) -> Reached | None:
    place = unit.open(row.id, ("address", "place", row.address_id), row.place, FieldClass.ADDRESS)
    return Reached(row.id, Role(row.role), place.reveal())


# -- check-ins -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hour:
    """When a participant is asked every day, in the local time of `zone`. Empty: never."""

    at: str
    zone: str
    status: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """A check-in that waits: for which local date, and when. `planned_at` was its hour before it was put off."""

    day: date
    due_at: datetime
    planned_at: datetime


_HOUR = select(t.person.c.check_in_at, t.person.c.zone, t.person.c.status).where(t.person.c.id == bindparam("of"))
_PROMPTS = (
    select(t.timer.c.key, t.timer.c.due_at, t.timer.c.data)
    .where(t.timer.c.person_id == bindparam("of"), t.timer.c.kind == "check_in")
    .order_by(t.timer.c.key)
)
_ASKED = select(t.check_in.c.asked_at).where(t.check_in.c.person_id == bindparam("of"))
_LAST_ASKED = _ASKED.order_by(t.check_in.c.local_date.desc()).limit(1)


def hour_of(unit: Unit, person_id: str) -> Hour:
    """A participant's check-in time."""
    row = unit.connection.execute(_HOUR, {"of": person_id}).one()
    return Hour(row.check_in_at or "", row.zone, row.status)


def prompts_of(unit: Unit, person_id: str) -> tuple[Prompt, ...]:
    """The check-ins that wait for a participant, by date."""
    rows = unit.connection.execute(_PROMPTS, {"of": person_id})
    return tuple(Prompt(date.fromisoformat(row.key), row.due_at, _planned(row.data) or row.due_at) for row in rows)


def _planned(data: str) -> datetime | None:
    written = json.loads(data).get("planned")
    return datetime.fromisoformat(written) if written else None


def last_asked(unit: Unit, person_id: str) -> datetime | None:
    """When a participant was last asked."""
    found: datetime | None = unit.connection.execute(_LAST_ASKED, {"of": person_id}).scalar()
    return found


# -- plans ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """A version of a plan with whoever made it."""

    id: str
    plan: Plan
    made_at: datetime
    made_by: str


_PLAN = (
    select(t.plan)
    .join(t.person, (t.person.c.plan_id == t.plan.c.id) & (t.person.c.id == t.plan.c.person_id))
    .where(t.person.c.id == bindparam("of"))
)


def active_plan(unit: Unit, grant: Grant, person_id: str) -> KeptPlan | None:
    """The plan that counts now, opened with a Grant; the view goes into the ledger. None where there is none."""
    row = unit.connection.execute(_PLAN, {"of": person_id}).first()
    if row is None:
        return None
    body = unit.vault.open(grant, person_id, "plan", "body", row.id, row.body, FieldClass.PLAN, unit.now)
    unit.ledger.note(unit.now, grant.actor.id, "plan_seen", person_id, "plan", row.id, {"reason": grant.reason})
    return KeptPlan(row.id, plan_of(body.reveal()), row.made_at, row.made_by)
