"""Questions that belong together are asked on one sheet: the next one takes the place of the one just answered.

Only while that message is the newest in its chat; and a sheet lives in memory alone. Whatever comes between, a restart
too, and the next question is simply a new message.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from bot.channels.telegram.reading import KEY_LENGTH, PARTICIPANT


@dataclass(slots=True)
class Sheet:
    """One message, and the keys of the questions that it asked. The last one waits for its answer; while somebody looks
    at an earlier one, that is `shown`. `lock` is held while it is changed."""

    number: int
    keys: list[str]
    shown: str
    newest: bool = True
    answered: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def before(self, key: str) -> str:
        """The question that was asked before this one; nothing before the first."""
        place = self.keys.index(key) if key in self.keys else 0
        return self.keys[place - 1] if place else ""


class Sheets:
    """The newest question of each chat."""

    def __init__(self) -> None:
        self._by_chat: dict[str, Sheet] = {}

    def at(self, chat: str, number: int) -> Sheet | None:
        """The sheet that this message is, if it is one still."""
        sheet = self._by_chat.get(chat)
        return sheet if sheet is not None and sheet.number == number else None

    def noted(self, update: dict[str, Any]) -> None:
        """Something came: words stand below the sheet from now on; a press answers what it shows. Whatever it may be:
        nothing that somebody sent may stop what comes after it."""
        query = _part(update, "callback_query")
        if words := _part(update, "message"):
            self.covered_up(_chat_of(words))
        if query:
            self._pressed(_part(query, "message"), str(query.get("data", "")))

    def _pressed(self, message: dict[str, Any], data: str) -> None:
        sheet = self.at(_chat_of(message), message.get("message_id", 0))
        if sheet is not None and data[:1] == PARTICIPANT and data[1 : 1 + KEY_LENGTH] == sheet.keys[-1] == sheet.shown:
            sheet.answered = True

    def covered_up(self, chat: str) -> None:
        """Something else stands below the sheet."""
        if sheet := self._by_chat.get(chat):
            sheet.newest = False

    def asked(self, chat: str, number: int, key: str) -> None:
        """A question was asked in a message of its own."""
        self._by_chat[chat] = Sheet(number, [key], key)

    def next(self, chat: str, key: str) -> Sheet | None:
        """The sheet on which this question is to be asked; None where it is to be a new message. A second try is made
        where the first was."""
        sheet = self._by_chat.get(chat)
        if sheet is None or not sheet.newest:
            return None
        if sheet.keys[-1] != key:
            if not sheet.answered:
                return None
            sheet.keys.append(key)
            sheet.answered = False
        sheet.shown = key
        return sheet

    def forget(self) -> None:
        """All of them."""
        self._by_chat.clear()

    def torn(self, chat: str) -> None:
        """It cannot be changed any more."""
        self._by_chat.pop(chat, None)


def _part(of: dict[str, Any], name: str) -> dict[str, Any]:
    """What stands there under this name, if it is what it should be."""
    part = of.get(name)
    return part if isinstance(part, dict) else {}


def _chat_of(message: dict[str, Any]) -> str:
    return str(_part(message, "chat").get("id", ""))
