"""One decision: a situation and an event go in, a turn comes out. Crisis first; then who speaks; then the script."""

from __future__ import annotations

from collections.abc import Callable

from flows import (
    asking,
    care_team,
    check_in,
    climbing,
    crisis,
    direct,
    escalation,
    everyday,
    follow_up,
    noticed,
    over_time,
    privacy,
    rooms,
    taking,
    telling,
    typed,
    walk,
    wordless,
)
from flows.event import Due, Event, Located, Noticed, Said, Tapped, Wordless
from flows.handoff import RELAYED, clip
from flows.level import Level
from flows.library import Library
from flows.message import Outbound, Urgency
from flows.phi import Phi
from flows.risk import Signal, as_shown, read_score
from flows.situation import Situation
from flows.turn import Draft, Turn

#: What the key says that is always on the screen.
PANIC_KEY = "I need help now"


def step(situation: Situation, event: Event, library: Library) -> Turn:
    """Decide. Risk first, whatever the script was doing; nothing here has happened until storage makes it true."""
    draft = Draft(situation, library)
    if isinstance(event, Due):
        DUE[event.kind](draft, event)
    elif situation.staff is not None:
        noticed.about_staff(draft, event) if isinstance(event, Noticed) else care_team.act(draft, event)
    elif situation.participant is None:
        pass
    elif isinstance(event, Noticed):
        noticed.about_participant(draft, event)
    else:
        check_in.heard_from(draft)
        direct.heard_from(draft)
        _heard(draft, event)
    rooms.tell_team(draft)
    return draft.finish()


def _heard(draft: Draft, event: Said | Tapped | Located | Wordless) -> None:
    if isinstance(event, Said):
        _said(draft, event)
    elif isinstance(event, Tapped):
        _tapped(draft, event)
    elif isinstance(event, Wordless):
        wordless.received(draft, event)
    else:
        _located(draft, event)


def _said(draft: Draft, event: Said) -> None:
    if rooms.is_of_two(event.room):
        rooms.overheard(draft, event)
    elif _human_speaks(draft):
        _to_the_human(draft, event)
    else:
        _said_to_the_program(draft, direct.softened(draft, event))


def _said_to_the_program(draft: Draft, event: Said) -> None:
    if everyday.always(draft, event) or typed.put_right(draft, event):
        return
    if check_in.in_check_in(draft) and event.level < Level.URGENT and _answered(draft, event):
        escalation.listen(draft, event.assessment.signals, event.text)
    elif event.level >= Level.URGENT and not _answers_crisis(draft, event):
        crisis.disclosed(draft, event.assessment.signals, event.text)
    elif event.level is Level.WATCH and (not asking.in_crisis(draft) or direct.may_be_put(draft)):
        crisis.worried(draft, event.assessment.signals, event.text)
    elif asking.in_crisis(draft):
        _in_crisis(draft, event)
    elif check_in.in_check_in(draft):
        draft.change_talk(slip=event.mark)
        check_in.not_understood(draft)
    elif check_in.is_ok(draft, event):
        check_in.says_ok(draft)
    else:
        everyday.received(draft, event)


def _answered(draft: Draft, event: Said) -> bool:
    """Typed words as the answer to the pending question of a check-in. False when they were not one."""
    step, choice = check_in.understood(draft, event)
    if step is None or not choice:
        return False
    typed.as_answer(draft, event, f"{draft.talk.conversation}.{step.id}", choice)
    check_in.answer(draft, step, choice)
    return True


def _answers_crisis(draft: Draft, event: Said) -> bool:
    """Words that are, exactly, the answer to the pending question ("I'm not safe") go the way of the button."""
    return asking.in_crisis(draft) and bool(asking.understood(draft, event))


def _in_crisis(draft: Draft, event: Said) -> None:
    escalation.listen(draft, event.assessment.signals, event.text)
    choice = asking.understood(draft, event)
    if choice:
        typed.as_answer(draft, event, f"crisis.{draft.talk.step}", choice)
        walk.answered(draft, choice)
    else:
        draft.change_talk(slip=event.mark)
        walk.said_freely(draft, event)


def _human_speaks(draft: Draft) -> bool:
    return draft.case is not None and bool(draft.open_case.speaker_id)


def _to_the_human(draft: Draft, event: Said) -> None:
    """A human speaks: words go to them, are heard all the same, and the program says nothing but emergency numbers."""
    words = event.text.reveal()
    if everyday.is_stop(words):
        everyday.stop_questions(draft)  # it always works; whoever speaks sees the word and can answer it
    if everyday.is_call_for_help(words):
        _danger_to_the_human(draft, (*event.assessment.signals, crisis.asked_for_help(words)), event.text)
        return
    escalation.listen(draft, event.assessment.signals, event.text)
    pressed = typed.as_button(draft, event)  # they quoted an old question, for want of its buttons
    if pressed is None or not _signal_to_the_human(draft, pressed):
        _relay(draft, event.text, changed=bool(event.edits))


def _relay(draft: Draft, words: Phi[str], *, changed: bool = False) -> None:
    """The participant's words, or the label they pressed, on the phone of whoever speaks with them."""
    speaker = draft.roster.member(draft.open_case.speaker_id)
    person = draft.situation.participant
    if speaker is None or person is None:
        return
    if privacy.may_quote(speaker, person, draft.library.settings):
        name = privacy.first_name(speaker, person, f"Case {draft.open_case.number}")
        line = "care.relay_changed" if changed else "care.relay"
        text = draft.staff_line(line, name=name, words=clip(words.reveal(), RELAYED)).text
    else:
        text = draft.staff_line("care.relay_hidden", case=draft.open_case.number).text
    draft.send(
        Outbound(
            to=speaker.id,
            text=text,
            urgency=Urgency.RELAY,
            content="care.relay",
            ref=draft.open_case.id,
            room=rooms.of_case(draft, draft.open_case, speaker),
        )
    )


def _tapped(draft: Draft, event: Tapped) -> None:
    if not event.question:
        _panic(draft)
    elif _human_speaks(draft):
        _signal_to_the_human(draft, event)
    elif event.question.startswith("crisis."):
        crisis.tapped(draft, event)
    else:
        check_in.tapped(draft, event)


def _panic(draft: Draft) -> None:
    if _human_speaks(draft):
        _danger_to_the_human(draft, (crisis.asked_for_help(PANIC_KEY),), Phi(PANIC_KEY))
    else:
        crisis.call_for_help(draft, PANIC_KEY)


def _signal_to_the_human(draft: Draft, event: Tapped) -> bool:
    """An old button pressed while a human speaks: only its danger counts. True when the human was told of it."""
    draft.happened("tapped", detail=f"{event.question} {event.choice}")
    signals = read_score(event.question, event.choice, draft.library.scores)
    label = draft.label(event.question, event.choice)
    if any(signal.level >= Level.URGENT for signal in signals):
        _danger_to_the_human(draft, as_shown(signals, label), Phi(label))
        return True
    escalation.listen(draft, as_shown(signals, label), Phi(label))
    return False


def _danger_to_the_human(draft: Draft, signals: tuple[Signal, ...], words: Phi[str]) -> None:
    """Danger said while a human speaks: numbers for whoever said it; whoever speaks with them sees it at once."""
    asking.numbers_only(draft)
    escalation.listen(draft, signals, words)
    _relay(draft, words)


def _located(draft: Draft, event: Located) -> None:
    """A shared position is kept on the case for whoever acts; without a case it is not kept at all."""
    if draft.case is None:
        draft.say("everyday.location_not_kept")
        return
    latitude, longitude = event.place.reveal()
    draft.happened("shared_position", words=Phi(f"{latitude:.5f}, {longitude:.5f}"))
    if not _human_speaks(draft):
        draft.say("crisis.location_kept", urgency=Urgency.CRISIS)
    if draft.open_case.holder_id:
        draft.tell(draft.open_case.holder_id, "care.position", slots={"case": draft.open_case.number})


# -- what falls due ------------------------------------------------------------------------------------------------


def _climb(draft: Draft, event: Due) -> None:
    if _about_open_case(draft, event) and draft.open_case.state == "open" and draft.open_case.level >= Level.URGENT:
        climbing.climb(draft)


def _lapse(draft: Draft, event: Due) -> None:
    if _about_open_case(draft, event) and draft.open_case.state == "acknowledged":
        taking.lapse(draft)


def _unresolved(draft: Draft, event: Due) -> None:
    if _about_open_case(draft, event) and draft.open_case.state == "engaged":
        taking.still_unresolved(draft)


def _watch_overdue(draft: Draft, event: Due) -> None:
    if _about_open_case(draft, event) and draft.open_case.state == "open" and draft.open_case.level is Level.WATCH:
        escalation.watch_overdue(draft)


def _page_failed(draft: Draft, event: Due) -> None:
    """Paging itself is broken for somebody: the ladder does not wait for it, and whoever runs the machine is told."""
    if not _about_open_case(draft, event):
        return
    if event.data["person"] not in draft.open_case.out:
        climbing.ring_if_waiting(draft, event.data["person"])  # the one way is broken; perhaps the other is not
        for operator in telling.operators(draft):
            draft.tell(operator, "care.page_failed", urgency=Urgency.CRISIS, replaces="page_failed")
    climbing.out_of_reach(draft, event.data["person"], "unreachable")


def _second_way(draft: Draft, event: Due) -> None:
    """A page was answered by nobody for a while: whoever has a pager is asked there too."""
    if _about_open_case(draft, event) and draft.open_case.level >= Level.URGENT:
        climbing.ring_if_waiting(draft, event.data["person"])


def _about_open_case(draft: Draft, event: Due) -> bool:
    return draft.case is not None and draft.open_case.id == event.key.partition("/")[0]


def _broken(draft: Draft, event: Due) -> None:
    """A message could not be read: numbers for whoever wrote it, a page for whoever must look.

    A pending question that the programme's files no longer hold would break the next message as well: it is let go.
    """
    if not draft.library.holds(draft.talk.conversation, draft.talk.step):
        draft.change_talk(conversation="", step="", ref="", asked=0, unclear=0)
    draft.say("crisis.unread", urgency=Urgency.CRISIS)
    escalation.raise_case(draft, Level.URGENT, "UNREAD-MESSAGE")


def _unreached(draft: Draft, event: Due) -> None:
    """A safety text does not reach the participant's phone: whoever has the case must use another way."""
    case = draft.case
    people = _who_acts(draft)
    if case is not None:
        draft.happened("participant_unreached")
    for person in people:
        number = case.number if case else 0
        draft.tell(
            person, "care.unreached", urgency=Urgency.CRISIS, slots={"case": number}, replaces=f"unreached:{number}"
        )


def _unheard(draft: Draft, event: Due) -> None:
    """A participant's words do not reach the person who speaks with them: nobody is listening. The program speaks again
    and says so, and the ladder goes on with the next one."""
    staff_id = event.data["person"]
    if not _about_open_case(draft, event) or draft.open_case.speaker_id != staff_id:
        return
    draft.happened("unheard", by=staff_id)
    draft.note(staff_id, "unheard", "case", draft.open_case.id)
    draft.say("crisis.human_left", urgency=Urgency.CRISIS, staff=draft.roster.name(staff_id))
    draft.change_case(speaker_id="")
    taking.reopen(draft, "release")


def _who_acts(draft: Draft) -> tuple[str, ...]:
    case = draft.case
    if case is None:
        return telling.operators(draft)
    return (case.holder_id,) if case.holder_id else tuple(sorted(case.paged))


def _uncertain(draft: Draft, event: Due) -> None:
    """Nobody knows whether a relayed message arrived: its sender decides."""
    if draft.roster.member(event.data["sender"]) is None:
        return
    draft.tell(
        event.data["sender"],
        "care.uncertain",
        urgency=Urgency.CRISIS,
        slots={"case": draft.case.number if draft.case else 0},
        question="care.uncertain",
        ref=f"{event.data['case']}/{event.key}",
    )


def _nothing(_draft: Draft, _event: Due) -> None:
    """They were a stranger when this was set, and are not any more."""


DUE: dict[str, Callable[[Draft, Due], None]] = {
    "check_in": check_in.due,
    "check_in_reminder": check_in.remind,
    "check_in_expiry": check_in.expire,
    "quiet": crisis.quiet,
    "trying": crisis.time_is_up,
    "check_back": crisis.check_back,
    "climb": _climb,
    "lapse": _lapse,
    "unresolved": _unresolved,
    "watch_overdue": _watch_overdue,
    "page_failed": _page_failed,
    "second_way": _second_way,
    "follow_up": follow_up.due,
    "follow_up_overdue": follow_up.overdue,
    "broken": _broken,
    "unreached": _unreached,
    "unheard": _unheard,
    "uncertain": _uncertain,
    "told": _nothing,
    "plan_changed": everyday.plan_changed,
    over_time.WRITTEN_DOWN: over_time.written_down,
}
