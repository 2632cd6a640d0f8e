"""A stand-in for Telegram and the client that Handrail uses, for each test of the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from telegram import Bot
from telegram.request import HTTPXRequest

from tests.fakes.telegram import Telegram, bot_api

TOKEN = "1:test"
#: No certificates are read: there is no TLS here, and reading them takes longer than most of these tests.
PLAIN = {"verify": False, "trust_env": False}


@pytest.fixture(autouse=True)
def durations(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's coming way of telling durations; the old one warns each time."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    async with bot_api(TOKEN) as running:
        yield running


@pytest.fixture
async def bot(telegram: Telegram) -> AsyncIterator[Bot]:
    """python-telegram-bot, as the product has it."""
    async with Bot(
        TOKEN,
        base_url=telegram.url,
        base_file_url=telegram.file_url,
        request=HTTPXRequest(connection_pool_size=8, httpx_kwargs=PLAIN),
        get_updates_request=HTTPXRequest(connection_pool_size=2, httpx_kwargs=PLAIN),
    ) as made:
        yield made


class Raw:
    """The same without a client's opinions: the status, and what the body says."""

    def __init__(self, session: aiohttp.ClientSession, telegram: Telegram) -> None:
        self.session, self.telegram = session, telegram

    async def __call__(self, method: str, **given: Any) -> tuple[int, dict[str, Any]]:
        async with self.session.post(f"{self.telegram.url}{TOKEN}/{method}", json=given) as answer:
            return answer.status, await answer.json(content_type=None)

    async def refused(self, method: str, **given: Any) -> str:
        """The words of the refusal, without its kind."""
        status, body = await self(method, **given)
        assert status >= 400, body
        return str(body["description"]).partition(": ")[2]

    async def updates(self, **given: Any) -> list[dict[str, Any]]:
        status, body = await self("getUpdates", **given)
        assert status == 200, body
        return list(body["result"])


@pytest.fixture
async def raw(telegram: Telegram) -> AsyncIterator[Raw]:
    async with aiohttp.ClientSession() as session:
        yield Raw(session, telegram)
