"""What happens on the screen when a button is pressed: its question shows the answer, and a way to change it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog

from bot.channels.base import DeliveryError
from bot.channels.telegram.api import TokenRefused
from bot.channels.telegram.reading import CHANGE, KEY_LENGTH, PARTICIPANT
from bot.channels.telegram.sending import Chat, Speaker
from bot.channels.telegram.writing import buttons, change_button
from flows.message import Choice, Urgency

log = structlog.get_logger()

Line = Callable[..., str]
Asked = Callable[[str, str], Awaitable[tuple[str, tuple[Choice, ...]] | None]]


@dataclass(frozen=True, slots=True)
class Screen:
    """`asked` gives a question that was asked of somebody once more: its words, and the answers to it."""

    speaker: Speaker
    line: Line
    asked: Asked

    async def pressed(self, update: dict[str, Any]) -> None:
        """After a press was stored. Nothing depends on it: what fails is left as it is, and the press counts."""
        query = update["callback_query"]
        for show in (self._answer, self._edit):
            try:
                await show(query)
            except (DeliveryError, TokenRefused) as failure:  # it was pressed long ago, or twice
                log.info("a press is not shown", kind=type(failure).__name__)

    async def _answer(self, query: dict[str, Any]) -> None:
        await self.speaker.api.call("answerCallbackQuery", callback_query_id=query["id"])

    async def _edit(self, query: dict[str, Any]) -> None:
        message, data = query.get("message") or {}, str(query.get("data", ""))
        change = await self._question(query, data) if data[:1] == CHANGE else self._given(message, data)
        if change is not None:
            chat = Chat(str(message["chat"]["id"]))
            number = message["message_id"]
            await self.speaker.do("editMessageText", chat, Urgency.REPLY, message_id=number, **change)

    def _given(self, message: dict[str, Any], data: str) -> dict[str, Any] | None:
        """The question, what was answered, and for who may change their mind a button that brings the others back."""
        label = _label(message, data)
        if label is None or not message.get("text"):
            return None
        change: dict[str, Any] = {"text": self.line("everyday.chosen", asked=message["text"], answer=label)}
        if data[:1] == PARTICIPANT:
            change["reply_markup"] = change_button(data[1 : 1 + KEY_LENGTH], self.line("everyday.change"))
        return change

    async def _question(self, query: dict[str, Any], data: str) -> dict[str, Any] | None:
        key = data[1 : 1 + KEY_LENGTH]
        found = await self.asked(key, str(query["from"]["id"]))
        if found is None:
            return None
        text, choices = found
        return {"text": text, "reply_markup": buttons(PARTICIPANT, key, choices)}


def _label(message: dict[str, Any], data: str) -> str | None:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return next((str(key["text"]) for row in rows for key in row if key.get("callback_data") == data), None)
