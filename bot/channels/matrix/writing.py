"""What the program says, as one text that every client shows: numbered answers, and a mention where it must wake."""

from __future__ import annotations

from typing import Any

from storage.outbox import Sendable


def content_of(message: Sendable) -> dict[str, Any]:
    """An `m.room.message`. Notices and edits make no sound on a phone, so it is always plain text; a page mentions whom
    it must wake, which is what clients ring for."""
    content: dict[str, Any] = {"msgtype": "m.text", "body": _body(message)}
    if message.page is not None:
        content["m.mentions"] = {"user_ids": [message.place]}
    return content


def _body(message: Sendable) -> str:
    answers = [f"{number}. {choice.label}" for number, choice in enumerate(message.choices, start=1)]
    return "\n".join([message.text, "", *answers]) if answers else message.text
