"""Updates that are brought: in order for each person, until the bot says that it has them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from telegram import Bot
from telegram.error import BadRequest, Conflict

from tests.fakes.conftest import Raw
from tests.fakes.telegram import Telegram


@dataclass
class Ear:
    """A bot that is rung up: what it heard, and what it answers next (200 when nothing is left)."""

    heard: list[str] = field(default_factory=list)
    secrets: list[str | None] = field(default_factory=list)
    answers: list[web.Response] = field(default_factory=list)
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    rung: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def answer(self, request: web.Request) -> web.Response:
        text = (await request.json())["message"]["text"]
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        async with self.rung:
            self.heard.append(text)
            self.rung.notify_all()
        if text in self.held:
            await self.held[text].wait()
        return self.answers.pop(0) if self.answers else web.Response()

    async def hears(self, *texts: str) -> None:
        async with asyncio.timeout(5), self.rung:
            await self.rung.wait_for(lambda: len(self.heard) >= len(texts))
        assert sorted(self.heard) == sorted(texts)


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
async def address(ear: Ear) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/hook", ear.answer)
    async with TestServer(app) as server:
        yield str(server.make_url("/hook"))


async def test_what_waits_and_what_comes_is_brought(telegram: Telegram, bot: Bot, ear: Ear, address: str) -> None:
    """With the secret, so that nobody else can ring; and nobody may poll meanwhile."""
    maya = telegram.user("Maya")
    await maya.start()
    await bot.set_webhook(address, secret_token="s3cret")
    await maya.says("one")
    await ear.hears("/start", "one")
    assert set(ear.secrets) == {"s3cret"}
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook()
    assert await bot.get_updates() == ()


async def test_what_was_not_taken_comes_again_and_the_rest_waits(
    telegram: Telegram, bot: Bot, ear: Ear, address: str
) -> None:
    """Only 2xx is a receipt. The order of one person holds through failures; others are not held up."""
    telegram.api.webhook.second = 0
    ear.answers = [web.Response(status=500) for _ in range(4)]
    maya = telegram.user("Maya")
    await maya.start()
    await bot.set_webhook(address)
    await maya.says("one")
    await ear.hears(*["/start"] * 5, "one")
    assert ear.heard == [*["/start"] * 5, "one"]
    assert telegram.api.webhook.pauses == [0, 2, 4, 8]
    info = await bot.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"
    assert info.pending_update_count == 0


async def test_one_person_does_not_hold_up_another(telegram: Telegram, bot: Bot, ear: Ear, address: str) -> None:
    """In one chat the next waits for the receipt of the one before; in another it does not."""
    maya, sam = telegram.user("Maya"), telegram.user("Sam")
    maya.person.started = sam.person.started = True
    ear.held["slow"] = asyncio.Event()
    await bot.set_webhook(address)
    await maya.says("slow")
    await maya.says("after")
    await sam.says("at once")
    await ear.hears("slow", "at once")
    ear.held["slow"].set()
    await ear.hears("slow", "at once", "after")


async def test_a_bot_may_ask_for_patience(telegram: Telegram, bot: Bot, ear: Ear, address: str) -> None:
    """Retry-After is kept, and an hour is the most."""
    telegram.api.webhook.second = 0
    ear.answers = [web.Response(status=503, headers={"Retry-After": str(asked)}) for asked in (30, 9999)]
    maya = telegram.user("Maya")
    await bot.set_webhook(address)
    await maya.start()
    await ear.hears("/start", "/start", "/start")
    assert telegram.api.webhook.pauses == [30, 3600]


async def test_setting_a_webhook_ends_a_poll(telegram: Telegram, bot: Bot, address: str) -> None:
    """And who polls is told why."""
    polling = asyncio.create_task(bot.get_updates(timeout=20))
    await telegram.polled()
    await bot.set_webhook(address)
    with pytest.raises(Conflict, match="terminated by setWebhook request"):
        await polling


async def test_a_webhook_that_cannot_be_is_refused(bot: Bot, raw: Raw) -> None:
    """A secret has a form, and so has an address."""
    with pytest.raises(BadRequest, match="unallowed characters"):
        await bot.set_webhook("https://bot.example/hook", secret_token="not so secret!")
    assert await raw.refused("setWebhook", url="bot.example") == "invalid webhook URL specified"


async def test_dropping_what_waits_is_on_record(telegram: Telegram, bot: Bot) -> None:
    """It loses messages for good; a test can ask whether the program ever did."""
    await telegram.user("Maya").start()
    await bot.delete_webhook(drop_pending_updates=True)
    assert telegram.api.dropped_pending == 1
    assert await bot.get_updates() == ()
