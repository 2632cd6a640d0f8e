"""What no app means to send, and anybody may: each of these once stopped the program, or spoke for somebody else."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from nio import AsyncClient

from bot.channels.base import Inbound
from bot.channels.matrix.client import HardenedClient
from bot.channels.matrix.handing_on import hand_on
from bot.channels.matrix.listening import hear_once
from tests.support.homeserver import Account, Homeserver
from tests.support.matrix import ENCRYPTED, hides, in_a_room, ours, room_of, stock, stock_client, writes
from tests.support.poison import speak_once

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

POLL = "org.matrix.msc3381.poll.response"
#: Half a character, as an app leaves it that cuts a text in the middle of an emoji.
HALF = "\ud800"


async def heard(bot: HardenedClient) -> list[Inbound]:
    """All that goes on into the line after the next looks."""
    found: list[Inbound] = []

    async def receive(inbound: Inbound) -> None:
        found.append(inbound)

    for _ in range(2):
        await hear_once(bot, first=False)
    await hand_on(bot, "matrix", bot.clock.now(), receive)
    return found


def words(found: list[Inbound]) -> list[str]:
    return [one.body.reveal() for one in found]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (
            "m.room.message",
            {"msgtype": "m.text", "body": "one", "m.relates_to": {"m.in_reply_to": {"event_id": HALF}}},
        ),
        (POLL, {POLL: {"answers": ["one"]}, "m.relates_to": {"rel_type": "m.reference", "event_id": HALF}}),
    ],
    ids=["a reply", "a vote"],
)
async def test_what_refers_to_half_a_character_stops_nobody(
    server: Homeserver, accounts: tuple[Account, Account], tmp_path: Path, kind: str, content: dict[str, Any]
) -> None:
    """Asked for it, the database raised, the program died, started again, and died of the same message."""
    async with in_a_room(server, accounts, tmp_path) as (bot, app, room):
        await speak_once(app, room)
        await hides(app, room, json.dumps({"type": kind, "room_id": room, "content": content}).encode())
        await writes(app, room, "I want to die")
        assert words(await heard(bot)) == ["first", "one", "I want to die"]


async def test_who_wrote_something_is_never_taken_from_what_was_written(
    server: Homeserver, accounts: tuple[Account, Account], tmp_path: Path
) -> None:
    """Without content, matrix-nio leaves inside what the writer put there: another sender, or an id that nothing can be
    kept under, at which we stopped for good."""
    async with in_a_room(server, accounts, tmp_path) as (bot, app, room):
        await speak_once(app, room)
        for event_id in ("$somebody", HALF):
            inside = {"type": "m.room.message", "room_id": room, "content": 7, "sender": "@jo:localhost"}
            inside |= {"event_id": event_id, "origin_server_ts": 10**40}
            await hides(app, room, json.dumps(inside).encode())
        await writes(app, room, "I want to die")
        found = await heard(bot)
        assert {one.place for one in found} == {app.user_id}
        assert words(found) == ["first", "I want to die"]
        assert len(bot.box.locked()) == 2  # and is told as what could not be read, to who really wrote it


async def test_a_device_whose_key_is_none_hides_nobody_elses(
    server: Homeserver, newcomer: Callable[[str], Awaitable[Account]], tmp_path: Path
) -> None:
    """Anybody may upload such keys, and ask us into a room. While we looked at them we died, at every start again."""
    ours_, maya, stranger = [await newcomer(name) for name in ("handrail", "maya", "stranger")]
    async with ours(server, ours_, tmp_path / "bot") as bot, stock(server, maya, tmp_path / "app") as app:
        await asks_in_with_garbage(stock_client(server, stranger, tmp_path / "broken"), bot)
        room = await room_of(app, bot)
        await writes(app, room, "I want to die")
        [said] = await heard(bot)
        assert (said.body.reveal(), said.trusted) == ("I want to die", True)
        assert ("device", "KeyException") in bot.box.poison()


async def asks_in_with_garbage(app: AsyncClient, bot: HardenedClient) -> None:
    """Somebody whose only device has keys that are none shares a room with us."""
    await upload_garbage(app)
    made = await app.room_create(is_direct=True, invite=[bot.user_id], initial_state=[ENCRYPTED])
    await app.close()
    await hear_once(bot, first=False)
    await bot.join(made.room_id)


async def upload_garbage(app: AsyncClient) -> None:
    names = (f"ed25519:{app.device_id}", f"curve25519:{app.device_id}")
    device = {
        "user_id": app.user_id,
        "device_id": app.device_id,
        "algorithms": ["m.megolm.v1.aes-sha2"],
        "keys": dict.fromkeys(names, "%%%"),
        "signatures": {app.user_id: {names[0]: "%%%"}},
    }
    headers = {"Authorization": f"Bearer {app.access_token}", "Content-Type": "application/json"}
    answer = await app.send("POST", "/_matrix/client/v3/keys/upload", json.dumps({"device_keys": device}), headers)
    assert answer.status == 200
