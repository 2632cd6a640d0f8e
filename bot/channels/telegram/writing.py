"""What the program says, as Telegram shows it: plain text, buttons under it, and the key that is always there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from bot.channels.fit import as_text
from bot.channels.telegram.reading import CHANGE, KEY_LENGTH, PARTICIPANT, STAFF
from flows.message import Choice
from storage.outbox import Sendable

#: What one message may hold, in the units Telegram counts in (core.telegram.org/bots/api#sendmessage).
LONGEST: Final = 4096
#: What may stand below a picture or a document, in the same units (core.telegram.org/bots/api#senddocument).
LONGEST_BELOW: Final = 1024
#: What a button may carry, in bytes.
CALLBACK_BYTES: Final = 64
#: Answers so short stand side by side.
SHORT: Final = 3
SIDE_BY_SIDE: Final = 8

Keyboard = dict[str, Any]


def is_for_participant(message: Sendable) -> bool:
    """Whether it is said to the person it is about, who does not work here: `care` is what staff are told."""
    return message.person_id == message.subject_id and not message.content.startswith("care.")


def text_of(message: Sendable) -> str:
    """The words; with the answers below them where they do not fit on buttons."""
    return message.text if fits_on_buttons(message) else as_text(message.text, message.choices)


def fits_on_buttons(message: Sendable) -> bool:
    """Whether every answer can be a button."""
    return len(message.key) == KEY_LENGTH and all(
        len(_data(PARTICIPANT, message.key, choice.id).encode()) <= CALLBACK_BYTES for choice in message.choices
    )


def buttons(kind: str, key: str, choices: Sequence[Choice]) -> Keyboard:
    """One button for each answer."""
    return {"inline_keyboard": list(_rows(kind, key, choices))}


def keyboard_of(message: Sendable, help_now: str, share_place: str) -> Keyboard | None:
    """Buttons under a question; under everything else that participants read, the key that calls for help, and where
    they are asked where they are, one that says it."""
    if message.choices and fits_on_buttons(message):
        kind = PARTICIPANT if is_for_participant(message) else STAFF
        return buttons(kind, message.key, message.choices)
    if not is_for_participant(message):
        return None
    keys: list[list[dict[str, Any]]] = [[{"text": help_now, "style": "danger"}]]
    if message.asks_place:
        keys.append([{"text": share_place, "request_location": True}])
    return {
        "keyboard": keys,
        "is_persistent": True,
        "resize_keyboard": True,
    }


def change_button(key: str, label: str) -> Keyboard:
    """The one button under an answer that was given: it brings the others back."""
    return {"inline_keyboard": [[{"text": label, "callback_data": _data(CHANGE, key, "")}]]}


def _rows(kind: str, key: str, choices: Sequence[Choice]) -> Iterator[list[dict[str, str]]]:
    keys = [{"text": choice.label, "callback_data": _data(kind, key, choice.id)} for choice in choices]
    short = [one for one in keys if len(one["text"]) <= SHORT]
    for start in range(0, len(short), SIDE_BY_SIDE):
        yield short[start : start + SIDE_BY_SIDE]
    yield from ([one] for one in keys if len(one["text"]) > SHORT)


def _data(kind: str, key: str, choice: str) -> str:
    return f"{kind}{key}{choice}"


def parts_of(text: str) -> list[str]:
    """The same words in as many messages as they need, broken between lines where that is possible."""
    parts, rest = [], text
    while units(rest) > LONGEST:
        cut = _fitting(rest)
        line = rest.rfind("\n", cut // 2, cut)
        cut = line + 1 if line > 0 else cut
        parts.append(rest[:cut].rstrip("\n"))
        rest = rest[cut:]
    return [*parts, rest]


def units(text: str) -> int:
    """How long Telegram finds this text."""
    return len(text.encode("utf-16-le")) // 2


def _fitting(text: str) -> int:
    """So many characters fit into one message."""
    cut = LONGEST
    while units(text[:cut]) > LONGEST:
        cut -= (units(text[:cut]) - LONGEST + 1) // 2
    return cut
