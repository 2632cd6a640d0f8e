"""Why the client is hardened: what stock matrix-nio does in the same situations. A test that fails here means that a
mend in `bot/channels/matrix/client.py` is not needed any more."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from nio import AsyncClient, RoomMessageText, RoomSendResponse, ToDeviceMessage

from tests.support.between import between
from tests.support.homeserver import Homeserver
from tests.support.matrix import ENCRYPTED, app_hears, pretends, stock, writes

pytestmark = pytest.mark.slow


@pytest.fixture
async def accounts(newcomer: Any) -> tuple[Any, Any]:
    return await newcomer("bot"), await newcomer("maya")


async def meet(bot: AsyncClient, app: AsyncClient) -> str:
    made = await app.room_create(is_direct=True, invite=[bot.user_id], initial_state=[ENCRYPTED])
    await bot.join(made.room_id)
    for _ in range(3):
        await app_hears(bot)
        await app_hears(app)
    return made.room_id


async def test_one_message_from_anybody_stops_it(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    async with stock(server, accounts[0], tmp_path / "bot") as bot, stock(server, accounts[1], tmp_path / "app") as app:
        await meet(bot, app)
        content = {
            "algorithm": "m.olm.v1.curve25519-aes-sha2",
            "sender_key": app.olm.account.identity_keys["curve25519"],
            "ciphertext": {bot.olm.account.identity_keys["curve25519"]: {"type": 0, "body": "aGVsbG8"}},
        }
        await app.to_device(ToDeviceMessage("m.room.encrypted", bot.user_id, bot.device_id, content))
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
    async with stock(server, accounts[0], tmp_path / "bot") as bot, stock(server, accounts[1], tmp_path / "app") as app:
        for _ in range(3):
            await app_hears(bot)
        for _ in range(60):
            await app.keys_claim({bot.user_id: [bot.device_id]})
        for _ in range(5):
            await app_hears(bot)
        assert not bot.should_upload_keys
        answer = await app.keys_claim({bot.user_id: [bot.device_id]})
        assert not answer.one_time_keys.get(bot.user_id)


async def test_it_throws_its_own_token_away(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    async with (
        between(server.url) as door,
        stock(server, accounts[0], tmp_path / "bot") as bot,
        stock(server, accounts[1], tmp_path / "app") as app,
    ):
        room = await meet(bot, app)
        bot.homeserver = door.url
        door.broken["sendToDevice"] = 500
        with pytest.raises(Exception, match=r".+"):
            await said_twice(bot, room)
        assert not bot.access_token


async def said_twice(bot: AsyncClient, room: str) -> None:
    for _ in range(2):
        await bot.room_send(room, "m.room.message", {"msgtype": "m.text", "body": "hi"}, ignore_unverified_devices=True)


async def test_it_says_what_nobody_can_read(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    async with (
        between(server.url) as door,
        stock(server, accounts[0], tmp_path / "bot") as bot,
        stock(server, accounts[1], tmp_path / "app") as app,
    ):
        room = await meet(bot, app)
        bot.homeserver = door.url
        door.broken["sendToDevice"] = "drop"
        message = {"msgtype": "m.text", "body": "are you there?"}
        sent = await bot.room_send(room, "m.room.message", message, ignore_unverified_devices=True)
        assert isinstance(sent, RoomSendResponse)
        door.broken.clear()
        await writes(bot, room, "and now?")
        assert await hears_for_a_while(app) == []


async def test_it_hammers_a_server_in_trouble(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    async with between(server.url) as door, stock(server, accounts[0], tmp_path / "bot") as bot:
        bot.homeserver = door.url
        door.broken["sync"] = 500
        listening = asyncio.create_task(bot.sync_forever(timeout=30_000))
        await asyncio.sleep(3)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        assert door.asked["sync"] > 100


async def test_it_takes_an_encrypted_event_for_the_state_of_a_room(
    server: Homeserver, accounts: Any, tmp_path: Path
) -> None:
    async with stock(server, accounts[0], tmp_path / "bot") as bot, stock(server, accounts[1], tmp_path / "app") as app:
        room = await meet(bot, app)
        await writes(app, room, "first")
        await pretends(app, room, "A nurse")
        await hears_for_a_while(bot)
        assert "A nurse" in {user.display_name for user in bot.rooms[room].users.values()}


async def test_it_loses_what_it_was_handling_when_it_died(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    heard: list[str] = []

    async def dies(_room: object, event: RoomMessageText) -> None:
        heard.append(event.body)
        raise MemoryError

    async with stock(server, accounts[1], tmp_path / "app") as app:
        async with stock(server, accounts[0], tmp_path / "bot", store_sync_tokens=True) as bot:
            room = await meet(bot, app)
            bot.add_event_callback(dies, RoomMessageText)
            await writes(app, room, "in the middle")
            with pytest.raises(MemoryError):
                await hears_for_a_while(bot)
        async with stock(server, accounts[0], tmp_path / "bot", store_sync_tokens=True) as bot:
            assert "in the middle" not in await hears_for_a_while(bot)
    assert heard == ["in the middle"]
