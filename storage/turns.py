"""Makes decisions true: everything that turns decided, in one transaction, with one statement a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, update

from flows.case import Case
from flows.situation import CheckIn, Situation
from flows.turn import DropTimer, SetTimer, Turn
from storage import outbox, pagers, timers
from storage import tables as t
from storage.dialect import upsert
from storage.ids import new_id
from storage.people import PAGER, Registry
from storage.situations import talk_out
from storage.store import Unit


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, what it was decided on, and where the participant's messages go."""

    situation: Situation
    turn: Turn
    address_id: str
    event: str  # what kind of event it was, for the ledger
    event_id: str

    @property
    def person_id(self) -> str:
        """Whose words this turn holds: the participant's, else those of the staff member who acted."""
        person, staff = self.situation.participant, self.situation.staff
        return person.id if person else staff.id if staff else ""

    @property
    def actor_id(self) -> str:
        staff = self.situation.staff
        return staff.id if staff else self.person_id


def save(unit: Unit, decided: Sequence[Decided], registry: Registry) -> None:
    """All effects of these decisions. They are about different participants, so their order does not matter."""
    _talks(unit, decided)
    _desks(unit, decided)
    _cases(unit, decided)
    _check_ins(unit, decided)
    _answers(unit, decided)
    _signals(unit, decided)
    _facts(unit, decided)
    moved = [change for one in decided for change in one.turn.timers]
    lost = outbox.promise(unit, _messages(decided, registry))
    timers.change(unit, [*moved, *lost, *_follow_ups(unit, decided)])
    _languages(unit, decided)
    _pagers(unit, decided)
    _judgements(unit, decided)
    _ledger(unit, decided)


def _messages(decided: Iterable[Decided], registry: Registry) -> Iterable[tuple[Any, str, str]]:
    for one in decided:
        participant = one.situation.participant
        for message in one.turn.says:
            own = participant is not None and message.to == participant.id
            addresses = registry.pager_of if message.via == PAGER else registry.address_of
            yield message, one.address_id if own else addresses.get(message.to, ""), one.person_id


def _talks(unit: Unit, decided: Sequence[Decided]) -> None:
    rows = [
        {"person_id": one.person_id, "state": talk_out(one.turn.talk)} for one in decided if one.turn.talk is not None
    ]
    if rows:
        unit.write(upsert(unit.dialect, t.talk), *rows)


def _desks(unit: Unit, decided: Sequence[Decided]) -> None:
    rows = [
        {
            "person_id": one.situation.staff.id,
            "asks": one.turn.desk.asks,
            "case_id": one.turn.desk.case_id,
            "speaking_case_id": one.turn.desk.speaking_case_id,
        }
        for one in decided
        if one.turn.desk is not None and one.situation.staff is not None
    ]
    if rows:
        unit.write(upsert(unit.dialect, t.desk), *rows)


# -- cases ---------------------------------------------------------------------------------------------------------

_NEW_CASE, _NEW_FACT, _NEW_SIGNAL = insert(t.care_case), insert(t.case_fact), insert(t.signal)
_CASE_COLUMNS = [c.name for c in t.care_case.c if c.name not in {"id", "number", "person_id", "opened_at"}]
_CASE_CHANGE = (
    update(t.care_case)
    .where(t.care_case.c.id == bindparam("of"))
    .values({name: bindparam(f"to_{name}") for name in _CASE_COLUMNS})
)


def _cases(unit: Unit, decided: Sequence[Decided]) -> None:
    opened = [one.turn.case for one in decided if one.turn.case is not None and one.situation.case is None]
    changed = [one.turn.case for one in decided if one.turn.case is not None and one.situation.case is not None]
    if opened:
        unit.write(_NEW_CASE, *(case_row(case) for case in opened))
    if changed:
        rows = [{"of": case.id, **{f"to_{name}": case_row(case)[name] for name in _CASE_COLUMNS}} for case in changed]
        unit.write(_CASE_CHANGE, *rows)


def case_row(case: Case) -> dict[str, object]:
    """A case as it is kept."""
    return {
        "id": case.id,
        "number": case.number,
        "person_id": case.participant_id,
        "state": case.state,
        "level": int(case.level),
        "tier": case.tier,
        "round": case.round,
        "holder_id": case.holder_id,
        "speaker_id": case.speaker_id,
        "paged": " ".join(sorted(case.paged)),
        "out": " ".join(sorted(case.out)),
        "opened_at": case.opened_at,
        "ladder_at": case.ladder_at,
        "heard_at": case.heard_at,
        "acknowledged_at": case.acknowledged_at,
        "engaged_at": case.engaged_at,
        "resolved_at": case.resolved_at,
    }


def _case_id(one: Decided) -> str | None:
    case = one.turn.case or one.situation.case
    return case.id if case else None


def enter(unit: Unit, person_id: str, case_id: str, kind: str, by: str) -> None:
    """A line on a case's timeline that nothing was decided about."""
    private = unit.vault.seal_row(person_id, "case_fact", row_id := new_id(), {"detail": None, "words": None})
    row = {"id": row_id, "case_id": case_id, "person_id": person_id, "seq": 0, "kind": kind, "at": unit.now, "by": by}
    unit.write(_NEW_FACT, {**row, **private})


def _facts(unit: Unit, decided: Sequence[Decided]) -> None:
    rows = []
    for one in decided:
        for seq, fact in enumerate(one.turn.facts):
            row_id = new_id()
            # The detail of some facts is what somebody answered, so it is sealed like their words.
            private = {"detail": fact.detail or None, "words": fact.words}
            rows.append(
                {
                    "id": row_id,
                    "case_id": _case_id(one) or "",
                    "person_id": one.person_id,
                    "seq": seq,
                    "kind": fact.kind,
                    "at": fact.at,
                    "by": fact.by,
                    **unit.vault.seal_row(one.person_id, "case_fact", row_id, private),
                }
            )
    if rows:
        unit.write(_NEW_FACT, *rows)


def _signals(unit: Unit, decided: Sequence[Decided]) -> None:
    rows = []
    for one in decided:
        for heard in one.turn.signals:
            row_id = new_id()
            rows.append(
                {
                    "id": row_id,
                    "person_id": one.person_id,
                    "case_id": _case_id(one),
                    "rule": heard.rule,
                    "version": heard.version,
                    "level": int(heard.level),
                    "category": heard.category,
                    "explain": heard.explain,
                    "start": heard.start,
                    "end": heard.end,
                    "words": unit.vault.seal(one.person_id, "signal", "words", row_id, heard.words),
                    "at": unit.now,
                }
            )
    if rows:
        unit.write(_NEW_SIGNAL, *rows)


# -- check-ins -----------------------------------------------------------------------------------------------------

_NEW_CHECK_IN, _NEW_ANSWER = insert(t.check_in), insert(t.answer)
_CHECK_IN_CHANGE = (
    update(t.check_in)
    .where(t.check_in.c.id == bindparam("of"))
    .values(
        state=bindparam("to_state"),
        reminders=bindparam("to_reminders"),
        first_answer_at=bindparam("to_first"),
        finished_at=bindparam("to_finished"),
    )
)


def _check_ins(unit: Unit, decided: Sequence[Decided]) -> None:
    new, changed = [], []
    for one in decided:
        now_is, was = one.turn.check_in, one.situation.check_in
        if now_is is None:
            continue
        if was is None or was.id != now_is.id:
            new.append(_check_in_row(one.person_id, now_is))
        else:
            changed.append(
                {
                    "of": now_is.id,
                    "to_state": now_is.state,
                    "to_reminders": now_is.reminders,
                    "to_first": now_is.first_answer_at,
                    "to_finished": now_is.finished_at,
                }
            )
    if new:
        unit.write(_NEW_CHECK_IN, *new)
    if changed:
        unit.write(_CHECK_IN_CHANGE, *changed)


def _check_in_row(person_id: str, one: CheckIn) -> dict[str, object]:
    return {
        "id": one.id,
        "person_id": person_id,
        "local_date": one.local_date.isoformat(),
        "state": one.state,
        "conversation": one.conversation,
        "reminders": one.reminders,
        "asked_at": one.asked_at,
    }


def _answers(unit: Unit, decided: Sequence[Decided]) -> None:
    rows = []
    for one in decided:
        for given in one.turn.answers:
            row_id = new_id()
            rows.append(
                {
                    "id": row_id,
                    "person_id": one.person_id,
                    "check_in_id": given.check_in_id or None,
                    "item": given.item,
                    "value": unit.vault.seal(one.person_id, "answer", "value", row_id, given.value),
                    "at": unit.now,
                }
            )
    if rows:
        unit.write(_NEW_ANSWER, *rows)


# -- the rest ------------------------------------------------------------------------------------------------------

_TASK_DONE = (
    update(t.follow_up)
    .where(t.follow_up.c.id == bindparam("of"), t.follow_up.c.state == "open")
    .values(state="done", outcome=bindparam("how"), done_at=bindparam("at"), done_by=bindparam("who"))
)


def _follow_ups(unit: Unit, decided: Sequence[Decided]) -> list[SetTimer | DropTimer]:
    rows: list[dict[str, object]] = []
    clocks: list[SetTimer | DropTimer] = []
    for one in decided:
        for task in one.turn.follow_ups:
            task_id = new_id()
            rows.append(
                {
                    "id": task_id,
                    "case_id": task.case_id,
                    "person_id": task.participant_id,
                    "kind": task.kind,
                    "owner_id": task.owner_id,
                    "state": "open",
                    "due_at": task.due_at,
                }
            )
            data = {"owner": task.owner_id, "number": str(task.case_number), "kind": task.kind, "case": task.case_id}
            clocks.append(SetTimer(task.participant_id, "follow_up", task_id, task.due_at, data))
        clocks += _finished_task(unit, one)
    if rows:
        unit.connection.execute(insert(t.follow_up), rows)
    return clocks


def _finished_task(unit: Unit, one: Decided) -> list[DropTimer]:
    if one.turn.done_follow_up is None:
        return []
    task_id, outcome = one.turn.done_follow_up
    unit.connection.execute(_TASK_DONE, {"of": task_id, "how": outcome, "at": unit.now, "who": one.actor_id})
    return [DropTimer(one.person_id, kind, task_id) for kind in ("follow_up", "follow_up_overdue")]


def _languages(unit: Unit, decided: Sequence[Decided]) -> None:
    for one in decided:
        if one.turn.language:
            unit.connection.execute(
                update(t.person).where(t.person.c.id == one.person_id).values(language=one.turn.language)
            )


def _pagers(unit: Unit, decided: Sequence[Decided]) -> None:
    for one in decided:
        if one.turn.pager is not None and one.situation.staff is not None:
            pagers.change(unit, one.situation.staff.id, one.turn.pager)


_JUDGED = (
    update(t.signal)
    .where(t.signal.c.case_id == bindparam("of"), t.signal.c.person_id == bindparam("whose"))
    .values(useful=bindparam("how"))
)


def _judgements(unit: Unit, decided: Sequence[Decided]) -> None:
    for one in decided:
        if one.turn.judged is not None:
            case_id, useful = one.turn.judged
            unit.write(_JUDGED, {"of": case_id, "whose": one.person_id, "how": useful})


def _ledger(unit: Unit, decided: Sequence[Decided]) -> None:
    for one in decided:
        notes = one.turn.notes
        unit.ledger.note(unit.now, one.actor_id, one.event, one.person_id or None, "event", one.event_id or None, {})
        for note in notes:
            unit.ledger.note(
                unit.now,
                note.actor,
                note.action,
                note.subject or one.person_id or None,
                note.object_kind or "person",
                note.object_id or None,
                note.detail,
            )
