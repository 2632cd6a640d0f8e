"""What the program says, as one text that every client shows, with a mention where it must wake."""

from __future__ import annotations

from typing import Any

from bot.channels.fit import as_text
from storage.outbox import Sendable


def content_of(message: Sendable) -> dict[str, Any]:
    """An `m.room.message`. Notices and edits make no sound on a phone, so it is always plain text; a page mentions whom
    it must wake, which is what clients ring for."""
    content: dict[str, Any] = {"msgtype": "m.text", "body": as_text(message.text, message.choices)}
    if message.page is not None:
        content["m.mentions"] = {"user_ids": [message.place]}
    return content
