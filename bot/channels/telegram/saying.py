"""How a message of ours comes onto a phone: on the sheet of the question before it, under a cover, or as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from bot.channels.telegram.answering import Line, Screen
from bot.channels.telegram.api import Refused
from bot.channels.telegram.covering import comes_covered, cover
from bot.channels.telegram.pinning import change_pin
from bot.channels.telegram.sending import Chat, Speaker
from bot.channels.telegram.sheets import Sheet
from bot.channels.telegram.writing import Keyboard, fits_on_buttons, is_for_participant, keyboard_of, text_of
from flows.settings import TelegramSettings
from storage.outbox import Sendable

#: How Telegram says that a message looks like this already.
NOT_MODIFIED: Final = "message is not modified"


@dataclass(frozen=True, slots=True)
class Saying:
    """For one account."""

    speaker: Speaker
    screen: Screen
    line: Line
    settings: Callable[[], TelegramSettings]

    async def say(self, outbound: Sendable, key: str) -> int:
        """Returns Telegram's number of the message in which it stands now. Raises DeliveryError."""
        chat, sheets = Chat(outbound.place), self.screen.sheets
        goes_on = outbound.continues and fits_on_buttons(outbound)
        sheet = sheets.next(chat.id, key) if goes_on else None
        if sheet is not None and await self._goes_on(sheet, chat, outbound, key):
            return sheet.number
        sheets.covered_up(chat.id)
        covered = self.settings().discreet and comes_covered(outbound)
        number = await (self._covered(chat, outbound, key) if covered else self._open(chat, outbound))
        if outbound.choices and is_for_participant(outbound):
            sheets.asked(chat.id, number, key)
        if outbound.pins or outbound.unpins:
            await change_pin(self.speaker, chat, number if outbound.pins else None)
        return number

    async def _goes_on(self, sheet: Sheet, chat: Chat, outbound: Sendable, key: str) -> bool:
        """Ask it where the question before it stood. False where that cannot be changed any more."""
        change = self.screen.question(chat, sheet.number, key, outbound.text, outbound.choices)
        try:
            async with sheet.lock:
                await self.speaker.do("editMessageText", chat, outbound.urgency, message_id=sheet.number, **change)
        except Refused as refusal:
            if NOT_MODIFIED not in refusal.description:  # else an earlier try came true
                self.screen.sheets.torn(chat.id)
                return False
        return True

    async def _covered(self, chat: Chat, outbound: Sendable, key: str) -> int:
        keyboard = cover(key, self.line("everyday.open"))
        number = await self._said(chat, outbound, self.line("everyday.covered"), keyboard)
        self.screen.covers.put(chat.id, key, number)
        return number

    async def _open(self, chat: Chat, outbound: Sendable) -> int:
        return await self._said(chat, outbound, *self.as_it_is(outbound))

    def as_it_is(self, outbound: Sendable) -> tuple[str, Keyboard | None]:
        """Its words, and the buttons or the key below them."""
        text = text_of(outbound)
        text = self.line("everyday.again", text=text) if outbound.unsure else text
        return text, keyboard_of(outbound, self.line("everyday.help_now"), self.line("everyday.share_place"))

    async def _said(self, chat: Chat, outbound: Sendable, text: str, keyboard: Keyboard | None) -> int:
        how: dict[str, Any] = {"protect": self.settings().protect}
        if outbound.file is None:
            return await self.speaker.say(chat, outbound.urgency, text, keyboard, **how)
        return await self.speaker.give(chat, outbound.urgency, outbound.file, text, keyboard, **how)
