"""The questions of the crisis conversation: how they are put, repeated and understood, and what is said with them."""

from __future__ import annotations

from datetime import datetime, timedelta

from flows import climbing, telling
from flows.answer import understand
from flows.case import Case
from flows.event import Said
from flows.level import Level
from flows.message import Choice, Outbound, Urgency
from flows.turn import Draft

CRISIS = Urgency.CRISIS
#: A crisis conversation in which no question was put for so long was left.
LEFT_AFTER = timedelta(hours=2)


def in_crisis(draft: Draft) -> bool:
    """Whether the crisis conversation waits for an answer."""
    return draft.talk.conversation == "crisis"


def crisis_is_fresh(draft: Draft) -> bool:
    """Whether a crisis conversation is going on. One that was left unanswered for hours must not keep the daily
    question away: then nobody would ever notice the silence."""
    put = draft.talk.crisis_at
    return in_crisis(draft) and bool(put) and draft.now - datetime.fromisoformat(put) < LEFT_AFTER


def human_speaks(draft: Draft) -> bool:
    return draft.case is not None and bool(draft.open_case.speaker_id)


def numbers(draft: Draft, level: Level) -> None:
    draft.say("crisis.emergency" if level is Level.EMERGENCY else "crisis.lines", urgency=CRISIS)


def numbers_only(draft: Draft) -> None:
    """While a human speaks, this is all the program says when help is called for."""
    draft.say("crisis.emergency", urgency=CRISIS)


def say_who_was_told(draft: Draft, paged: bool) -> None:
    """Who was asked and until when, only as far as it is true."""
    case = draft.case
    if not paged or case is None or not case.paged:
        if case is not None and case.holder_id:
            draft.say("crisis.holder_knows", urgency=CRISIS, staff=draft.roster.name(case.holder_id))
        return
    person = draft.situation.participant
    therapist = person.therapist_id if person else ""
    by = telling.at_their_time(draft, climbing.next_time(draft))
    if therapist in case.paged:
        draft.say("crisis.told_therapist", urgency=CRISIS, staff=draft.roster.name(therapist), by=by)
    else:
        draft.say("crisis.told", urgency=CRISIS, by=by)
    _ask_for_place(draft, case)


def _ask_for_place(draft: Draft, case: Case) -> None:
    """Once a case, where somebody may have to come to them: why, and that they need not. Nobody is asked whose app has
    no key for it: typing an address is not for this moment."""
    person = draft.situation.participant
    if person is None or not person.shares_place or case.level < Level.EMERGENCY or draft.talk.place_asked == case.id:
        return
    draft.change_talk(place_asked=case.id)
    line = draft.line("crisis.place")
    draft.send(Outbound(person.id, line.text, CRISIS, line.content, asks_place=True))


def ask_safe(draft: Draft) -> None:
    """The one question that everything else waits for."""
    draft.change_talk(conversation="crisis", section="", index=-1, worse=0, unclear=0, asked=0)
    ask(draft, "safe")


def ask(draft: Draft, step: str, content: str = "", **slots: object) -> None:
    """Put a question of this conversation; it waits until it is answered or something worse is said."""
    asked = draft.talk.asked + 1 if draft.talk.step == step else 1
    draft.change_talk(step=step, asked=asked, crisis_at=draft.now.isoformat())
    line = draft.line(content or f"crisis.{step}", **slots)
    choices = line.choices or draft.choices(f"crisis.{step}")
    draft.send(question(draft, line.text, line.content, f"crisis.{step}", choices))


def repeat(draft: Draft) -> None:
    """The pending question again, as it stands in the file, without starting anything over. The direct one is
    put once."""
    step = draft.talk.step
    if step == "direct":
        return
    content = {"offer": "crisis.offer_again", "helped": "crisis.helped_again"}.get(step, f"crisis.{step}")
    line = draft.line(content)
    choices = line.choices or draft.choices(f"crisis.{step}")
    draft.send(question(draft, line.text, line.content, f"crisis.{step}", choices))


def question(draft: Draft, text: str, content: str, question: str, choices: tuple[Choice, ...]) -> Outbound:
    return Outbound(
        to=draft.participant_id, text=text, urgency=CRISIS, content=content, choices=choices, question=question
    )


def understood(draft: Draft, event: Said) -> str:
    """The answer that typed words give to the pending question, or nothing."""
    person = draft.situation.participant
    step = draft.library.step(person.language if person else "", f"crisis.{draft.talk.step}")
    return understand(event.text.reveal(), step)
