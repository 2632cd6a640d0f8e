"""What a staff member wants, read from a command, a button or plain words, before anybody asks whether they may.

Every wish names its `Action` before anything is opened; a wish that these tables do not know cannot be made.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from flows.answer import plain
from flows.event import Event, Said, Tapped, Wordless
from flows.message import Choice
from flows.policy import Action


@dataclass(frozen=True, slots=True)
class Request:
    """One wish: the action that the one door decides on, about whom, and with which words.

    `about` is a name or a case number as typed; `case_id` is set when a button or the lease says which case. `seen`
    goes with a reason: the newest signal that the case had when the reason was asked for. `quoted` says that the
    question was quoted with the answer, which then means nothing else.
    """

    action: Action
    name: str
    about: str = ""
    case_id: str = ""
    words: str = ""
    seen: str = ""
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """What the program last asked a staff member, so that a plain answer can be understood."""

    asks: str = ""  # "resolve" or "close" and what was seen: the reason is awaited
    case_id: str = ""
    speaking_case_id: str = ""  # the case in which this person holds the conversation


@dataclass(frozen=True, slots=True)
class Pending:
    """The newest question on a staff member's screen, so that it can be answered in words as well."""

    question: str
    ref: str
    choices: tuple[Choice, ...]
    quoted: bool = False  # they quoted it: whatever else is going on, this is what they answer


UNKNOWN = Request(Action.WRITE, "unknown")
WORDLESS = Request(Action.WRITE, "wordless")
CHANGED = Request(Action.WRITE, "changed")
#: Commands, the action each needs, and whether the first word after it is a name or a case number.
COMMANDS: dict[str, tuple[Action, bool]] = {
    "/cases": (Action.LIST_CASES, False),
    "/case": (Action.SEE_CASE, True),
    "/plan": (Action.SEE_PLAN, True),
    "/note": (Action.NOTE, True),
    "/oncall": (Action.SEE_ON_CALL, False),
    "/breakout": (Action.BREAKOUT, True),
    "/pager": (Action.WRITE, False),
    "/useful": (Action.JUDGE, True),
}
#: Buttons, by the question they hang on and their id.
BUTTONS: dict[tuple[str, str], Action] = {
    ("care.page", "acknowledge"): Action.ACKNOWLEDGE,
    ("care.page", "not_me"): Action.DECLINE,
    ("care.watch", "acknowledge"): Action.ACKNOWLEDGE,
    ("care.case", "take_over"): Action.TAKE_OVER,
    ("care.case", "hand_back"): Action.HAND_BACK,
    ("care.case", "resolve"): Action.RESOLVE,
    ("care.case", "close"): Action.CLOSE,
    ("care.case", "not_me"): Action.DECLINE,
    ("care.follow_up", "reached"): Action.FOLLOW_UP,
    ("care.follow_up", "no_answer"): Action.FOLLOW_UP,
    ("care.follow_up", "declined"): Action.FOLLOW_UP,
    ("care.useful", "was_useful"): Action.JUDGE,
    ("care.useful", "was_not_useful"): Action.JUDGE,
    ("care.uncertain", "resend"): Action.RELAY,
}
REASONED = {Action.RESOLVE: "resolve", Action.CLOSE: "close"}
ASKED = {word: action for action, word in REASONED.items()}
#: Questions for a reason, which may come as a button or as words.
REASONS = {"care.reason": Action.RESOLVE, "care.close_reason": Action.CLOSE}


def read_request(event: Event, desk: Desk, pending: Pending | None) -> Request:
    """What this staff member wants. Plain words are a reason when one was asked for, else part of a conversation."""
    if isinstance(event, Tapped):
        return _button(event.question, event.choice, event.ref)
    if isinstance(event, Said):
        return _words(event.text.reveal().strip(), desk, pending, changed=bool(event.edits))
    return WORDLESS if isinstance(event, Wordless) else UNKNOWN


def _words(words: str, desk: Desk, pending: Pending | None, *, changed: bool) -> Request:
    if (
        changed
    ):  # what it did when it was first sent is done; only to whom they speak with does the change mean anything
        speaking = desk.speaking_case_id
        return Request(Action.RELAY, "relay_changed", case_id=speaking, words=words) if speaking else CHANGED
    if words.startswith("/"):
        return _command(words)
    return _answer(words, desk, pending) or _free(words, desk)


def _answer(words: str, desk: Desk, pending: Pending | None) -> Request | None:
    """Words as the answer to the question on the screen; None where they are none. Who quotes it means it."""
    if pending is None:
        return None
    if chosen := _chosen(words, pending, speaking=bool(desk.speaking_case_id) and not pending.quoted):
        return _button(pending.question, chosen, pending.ref)
    if pending.quoted and pending.question in REASONS:
        return replace(_button(pending.question, words, pending.ref), quoted=True)
    return None


def _free(words: str, desk: Desk) -> Request:
    if desk.speaking_case_id:  # who speaks with somebody never says a word to the machine by mistake
        return Request(Action.RELAY, "relay", case_id=desk.speaking_case_id, words=words)
    if desk.asks:
        word, _, seen = desk.asks.partition(" ")
        return Request(ASKED[word], "reason", case_id=desk.case_id, words=words, seen=seen)
    return UNKNOWN


def _button(question: str, choice: str, ref: str) -> Request:
    if question in REASONS:
        case_id, _, seen = ref.partition("/")
        return Request(REASONS[question], "reason", case_id=case_id, words=choice, seen=seen)
    action = BUTTONS.get((question, choice))
    if action is None:
        return UNKNOWN
    return Request(action, choice, case_id=ref.partition("/")[0], words=ref)


def _command(words: str) -> Request:
    command, _, rest = words.partition(" ")
    known = COMMANDS.get(command.casefold())
    if known is None:
        return UNKNOWN
    action, named = known
    if not named:
        return Request(action, command[1:].casefold(), words=rest.strip())
    about, _, more = rest.strip().partition(" ")
    return Request(action, command[1:].casefold(), about=about, words=more.strip())


def _chosen(words: str, pending: Pending, *, speaking: bool) -> str:
    """The button that typed words name. In a conversation with a participant only its exact label counts."""
    if speaking and pending.question in REASONS:
        return ""
    said = plain(words)
    for position, choice in enumerate(pending.choices, start=1):
        if said == plain(choice.label) or (not speaking and said == str(position)):
            return choice.id
    short = {"ack": "acknowledge", "ok": "acknowledge", "i have it": "acknowledge", "not me": "not_me"}
    wanted = short.get(said, "")
    return wanted if not speaking and any(choice.id == wanted for choice in pending.choices) else ""
