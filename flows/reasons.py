"""Resolving and closing need a reason, given by somebody who has seen everything that is known by then."""

from __future__ import annotations

from dataclasses import replace

from flows import handoff, judging, rooms, speaking, taking
from flows.case import CASES
from flows.message import Urgency
from flows.policy import Action
from flows.replying import reply, staff_id
from flows.request import REASONED, Request
from flows.turn import Draft


def ask_reason(draft: Draft, request: Request) -> None:
    """Resolve and close need a reason; until one is given nothing has changed. Who speaks with a participant chooses
    one: what they write goes to whom they speak with."""
    case = draft.case
    word = REASONED[request.action]
    if case is None or case.id != request.case_id:
        reply(draft, "care.case_gone")
    elif not CASES.can(case.state, word):
        reply(draft, f"care.cannot_{word}", case=case.number)
    else:
        seen = case.heard_at.isoformat()
        draft.desk = replace(draft.desk, asks=f"{word} {seen}", case_id=case.id)
        content = "care.reason" if word == "resolve" else "care.close_reason"
        speaking = draft.desk.speaking_case_id or case.speaker_id == staff_id(draft)
        draft.tell(
            staff_id(draft),
            "care.reason_speaking" if speaking else content,
            slots={"case": case.number},
            question=content,
            choices=draft.choices(content),
            ref=f"{case.id}/{seen}",
        )


def give_reason(draft: Draft, request: Request) -> None:
    """A reason came: what was asked is done, if nothing has come in since and it can only have been meant as one."""
    case = draft.case
    draft.desk = replace(draft.desk, asks="", case_id="")
    word = REASONED[request.action]
    reason, written = _reason_in_words(draft, request)
    if case is None or case.id != request.case_id:
        reply(draft, "care.case_gone")
    elif not CASES.can(case.state, word):
        reply(draft, f"care.cannot_{word}", case=case.number)
    elif written and not request.quoted and case.speaker_id == staff_id(draft):
        reply(draft, "care.neither_sent_nor_reason", case=case.number)
        speaking.speak_in_this_one(draft)
    elif request.seen != case.heard_at.isoformat():
        reply(draft, "care.news_since", case=case.number)
        ask_reason(draft, request)
    elif word == "resolve":
        _resolve(draft, reason)
    else:
        taking.close(draft, staff_id(draft), reason)
        room = rooms.of_case(draft, case, draft.situation.staff, ends=True)
        draft.tell(staff_id(draft), "care.closed", slots={"case": case.number}, room=room)
        judging.ask(draft)


def _reason_in_words(draft: Draft, request: Request) -> tuple[str, bool]:
    """The reason, and whether somebody wrote it."""
    content = "care.reason" if request.action is Action.RESOLVE else "care.close_reason"
    choice = next((choice for choice in draft.choices(content) if choice.id == request.words), None)
    return (choice.label, False) if choice else (request.words, True)


def _resolve(draft: Draft, reason: str) -> None:
    case = draft.open_case
    if case.speaker_id:
        draft.say("crisis.human_left", urgency=Urgency.CRISIS, staff=draft.roster.name(case.speaker_id))
        speaking.end_conversation(draft)
    taking.resolve(draft, staff_id(draft), reason)
    tasks = ", ".join(handoff.follow_ups_in_words(draft)) or "none"
    room = rooms.of_case(draft, case, draft.situation.staff, rests=True)
    reply(draft, "care.resolved", question="care.case", ref=case.id, room=room, case=case.number, steps=tasks)
