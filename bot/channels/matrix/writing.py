"""What the program says, as one text that every client shows, with a mention where it must wake."""

from __future__ import annotations

from typing import Any

from bot.channels.fit import as_text
from storage.outbox import Sendable

#: Polls under the name by which apps know them today.
POLL = "org.matrix.msc3381.poll"
#: What the key of a message ends with when it goes out once more, as a poll.
POLL_KEY = "poll"
TEXT = "org.matrix.msc1767.text"


def poll_of(message: Sendable) -> dict[str, Any]:
    """The same question as a poll, for who wished it. Apps do not ring for one, so it never comes alone."""
    return {
        TEXT: message.text,
        f"{POLL}.start": {
            "kind": f"{POLL}.disclosed",
            "max_selections": 1,
            "question": {TEXT: message.text},
            "answers": [{"id": choice.id, TEXT: choice.label} for choice in message.choices],
        },
    }


def content_of(message: Sendable) -> dict[str, Any]:
    """An `m.room.message`. Notices and edits make no sound on a phone, so it is always plain text; a page mentions whom
    it must wake, which is what clients ring for."""
    content: dict[str, Any] = {"msgtype": "m.text", "body": as_text(message.text, message.choices)}
    if message.page is not None:
        content["m.mentions"] = {"user_ids": [message.place]}
    return content
