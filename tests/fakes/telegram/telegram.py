"""What a test holds: a running server, and the people around it.

async with bot_api(token="1:test") as telegram:
    maya = telegram.user("Maya")
    await maya.start("a-payload")
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from tests.fakes.telegram.api import BotApi, Call
from tests.fakes.telegram.clock import Clock
from tests.fakes.telegram.control import control
from tests.fakes.telegram.faults import Faults
from tests.fakes.telegram.group import USUAL, Group
from tests.fakes.telegram.limits import Limits
from tests.fakes.telegram.phone import Phone
from tests.fakes.telegram.queue import Event
from tests.fakes.telegram.server import application, serve
from tests.fakes.telegram.world import Member


class Telegram:
    """The server from outside: where it listens, who is there, what the bot did."""

    def __init__(self, api: BotApi) -> None:
        self.api = api
        self.port = 0
        self.phones: dict[str, Phone] = {}
        self.groups: dict[str, Group] = {}

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """For PTB's base_url: the token comes right behind it."""
        return f"{self.root}/bot"

    @property
    def file_url(self) -> str:
        """For PTB's base_file_url."""
        return f"{self.root}/file/bot"

    @property
    def token(self) -> str:
        return self.api.token

    @property
    def clock(self) -> Clock:
        return self.api.clock

    @property
    def faults(self) -> Faults:
        return self.api.faults

    @property
    def limits(self) -> Limits:
        return self.api.limits

    @property
    def calls(self) -> list[Call]:
        return self.api.calls

    def calls_of(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method.lower() == method.lower()]

    def user(self, name: str, language: str = "en") -> Phone:
        """A person who has never met the bot."""
        self.phones[name] = Phone(self.api, self.api.world.person(name, language))
        return self.phones[name]

    def group(
        self,
        title: str,
        *,
        forum: bool = False,
        supergroup: bool = True,
        members: Iterable[Phone] = (),
        rights: frozenset[str] | None = USUAL,
    ) -> Group:
        """A group with an owner of its own, the bot (with rights None no administrator) and the members in it."""
        chat = self.api.world.group(title, supergroup=supergroup, forum=forum)
        owner = self.api.world.person(f"Owner of {title}")
        chat.members[owner.id] = Member(owner, "creator")
        bot = self.api.world.bot
        chat.members[bot.id] = Member(bot, "member") if rights is None else Member(bot, "administrator", rights)
        for phone in members:
            chat.members[phone.id] = Member(phone.person)
        self.groups[title] = Group(self.api, chat, owner)
        return self.groups[title]

    def push(self, raw: dict[str, Any]) -> Event:
        """Queue an update word for word; with `update_id` in it, under that number."""
        return self.api.push(raw)

    async def polled(self, *, by_somebody: bool = True, within: float = 5.0) -> None:
        """Wait until the bot polls, or (`by_somebody=False`) until nobody does any more."""
        await self.api.polls.polled(by_somebody=by_somebody, within=within)

    async def reset(self) -> None:
        await self.api.reset()
        self.phones.clear()
        self.groups.clear()


@asynccontextmanager
async def bot_api(token: str = "1:test", port: int = 0) -> AsyncIterator[Telegram]:
    """A server for one bot, on a port of its own, until the end of the block."""
    telegram = Telegram(BotApi(token))
    app = application(telegram.api)
    control(app, telegram)
    runner, telegram.port = await serve(app, port)
    try:
        yield telegram
    finally:
        await telegram.api.webhook.close()
        await runner.cleanup()
