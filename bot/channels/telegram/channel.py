"""The Telegram channel: from updates into the line, and what was promised onto phones."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import structlog
from aiohttp import web

from bot.channels.base import DeliveryError, Inbound, Receipt, Receive
from bot.channels.telegram.answering import Asked, Screen
from bot.channels.telegram.api import BotApi, TokenRefused
from bot.channels.telegram.commands import Commands, Menus
from bot.channels.telegram.group import Group, Shelf
from bot.channels.telegram.handing_on import hand_on
from bot.channels.telegram.hook import Hook
from bot.channels.telegram.limits import Limits
from bot.channels.telegram.listening import Listening
from bot.channels.telegram.reading import Reader, payload
from bot.channels.telegram.saying import Saying
from bot.channels.telegram.sending import Speaker
from bot.channels.telegram.sweeping import NoTraces, Sweep, Traces, is_message, stays
from bot.channels.telegram.topics import NoTopic, Topics
from flows.answer import plain
from flows.settings import TelegramSettings
from storage.outbox import Sendable

log = structlog.get_logger()

#: What an update fails over that is not as the Bot API says. A database that is away fails over something else.
NO_SENSE: Final = (AttributeError, LookupError, OverflowError, TypeError, ValueError)


async def _nothing(*_about: str) -> None:
    """Nobody is to be told, and nothing is known."""


@dataclass(frozen=True, slots=True)
class House:
    """What the channel is told from outside.

    `line` gives an approved text, `blind` a mark that tells nobody whose it is; `asked` the words and answers of a
    question that an account was asked; `enrol` is given the code of a link and the account that followed it; `trouble`
    tells the operators a line of the care team's texts. By `secret` Telegram is known where it comes to us. `menus` are
    the commands that participants see; `traces` knows what is to be taken from screens. `user` is the name of the bot,
    `group` what is kept about the staff's group, `topics` whether cases are spoken of there.
    """

    line: Callable[..., str]
    blind: Callable[[str], str]
    settings: Callable[[], TelegramSettings] = TelegramSettings
    asked: Asked = _nothing
    enrol: Callable[[str, str], Awaitable[None]] = _nothing
    trouble: Callable[[str], Awaitable[None]] = _nothing
    secret: str = ""
    menus: Callable[[], Menus] = dict
    traces: Traces = field(default_factory=NoTraces)
    user: str = ""
    group: Shelf = field(default_factory=Shelf)
    topics: Callable[[], bool] = bool


class TelegramChannel:
    """One bot's account."""

    recognises_repeats = False  # the Bot API has no key for that: what is sent twice shows twice
    private = False

    def __init__(self, name: str, api: BotApi, house: House) -> None:
        self.name = name
        self.house = house
        self._api = api
        self._speaker = Speaker(api, Limits())
        self._screen = Screen(self._speaker, house.line, house.asked)
        self._saying = Saying(self._speaker, self._screen, house.line, house.settings)
        self.group = Group(api, house.group, house.trouble, house.user, lambda: house.settings().group_for_staff_only)
        self._topics = Topics(self._speaker, self.group, house.topics)
        self._reader = Reader(name, house.blind, self._is_help, self.group.room_of)
        hook = house.settings().webhook
        self._hook = Hook(api, hook, house.secret, house.trouble) if hook else None
        self.commands = Commands(api, house.menus)
        self.sweep = Sweep(self._speaker, house.traces, house.blind)
        self._shown: set[asyncio.Task[None]] = set()

    async def run(self, receive: Receive) -> None:
        """Hand over what arrives, until cancelled; beside it, what else is to be kept up."""
        await asyncio.gather(self._hear(receive), self.commands.run(), self.sweep.run(), self.group.watch())

    async def _hear(self, receive: Receive) -> None:
        async def store(updates: Sequence[dict[str, Any]]) -> bool:
            return await self.take(updates, receive)

        if self._hook is not None:
            await self._hook.run(store)
        await Listening(self._api, store, self.house.trouble).run()

    def routes(self) -> list[web.RouteDef]:
        """What the server of this programme answers for us."""
        return [] if self._hook is None else self._hook.routes()

    async def take(self, updates: Sequence[dict[str, Any]], receive: Receive) -> bool:
        """Returns once these are stored, and whether they are."""
        for update in updates:
            self._screen.sheets.noted(update)

        async def take(inbound: Inbound) -> None:
            await receive(replace(inbound, passing=self._deletes and is_message(inbound) and not inbound.room))

        if not await hand_on(self._reader, updates, take, self._done):
            return False
        for update in updates:
            if "callback_query" in update:
                self._soon(self._screen.pressed(update))
        return True

    async def _done(self, update: dict[str, Any]) -> bool:
        """What is for the channel itself: it is nobody's message. What makes no sense is left to whoever reads it: it
        would make none the next time either, and whatever comes after it would wait for ever."""
        try:
            return await self.group.took(update) or await self._follow_link(update)
        except NO_SENSE as failure:
            log.warning("an update makes no sense", kind=type(failure).__name__)
            return False

    async def _follow_link(self, update: dict[str, Any]) -> bool:
        """Somebody comes with the code of a link: that is all they say with it."""
        found = payload(update)
        if found is not None:
            await self.house.enrol(found[1], found[0])
        return found is not None

    def _is_help(self, words: str) -> bool:
        return plain(words) == plain(self.house.line("everyday.help_now"))

    def _soon(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._shown.add(task)
        task.add_done_callback(self._shown.discard)

    async def send(self, outbound: Sendable, key: str) -> Receipt:
        """Say it in the topic of its case, where there is one; else in the person's own chat."""
        try:
            mark = await self._in_topic(outbound)
            passing = not mark and self._deletes and not stays(outbound)  # by night, one's own chat alone is swept
            mark = mark or f"{self.house.blind(outbound.place)}/{await self._saying.say(outbound, key)}"
            await self._topics.rest(outbound)
        except TokenRefused as refusal:
            raise DeliveryError("our token is refused") from refusal
        return Receipt(mark=mark, passing=passing)

    @property
    def _deletes(self) -> bool:
        return self.house.settings().delete_after is not None

    async def _in_topic(self, outbound: Sendable) -> str:
        """By what it can be quoted; nothing where it is to be said in their own chat after all."""
        try:
            if await self._topics.has_room_for(outbound):
                text, keyboard = self._saying.as_it_is(outbound)
                return await self._topics.say(outbound, text, keyboard, protect=self.house.settings().protect)
        except NoTopic:
            await self.group.not_as_it_must_be()
        return ""

    def forget_screens(self) -> None:
        """As after a restart: what we know of screens by heart is gone."""
        self._screen.sheets.forget()
        self._screen.covers.forget()

    async def reachable(self, address: str) -> bool:
        """Whether this account has a chat with us at all."""
        try:
            await self._api.call("getChat", chat_id=int(address))
        except (DeliveryError, TokenRefused, ValueError):
            return False
        return True

    async def close(self) -> None:
        """Let go of everything."""
        for task in self._shown:
            task.cancel()
        await self._api.close()
