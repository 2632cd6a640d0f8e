"""What staff can do, carried out once the door has opened for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flows import climbing, handoff, rooms, taking
from flows.answer import plain
from flows.case import CASES
from flows.event import Event, Tapped
from flows.level import Level
from flows.message import Outbound, Urgency
from flows.phi import Phi
from flows.policy import RULES, Action, Deny, Grant
from flows.request import COMMANDS, REASONED, Desk, Request
from flows.situation import Situation
from flows.turn import Draft

ENDING = frozenset({"end", "close", "stop", "over"})

# -- acting --------------------------------------------------------------------------------------------------------


def act(draft: Draft, event: Event) -> None:
    """Carry out a staff member's wish, if the door opened for it."""
    situation = draft.situation
    request, staff = situation.request, situation.staff
    if request is None or staff is None:
        return
    if isinstance(situation.grant, Deny):
        draft.note(staff.id, "refused", "action", request.action.value, why=situation.grant.reason_code)
        _refuse(draft, request, situation.grant)
        return
    if isinstance(event, Tapped) and event.again and not _counts_again(draft, request):
        _already_done(draft)
        return
    if request.name != "reason" and draft.desk.asks:
        draft.desk = replace(draft.desk, asks="", case_id="")
    ACTS.get(request.name, _manual)(draft, request)


def _counts_again(draft: Draft, request: Request) -> bool:
    """Whether a button that was pressed before does something once more, as the case stands now."""
    if request.name in {"acknowledge", "not_me"}:  # given back, lapsed or asked again since
        return draft.case is not None and draft.open_case.state == "open"
    return request.name in {"take_over", "hand_back", "resolve", "close"}


def _refuse(draft: Draft, request: Request, deny: Deny) -> None:
    if request.name.startswith("relay"):  # somebody else ended the conversation
        _stop_speaking(draft)
        reply(draft, "care.not_sent")
    elif request.about and draft.situation.participant is None:
        reply(draft, "care.nobody_found")
    elif request.case_id and (draft.case is None or draft.case.id != request.case_id):
        reply(draft, "care.case_gone")
    else:
        reply(draft, "care.not_allowed", reason=deny.words)


def _already_done(draft: Draft) -> None:
    """The same button again changes nothing; it says how things stand."""
    case = draft.case
    if case is None:
        reply(draft, "care.case_gone")
    elif case.holder_id:
        reply(draft, "care.has_it", case=case.number, holder=draft.roster.name(case.holder_id))


def reply(draft: Draft, content: str, *, question: str = "", ref: str = "", **slots: object) -> None:
    """Answer the staff member who acts."""
    draft.tell(staff_id(draft), content, slots=slots, question=question, ref=ref)


def staff_id(draft: Draft) -> str:
    """The id of the staff member who acts."""
    return draft.situation.staff.id if draft.situation.staff else ""


def _manual(draft: Draft, request: Request) -> None:
    staff = draft.situation.staff
    may = [command for command, (action, _) in COMMANDS.items() if staff and action in RULES[staff.role]]
    if may:
        reply(draft, "care.manual", commands="  ".join(may))
    else:
        reply(draft, "care.no_commands")


def _ambiguous(draft: Draft, request: Request) -> None:
    """Two people of one name: nothing is done for either."""
    reply(draft, "care.ambiguous")


def _acknowledge(draft: Draft, request: Request) -> None:
    case = draft.case
    if case is None or case.id != request.case_id:
        reply(draft, "care.case_gone")
    elif case.holder_id == staff_id(draft) and case.state in {"acknowledged", "engaged"}:
        reply(draft, "care.yours_already", case=case.number)
    elif not CASES.can(case.state, "acknowledge"):
        reply(draft, "care.has_it", case=case.number, holder=draft.roster.name(case.holder_id))
    else:
        taking.acknowledge(draft, staff_id(draft))
        if draft.open_case.speaker_id == staff_id(draft):  # it rose in the middle of their conversation
            taking.engage(draft, staff_id(draft), "speaking")
        show_case(draft)


def _not_me(draft: Draft, request: Request) -> None:
    """Not me: the next one is asked. Whoever had taken it gives it back the same way."""
    case, staff = draft.case, staff_id(draft)
    if case is None or case.id != request.case_id:
        reply(draft, "care.case_gone")
    elif case.holder_id == staff and CASES.can(case.state, "release"):
        draft.happened("released", by=staff)
        draft.note(staff, "released", "case", case.id)
        draft.change_case(out=case.out | {staff})
        if case.speaker_id:
            draft.say("crisis.human_left", urgency=Urgency.CRISIS, staff=draft.roster.name(case.speaker_id))
            _end_conversation(draft)
        draft.change_case(speaker_id="")
        taking.reopen(draft, "release")
        reply(draft, "care.declined", case=case.number)
    elif case.state == "open":
        reply(draft, "care.declined", case=case.number)
        climbing.out_of_reach(draft, staff, "declined")
    else:
        reply(draft, "care.has_it", case=case.number, holder=draft.roster.name(case.holder_id))


def _show_case(draft: Draft, request: Request) -> None:
    if draft.case is None:
        reply(draft, "care.no_open_case", name=_name(draft))
        return
    show_case(draft)


def show_case(draft: Draft) -> None:
    """The handoff: what a therapist must know in ten seconds, on a private channel only."""
    case = draft.open_case
    staff = draft.situation.staff
    if staff is None or not staff.private or draft.situation.record is None:
        reply(draft, "care.case_public", question="care.case", ref=case.id, case=case.number)
        return
    line = handoff.whole(draft)
    draft.send(
        Outbound(
            to=staff.id,
            text=line.text,
            urgency=Urgency.CRISIS if case.level >= Level.URGENT else Urgency.REPLY,
            content=line.content,
            choices=line.choices,
            question="care.case",
            ref=case.id,
            room=rooms.of_case(draft, case) if case.holder_id == staff.id else None,
        )
    )


def _take_over(draft: Draft, request: Request) -> None:
    """From here on a named human speaks, and the program is silent."""
    case, staff = draft.case, draft.situation.staff
    if case is None or staff is None or case.id != request.case_id:
        reply(draft, "care.case_gone")
    elif case.speaker_id == staff.id and draft.desk.speaking_case_id == case.id:
        reply(draft, "care.speaking_already", case=case.number)
    elif case.speaker_id == staff.id:
        _speak_in_this_one(draft)  # two conversations at once: back to this one
    elif case.speaker_id:
        reply(draft, "care.somebody_speaks", case=case.number, holder=draft.roster.name(case.speaker_id))
    elif not handoff.may_carry_words(draft, staff):
        reply(draft, "care.needs_private_channel", case=case.number)
    elif not case.unresolved:
        reply(draft, "care.resolved_already", case=case.number)
    else:
        _start_speaking(draft)


def _start_speaking(draft: Draft) -> None:
    staff = staff_id(draft)
    if draft.open_case.holder_id != staff:
        taking.tell_change_of_holder(draft, staff)
    taking.engage(draft, staff, "took_over")
    draft.change_case(speaker_id=staff)
    for kind in ("quiet", "trying", "check_back"):
        draft.drop(kind)
    draft.change_talk(conversation="", step="", ref="", section="", index=-1, asked=0)
    draft.say("crisis.human_here", urgency=Urgency.CRISIS, staff=draft.roster.name(staff))
    _speak_in_this_one(draft)


def _speak_in_this_one(draft: Draft) -> None:
    """What this staff member writes goes to the participant of this case."""
    draft.desk = Desk(speaking_case_id=draft.open_case.id)
    reply(
        draft,
        "care.speaking",
        question="care.case",
        ref=draft.open_case.id,
        case=draft.open_case.number,
        name=_name(draft),
    )


def _hand_back(draft: Draft, request: Request) -> None:
    case = draft.case
    if case is None or case.id != request.case_id or not case.speaker_id:
        reply(draft, "care.nobody_speaks")
        return
    draft.happened("handed_back", by=staff_id(draft))
    draft.note(staff_id(draft), "handed_back", "case", case.id)
    draft.say("crisis.human_left", urgency=Urgency.CRISIS, staff=draft.roster.name(case.speaker_id))
    _end_conversation(draft)
    draft.change_case(speaker_id="")
    reply(draft, "care.handed_back", question="care.case", ref=case.id, case=case.number)


def _stop_speaking(draft: Draft) -> None:
    draft.desk = replace(draft.desk, speaking_case_id="")


def _end_conversation(draft: Draft) -> None:
    """Nobody speaks in this case any more. Another conversation of the same person goes on; another person is told."""
    case = draft.open_case
    if draft.desk.speaking_case_id == case.id:
        _stop_speaking(draft)
        _speak_in_another(draft)
    if case.speaker_id not in {"", staff_id(draft)}:
        draft.tell(case.speaker_id, "care.conversation_ended", urgency=Urgency.CRISIS, slots={"case": case.number})


def _speak_in_another(draft: Draft) -> None:
    """Whoever spoke with two people speaks with the other one again, and is told so."""
    if draft.situation.speaks_in:
        case_id, number = draft.situation.speaks_in[0]
        draft.desk = replace(draft.desk, speaking_case_id=case_id)
        reply(draft, "care.speaking_again", case=number)


def _relay(draft: Draft, request: Request) -> None:
    """A human's words to the participant, as they are, under their name."""
    case, staff = draft.case, draft.situation.staff
    if case is None or staff is None or case.speaker_id != staff.id:
        _stop_speaking(draft)
        reply(draft, "care.not_sent")
        return
    line = f"crisis.{request.name}"  # as it is, or as it was changed
    text = draft.line(line, staff=staff.first_name, words=handoff.clip(request.words, handoff.RELAYED)).text
    draft.send(
        Outbound(
            to=draft.participant_id,
            text=text,
            urgency=Urgency.RELAY,
            content="crisis.relay",
            sender=staff.id,
            ref=case.id,
        )
    )
    draft.happened("staff_said", by=staff.id, words=Phi(request.words))


def _breakout(draft: Draft, request: Request) -> None:
    """A private room for the participant and whoever asks, and its end: /breakout NAME, /breakout NAME end."""
    person, staff = draft.situation.participant, draft.situation.staff
    if person is None or staff is None:
        reply(draft, "care.nobody_found")
        return
    if not (person.rooms and staff.rooms):
        reply(draft, "care.no_rooms")
        return
    ends = plain(request.words) in ENDING
    room = rooms.of_two(person.id, staff.id, ends=ends)
    line = draft.line("everyday.room_ends" if ends else "everyday.room", staff=staff.name)
    draft.send(Outbound(person.id, line.text, Urgency.RELAY, line.content, sender=staff.id, room=room))
    draft.note(staff.id, "breakout_ended" if ends else "breakout_opened")
    reply(draft, "care.room_ends" if ends else "care.room", name=person.first_name)


def _resend(draft: Draft, request: Request) -> None:
    """A relayed message whose fate is unknown goes out once more, because its sender says so."""
    case, staff = draft.case, draft.situation.staff
    words = draft.situation.uncertain
    if case is None or staff is None or words is None:
        reply(draft, "care.case_gone")
        return
    draft.send(
        Outbound(
            to=draft.participant_id,
            text=words.reveal(),
            urgency=Urgency.RELAY,
            content="crisis.relay",
            sender=staff.id,
            ref=case.id,
        )
    )


def _ask_reason(draft: Draft, request: Request) -> None:
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


def _give_reason(draft: Draft, request: Request) -> None:
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
        _speak_in_this_one(draft)
    elif request.seen != case.heard_at.isoformat():
        reply(draft, "care.news_since", case=case.number)
        _ask_reason(draft, request)
    elif word == "resolve":
        _resolve(draft, reason)
    else:
        taking.close(draft, staff_id(draft), reason)
        room = rooms.of_case(draft, case, ends=True)
        draft.tell(staff_id(draft), "care.closed", slots={"case": case.number}, room=room)


def _reason_in_words(draft: Draft, request: Request) -> tuple[str, bool]:
    """The reason, and whether somebody wrote it."""
    content = "care.reason" if request.action is Action.RESOLVE else "care.close_reason"
    choice = next((choice for choice in draft.choices(content) if choice.id == request.words), None)
    return (choice.label, False) if choice else (request.words, True)


def _resolve(draft: Draft, reason: str) -> None:
    case = draft.open_case
    if case.speaker_id:
        draft.say("crisis.human_left", urgency=Urgency.CRISIS, staff=draft.roster.name(case.speaker_id))
        _end_conversation(draft)
    taking.resolve(draft, staff_id(draft), reason)
    tasks = ", ".join(handoff.follow_ups_in_words(draft)) or "none"
    reply(draft, "care.resolved", question="care.case", ref=case.id, case=case.number, steps=tasks)


def _note(draft: Draft, request: Request) -> None:
    """A note is contact: it counts as having acted on the case when its writer holds it."""
    if draft.case is None:
        reply(draft, "care.no_open_case", name=_name(draft))
    elif not request.words:
        reply(draft, "care.note_needs_words")
    else:
        draft.happened("noted", by=staff_id(draft), words=Phi(request.words))
        draft.note(staff_id(draft), "noted", "case", draft.open_case.id)
        if draft.open_case.holder_id == staff_id(draft) and draft.open_case.state == "acknowledged":
            taking.engage(draft, staff_id(draft), "note")
        reply(draft, "care.noted", case=draft.open_case.number)


def _show_plan(draft: Draft, request: Request) -> None:
    staff = draft.situation.staff
    if staff is None or not staff.private:
        reply(draft, "care.read_in_private")
        return
    draft.note(staff.id, "plan_seen", "person", draft.participant_id)
    reply(draft, "care.plan", name=_name(draft), plan=handoff.plan_in_words(draft))


def _cases(draft: Draft, request: Request) -> None:
    lines = handoff.worklist_in_words(draft)
    reply(draft, "care.cases" if lines else "care.no_cases", texts="\n".join(lines))


def _on_call(draft: Draft, request: Request) -> None:
    reply(draft, "care.on_call", texts="\n".join(handoff.on_call_in_words(draft)))


def _follow_up(draft: Draft, request: Request) -> None:
    key = request.words.partition("/")[2]
    draft.finish_follow_up(key, request.name)
    draft.note(staff_id(draft), "follow_up_done", "follow_up", key, outcome=request.name)
    reply(draft, "care.follow_up_done")


def _name(draft: Draft) -> str:
    """The participant's name for staff on a private channel; a neutral word elsewhere."""
    person, staff = draft.situation.participant, draft.situation.staff
    granted = isinstance(draft.situation.grant, Grant) and staff is not None and staff.private
    return person.name.reveal() if person and granted else "this participant"


ACTS: dict[str, Callable[[Draft, Request], None]] = {
    "acknowledge": _acknowledge,
    "not_me": _not_me,
    "take_over": _take_over,
    "hand_back": _hand_back,
    "resolve": _ask_reason,
    "close": _ask_reason,
    "reason": _give_reason,
    "relay": _relay,
    "breakout": _breakout,
    "relay_changed": _relay,
    "wordless": lambda draft, _: reply(draft, "care.only_words"),
    "changed": lambda draft, _: reply(draft, "care.changed"),
    "resend": _resend,
    "cases": _cases,
    "case": _show_case,
    "plan": _show_plan,
    "note": _note,
    "oncall": _on_call,
    "reached": _follow_up,
    "no_answer": _follow_up,
    "declined": _follow_up,
    "unknown": _manual,
    "ambiguous": _ambiguous,
}


def situation_needs_record(situation: Situation) -> bool:
    """Whether carrying out the wish shows what was heard and said."""
    return situation.request is not None and situation.request.name in {"acknowledge", "case", "take_over"}
