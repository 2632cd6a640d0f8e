"""Smaller traps of matrix-nio and of Matrix itself, each once fallen into."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from nio.crypto.sessions import OlmAccount
from vodozemac import LibolmPickleException, PickleException

from bot.channels.base import DeliveryError
from bot.channels.matrix.arriving import POSITION
from bot.channels.matrix.channel import MatrixChannel
from bot.channels.matrix.client import HardenedClient
from bot.channels.matrix.listening import hear_once, listen
from bot.channels.matrix.sending import send_once
from bot.channels.matrix.shared import end_shared, shared_room
from storage.outbox import Sendable, Shared
from tests.matrix.connected import connected, message_for
from tests.support.between import between
from tests.support.homeserver import Homeserver
from tests.support.matrix import app_hears, hardened, in_a_room, ours, puts, reads, room_of, stock, writes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
HELLO = {"msgtype": "m.text", "body": "hello"}


async def test_a_limit_on_new_rooms_holds_up_nobody_who_has_one(
    server: Homeserver, newcomer: Callable[[str], Any], tmp_path: Path
) -> None:
    """A homeserver lets an account make a few rooms, and then one in a minute; it invites somebody five times, and then
    once in five minutes. Taken for a limit on what we say, it silenced every page for as long."""
    bot, maya, sam = await newcomer("handrail"), await newcomer("maya"), await newcomer("sam")
    async with between(server.url) as door, stock(server, maya, tmp_path / "app") as app:
        async with ours(server, bot, tmp_path / "bot") as ours_now:
            await room_of(app, ours_now)

        def connect() -> HardenedClient:
            client = hardened(server, bot, tmp_path / "bot")
            client.homeserver = door.url
            return client

        door.broken["createRoom"], door.retry_after_ms = 429, 300_000
        async with connected(connect) as channel:
            with pytest.raises(DeliveryError):
                async with asyncio.timeout(5):
                    await channel.send(message_for(sam.user_id, "welcome"), "t1")
            async with asyncio.timeout(20):
                await channel.send(message_for(maya.user_id, "Emergency"), "t2")
            assert await reads(app, "Emergency")
            of_a_case = replace(message_for(maya.user_id, "the whole case"), room=Shared("case 1", (), ends=False))
            async with asyncio.timeout(20):
                await channel.send(of_a_case, "t3")
            assert await reads(app, "the whole case")


async def test_one_room_is_made_however_long_it_takes_to_be_shown(
    server: Homeserver, newcomer: Callable[[str], Any], tmp_path: Path
) -> None:
    """A homeserver that makes rooms and shows nothing: every try made another one, and their phone rang for each."""
    account, ana = await newcomer("handrail"), await newcomer("ana")
    async with between(server.url) as door, stock(server, ana, tmp_path / "app") as app:

        def connect() -> HardenedClient:
            client = hardened(server, account, tmp_path / "bot")
            client.homeserver = door.url
            return client

        async with connected(connect) as channel:
            door.broken["sync"] = 502
            for _ in range(2):
                with pytest.raises(DeliveryError):
                    await channel.send(message_for(ana.user_id, "Emergency"), "t1")
            door.mend()
            await sent_at_last(channel, message_for(ana.user_id, "Emergency"))
        await app_hears(app)
        assert len(app.invited_rooms) == 1


async def test_one_room_is_made_where_the_half_of_it_is_shown_first(
    server: Homeserver, newcomer: Callable[[str], Any], tmp_path: Path
) -> None:
    """A homeserver answers as soon as a room begins to be: not encrypted yet, and nobody invited. Where it fell silent
    just then, each try made another room."""
    account, ana = await newcomer("handrail"), await newcomer("ana")
    async with between(server.url) as door:

        def connect() -> HardenedClient:
            client = hardened(server, account, tmp_path / "bot")
            client.homeserver = door.url
            return client

        def only_its_beginning(path: str, read: bytes) -> bytes:
            said = json.loads(read)
            if not path.endswith("/sync") or not said.get("rooms", {}).get("join"):
                return read
            for room in said["rooms"]["join"].values():
                for part in ("state", "timeline"):
                    room[part]["events"] = [one for one in room[part]["events"] if one["type"] == "m.room.create"]
            door.broken["sync"] = 502
            return json.dumps(said).encode()

        async with connected(connect) as channel:
            door.shorten = only_its_beginning
            for _ in range(2):
                with pytest.raises(DeliveryError):
                    await channel.send(message_for(ana.user_id, "Emergency"), "t1")
        assert door.asked["createRoom"] == 1
        assert door.asked["leave"] == 0  # nobody is in it, and it is not deserted


async def sent_at_last(channel: MatrixChannel, message: Sendable) -> None:
    """As the outbox does: again and again."""
    for _ in range(20):
        with suppress(DeliveryError):
            await channel.send(message, "t1")
            return
        await asyncio.sleep(0.5)
    raise AssertionError("it never went")


async def test_nobody_is_left_in_a_room_that_ends(
    server: Homeserver, newcomer: Callable[[str], Any], tmp_path: Path
) -> None:
    """The homeserver would not have somebody put out just then: they stayed where somebody's words are, for good."""
    account, maya = await newcomer("handrail"), await newcomer("maya")
    async with (
        between(server.url) as door,
        stock(server, maya, tmp_path / "app") as app,
        ours(server, account, tmp_path / "bot") as bot,
    ):
        listening = asyncio.create_task(listen(bot, asyncio.Event()))
        room = await shared_room(bot, "case 1", [maya.user_id], None)
        await app.join(room)
        bot.homeserver, door.broken["kick"] = door.url, 429
        with pytest.raises(DeliveryError):
            await end_shared(bot, "case 1")
        door.mend()
        await end_shared(bot, "case 1")
        listening.cancel()
        assert (await app.joined_rooms()).rooms == []


async def test_the_first_words_to_somebody_new_go_at_once(
    server: Homeserver, newcomer: Callable[[str], Any], tmp_path: Path
) -> None:
    """A page to somebody who never wrote: the server shows the new room piece by piece, at first with nobody in it to
    whom a key could be given. Pages once waited five seconds for that."""
    bot = await newcomer("handrail")
    async with AsyncExitStack() as stack:
        apps = [
            await stack.enter_async_context(stock(server, await newcomer("jo"), tmp_path / str(n))) for n in range(8)
        ]
        channel = await stack.enter_async_context(connected(lambda: hardened(server, bot, tmp_path / "bot")))
        for app in apps:
            await channel.send(message_for(app.user_id, "hello"), f"t{app.user_id}")
            await app_hears(app)
            await app.join(next(iter(app.invited_rooms)))
            assert await reads(app, "hello")


async def test_a_second_phone_reads_what_is_said_next(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    """Somebody signs in on a new phone in the middle of a conversation: our key for the room was made before that."""
    async with in_a_room(server, accounts, tmp_path) as (bot, app, room):
        await send_once(bot, "t1", room, "m.room.message", HELLO)
        assert await reads(app, "hello")
        second = await server.sign_in(accounts[1])
        async with stock(server, second, tmp_path / "second") as phone:
            await bot.sync(0, since=bot.box.known(POSITION))  # told of the phone, and has not asked for its keys yet
            await send_once(bot, "t2", room, "m.room.message", {**HELLO, "body": "are you there?"})
            assert await reads(phone, "are you there?")
            assert await reads(app, "are you there?")


async def test_after_a_start_we_know_our_rooms(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    """The server tells only what is new since last time, unless it is asked for everything: nothing could be said."""
    async with stock(server, accounts[1], tmp_path / "app") as app:
        async with ours(server, accounts[0], tmp_path / "bot") as bot:
            room = await room_of(app, bot)
        async with ours(server, accounts[0], tmp_path / "bot") as bot:
            assert bot.rooms[room].encrypted
            assert set(bot.rooms[room].users) == {bot.user_id, app.user_id}
            await send_once(bot, "t1", room, "m.room.message", HELLO)
        assert await reads(app, "hello")


async def test_the_name_of_a_room_may_be_anything(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    """Newer rooms have no server in their name. This homeserver makes such rooms, and everything here works in them."""
    async with in_a_room(server, accounts, tmp_path) as (bot, app, room):
        assert ":" not in room
        await writes(app, room, "the tram was late")
        await hear_once(bot, first=False)
        assert "the tram was late" in [one.event["content"].get("body") for one in bot.box.waiting()]
        await send_once(bot, "t1", room, "m.room.message", HELLO)
        assert await reads(app, "hello")


async def test_nobody_else_is_asked_for_a_key(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    """Other people's phones never answer, and a hundred requests at once choke us."""
    async with between(server.url) as door, in_a_room(server, accounts, tmp_path) as (bot, app, room):
        await writes(app, room, "first")
        await hear_once(bot, first=False)
        bot.homeserver = door.url
        for number in range(5):
            app.olm.create_outbound_group_session(room)
            app.olm.outbound_group_sessions[room].shared = True  # it says so, and shares it with nobody
            await writes(app, room, f"nobody can read this {number}")
        for _ in range(3):
            await hear_once(bot, first=False)
        assert len(bot.box.locked()) == 5
        assert not [path for path in door.paths if "m.room_key_request" in path]


async def test_what_came_in_the_clear_is_heard_and_marked(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    """In an encrypted room somebody, or the homeserver itself, says something in the clear: it may be a call for help,
    and it may be anybody's."""
    async with in_a_room(server, accounts, tmp_path) as (bot, app, room):
        await puts(app, room, "m.room.message", {"msgtype": "m.text", "body": "in the clear"})
        await writes(app, room, "as it should be")
        for _ in range(3):
            await hear_once(bot, first=False)
        said = [one.event for one in bot.box.waiting() if "body" in one.event["content"]]
        assert {one["content"]["body"]: one["handrail"]["device_key"] for one in said} == {
            "in the clear": "",
            "as it should be": app.olm.account.identity_keys["curve25519"],
        }


async def test_the_keys_on_disk_open_only_with_our_passphrase(
    server: Homeserver, accounts: Any, tmp_path: Path
) -> None:
    """matrix-nio seals them with the same word for everybody, unless it is given another."""
    async with ours(server, accounts[0], tmp_path / "bot") as bot:
        [sealed] = bot.box.database.execute_sql("SELECT account FROM accounts").fetchone()
        assert OlmAccount.from_pickle(sealed, bot.config.pickle_key)
        for guess in ("DEFAULT_KEY", ""):
            with pytest.raises((PickleException, LibolmPickleException)):
                OlmAccount.from_pickle(sealed, guess)
