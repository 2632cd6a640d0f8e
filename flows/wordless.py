"""A voice message, a picture, a sticker, a call: there is nothing in it that the program can read, and it says so.

Never silence: whoever sent it believes that it was heard.
"""

from __future__ import annotations

from flows import asking, check_in, everyday
from flows.event import Wordless
from flows.message import Urgency
from flows.turn import Draft

#: A sticker or a reaction is no message that somebody must still look at.
SMALL = frozenset({"sticker", "reaction", "verification"})


def received(draft: Draft, event: Wordless) -> None:
    """Say what cannot be read and how help is reached; whoever has the case is told that something came."""
    if asking.human_speaks(draft):
        _tell(draft, draft.open_case.speaker_id, event.what)
        return
    if event.what == "reaction" and draft.talk.reacted:
        _ask_again(draft)
        return
    draft.change_talk(reacted=draft.talk.reacted or event.what == "reaction")
    draft.say(f"everyday.{event.what}", urgency=Urgency.CRISIS if asking.in_crisis(draft) else Urgency.REPLY)
    _ask_again(draft)
    if event.what in SMALL:
        return
    if draft.case is not None:
        draft.happened("sent_without_words", detail=event.what)
    if draft.case is not None and draft.open_case.holder_id:
        _tell(draft, draft.open_case.holder_id, event.what)
    else:
        everyday.put_on_desk(draft)


def _ask_again(draft: Draft) -> None:
    """A question that waits goes on waiting, where it can be seen."""
    if asking.in_crisis(draft):
        asking.repeat(draft)
    elif check_in.in_check_in(draft):
        check_in.ask_again(draft, draft.talk.step)


def _tell(draft: Draft, staff_id: str, what: str) -> None:
    """The participant is not answered here: whoever speaks with them does that."""
    draft.tell(
        staff_id,
        "care.wordless",
        urgency=Urgency.RELAY if asking.human_speaks(draft) else Urgency.REPLY,
        slots={"case": draft.open_case.number, "what": WHAT[what]},
    )


#: As staff read it.
WHAT = {
    "voice": "a voice message",
    "picture": "a picture",
    "file": "a file",
    "sticker": "a sticker",
    "call": "a call",
    "reaction": "a reaction",
    "verification": "a request to compare keys",
    "other": "something without words",
}
