"""How a programme's database stands, in counts and times: what `handrail doctor` looks at. Opens nothing sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from flows.grant import Role
from flows.message import Urgency
from storage import tables as t


@dataclass(frozen=True, slots=True)
class Census:
    """The people who are active, and what some of them are without."""

    participants: int
    without_therapist: int
    without_plan: int
    without_check_in: int
    without_check_in_timer: int
    participants_without_address: int
    staff_without_address: tuple[str, ...]
    languages: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits longer than it should."""

    failed_arrivals: int
    unsent_crisis: int
    oldest_crisis: datetime | None
    oldest_timer: datetime | None
    open_cases: int


_ACTIVE = (t.person.c.role == Role.PARTICIPANT.value) & (t.person.c.status == "active")
_STAFF = t.person.c.role.in_([Role.THERAPIST, Role.FACILITATOR, Role.SUPERVISOR, Role.DIRECTOR, Role.OPERATOR])


def census(connection: Connection) -> Census:
    """Counts the people."""
    staff = select(t.person.c.id).where(_STAFF, t.person.c.status == "active")
    timers = select(t.timer.c.person_id).where(t.timer.c.kind == "check_in")
    everybody = select(func.count()).select_from(t.person).where(_ACTIVE)
    languages = select(t.person.c.language, func.count()).where(_ACTIVE).group_by(t.person.c.language)
    no_address = staff.where(t.person.c.address_id.is_(None)).order_by(t.person.c.id)
    return Census(
        participants=_number(connection, everybody),
        without_therapist=_number(
            connection,
            everybody.where(t.person.c.therapist_id.is_(None) | t.person.c.therapist_id.not_in(staff)),
        ),
        without_plan=_number(connection, everybody.where(t.person.c.plan_id.is_(None))),
        without_check_in=_number(connection, everybody.where(t.person.c.check_in_at.is_(None))),
        without_check_in_timer=_number(
            connection, everybody.where(t.person.c.check_in_at.is_not(None), t.person.c.id.not_in(timers))
        ),
        participants_without_address=_number(connection, everybody.where(t.person.c.address_id.is_(None))),
        staff_without_address=tuple(row[0] for row in connection.execute(no_address)),
        languages=tuple((row[0], row[1]) for row in connection.execute(languages.order_by(t.person.c.language))),
    )


def backlog(connection: Connection) -> Backlog:
    """Counts what waits."""
    failed = select(func.count()).select_from(t.inbox).where(t.inbox.c.state == "failed")
    unsent = (t.outbox.c.urgency == Urgency.CRISIS.value) & t.outbox.c.state.in_(["waiting", "later", "sending"])
    count, oldest = connection.execute(select(func.count(), func.min(t.outbox.c.made_at)).where(unsent)).one()
    return Backlog(
        failed_arrivals=_number(connection, failed),
        unsent_crisis=count,
        oldest_crisis=oldest,
        oldest_timer=connection.execute(select(func.min(t.timer.c.due_at))).scalar(),
        open_cases=_number(
            connection, select(func.count()).select_from(t.care_case).where(t.care_case.c.state != "closed")
        ),
    )


def damage(connection: Connection) -> str:
    """What SQLite finds wrong with its own file; nothing where it is sound. PostgreSQL looks after itself."""
    if connection.dialect.name != "sqlite":
        return ""
    found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    return "" if found == "ok" else found.splitlines()[0]


def _number(connection: Connection, statement: Select[Any]) -> int:
    return int(connection.execute(statement).scalar() or 0)
