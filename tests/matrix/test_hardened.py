"""What stock matrix-nio loses, stops at, or says to nobody; each on the real homeserver, with encryption on."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError
from structlog.testing import capture_logs

from bot.channels.base import DeliveryError, Inbound
from bot.channels.matrix import listening
from bot.channels.matrix.channel import MatrixChannel
from bot.channels.matrix.client import HardenedClient, OutOfStep
from bot.channels.matrix.listening import TokenRefused, hear_once, listen
from bot.channels.matrix.rooms import room_for
from bot.channels.matrix.sending import send_once
from bot.clock import SystemClock
from storage.letterbox import Letterbox, LetterboxInUse
from tests.support.between import between
from tests.support.homeserver import Homeserver
from tests.support.matrix import (
    all_claimed,
    app_hears,
    hardened,
    hides,
    in_a_room,
    ours,
    pretends,
    puts,
    reads,
    room_of,
    stock,
    writes,
)
from tests.support.poison import MORE, POISON, puts_out_garbage_keys, speak_once

pytestmark = pytest.mark.slow


def words_in(box: Letterbox) -> list[str]:
    return [
        letter.event["content"].get("body", "") for letter in box.waiting() if "body" in letter.event.get("content", ())
    ]


async def hears(client: HardenedClient, words: str, patience: int = 40) -> bool:
    for _ in range(patience):
        await hear_once(client, first=False)
        if words in words_in(client.box):
            return True
        await asyncio.sleep(0.05)
    return False


async def test_words_go_both_ways_and_are_encrypted(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    """The round trip that everything else stands on."""
    async with in_a_room(server, accounts, tmp_path) as (bot, app, room):
        event_id = await writes(app, room, "the tram was late")
        assert await hears(bot, "the tram was late")
        letter = next(one for one in bot.box.waiting() if one.event_id == event_id)
        assert letter.event["handrail"]["device_key"] == app.olm.account.identity_keys["curve25519"]
        await send_once(bot, "t1", room, "m.room.message", {"msgtype": "m.text", "body": "good evening"})
        assert await reads(app, "good evening")
        status, said = await bot.ask("GET", f"rooms/{room}/messages?dir=b&limit=10")
        assert status == 200
        kinds = {one["type"] for one in said["chunk"] if one["type"] in {"m.room.message", "m.room.encrypted"}}
        assert kinds == {"m.room.encrypted"}


async def test_nothing_is_gone_when_the_process_is(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    """Killed after the answer was kept: it is there at the next start, read, and once."""
    async with stock(server, accounts[1], tmp_path / "app") as app:
        async with ours(server, accounts[0], tmp_path / "bot") as bot:
            room = await room_of(app, bot)
            await writes(app, room, "before the kill")
            assert await hears(bot, "before the kill")
        async with ours(server, accounts[0], tmp_path / "bot") as bot:
            assert words_in(bot.box).count("before the kill") == 1


async def test_killed_in_the_middle_of_keeping(
    server: Homeserver, accounts: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key had come, the ratchet had moved, the message was not kept: none of it happened, and it comes again."""
    async with stock(server, accounts[1], tmp_path / "app") as app:
        async with ours(server, accounts[0], tmp_path / "bot") as bot:
            room = await room_of(app, bot)
            await writes(app, room, "in the middle")

            def power_cut(*_: object) -> bool:
                raise MemoryError

            with monkeypatch.context() as patched:
                patched.setattr(Letterbox, "put", power_cut)
                with pytest.raises(OutOfStep):
                    await hears(bot, "in the middle")
            assert words_in(bot.box) == []
        async with ours(server, accounts[0], tmp_path / "bot") as bot:
            assert await hears(bot, "in the middle")


async def test_nothing_is_lost_when_a_message_cannot_be_handled(
    server: Homeserver, accounts: Any, tmp_path: Path
) -> None:
    """A full disk, say: what came is offered again, in order, until it is taken; and a restart changes nothing."""
    taken: list[str] = []
    both = asyncio.Event()

    async def fails(inbound: Inbound) -> None:
        failed.set()
        raise OSError

    async def takes(inbound: Inbound) -> None:
        taken.append(inbound.body.reveal())
        if len(taken) == 2:
            both.set()

    async with stock(server, accounts[1], tmp_path / "app") as app:
        async with ours(server, accounts[0], tmp_path / "bot") as bot:
            room = await room_of(app, bot)
        for words in ("first", "second"):
            await writes(app, room, words)
        failed = asyncio.Event()
        for receive, until in ((fails, failed), (takes, both)):
            channel = MatrixChannel("matrix", SystemClock(), lambda: hardened(server, accounts[0], tmp_path / "bot"))
            running = asyncio.create_task(channel.run(receive))
            await asyncio.wait_for(until.wait(), 60)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    assert taken == ["first", "second"]


async def test_a_long_absence_leaves_no_gap(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    """130 messages, each with its own key, while we were down: the server shows a hundred, and the rest on asking."""
    async with stock(server, accounts[1], tmp_path / "app") as app:
        async with ours(server, accounts[0], tmp_path / "bot") as bot:
            room = await room_of(app, bot)
        for number in range(130):
            app.olm.outbound_group_sessions.pop(room, None)
            await writes(app, room, f"message {number}")
        async with ours(server, accounts[0], tmp_path / "bot") as bot:
            for _ in range(10):
                await hear_once(bot, first=False)
            box = bot.box
            found = [one.event["content"]["body"] for one in box.waiting(1000) if "body" in one.event["content"]]
            assert found == [f"message {number}" for number in range(130)]


async def test_keys_run_out_and_come_back(server: Homeserver, accounts: Any, newcomer: Any, tmp_path: Path) -> None:
    """Sixty people write first while we are down. The server has no key left, and says 0."""
    async with ours(server, accounts[0], tmp_path / "bot") as bot:
        for _ in range(3):
            await hear_once(bot, first=False)
        wanted = {"one_time_keys": {bot.user_id: {bot.device_id: "signed_curve25519"}}}
        claimed = [await bot.ask("POST", "keys/claim", wanted) for _ in range(60)]
        keys = [next(iter(said["one_time_keys"][bot.user_id][bot.device_id].values())) for _, said in claimed]
        assert any(key.get("fallback") for key in keys)  # whoever writes now still finds a key
        for _ in range(5):
            await hear_once(bot, first=False)
        status, said = await bot.ask("POST", "keys/claim", wanted)
        assert status == 200
        assert not next(iter(said["one_time_keys"][bot.user_id][bot.device_id].values())).get("fallback")


async def test_a_crash_after_the_server_has_our_keys(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    """The answer to the upload never comes: the private halves are on disk all the same."""
    async with between(server.url) as door:
        bot = hardened(server, accounts[0], tmp_path / "bot")
        bot.homeserver = door.url
        door.broken["keys/upload"] = "late"
        await hear_once(bot, first=True)
        await bot.close()
        bot.box.close()
    async with (
        ours(server, accounts[0], tmp_path / "bot") as again,
        stock(server, accounts[1], tmp_path / "app") as app,
    ):
        room = await room_of(app, again)
        await writes(app, room, "after the crash")
        assert await hears(again, "after the crash")


@pytest.mark.parametrize("what", [*POISON, *MORE])
async def test_nothing_that_anybody_sends_stops_us(
    server: Homeserver, accounts: Any, tmp_path: Path, what: str
) -> None:
    """Eight of the eleven need no shared room: anybody on the server could have made us deaf."""
    async with in_a_room(server, accounts, tmp_path) as (bot, app, room):
        await speak_once(app, room)
        assert await hears(bot, "first")
        await {**POISON, **MORE}[what](app, bot, room)
        await writes(app, room, "heard all the same")
        assert await hears(bot, "heard all the same")
        if what in POISON:
            assert bot.box.poison()  # and a person can look at it


@pytest.mark.parametrize("membership", [["leave"], "leave"])
async def test_an_encrypted_leaving_is_none(
    server: Homeserver, accounts: Any, tmp_path: Path, membership: object
) -> None:
    """One message of a participant, which said that they left in a way that fits no schema, stopped the clinic: it was
    taken for the room's own word, nothing after it was kept, and it came again at every start."""
    async with in_a_room(server, accounts, tmp_path) as (bot, app, room):
        assert await room_for(bot, app.user_id) == room
        await speak_once(app, room)
        assert await hears(bot, "first")
        left = {"type": "m.room.member", "state_key": app.user_id, "room_id": room}
        await hides(app, room, json.dumps({**left, "content": {"membership": membership}}).encode())
        await writes(app, room, "heard all the same")
        assert await hears(bot, "heard all the same")
        assert [one for one in bot.box.waiting() if one.event["type"] == "handrail.noticed"] == []


async def test_words_after_a_gap_that_nobody_will_ever_fill_are_handed_on(
    server: Homeserver, accounts: Any, tmp_path: Path
) -> None:
    """The room is gone from the homeserver: what somebody wrote in it last waited for ever, and nobody was told."""
    async with ours(server, accounts[0], tmp_path / "bot") as bot:
        content = {"msgtype": "m.text", "body": "the last words"}
        event = {"type": "m.room.message", "event_id": "$last", "sender": "@maya:localhost", "content": content}
        bot.box.put(event, "!gone:localhost", "", "new", 0)
        bot.box.note_gap("!gone:localhost", "s1_1", "s0_1")
        assert await hears(bot, "the last words")
        assert [kind for kind, _ in bot.box.poison()] == ["gap"]


async def test_a_plain_message_of_no_sense(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    """Not even encrypted, and no message: it is kept, and the next one is read."""
    async with in_a_room(server, accounts, tmp_path) as (bot, app, room):
        await puts(app, room, "m.sticker", {"body": 7})
        await puts(app, room, "m.room.encrypted", {"algorithm": "none"})
        await writes(app, room, "heard all the same")
        assert await hears(bot, "heard all the same")


async def test_an_error_while_a_key_is_shared_does_not_lock_us_out(
    server: Homeserver, accounts: Any, tmp_path: Path
) -> None:
    """Said to nobody, so not said; when the server is well again the same message goes, and is read."""
    async with between(server.url) as door, in_a_room(server, accounts, tmp_path) as (bot, app, room):
        bot.homeserver = door.url
        message = {"msgtype": "m.text", "body": "are you there?"}
        for fault in (500, "drop"):
            door.broken["sendToDevice"] = fault
            with pytest.raises(DeliveryError, match="key"):
                await send_once(bot, "t1", room, "m.room.message", message)
            assert bot.access_token
        door.broken.clear()
        await send_once(bot, "t1", room, "m.room.message", message)
        await send_once(bot, "t1", room, "m.room.message", message)
        assert await reads(app, "are you there?")
        assert not await reads(app, "are you there?", patience=3)


async def test_a_connection_that_drops_while_keys_are_fetched_does_not_close_a_room(
    server: Homeserver, accounts: Any, tmp_path: Path
) -> None:
    """matrix-nio then believes for ever that the key is just being shared: every page after it waited for that, until
    the program was started again."""
    async with between(server.url) as door, in_a_room(server, accounts, tmp_path) as (bot, app, room):
        bot.homeserver = door.url
        message = {"msgtype": "m.text", "body": "are you there?"}
        door.broken["keys/claim"] = "drop"
        with pytest.raises(ClientError):
            await send_once(bot, "t1", room, "m.room.message", message)
        door.broken.clear()
        async with asyncio.timeout(30):
            await send_once(bot, "t1", room, "m.room.message", message)
        assert await reads(app, "are you there?")


async def test_a_one_time_key_of_no_sense_stops_nothing(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    """Anybody's app may hand out one-time keys that are none, and break a message so that one is fetched: that ended
    the program, and in a room it kept the key from everybody else."""
    async with in_a_room(server, accounts, tmp_path) as (bot, app, room):
        await all_claimed(bot, app)
        await puts_out_garbage_keys(app)
        async with stock(server, await server.sign_in(accounts[1]), tmp_path / "tablet") as tablet:
            await app_hears(tablet)
            await hear_once(bot, first=False)
            await send_once(bot, "t1", room, "m.room.message", {"msgtype": "m.text", "body": "are you there?"})
            assert await reads(tablet, "are you there?")
        await POISON["a later message that does not decode"](app, bot, room)
        await writes(app, room, "heard all the same")
        assert await hears(bot, "heard all the same")


async def test_nothing_is_said_to_a_phone_that_could_not_read_it(
    server: Homeserver, accounts: Any, newcomer: Any, tmp_path: Path
) -> None:
    """A device without one-time keys: the message would be there, and nobody could ever read it."""
    async with in_a_room(server, accounts, tmp_path) as (bot, app, room):
        await all_claimed(app, app)
        with pytest.raises(DeliveryError, match="key"):
            await send_once(bot, "t1", room, "m.room.message", {"msgtype": "m.text", "body": "hello"})


class Enough(Exception):
    """We have seen enough."""


@dataclass
class Pauses:
    """In place of `asyncio` in the loop: counts the pauses, and makes none."""

    enough: int
    made: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.made.append(seconds)
        if len(self.made) == self.enough:
            raise Enough


@pytest.mark.parametrize("fault", [500, 502, "drop"])
async def test_a_server_in_trouble_is_not_hammered(
    server: Homeserver, accounts: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: int | str
) -> None:
    """After every request a pause, twice as long each time up to half a minute, and each time it is said."""
    pauses = Pauses(enough=9)
    async with between(server.url) as door, ours(server, accounts[0], tmp_path / "bot") as bot:
        bot.homeserver = door.url
        door.broken["sync"] = fault
        monkeypatch.setattr(listening, "asyncio", pauses)
        with capture_logs() as said, pytest.raises(Enough):
            await listen(bot, asyncio.Event())
    assert pauses.made == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    # When a connection was dropped, aiohttp itself asks once more, at once.
    assert door.asked["sync"] == len(pauses.made) * (2 if fault == "drop" else 1)
    assert [one["log_level"] for one in said] == ["warning"] * len(pauses.made)


async def test_a_token_that_is_refused_is_loud(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    """Signed out at the homeserver, by whomever. Nobody is heard from then on: it is asked once, and whoever runs it
    must know."""
    async with between(server.url) as door, ours(server, accounts[0], tmp_path / "bot") as bot:
        assert (await bot.ask("POST", "logout", {}))[0] == 200
        bot.homeserver = door.url
        with pytest.raises(TokenRefused, match="Sign in again"):
            await asyncio.wait_for(listen(bot, asyncio.Event()), 60)
        assert door.asked["sync"] == 1


async def test_what_is_encrypted_never_changes_a_room(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    """An encrypted "somebody joined" is words, whatever type it says it has."""
    async with in_a_room(server, accounts, tmp_path) as (bot, app, room):
        await writes(app, room, "first")
        await pretends(app, room, "A nurse")
        await writes(app, room, "after it")
        assert await hears(bot, "after it")
        assert "A nurse" not in {user.display_name for user in bot.rooms[room].users.values()}


async def test_two_processes_never_share_a_letterbox(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    """They would spoil each other's keys."""
    async with ours(server, accounts[0], tmp_path / "bot"):
        with pytest.raises(LetterboxInUse, match="Stop it first"):
            hardened(server, accounts[0], tmp_path / "bot")


async def test_a_thief_reads_nothing_in_the_letterbox(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    """Neither words, nor where we are, nor a private key that can be used."""
    async with in_a_room(server, accounts, tmp_path) as (bot, app, room):
        await writes(app, room, "quillonzarembra")
        assert await hears(bot, "quillonzarembra")
        stored = b"".join(path.read_bytes() for path in (tmp_path / "bot").iterdir())
        assert b"quillonzarembra" not in stored
