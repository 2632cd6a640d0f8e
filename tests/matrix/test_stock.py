"""Why the client is hardened: what stock matrix-nio does in the same situations. A test that fails here means that a
mend in `bot/channels/matrix/client.py` is not needed any more."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nio
import pytest
from aiohttp import ClientError
from nio import AsyncClient, RoomMessageText, RoomSendResponse
from vodozemac import SessionCreationException

from tests.support.between import Between, between
from tests.support.homeserver import Homeserver
from tests.support.matrix import (
    ENCRYPTED,
    all_claimed,
    app_hears,
    in_a_stock_room,
    meet,
    pretends,
    stock,
    stock_client,
    writes,
)
from tests.support.poison import POISON, speak_once

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


async def test_it_stops_when_a_handler_fails(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    """Row 2. One message cannot be handled: the loop ends, and what came with it is gone even after a restart."""

    async def fails(_room: object, event: RoomMessageText) -> None:
        if event.body == "first":
            raise OSError("a full disk")

    async with stock(server, accounts[1], tmp_path / "app") as app:
        async with stock(server, accounts[0], tmp_path / "bot", store_sync_tokens=True) as bot:
            room = await meet(bot, app)
            for words in ("first", "second"):
                await writes(app, room, words)
            bot.add_event_callback(fails, RoomMessageText)
            with pytest.raises(OSError, match="a full disk"):
                await asyncio.wait_for(bot.sync_forever(timeout=1000), 60)
        async with stock(server, accounts[0], tmp_path / "bot", store_sync_tokens=True) as bot:
            await writes(app, room, "third")
            assert await hears_for_a_while(bot) == ["third"]


async def test_it_loses_what_was_said_in_a_long_absence(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    """Row 4. 130 messages, each with its own key: what is older than a hundred, or before its key, is never read."""
    async with stock(server, accounts[1], tmp_path / "app") as app:
        async with stock(server, accounts[0], tmp_path / "bot", store_sync_tokens=True) as bot:
            room = await meet(bot, app)
        for number in range(130):
            app.olm.outbound_group_sessions.pop(room, None)
            await writes(app, room, f"message {number}")
        heard: list[str] = []

        async def keeps(_room: object, event: RoomMessageText) -> None:
            heard.append(event.body)

        bot = stock_client(server, accounts[0], tmp_path / "bot")
        bot.add_event_callback(keeps, RoomMessageText)
        for _ in range(10):
            await app_hears(bot)
        await bot.close()
        assert len(heard) <= 100
        assert "message 129" not in heard  # it came, but its key came later


async def test_it_never_recovers_from_a_crash_after_an_upload(
    server: Homeserver, accounts: Any, tmp_path: Path
) -> None:
    """Row 6. The server has one-time keys whose private halves are gone: it takes no more, and first words are lost."""
    async with between(server.url) as door:
        bot = stock_client(server, accounts[0], tmp_path / "bot")
        bot.homeserver = door.url
        door.broken["keys/upload"] = "late"
        await bot.sync(0)
        with pytest.raises(ClientError):
            await bot.keys_upload()
        await bot.close()
    async with stock(server, accounts[1], tmp_path / "app") as app:
        again = stock_client(server, accounts[0], tmp_path / "bot")
        await again.sync(0, full_state=True)
        for _ in range(10):
            assert "already exists" in (await again.keys_upload()).message
        made = await app.room_create(is_direct=True, invite=[again.user_id], initial_state=[ENCRYPTED])
        await again.join(made.room_id)
        for _ in range(3):
            await app_hears(app)
        await writes(app, made.room_id, "after the crash")
        with pytest.raises(SessionCreationException, match="unknown one-time key"):
            await hears_for_a_while(again)
        await again.close()


@pytest.mark.parametrize("what", POISON)
async def test_one_message_from_anybody_stops_it(server: Homeserver, accounts: Any, tmp_path: Path, what: str) -> None:
    """Row 7."""
    async with in_a_stock_room(server, accounts, tmp_path) as (bot, app, room):
        await speak_once(app, room)
        assert await hears_for_a_while(bot) == ["first"]
        await POISON[what](app, bot, room)
        with pytest.raises(Exception, match=r".+"):
            await hears_for_a_while(bot)


async def hears_for_a_while(client: AsyncClient) -> list[str]:
    found = []
    for _ in range(20):
        found += await app_hears(client)
        await asyncio.sleep(0.05)
    return found


async def test_it_never_uploads_keys_again_once_all_are_taken(
    server: Homeserver, accounts: Any, tmp_path: Path
) -> None:
    """Row 5."""
    async with stock(server, accounts[0], tmp_path / "bot") as bot, stock(server, accounts[1], tmp_path / "app") as app:
        for _ in range(3):
            await app_hears(bot)
        await all_claimed(app, bot)
        for _ in range(5):
            await app_hears(bot)
        assert not bot.should_upload_keys
        answer = await app.keys_claim({bot.user_id: [bot.device_id]})
        assert not answer.one_time_keys.get(bot.user_id)


async def test_it_throws_its_own_token_away(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    """Row 8. One error while a key is shared, and it is signed out for good."""
    async with between(server.url) as door, in_a_stock_room(server, accounts, tmp_path) as (bot, _app, room):
        bot.homeserver = door.url
        door.broken["sendToDevice"] = 500
        with pytest.raises(Exception, match=r".+"):
            await said_twice(bot, room)
        assert not bot.access_token


async def said_twice(bot: AsyncClient, room: str) -> None:
    for _ in range(2):
        await bot.room_send(room, "m.room.message", {"msgtype": "m.text", "body": "hi"}, ignore_unverified_devices=True)


async def test_it_says_what_nobody_can_read(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    """Row 9. The connection drops while the key is shared: this message cannot be read, and the next one neither."""
    async with between(server.url) as door, in_a_stock_room(server, accounts, tmp_path) as (bot, app, room):
        bot.homeserver = door.url
        door.broken["sendToDevice"] = "drop"
        message = {"msgtype": "m.text", "body": "are you there?"}
        sent = await bot.room_send(room, "m.room.message", message, ignore_unverified_devices=True)
        assert isinstance(sent, RoomSendResponse)
        door.broken.clear()
        await writes(bot, room, "and now?")
        assert await hears_for_a_while(app) == []


async def test_it_says_what_a_phone_without_keys_cannot_read(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    """Row 10. The phone has no one-time key left: the message goes out as if all were well, and is never read."""
    async with in_a_stock_room(server, accounts, tmp_path) as (bot, app, room):
        await all_claimed(app, app)
        message = {"msgtype": "m.text", "body": "hello"}
        sent = await bot.room_send(room, "m.room.message", message, ignore_unverified_devices=True)
        assert isinstance(sent, RoomSendResponse)
        assert await hears_for_a_while(app) == []


@pytest.mark.parametrize("fault", [500, 502])
async def test_it_hammers_a_server_in_trouble(server: Homeserver, accounts: Any, tmp_path: Path, fault: int) -> None:
    """Row 11. It asks and asks, without a pause and without a word."""
    async with between(server.url) as door, stock(server, accounts[0], tmp_path / "bot") as bot:
        bot.homeserver = door.url
        door.broken["sync"] = fault
        assert await pauses_before(bot, door, 100) == []


async def test_it_hammers_a_server_that_refuses_its_token(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    """Row 11. Signed out, it goes on asking for ever, and nobody learns of it."""
    async with between(server.url) as door, stock(server, accounts[0], tmp_path / "bot") as bot:
        answer = await bot.send(
            "POST", "/_matrix/client/v3/logout", "{}", {"Authorization": f"Bearer {bot.access_token}"}
        )
        assert answer.status == 200
        bot.homeserver = door.url
        assert await pauses_before(bot, door, 100) == []


async def pauses_before(bot: AsyncClient, door: Between, requests: int) -> list[float]:
    """Let it listen until it has asked so many times; the pauses that it made."""
    pauses: list[float] = []
    real = asyncio.sleep

    async def noted(seconds: float, *more: object) -> None:
        pauses.append(seconds)
        await real(0)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(nio.client.async_client, "asyncio", SimpleNamespace(**{**vars(asyncio), "sleep": noted}))
        listening = asyncio.create_task(bot.sync_forever(timeout=30_000))
        await asyncio.wait_for(door.until_asked("sync", requests), 100)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    return pauses


async def test_it_takes_an_encrypted_event_for_the_state_of_a_room(
    server: Homeserver, accounts: Any, tmp_path: Path
) -> None:
    """Row 12."""
    async with in_a_stock_room(server, accounts, tmp_path) as (bot, app, room):
        await writes(app, room, "first")
        await pretends(app, room, "A nurse")
        await hears_for_a_while(bot)
        assert "A nurse" in {user.display_name for user in bot.rooms[room].users.values()}
