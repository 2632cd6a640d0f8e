"""What happens on the screen when a button is pressed: its question shows the answer, and a way to change it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import structlog
from telegram.constants import ChatType

from bot.channels.telegram.covering import Covers
from bot.channels.telegram.reading import CHANGE, KEY_LENGTH, OPEN, PARTICIPANT
from bot.channels.telegram.sending import Chat, Speaker
from bot.channels.telegram.sheets import Sheets
from bot.channels.telegram.writing import buttons, change_button
from flows.message import Choice, Urgency

log = structlog.get_logger()

Line = Callable[..., str]
Asked = Callable[[str, str], Awaitable[tuple[str, tuple[Choice, ...]] | None]]
Change = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Screen:
    """`asked` gives what was said to somebody once more: its words, and the answers to them."""

    speaker: Speaker
    line: Line
    asked: Asked
    sheets: Sheets = field(default_factory=Sheets)
    covers: Covers = field(default_factory=Covers)

    async def pressed(self, update: dict[str, Any]) -> None:
        """After a press was stored. Nothing depends on it: what fails is left as it is, and the press counts."""
        query = update["callback_query"]
        for show in (self._answer, self._show):
            try:
                await show(query)
            except Exception as failure:  # noqa: BLE001 - pressed long ago, or twice, or nothing that makes sense
                log.info("a press is not shown", kind=type(failure).__name__)

    async def _answer(self, query: dict[str, Any]) -> None:
        await self.speaker.api.call("answerCallbackQuery", callback_query_id=query["id"])

    async def _show(self, query: dict[str, Any]) -> None:
        message, data, place = query.get("message") or {}, str(query.get("data", "")), str(query["from"]["id"])
        if message.get("chat", {}).get("type") != ChatType.PRIVATE:
            return  # in a group it is there for all of them, and one of them may not speak for the others
        chat, kind, key = Chat(str(message["chat"]["id"])), data[:1], data[1 : 1 + KEY_LENGTH]
        if kind == OPEN:
            await self._open(chat, self.covers.lift(chat.id, key, message), place)
        elif kind == CHANGE:
            await self._ask(chat, int(message["message_id"]), key, place)
        else:
            await self._close(chat, message, data, place)

    async def _open(self, chat: Chat, closed: dict[str, int], place: str) -> None:
        """What stands under each cover, with its buttons."""
        for key, number in closed.items():
            await self._ask(chat, number, key, place)

    async def _ask(self, chat: Chat, number: int, key: str, place: str) -> None:
        """Show this question in this message, as it was asked."""
        found = await self.asked(key, place)
        if found is None:
            return
        async with AsyncExitStack() as held:
            if sheet := self.sheets.at(chat.id, number):
                sheet.shown = key
                await held.enter_async_context(sheet.lock)
            await self._edit(chat, number, self.question(chat, number, key, *found))

    def question(self, chat: Chat, number: int, key: str, text: str, choices: tuple[Choice, ...]) -> Change:
        """A question as it looks in this message; with a way back, where it asked another one before."""
        if not choices:
            return {"text": text}
        rows = buttons(PARTICIPANT, key, choices)
        sheet = self.sheets.at(chat.id, number)
        if sheet is not None and (before := sheet.before(key)):
            rows["inline_keyboard"] += change_button(before, self.line("everyday.earlier"))["inline_keyboard"]
        return {"text": text, "reply_markup": rows}

    async def _close(self, chat: Chat, message: dict[str, Any], data: str, place: str) -> None:
        """The question with what was answered, unless another one stands there already. An earlier one that was looked
        at once more makes room for the one that waits."""
        number, key = int(message["message_id"]), data[1 : 1 + KEY_LENGTH]
        sheet = self.sheets.at(chat.id, number)
        if sheet is None:
            await self._edit(chat, number, self._given(message, data))
            return
        async with sheet.lock:
            if sheet.shown == key == sheet.keys[-1]:
                await self._edit(chat, number, self._given(message, data))
                return
        if sheet.shown == key:
            await self._ask(chat, number, sheet.keys[-1], place)

    async def _edit(self, chat: Chat, number: int, change: Change | None) -> None:
        if change is not None:
            await self.speaker.do("editMessageText", chat, Urgency.REPLY, message_id=number, **change)

    def _given(self, message: dict[str, Any], data: str) -> Change | None:
        """The question, what was answered, and for who may change their mind a button that brings the others back."""
        label = _label(message, data)
        if label is None or not message.get("text"):
            return None
        change: Change = {"text": self.line("everyday.chosen", asked=message["text"], answer=label)}
        if data[:1] == PARTICIPANT:
            change["reply_markup"] = change_button(data[1 : 1 + KEY_LENGTH], self.line("everyday.change"))
        return change


def _label(message: dict[str, Any], data: str) -> str | None:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return next((str(key["text"]) for row in rows for key in row if key.get("callback_data") == data), None)
