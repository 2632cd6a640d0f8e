"""A signal becomes a case, or joins one, or raises it; then somebody is asked.

Software opens and raises. Nothing in here lowers a level.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from flows.case import CASES, Case
from flows.climbing import climb
from flows.level import Level
from flows.message import Urgency
from flows.people import StaffMember
from flows.phi import Phi
from flows.policy import Role
from flows.risk import Signal
from flows.telling import BOT, people_with
from flows.turn import Draft

#: Two signals of one moment are two all the same.
A_MOMENT = timedelta(microseconds=1)


def listen(draft: Draft, signals: tuple[Signal, ...], words: Phi[str] | None = None) -> bool:
    """Keep what was heard and raise the case to its level. True when somebody is paged because of it."""
    if not signals:
        return False
    draft.heard(*signals)
    worst = max(signals, key=lambda signal: signal.level)
    draft.note(BOT, "signal_heard", "rule", worst.rule, version=worst.version, level=worst.level.word)
    return raise_case(draft, worst.level, worst.rule, words)


def raise_case(draft: Draft, level: Level, why: str, words: Phi[str] | None = None) -> bool:
    """Open a case, lift the open one, or let this join it. True when it rose to a level that pages people."""
    if level is Level.NONE:
        return False
    case = draft.case
    if case is None:
        _open(draft, level, why, words)
    elif level > case.level or (case.state == "resolved" and level >= Level.URGENT):
        _rise(draft, max(level, case.level), why, words)
    else:
        draft.happened("signal_joined", detail=why, words=words)
        draft.change_case(heard_at=max(draft.now, draft.open_case.heard_at + A_MOMENT))
        _tell_holder(draft, level)
        return False
    return ask_somebody(draft)


def ask_somebody(draft: Draft) -> bool:
    """Page the next people of the case's ladder; a watch pages nobody and goes on the worklist. True if it pages."""
    if draft.open_case.level is Level.WATCH:
        _put_on_worklist(draft)
        return False
    climb(draft)
    return True


def _open(draft: Draft, level: Level, why: str, words: Phi[str] | None) -> None:
    situation = draft.situation
    draft.case = Case(
        id=situation.new_id,
        number=situation.next_case_number,
        participant_id=draft.participant_id,
        level=level,
        opened_at=draft.now,
        ladder_at=draft.now,
        heard_at=draft.now,
    )
    draft.happened("case_opened", detail=f"{level.word} {why}", words=words)
    draft.note(BOT, "case_opened", "case", situation.new_id, level=level.word, rule=why)


def _rise(draft: Draft, level: Level, why: str, words: Phi[str] | None) -> None:
    case = draft.open_case
    draft.change_case(
        state=CASES.move(case.state, "rise"),
        level=level,
        ladder_at=draft.now,
        heard_at=max(draft.now, case.heard_at + A_MOMENT),
        tier=-1,
        round=0,
        out=frozenset(),
        holder_id="",
        paged=case.paged | ({case.holder_id} if case.holder_id else set()),
    )
    stop_clocks(draft)
    if case.holder_id:
        draft.tell(case.holder_id, "care.new_signal", urgency=Urgency.CRISIS, slots={"case": case.number})
    draft.happened("level_raised", detail=f"{level.word} {why}", words=words)
    draft.note(BOT, "level_raised", "case", case.id, level=level.word, rule=why)


def _tell_holder(draft: Draft, level: Level) -> None:
    case = draft.open_case
    if level >= Level.URGENT and case.holder_id and case.state in {"acknowledged", "engaged"} and not case.speaker_id:
        draft.tell(case.holder_id, "care.new_signal", urgency=Urgency.CRISIS, slots={"case": case.number})


def _put_on_worklist(draft: Draft) -> None:
    """A watch is looked at in working hours: a line to the therapist when they are next at work, no page."""
    person = draft.situation.participant
    therapist = draft.roster.member(person.therapist_id) if person else None
    if therapist is None:
        leaders = people_with(draft, Role.SUPERVISOR)
        therapist = draft.roster.member(leaders[0]) if leaders else None
    if therapist is None:
        return
    at_work = therapist.hours.open_at(draft.now, therapist.zone)
    start = None if at_work else therapist.hours.opens_next(draft.now, therapist.zone)
    draft.tell(
        therapist.id,
        "care.watch",
        slots={"case": draft.open_case.number},
        question="care.watch",
        ref=draft.open_case.id,
        not_before=start,
    )
    if seen_by := _after_next_working_day(draft, therapist):
        draft.due("watch_overdue", seen_by, draft.open_case.id)


def _after_next_working_day(draft: Draft, therapist: StaffMember) -> datetime | None:
    """A watch is seen by the end of the next working day: found out when the working day after that begins."""
    first = therapist.hours.opens_next(draft.now, therapist.zone)
    return therapist.hours.opens_next(first, therapist.zone) if first else None


def watch_overdue(draft: Draft) -> None:
    """A watch that nobody has looked at goes to the supervisor's worklist."""
    draft.happened("watch_overdue")
    for person in people_with(draft, Role.SUPERVISOR) or people_with(draft, Role.DIRECTOR):
        draft.tell(
            person,
            "care.watch_overdue",
            slots={"case": draft.open_case.number},
            question="care.watch",
            ref=draft.open_case.id,
            choices=draft.choices("care.watch"),
        )


def stop_clocks(draft: Draft) -> None:
    for kind in ("climb", "second_way", "lapse", "unresolved", "watch_overdue"):
        draft.drop(kind)
