"""One message, said in one chat: in as many pieces as it needs, each when Telegram allows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import structlog
from telegram import InputFile

from bot.channels.base import DeliveryError
from bot.channels.telegram.api import BotApi, TooFast
from bot.channels.telegram.limits import Limits
from bot.channels.telegram.writing import LONGEST_BELOW, Keyboard, parts_of, units
from flows.message import File, Urgency

#: Seconds that Telegram may ask us to wait, and the message is still on its way.
A_MOMENT: Final = 3.0

log = structlog.get_logger()


class Astray(DeliveryError):
    """It landed somewhere else than in its topic, where others read it. It was taken away again."""


@dataclass(frozen=True, slots=True)
class Chat:
    """Where something is said: a private chat or a group, and the topic there."""

    id: str
    topic: int | None = None

    @property
    def is_group(self) -> bool:
        """Groups have negative numbers."""
        return self.id.startswith("-")

    @property
    def address(self) -> dict[str, Any]:
        """As the Bot API takes it."""
        where: dict[str, Any] = {"chat_id": int(self.id) if self.id.lstrip("-").isdecimal() else self.id}
        return where if self.topic is None else {**where, "message_thread_id": self.topic}


class Speaker:
    """Says things for one account. Everything that Telegram counts goes through `do`."""

    def __init__(self, api: BotApi, limits: Limits) -> None:
        self.api = api
        self.limits = limits

    async def do(self, method: str, chat: Chat, urgency: Urgency, **what: Any) -> Any:
        """Call, when it is this chat's turn; once more, where Telegram asks for a moment's patience. Raises
        DeliveryError: what must wait for longer is tried again later, and must not look as if it may have gone."""
        try:
            return await self._do(method, chat, urgency, what)
        except TooFast as refusal:
            if refusal.seconds > A_MOMENT:
                raise
            return await self._do(method, chat, urgency, what)

    async def _do(self, method: str, chat: Chat, urgency: Urgency, what: dict[str, Any]) -> Any:
        await self.limits.my_turn(chat.id, urgency, group=chat.is_group)
        try:
            return await self.api.call(method, **chat.address, **what)
        except TooFast as refusal:
            self.limits.refused(chat.id, refusal.seconds)
            raise
        finally:
            self.limits.took(chat.id)

    async def say(self, chat: Chat, urgency: Urgency, text: str, keyboard: Keyboard | None, *, protect: bool) -> int:
        """Say it; returns Telegram's number of the last piece, on which the keyboard hangs."""
        *before, last = parts_of(text)
        for part in before:
            await self._say_there(chat, urgency, text=part, **_manner(None, protect=protect))
        return await self._say_there(chat, urgency, text=last, **_manner(keyboard, protect=protect))

    async def _say_there(self, chat: Chat, urgency: Urgency, **what: Any) -> int:
        """Where Telegram puts it into another topic than the one that was named, or into none, it is not said."""
        said = await self.do("sendMessage", chat, urgency, **what)
        if chat.topic is not None and said.get("message_thread_id") != chat.topic:
            await self._take_away(Chat(chat.id), int(said["message_id"]))
            raise Astray("it landed outside of its topic")
        return int(said["message_id"])

    async def _take_away(self, chat: Chat, number: int) -> None:
        """At once, whoever's turn it is: somebody may be reading it."""
        try:
            try:
                await self.api.call("deleteMessage", **chat.address, message_id=number)
            except TooFast:
                await self.do("deleteMessage", chat, Urgency.CRISIS, message_id=number)
        except DeliveryError as failure:
            log.warning("what landed outside of its topic could not be taken away", reason=failure.reason)

    async def give(
        self, chat: Chat, urgency: Urgency, file: File, text: str, keyboard: Keyboard | None, *, protect: bool
    ) -> int:
        """A picture is shown, anything else is a document to keep; the words stand below it. Words that are too long
        for that are said before. Returns Telegram's number of it."""
        if units(text) > LONGEST_BELOW:
            await self.say(chat, urgency, text, keyboard, protect=protect)
            return await self.give(chat, urgency, file, "", None, protect=protect)
        method, name = ("sendPhoto", "photo") if file.media_type.startswith("image/") else ("sendDocument", "document")
        what: dict[str, Any] = {name: InputFile(file.content, filename=file.name), "protect_content": protect}
        what |= {"caption": text} if text else {}
        what |= {"reply_markup": keyboard} if keyboard is not None else {}
        said = await self.do(method, chat, urgency, **what)
        return int(said["message_id"])


def _manner(keyboard: Keyboard | None, *, protect: bool) -> dict[str, Any]:
    manner: dict[str, Any] = {"link_preview_options": {"is_disabled": True}, "protect_content": protect}
    return manner if keyboard is None else {**manner, "reply_markup": keyboard}
