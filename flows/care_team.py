"""What staff can do, carried out once the door has opened for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flows import climbing, handoff, judging, privacy, proving, reasons, rooms, speaking, taking
from flows.case import CASES
from flows.event import Event, Tapped
from flows.level import Level
from flows.message import Outbound, Urgency
from flows.phi import Phi
from flows.policy import RULES, Action, Deny
from flows.replying import name, reply, staff_id
from flows.request import COMMANDS, Request
from flows.situation import Situation
from flows.turn import Draft

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
    return request.name in {"take_over", "hand_back", "resolve", "close", "was_useful", "was_not_useful"}


def _refuse(draft: Draft, request: Request, deny: Deny) -> None:
    if request.name.startswith("relay"):  # somebody else ended the conversation
        speaking.stop_speaking(draft)
        reply(draft, "care.not_sent")
    elif request.about and draft.situation.participant is None:
        reply(draft, "care.nobody_found")
    elif (
        request.action is not Action.JUDGE
        and request.case_id
        and (draft.case is None or draft.case.id != request.case_id)
    ):
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
            speaking.end_conversation(draft)
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
        reply(draft, "care.no_open_case", name=name(draft))
        return
    show_case(draft)


def show_case(draft: Draft) -> None:
    """The handoff: what a therapist must know in ten seconds, on a private channel only."""
    case = draft.open_case
    staff = draft.situation.staff
    if staff is None or not privacy.may_name(staff) or draft.situation.record is None:
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
            room=rooms.of_case(draft, case, staff) if case.holder_id == staff.id else None,
        )
    )


def _note(draft: Draft, request: Request) -> None:
    """A note is contact: it counts as having acted on the case when its writer holds it."""
    if draft.case is None:
        reply(draft, "care.no_open_case", name=name(draft))
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
    if staff is None or not privacy.may_name(staff):
        reply(draft, "care.read_in_private")
        return
    draft.note(staff.id, "plan_seen", "person", draft.participant_id)
    reply(draft, "care.plan", name=name(draft), plan=handoff.plan_in_words(draft))


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


ACTS: dict[str, Callable[[Draft, Request], None]] = {
    "acknowledge": _acknowledge,
    "not_me": _not_me,
    "take_over": speaking.take_over,
    "hand_back": speaking.hand_back,
    "resolve": reasons.ask_reason,
    "close": reasons.ask_reason,
    "reason": reasons.give_reason,
    "relay": speaking.relay,
    "breakout": speaking.breakout,
    "relay_changed": speaking.relay,
    "wordless": lambda draft, _: reply(draft, "care.only_words"),
    "changed": lambda draft, _: reply(draft, "care.changed"),
    "resend": speaking.resend,
    "cases": _cases,
    "case": _show_case,
    "plan": _show_plan,
    "note": _note,
    "oncall": _on_call,
    "pager": proving.asked,
    "was_useful": judging.pressed,
    "was_not_useful": judging.pressed,
    "useful": judging.written,
    "reached": _follow_up,
    "no_answer": _follow_up,
    "declined": _follow_up,
    "unknown": _manual,
    "ambiguous": _ambiguous,
}


def situation_needs_record(situation: Situation) -> bool:
    """Whether carrying out the wish shows what was heard and said."""
    return situation.request is not None and situation.request.name in {"acknowledge", "case", "take_over"}
