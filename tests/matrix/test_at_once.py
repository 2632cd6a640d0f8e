"""What comes is handed on the moment it is kept, and while nothing comes nobody looks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from nio import AsyncClient

from bot.channels.base import Inbound
from bot.channels.matrix import channel as channel_module
from bot.channels.matrix import listening
from bot.channels.matrix.channel import MatrixChannel
from bot.channels.matrix.handing_on import IN_A_ROW
from bot.clock import SystemClock
from tests.support.between import Between, between
from tests.support.homeserver import Account, Homeserver
from tests.support.matrix import app_hears, hardened, ours, room_of, stock, writes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@dataclass
class Evening:
    """One person's app, the room with us, what stands before our homeserver, and what the line was given."""

    maya: Account
    app: AsyncClient
    room: str
    door: Between
    taken: asyncio.Queue[str]
    untrusted: list[str] = field(default_factory=list)

    async def takes(self, inbound: Inbound) -> None:
        if inbound.kind == "text":
            await self.taken.put(inbound.body.reveal())
            self.untrusted += [] if inbound.trusted else [inbound.body.reveal()]

    async def says(self, *words: str) -> None:
        for one in words:
            await writes(self.app, self.room, one)

    async def took(self, *words: str) -> None:
        """The line is given these next, in this order."""
        for one in words:
            assert await asyncio.wait_for(self.taken.get(), 20) == one


@pytest.fixture
async def evening(
    server: Homeserver, newcomer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Evening]:
    """The channel runs, and would look by itself only in an hour."""
    monkeypatch.setattr(channel_module, "LOOK_EVERY", 3600)
    account, maya = await newcomer("handrail"), await newcomer("maya")
    async with between(server.url) as door, stock(server, maya, tmp_path / "app") as app:
        async with ours(server, account, tmp_path / "bot") as bot:
            room = await room_of(app, bot)

        def connect():
            client = hardened(server, account, tmp_path / "bot")
            client.homeserver = door.url
            return client

        found = Evening(maya, app, room, door, asyncio.Queue())
        channel = MatrixChannel("matrix", SystemClock(), connect)
        running = asyncio.create_task(channel.run(found.takes))
        await door.until_asked("sync", 2)  # it has looked once
        yield found
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_one_message_is_handed_on_at_once(evening: Evening) -> None:
    """People used to wait for the next look, and ten looks a second cost more than all the rest of a quiet evening."""
    await evening.says("the tram was late")
    await evening.took("the tram was late")


async def test_nobody_waits_for_what_we_owe_the_server(evening: Evening) -> None:
    """The first words of somebody take one of our keys, and we upload another. That may take as long as it likes."""
    evening.door.cut()
    await evening.says("the tram was late")
    evening.door.broken = {"keys/upload": "hang"}
    await evening.took("the tram was late")


async def test_the_first_words_from_a_new_phone_are_theirs(
    evening: Evening, server: Homeserver, tmp_path: Path
) -> None:
    """Handed on before we have asked whose phone it is, they would count as somebody else's."""
    await evening.says("the tram was late")
    await evening.took("the tram was late")
    evening.door.cut()  # so that the phone and the words come together
    async with stock(server, await server.sign_in(evening.maya), tmp_path / "new") as phone:
        await app_hears(phone)
        await writes(phone, evening.room, "this is my new phone")
    evening.door.mend()
    await evening.took("this is my new phone")
    assert evening.untrusted == []


async def test_many_in_a_row_are_handed_on_at_once(evening: Evening) -> None:
    """Somebody's many are taken a few at a time: the rest of them must not wait for the next look."""
    many = [f"message {number}" for number in range(3 * IN_A_ROW)]
    evening.door.cut()
    await evening.says(*many)
    evening.door.mend()
    await evening.took(*many)


async def test_what_the_server_left_out_is_handed_on_at_once(evening: Evening, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is fetched after everything else was looked at."""
    monkeypatch.setattr(listening, "FILTER", {"room": {"timeline": {"limit": 1}}})
    evening.door.cut()
    await evening.says("first", "second", "third")
    evening.door.mend()
    await evening.took("first", "second", "third")
