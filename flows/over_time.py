"""Patterns over time, looked at in the very decision that changes them: an answer, a missed check-in, a total.

What is needed of the past is looked up before the decision (`needed`) and is in the situation; what changes just now is
added here. Its day is that of the check-in, which may be answered after midnight. Where nothing was looked up, nothing
is concluded from answers; a silence counts all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from flows import asking, escalation
from flows.event import Due, Event, Said, Tapped
from flows.level import Level
from flows.library import Library
from flows.message import Urgency
from flows.risk import CHECK_INS, MISSED, History, Needs, PatternRule, Signal, is_nudge, look, needs_of
from flows.situation import Situation
from flows.turn import Draft

#: Falls due at once when something was written down that no participant said: a total, a session, a discharge.
WRITTEN_DOWN = "patterns"


# -- before the decision -------------------------------------------------------------------------------------------


def needed(situation: Situation, event: Event, library: Library) -> Needs | None:
    """What must be looked up for this event; None for the many that change nothing here."""
    rules = _rules_for(situation, event, library)
    return needs_of(rules) if rules else None


def _rules_for(situation: Situation, event: Event, library: Library) -> tuple[PatternRule, ...]:
    if isinstance(event, Due) and event.kind == WRITTEN_DOWN:
        return library.patterns.rules
    check_in = situation.check_in
    if check_in is None:
        return ()
    if isinstance(event, Due):
        waits = event.kind == "check_in_expiry" and check_in.state == "asked" and check_in.delivered_at is not None
        return library.patterns.after({MISSED, CHECK_INS}) if waits else ()
    answered = {item for item in _answered(situation, event) if item.startswith(f"{check_in.conversation}.")}
    first = {CHECK_INS} if answered and check_in.first_answer_at is None else set()
    return library.patterns.after(answered | first)


def _answered(situation: Situation, event: Event) -> Iterable[str]:
    """The questions that this event may answer."""
    talk = situation.talk
    if isinstance(event, Tapped):
        yield event.question
    elif isinstance(event, Said):
        yield f"{talk.conversation}.{talk.step}"
        yield event.replies_to[0]
        yield talk.typed.get(event.edits, "").partition(" ")[0]


# -- in the decision -----------------------------------------------------------------------------------------------


def answered(draft: Draft, item: str, choice: str, *, first: bool) -> tuple[Signal, ...]:
    """What shows now that this was answered; `first` says that it is the first answer of its check-in."""
    check_in, history = draft.check_in, draft.situation.history
    if check_in is None or history is None:
        return ()
    history = replace(history, today=check_in.local_date).with_answer(item, check_in.local_date, choice)
    if first:
        history = history.with_check_in(check_in.local_date, answered=True)
    return _look(draft, {item, CHECK_INS} if first else {item}, history)


def missed(draft: Draft) -> tuple[Signal, ...]:
    """What shows now that one more check-in was missed."""
    check_in = draft.check_in
    if check_in is None:
        return ()
    history = replace(draft.situation.history or History(check_in.local_date), today=check_in.local_date)
    return _look(draft, {MISSED, CHECK_INS}, history.with_check_in(check_in.local_date, answered=False))


def written_down(draft: Draft, event: Due) -> None:
    """A total, a session or a discharge was written down: every rule looks again."""
    history = draft.situation.history
    if history is None:
        return
    signals = _look(draft, None, history)
    tell(draft, signals, urgency=Urgency.BULK)
    listen(draft, signals)


def apart(draft: Draft, signals: tuple[Signal, ...]) -> tuple[tuple[Signal, ...], tuple[Signal, ...]]:
    """What is about silence, and what is about anything else."""
    about = draft.library.patterns.by_id
    silence = tuple(signal for signal in signals if MISSED in about[signal.rule].about)
    return silence, tuple(signal for signal in signals if signal not in silence)


def silence_ends(draft: Draft) -> None:
    """Whoever says anything is there: what was about silence is over, and may begin anew."""
    rules = draft.library.patterns.by_id
    standing = {
        name: version
        for name, version in draft.talk.standing.items()
        if name not in rules or MISSED not in rules[name].about
    }
    draft.change_talk(missed=0, standing=standing)


def _look(draft: Draft, topics: Iterable[str] | None, history: History) -> tuple[Signal, ...]:
    rules = draft.library.patterns.rules if topics is None else draft.library.patterns.after(topics)
    signals, standing = look(rules, _completed(draft, history), draft.talk.standing)
    draft.change_talk(standing=standing)
    return signals


def _completed(draft: Draft, history: History) -> History:
    """With what the decision knows itself."""
    person, case = draft.situation.participant, draft.case
    return replace(
        history,
        missed=draft.talk.missed,
        in_follow_up=case is not None and case.level >= Level.URGENT,
        flags=frozenset(person.flags.reveal()) if person else frozenset(),
    )


# -- what comes of it ----------------------------------------------------------------------------------------------


def listen(draft: Draft, signals: tuple[Signal, ...]) -> None:
    """Keep what showed, and let the case rise to it. A nudge is kept, and alerts nobody."""
    draft.heard(*(signal for signal in signals if is_nudge(signal)))
    escalation.listen(draft, tuple(signal for signal in signals if not is_nudge(signal)))


def tell(draft: Draft, signals: tuple[Signal, ...], urgency: Urgency = Urgency.REPLY) -> None:
    """Say to the participant, in one sentence, what showed. Nothing is watched behind their back."""
    if signals and not asking.crisis_is_fresh(draft) and not asking.human_speaks(draft):
        draft.say("everyday.pattern", urgency=urgency, words=sentence(draft, signals))


def sentence(draft: Draft, signals: tuple[Signal, ...]) -> str:
    """The participant's sentence about the most worrying of these."""
    person = draft.situation.participant
    language = draft.language or (person.language if person else "")
    return draft.library.patterns.by_id[signals[0].rule].sentence(language)
