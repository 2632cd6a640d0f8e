"""An ordinary word from a participant: the words that always work, and what the program says to everything else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from flows import asking, crisis, privacy, telling
from flows.answer import plain
from flows.event import Due, Said
from flows.message import File, Outbound, Urgency
from flows.plan_words import plan_in_words
from flows.policy import Grant
from flows.schedule import local_date
from flows.turn import Draft

#: The panic word, with or without more; the assessment hears it too, but this works even where screening is off.
HELP = frozenset({"help", "help me", "help now", "i need help now", "i need help", "sos", "ayuda"})
STOP = frozenset({"stop", "/stop", "unsubscribe"})
START = frozenset({"start", "/start", "begin again"})
PLAN = frozenset({"plan", "/plan", "my plan", "safety plan"})
PIN = frozenset({"pin", "/pin", "pin plan", "pin my plan"})
UNPIN = frozenset({"unpin", "/unpin", "unpin plan", "unpin my plan"})
CARD = frozenset({"card", "/card", "plan card", "my card"})
LANGUAGE = frozenset({"language", "/language", "idioma"})
#: What the card is called on the phone where it is kept: nothing that tells about its owner.
CARD_NAME = "card.txt"
CARD_EXPIRES = timedelta(hours=12)
POLLS = frozenset({"polls", "poll", "no polls", "no poll"})
MANUAL = frozenset({"/help", "!help", "?"})
ARE_YOU_HUMAN = frozenset({"are you human", "are you a human", "are you a bot", "are you real", "who are you"})


def always(draft: Draft, event: Said) -> bool:
    """The words that work whatever was being asked. False when this was none of them."""
    said = plain(event.text.reveal())
    raw = event.text.reveal().strip().casefold()
    words: dict[frozenset[str], Callable[[], None]] = {
        HELP: lambda: crisis.call_for_help(draft, event.text.reveal()),
        STOP: lambda: _stop(draft),
        START: lambda: _start(draft),
        PLAN: lambda: show_plan(draft),
        PIN: lambda: _pin(draft),
        UNPIN: lambda: _unpin(draft),
        CARD: lambda: _card(draft),
        LANGUAGE: lambda: _languages(draft),
        POLLS: lambda: _polls(draft, wanted=not said.startswith("no")),
        MANUAL: lambda: draft.say("everyday.manual"),
        ARE_YOU_HUMAN: lambda: draft.say("everyday.not_human"),
    }
    for known, act in words.items():
        if (said in known or raw in known) and not (known is START and _is_an_answer(draft, event)):
            act()
            return True
    return _switched_language(draft, said)


def _is_an_answer(draft: Draft, event: Said) -> bool:
    """Start is also the label of a button: where that is what was asked, it is the answer."""
    return asking.in_crisis(draft) and bool(asking.understood(draft, event))


def is_call_for_help(words: str) -> bool:
    """Whether these words are the call for help that works everywhere."""
    return plain(words) in HELP


def is_stop(words: str) -> bool:
    """Whether these words end the daily questions."""
    return plain(words) in STOP


def stop_questions(draft: Draft) -> None:
    """The daily questions end, without a word to the participant."""
    draft.change_talk(stopped=True)
    draft.drop("check_in_reminder")
    draft.note(draft.participant_id, "reminders_stopped")


def _stop(draft: Draft) -> None:
    """Reminders stop; help in a crisis never does. The therapist is told, so that stopping is not silence."""
    stop_questions(draft)
    draft.say("everyday.stopped")
    person = draft.situation.participant
    if person and person.therapist_id:
        draft.tell(person.therapist_id, "care.stopped", slots={"name": care_name(draft)})


def _start(draft: Draft) -> None:
    draft.change_talk(stopped=False)
    draft.note(draft.participant_id, "reminders_started")
    draft.say("everyday.started")


def care_name(draft: Draft) -> str:
    """How the participant is named to their therapist: by name on a private channel, else not at all."""
    person = draft.situation.participant
    therapist = draft.roster.member(person.therapist_id) if person else None
    return privacy.first_name(therapist, person, privacy.SOMEBODY_FIRST)


def show_plan(draft: Draft) -> None:
    """The plan on demand, whatever else is going on: nobody has to be well enough to look for it."""
    if not isinstance(draft.situation.grant, Grant):
        return
    plan = draft.situation.plan
    draft.say("everyday.plan", plan=plan_in_words(draft, plan)) if plan.entries else draft.say("everyday.no_plan")


def _pin(draft: Draft) -> None:
    """The plan at the head of the chat, because they want it there: whoever opens the chat sees it."""
    person = draft.situation.participant
    if person is None or not person.pins or not draft.situation.plan.entries:
        show_plan(draft)
        return
    draft.change_talk(pinned=True)
    _show_pinned(draft, Urgency.REPLY)


def _show_pinned(draft: Draft, urgency: Urgency) -> None:
    if isinstance(draft.situation.grant, Grant):
        line = draft.line("everyday.plan", plan=plan_in_words(draft, draft.situation.plan))
        plan = Outbound(draft.participant_id, line.text, urgency, line.content, expires_after=CARD_EXPIRES, pins=True)
        draft.send(plan)


def _unpin(draft: Draft) -> None:
    draft.change_talk(pinned=False)
    line = draft.line("everyday.unpinned")
    draft.send(Outbound(draft.participant_id, line.text, Urgency.REPLY, line.content, unpins=True))


def plan_changed(draft: Draft, due: Due) -> None:
    """A new version takes the place of the one at the head of the chat, for whoever wants it there."""
    if draft.talk.pinned and draft.situation.plan.entries:
        _show_pinned(draft, Urgency.BULK)


def _polls(draft: Draft, *, wanted: bool) -> None:
    """Questions as polls too, for who finds them easier; a number or words answer them all the same."""
    draft.change_talk(polls=wanted)
    draft.say("everyday.polls" if wanted else "everyday.no_polls")


def _card(draft: Draft) -> None:
    """The plan as a file, for a phone without a network or for paper; where no file can go, the plan itself.

    It is their own, in their own chat, and they asked for it: it goes wherever its words may go.
    """
    person, plan = draft.situation.participant, draft.situation.plan
    if person is None or not person.files or not plan.entries or not isinstance(draft.situation.grant, Grant):
        show_plan(draft)
        return
    words = draft.line("everyday.card_text", plan=plan_in_words(draft, plan)).text
    line = draft.line("everyday.card")
    file = File(CARD_NAME, "text/plain", words.encode())
    draft.send(Outbound(person.id, line.text, Urgency.REPLY, line.content, expires_after=CARD_EXPIRES, file=file))


def _languages(draft: Draft) -> None:
    draft.say("everyday.languages", languages=", ".join(sorted(draft.library.languages)))


def _switched_language(draft: Draft, said: str) -> bool:
    word, _, wanted = said.partition(" ")
    if word not in LANGUAGE or not wanted or " " in wanted:
        return False
    if wanted not in draft.library.languages:
        _languages(draft)
        return True
    draft.language = wanted
    draft.note(draft.participant_id, "language_changed", language=wanted)
    draft.say("everyday.language_changed", language=wanted)
    return True


def received(draft: Draft, event: Said) -> None:
    """Words that ask for nothing the program can do: kept for the therapist, and it is said who reads them, when."""
    person = draft.situation.participant
    if person is None:
        return
    _greet(draft, local_date(draft.now, person.zone))
    draft.say("everyday.received")
    put_on_desk(draft)


def _greet(draft: Draft, today: date) -> None:
    """What this is, once a day: a program, not watched around the clock."""
    if draft.talk.greeted != today.isoformat():
        draft.change_talk(greeted=today.isoformat())
        draft.say("everyday.hello")


def put_on_desk(draft: Draft) -> None:
    """A message that nobody reads is a lost message: the therapist gets one line, when they are next at work."""
    person = draft.situation.participant
    therapist = draft.roster.member(person.therapist_id) if person else None
    readers = (therapist.id,) if therapist else telling.operators(draft)
    for reader in readers[:1]:
        member = draft.roster.member(reader)
        open_now = member is None or member.hours.open_at(draft.now, member.zone)
        draft.tell(
            reader,
            "care.unread",
            slots={"name": care_name(draft)},
            not_before=None if open_now or member is None else member.hours.opens_next(draft.now, member.zone),
            replaces=f"unread:{draft.participant_id}",
        )
