"""A hit asks, it does not label: the one direct question, when it may be put, and that it is put once.

Words that are a watch, or that an urgent rule calls unclear (`asks: true`), lead to it; the answer sets the level. Said
outright (intent, an attempt, a medical emergency) nothing waits for a question.

Once in a conversation. A conversation has ended when the case is closed, or when nothing has come from the participant
for `crisis.conversation_ends_after`. It is not put while a person speaks with them, nor while a case that pages people
is unresolved: then somebody is coming who asks better. A watch on the worklist is no such case: nobody comes because of
it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from flows.asking import ask, in_crisis
from flows.event import Said
from flows.level import Level
from flows.risk import Assessment, Signal
from flows.turn import Draft

STEP = "direct"


def may_be_put(draft: Draft) -> bool:
    """Whether it was not put yet in this conversation, nothing else is being asked in a crisis, and nobody is on the
    way. (While a person speaks, what is said goes to them and never comes here.)"""
    another = in_crisis(draft) and draft.talk.step != STEP
    return not (draft.talk.direct_at or another or somebody_comes(draft))


def somebody_comes(draft: Draft) -> bool:
    """Whether people are being asked, or have promised, to speak with the participant."""
    return draft.case is not None and draft.case.unresolved and draft.case.level >= Level.URGENT


def put(draft: Draft, signals: tuple[Signal, ...]) -> None:
    """Ask it. What was unclear is remembered until it is answered."""
    doubted = next((signal.rule for signal in signals if signal.asks), "")
    draft.change_talk(conversation="crisis", unclear=0, asked=0, direct_at=draft.now.isoformat(), doubted=doubted)
    ask(draft, STEP)


def softened(draft: Draft, event: Said) -> Said:
    """The same words, a watch for now, where all that is urgent in them is unclear and the question may be put. Where
    it may not, they count as their rule says."""
    if event.level is not Level.URGENT or not may_be_put(draft):
        return event
    signals = event.assessment.signals
    if not all(signal.asks for signal in signals if signal.level is Level.URGENT):
        return event
    watched = (replace(one, level=min(one.level, Level.WATCH)) for one in signals)
    return replace(event, assessment=Assessment.of(watched))


def heard_from(draft: Draft) -> None:
    """Something came from the participant: the conversation goes on, or, after a long silence, another one begins."""
    if not draft.talk.direct_at:
        return
    silence = draft.now - datetime.fromisoformat(draft.talk.direct_at)
    ended = silence >= draft.library.settings.crisis.conversation_ends_after
    draft.change_talk(direct_at="" if ended else draft.now.isoformat())


def conversation_ends(draft: Draft) -> None:
    """A clinician has closed the case: what comes next is another conversation."""
    draft.change_talk(direct_at="", doubted="")
