"""A homeserver that fails in one place only, and people who write too much: nobody else may notice."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from nio import AsyncClient

from bot.channels.base import Inbound
from bot.channels.matrix.client import HardenedClient
from bot.channels.matrix.handing_on import hand_on
from bot.channels.matrix.listening import hear_once
from bot.channels.matrix.rooms import JOINED_AT_ONCE, keep_house
from bot.channels.matrix.sending import send_once
from tests.support.between import Between, between
from tests.support.homeserver import Account, Homeserver
from tests.support.matrix import hardened, ours, reads, room_of, stock, writes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

Newcomer = Callable[[str], Awaitable[Account]]


@dataclasses.dataclass
class Met:
    """Us, behind something that breaks things; and somebody's app, which does not pass it."""

    door: Between
    bot: HardenedClient
    app: AsyncClient
    room: str

    async def hears(self, now: datetime) -> list[str]:
        """All words that go on into the line, as if it were then."""
        found: list[str] = []

        async def receive(inbound: Inbound) -> None:
            found.append(inbound.body.reveal())

        while True:
            before = len(found)
            await hand_on(self.bot, "matrix", now, receive)
            if len(found) == before:
                return found

    async def says(self, words: str) -> None:
        message = {"msgtype": "m.text", "body": words}
        await send_once(self.bot, words.replace(" ", "-"), self.room, "m.room.message", message)


@asynccontextmanager
async def met(server: Homeserver, accounts: tuple[Account, Account], folder: Path) -> AsyncIterator[Met]:
    async with between(server.url) as door, stock(server, accounts[1], folder / "app") as app:
        through = dataclasses.replace(server, port=int(door.url.rpartition(":")[2]))
        async with ours(through, accounts[0], folder / "bot") as bot:
            yield Met(door, bot, app, await room_of(app, bot))


@pytest.mark.parametrize("fault", [500, 429])
async def test_a_phone_that_could_not_be_given_the_key_is_offered_it_again(
    server: Homeserver, accounts: tuple[Account, Account], tmp_path: Path, fault: int
) -> None:
    """matrix-nio broke when one-time keys were refused, and the page went to nobody. Where the old phone in the drawer
    has the key, the new one in the hand would have read nothing of the next hundred messages."""
    async with met(server, accounts, tmp_path) as at:
        await at.says("hello")
        assert await reads(at.app, "hello")
        async with stock(server, await server.sign_in(accounts[1]), tmp_path / "new") as new:
            await hear_once(at.bot, first=False)
            at.door.broken = {"keys/claim": fault}
            await at.says("page one")
            assert await reads(at.app, "page one")
            at.door.mend()
            await at.says("page two")
            assert await reads(new, "page two")


async def test_an_empty_page_in_the_middle_of_a_gap_is_not_its_end(
    server: Homeserver, newcomer: Any, tmp_path: Path
) -> None:
    """A homeserver may answer with nothing and say where to go on."""
    account, maya = await newcomer("handrail"), await newcomer("maya")
    async with between(server.url) as door, stock(server, maya, tmp_path / "app") as app:
        async with ours(server, account, tmp_path / "bot") as bot:
            room = await room_of(app, bot)
        for number in range(130):
            await writes(app, room, f"message {number}")
        asked_before = 0

        def empty_at_first(path: str, read: bytes) -> bytes:
            nonlocal asked_before
            said = json.loads(read)
            if not path.endswith("/messages"):
                return read
            asked_before += 1
            if asked_before > 1:
                return read
            return json.dumps({"chunk": [], "start": said["start"], "end": f"on{said['start']}"}).encode()

        door.shorten = empty_at_first
        door.meant = lambda asked: asked.replace("from=on", "from=")
        client = hardened(server, account, tmp_path / "bot")
        client.homeserver = door.url
        try:
            for _ in range(10):
                await hear_once(client, first=False)
            waiting = [one.event["content"] for one in client.box.waiting(1000)]
            assert [one["body"] for one in waiting if "body" in one] == [f"message {number}" for number in range(130)]
        finally:
            await client.close()
            client.box.close()


@pytest.mark.parametrize("fault", [500, 400])
async def test_what_came_after_a_gap_does_not_wait_for_ever(
    server: Homeserver, accounts: tuple[Account, Account], tmp_path: Path, fault: int
) -> None:
    """A homeserver that cannot show what it left out made us deaf to that person from then on, and nobody knew."""
    async with met(server, accounts, tmp_path) as at:
        for number in range(102):
            await writes(at.app, at.room, f"{number}")
        await writes(at.app, at.room, "I want to die")
        at.door.broken = {"/messages": fault}
        await hear_once(at.bot, first=False)
        now = at.bot.clock.now()
        assert await at.hears(now + timedelta(seconds=30)) == []
        assert (await at.hears(now + timedelta(seconds=90)))[-1] == "I want to die"
        at.door.mend()
        await hear_once(at.bot, first=False)
        assert "1" in await at.hears(now)  # and what was in it is heard when it can be had


async def test_nobody_waits_for_the_thousands_that_somebody_else_wrote(
    server: Homeserver, accounts: tuple[Account, Account], tmp_path: Path
) -> None:
    """Six thousand messages of a stranger, older than hers, were read before hers: it took twenty seconds."""
    async with met(server, accounts, tmp_path) as at:
        with at.bot.box.together():
            for number in range(1100):
                spam = {"type": "m.room.message", "content": {"msgtype": "m.text", "body": "x"}, "sender": "@flood:x"}
                at.bot.box.put({**spam, "event_id": f"$f{number}", "origin_server_ts": 1}, "!flood", "", "new", 0)
        await writes(at.app, at.room, "I want to die")
        await hear_once(at.bot, first=False)
        said = [letter.event.get("content", {}).get("body") for letter in at.bot.box.waiting()]
        assert "I want to die" in said


async def test_a_hundred_invitations_that_lead_nowhere_do_not_hold_up_a_page(
    server: Homeserver, newcomer: Newcomer, tmp_path: Path
) -> None:
    """Each waits ten seconds for a homeserver that is away. Together they took every connection that we have."""
    accounts = await newcomer("handrail"), await newcomer("maya")
    async with met(server, accounts, tmp_path) as at, stock(server, await newcomer("m"), tmp_path / "m") as stranger:
        for _ in range(3 * JOINED_AT_ONCE):
            await stranger.room_create(invite=[at.bot.user_id])
        await hear_once(at.bot, first=False)
        at.door.broken = {"/join": "hang"}
        coming = asyncio.create_task(keep_house(at.bot, lambda _: ""))
        await at.says("page")
        assert await reads(at.app, "page")
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
        assert len([room for room in at.bot.invited_rooms if at.bot.tried[room]]) == JOINED_AT_ONCE


@pytest.mark.parametrize("answer", [b"\xff\xfe", b"[" * 50_000, b'{"next_batch": "x", "rooms": {"join": {"!r": 7}}}'])
async def test_an_answer_that_makes_no_sense_is_asked_for_again(
    server: Homeserver, accounts: tuple[Account, Account], tmp_path: Path, answer: bytes
) -> None:
    """Whatever stands between us and the homeserver may say anything. It stopped the program, other channels too."""
    async with met(server, accounts, tmp_path) as at:
        at.door.shorten = lambda path, read: answer if path.endswith("/sync") else read
        await writes(at.app, at.room, "I want to die")
        assert not await hear_once(at.bot, first=False)
        at.door.shorten = lambda _path, read: read
        assert await hear_once(at.bot, first=False)
        assert await at.hears(at.bot.clock.now()) == ["I want to die"]
