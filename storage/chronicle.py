"""What happened to some participants, from the tables themselves: arrivals, signals, cases, pages, tasks, looks.

For the demo, which shows it in plain words beside the phones. It changes nothing, and opens only what the program may
open while it handles these people.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, select

from flows.case import Case
from flows.grant import FieldClass
from flows.level import Level
from flows.message import Page
from flows.phi import Phi
from storage import tables as t
from storage.outbox import page_in
from storage.schema import audit
from storage.situations import case_of
from storage.store import Unit

#: Entries of the ledger that a reader of the chronicle wants to see: somebody looked, or was refused.
LOOKS = ("record_seen", "plan_seen", "refused", "follow_up_done", "follow_up_overdue")


@dataclass(frozen=True, slots=True)
class Arrived:
    """A participant's message, as the inbox keeps it."""

    id: str
    at: datetime
    person_id: str
    kind: str
    state: str


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that heard something, and the words it heard; `in_words` False for an answer or a call for help."""

    id: str
    at: datetime
    person_id: str
    rule: str
    version: int
    level: Level
    explain: str
    words: Phi[str]
    in_words: bool


@dataclass(frozen=True, slots=True)
class Entered:
    """A line on a case's timeline."""

    id: str
    at: datetime
    case_id: str
    seq: int
    kind: str
    by: str
    detail: str
    words: Phi[str] | None


@dataclass(frozen=True, slots=True)
class Promised:
    """A page or a copy of one, and what became of it. `page` is None for a copy."""

    id: str
    seq: int
    at: datetime
    person_id: str
    about_id: str
    case_id: str
    page: Page | None
    state: str
    attempts: int
    next_try_at: datetime
    delivered_at: datetime | None
    answer: str


@dataclass(frozen=True, slots=True)
class Task:
    """A follow-up task and how it stands."""

    id: str
    case_id: str
    kind: str
    owner_id: str
    state: str
    outcome: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Looked:
    """An entry of the ledger: somebody saw something, or was not let."""

    id: str
    at: datetime
    by: str
    action: str
    about_id: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """A daily check-in and how far it came."""

    id: str
    person_id: str
    state: str
    asked_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Waits:
    """Something that falls due: a timer, or (`later`) a message that was put off. Second tries are none."""

    person_id: str
    kind: str
    key: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Chronicle:
    """Everything so far, each kind in its own order, and what is still to come (the next first)."""

    arrived: tuple[Arrived, ...]
    fired: tuple[Fired, ...]
    entered: tuple[Entered, ...]
    promised: tuple[Promised, ...]
    tasks: tuple[Task, ...]
    looked: tuple[Looked, ...]
    check_ins: tuple[CheckedIn, ...]
    cases: tuple[Case, ...]
    waits: tuple[Waits, ...]


_WHO: BindParameter[Any] = bindparam("ids", expanding=True)
_ARRIVED = select(t.inbox).where(t.inbox.c.person_id.in_(_WHO)).order_by(t.inbox.c.seq)
_FIRED = select(t.signal).where(t.signal.c.person_id.in_(_WHO)).order_by(t.signal.c.at, t.signal.c.start)
_ENTERED = select(t.case_fact).where(t.case_fact.c.person_id.in_(_WHO)).order_by(t.case_fact.c.at, t.case_fact.c.seq)
_PROMISED = (
    select(t.outbox)
    .where(t.outbox.c.subject_id.in_(_WHO), t.outbox.c.page.is_not(None) | t.outbox.c.content.startswith("care.copy@"))
    .order_by(t.outbox.c.seq)
)
_TASKS = select(t.follow_up).where(t.follow_up.c.person_id.in_(_WHO)).order_by(t.follow_up.c.due_at)
_LOOKED = select(audit).where(audit.c.subject.in_(_WHO), audit.c.action.in_(LOOKS)).order_by(audit.c.seq)
_CHECK_INS = select(t.check_in).where(t.check_in.c.person_id.in_(_WHO)).order_by(t.check_in.c.asked_at)
_CASES = (
    select(*(c.label(f"case_{c.name}") for c in t.care_case.c))
    .where(t.care_case.c.person_id.in_(_WHO))
    .order_by(t.care_case.c.number)
)
_TIMERS = select(t.timer).where(t.timer.c.person_id.in_(_WHO)).order_by(t.timer.c.due_at)
_LATER = (
    select(t.outbox.c.person_id, t.outbox.c.id, t.outbox.c.due_at)
    .where(t.outbox.c.state == "later", t.outbox.c.attempts == 0)
    .order_by(t.outbox.c.due_at)
)


def read(unit: Unit, participant_ids: Sequence[str]) -> Chronicle:
    """The chronicle of these participants as it stands now."""

    def rows(statement: Any) -> Sequence[Row[Any]]:
        return unit.connection.execute(statement, {"ids": list(participant_ids)}).all()

    timers = [Waits(row.person_id, row.kind, row.key, row.due_at) for row in rows(_TIMERS)]
    later = [Waits(row.person_id, "later", row.id, row.due_at) for row in unit.connection.execute(_LATER)]
    return Chronicle(
        arrived=tuple(Arrived(row.id, row.arrived_at, row.person_id, row.kind, row.state) for row in rows(_ARRIVED)),
        fired=tuple(_fired(unit, row) for row in rows(_FIRED)),
        entered=tuple(_entered(unit, row) for row in rows(_ENTERED)),
        promised=tuple(_promised(unit, row) for row in rows(_PROMISED)),
        tasks=tuple(
            Task(row.id, row.case_id, row.kind, row.owner_id, row.state, row.outcome or "", row.due_at)
            for row in rows(_TASKS)
        ),
        looked=tuple(_looked(row) for row in rows(_LOOKED)),
        check_ins=tuple(
            CheckedIn(row.id, row.person_id, row.state, row.asked_at, row.finished_at) for row in rows(_CHECK_INS)
        ),
        cases=tuple(case for row in rows(_CASES) if (case := case_of(row)) is not None),
        waits=tuple(sorted([*timers, *later], key=lambda one: one.due_at)),
    )


def _fired(unit: Unit, row: Row[Any]) -> Fired:
    words = unit.open(row.person_id, ("signal", "words", row.id), row.words, FieldClass.WORDS)
    return Fired(
        row.id, row.at, row.person_id, row.rule, row.version, Level(row.level), row.explain, words, row.end > row.start
    )


def _entered(unit: Unit, row: Row[Any]) -> Entered:
    detail, words = (
        None if sealed is None else unit.open(row.person_id, ("case_fact", column, row.id), sealed, FieldClass.WORDS)
        for column, sealed in (("detail", row.detail), ("words", row.words))
    )
    return Entered(row.id, row.at, row.case_id, row.seq, row.kind, row.by, detail.reveal() if detail else "", words)


def _promised(unit: Unit, row: Row[Any]) -> Promised:
    place = ("outbox", "answer", row.id)
    answer = "" if row.answer is None else unit.open(row.subject_id, place, row.answer, FieldClass.ANSWERS).reveal()
    return Promised(
        id=row.id,
        seq=row.seq,
        at=row.made_at,
        person_id=row.person_id,
        about_id=row.subject_id,
        case_id=row.ref,
        page=page_in(row.page),
        state=row.state,
        attempts=row.attempts,
        next_try_at=row.due_at,
        delivered_at=row.delivered_at,
        answer=answer,
    )


def _looked(row: Row[Any]) -> Looked:
    return Looked(str(row.seq), row.at, row.actor, row.action, row.subject or "", json.loads(row.detail))
