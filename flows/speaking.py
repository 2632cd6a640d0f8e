"""A human being speaks with a participant: taken over, passed on, handed back, in a room for two. One of them or the
program, never both."""

from __future__ import annotations

from dataclasses import replace

from flows import handoff, privacy, rooms, taking
from flows.answer import plain
from flows.message import Outbound, Urgency
from flows.phi import Phi
from flows.replying import name, reply, staff_id
from flows.request import Desk, Request
from flows.turn import Draft

ENDING = frozenset({"end", "close", "stop", "over"})


def take_over(draft: Draft, request: Request) -> None:
    """From here on a named human speaks, and the program is silent."""
    case, staff = draft.case, draft.situation.staff
    if case is None or staff is None or case.id != request.case_id:
        reply(draft, "care.case_gone")
    elif case.speaker_id == staff.id and draft.desk.speaking_case_id == case.id:
        reply(draft, "care.speaking_already", case=case.number)
    elif case.speaker_id == staff.id:
        speak_in_this_one(draft)  # two conversations at once: back to this one
    elif case.speaker_id:
        reply(draft, "care.somebody_speaks", case=case.number, holder=draft.roster.name(case.speaker_id))
    elif not privacy.may_quote(staff, draft.situation.participant, draft.library.settings):
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
    speak_in_this_one(draft)


def speak_in_this_one(draft: Draft) -> None:
    """What this staff member writes goes to the participant of this case."""
    draft.desk = Desk(speaking_case_id=draft.open_case.id)
    reply(
        draft,
        "care.speaking",
        question="care.case",
        ref=draft.open_case.id,
        room=rooms.of_case(draft, draft.open_case, draft.situation.staff),
        case=draft.open_case.number,
        name=name(draft),
    )


def hand_back(draft: Draft, request: Request) -> None:
    """The program speaks again, and the participant is told so."""
    case = draft.case
    if case is None or case.id != request.case_id or not case.speaker_id:
        reply(draft, "care.nobody_speaks")
        return
    draft.happened("handed_back", by=staff_id(draft))
    draft.note(staff_id(draft), "handed_back", "case", case.id)
    draft.say("crisis.human_left", urgency=Urgency.CRISIS, staff=draft.roster.name(case.speaker_id))
    end_conversation(draft)
    draft.change_case(speaker_id="")
    room = rooms.of_case(draft, case, draft.situation.staff, rests=True)
    reply(draft, "care.handed_back", question="care.case", ref=case.id, room=room, case=case.number)


def stop_speaking(draft: Draft) -> None:
    """What this staff member writes from here on goes to no participant."""
    draft.desk = replace(draft.desk, speaking_case_id="")


def end_conversation(draft: Draft) -> None:
    """Nobody speaks in this case any more. Another conversation of the same person goes on; another person is told."""
    case = draft.open_case
    if draft.desk.speaking_case_id == case.id:
        stop_speaking(draft)
        _speak_in_another(draft)
    if case.speaker_id not in {"", staff_id(draft)}:
        room = rooms.of_case(draft, case, draft.roster.member(case.speaker_id), rests=True)
        slots = {"case": case.number}
        draft.tell(case.speaker_id, "care.conversation_ended", urgency=Urgency.CRISIS, slots=slots, room=room)


def _speak_in_another(draft: Draft) -> None:
    """Whoever spoke with two people speaks with the other one again, and is told so."""
    if draft.situation.speaks_in:
        case_id, number = draft.situation.speaks_in[0]
        draft.desk = replace(draft.desk, speaking_case_id=case_id)
        reply(draft, "care.speaking_again", case=number)


def relay(draft: Draft, request: Request) -> None:
    """A human's words to the participant, as they are, under their name."""
    case, staff = draft.case, draft.situation.staff
    if case is None or staff is None or case.speaker_id != staff.id:
        stop_speaking(draft)
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


def breakout(draft: Draft, request: Request) -> None:
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
    reply(draft, "care.room_ends" if ends else "care.room", name=privacy.first_name(staff, person))


def resend(draft: Draft, request: Request) -> None:
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
