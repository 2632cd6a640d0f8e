"""How a crisis begins for a participant: numbers at once, then one question. And what happens when they are silent.

The numbers are on the screen before anything else is decided, and whatever is answered, a way to a person stays there.
"""

from __future__ import annotations

from flows import direct, escalation
from flows.asking import ask, ask_safe, human_speaks, in_crisis, numbers, repeat, say_who_was_told
from flows.event import Due, Tapped
from flows.level import Level
from flows.message import Urgency
from flows.phi import Phi
from flows.risk import Signal, read_score
from flows.turn import Draft
from flows.walk import answered

CRISIS = Urgency.CRISIS


def asked_for_help(how: str) -> Signal:
    """What the key that is always on the screen means, or the word help: an emergency, whatever else was said."""
    return Signal("CALL-FOR-HELP", 1, Level.EMERGENCY, "acute_distress", 0, len(how), Phi(how), "Asked for help now.")


def call_for_help(draft: Draft, how: str) -> None:
    """Numbers at once, a page at once, no second tap."""
    numbers(draft, Level.EMERGENCY)
    paged = escalation.listen(draft, (asked_for_help(how),), Phi(how))
    say_who_was_told(draft, paged)
    ask_safe(draft)
    draft.due("quiet", draft.now + draft.library.settings.crisis.quiet_after, "crisis")


def disclosed(draft: Draft, signals: tuple[Signal, ...], words: Phi[str]) -> None:
    """A signal at urgent or above, in words or in an answer: safety first, then the one question."""
    level = max(signal.level for signal in signals)
    paged_before = draft.case is not None and draft.open_case.level >= level and draft.open_case.unresolved
    numbers(draft, level)
    paged = escalation.listen(draft, signals, words)
    if paged or not paged_before:
        say_who_was_told(draft, paged)
    else:
        draft.say("crisis.heard", urgency=CRISIS)
    if draft.talk.step == "danger" and in_crisis(draft):
        ask(draft, "danger")
    else:
        ask_safe(draft)
    draft.due("quiet", draft.now + 5 * draft.library.settings.crisis.quiet_after, "crisis")


def worried(draft: Draft, signals: tuple[Signal, ...], words: Phi[str]) -> None:
    """A watch: kept for the therapist, and one direct question, where it may be put. Silence changes nothing."""
    may_ask = direct.may_be_put(draft)
    escalation.listen(draft, signals, words)
    if may_ask:
        direct.put(draft, signals)
    else:
        draft.say("crisis.heard" if direct.somebody_comes(draft) else "everyday.received")


def quiet(draft: Draft, due: Due) -> None:
    """No answer after a call for help: the numbers once more. The page has long been sent."""
    if in_crisis(draft) and draft.talk.step == "safe" and draft.talk.asked < 3 and not human_speaks(draft):
        draft.say("crisis.quiet", urgency=CRISIS)
        draft.change_talk(asked=draft.talk.asked + 1)


def time_is_up(draft: Draft, due: Due) -> None:
    """A few minutes of trying are over: did this help?"""
    if in_crisis(draft) and draft.talk.step == "helped" and not human_speaks(draft):
        repeat(draft)


def check_back(draft: Draft, due: Due) -> None:
    """As promised: how is it now?"""
    if draft.talk.conversation or human_speaks(draft):
        return
    draft.say("crisis.check_back", urgency=CRISIS)
    ask_safe(draft)


def tapped(draft: Draft, event: Tapped) -> None:
    """A button of this conversation. An old one still counts where it says that somebody is in danger."""
    step = event.question.partition(".")[2]
    if in_crisis(draft) and step == draft.talk.step:
        answered(draft, event.choice)
    elif (_says_danger(draft, event) or _is_late(draft, step)) and not event.again:
        draft.change_talk(conversation="crisis", step=step)
        answered(draft, event.choice)
    elif not event.again:
        draft.say("everyday.old_button", urgency=CRISIS if in_crisis(draft) else Urgency.REPLY)
        if in_crisis(draft):
            repeat(draft)


def _says_danger(draft: Draft, event: Tapped) -> bool:
    return bool(read_score(event.question, event.choice, draft.library.scores))


def _is_late(draft: Draft, step: str) -> bool:
    """Whether it answers the direct question after all, with nothing else going on since: a no is worth knowing too."""
    return step == direct.STEP and not draft.talk.conversation
