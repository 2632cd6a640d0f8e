"""Invitations that lead nowhere, or nowhere yet: neither letters nor other invitations wait for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from bot.channels.base import Inbound
from bot.channels.matrix.channel import MatrixChannel
from bot.channels.matrix.client import HardenedClient
from bot.clock import SystemClock
from tests.matrix.clinic import patiently
from tests.support.between import Between, between
from tests.support.homeserver import Account, Homeserver
from tests.support.matrix import ENCRYPTED, hardened, ours, room_of, stock, writes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@asynccontextmanager
async def running(server: Homeserver, door: Between, account: Account, folder: Path) -> AsyncIterator[list[str]]:
    """The channel, behind the door; the words that it hands over."""
    heard: list[str] = []

    async def receive(inbound: Inbound) -> None:
        heard.append(inbound.body.reveal())

    def connect() -> HardenedClient:
        client = hardened(server, account, folder)
        client.homeserver = door.url
        return client

    task = asyncio.create_task(MatrixChannel("matrix", SystemClock(), connect).run(receive))
    try:
        yield heard
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_nobodys_words_wait_for_an_invitation(server: Homeserver, newcomer: Any, tmp_path: Path) -> None:
    """A stranger's homeserver is away, and ours tries for a minute to get us in: a cry for help waited for that, and
    for the next minute. So did the invitation of a participant."""
    account, maya = await newcomer("handrail"), await newcomer("maya")
    async with between(server.url) as door, stock(server, maya, tmp_path / "app") as app:
        async with ours(server, account, tmp_path / "bot") as bot:
            room = await room_of(app, bot)
        dead = await app.room_create(invite=[account.user_id], initial_state=[ENCRYPTED])
        door.broken[f"join/{dead.room_id}"] = "hang"
        async with running(server, door, account, tmp_path / "bot") as heard:
            assert await patiently(lambda: any(dead.room_id in path for path in door.paths), 20)
            await writes(app, room, "help")
            assert await patiently(lambda: "help" in heard, 20)
            other = await app.room_create(invite=[account.user_id], initial_state=[ENCRYPTED])
            await app.sync(0)
            await writes(app, other.room_id, "and here")
            assert await patiently(lambda: "and here" in heard, 20)


async def test_an_invitation_is_not_forgotten_when_the_homeserver_limits_us(
    server: Homeserver, newcomer: Any, tmp_path: Path
) -> None:
    """Twenty people enrol in one minute, and we are let into ten rooms at once: the others waited for ever."""
    account, maya = await newcomer("handrail"), await newcomer("maya")
    async with between(server.url) as door, stock(server, maya, tmp_path / "app") as app:
        async with ours(server, account, tmp_path / "bot"):
            pass
        made = await app.room_create(invite=[account.user_id], initial_state=[ENCRYPTED])
        door.broken["join/"] = 429
        async with running(server, door, account, tmp_path / "bot") as heard:
            assert await patiently(lambda: any("join/" in path for path in door.paths), 20)
            door.mend()
            await app.sync(0)
            await writes(app, made.room_id, "hello")
            assert await patiently(lambda: "hello" in heard, 20)
