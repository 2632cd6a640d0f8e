"""What is done between two answers of the homeserver never keeps us from listening."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.channels.matrix.arriving import POSITION
from bot.channels.matrix.client import HardenedClient
from bot.channels.matrix.listening import hear_once
from tests.support.between import Between, between
from tests.support.homeserver import Homeserver
from tests.support.matrix import in_a_room, ours, room_of, stock, writes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
#: Far more than we give them, and less than the minute after which a request gives up by itself.
IN_TIME = 45


def words_in(bot: HardenedClient) -> list[str]:
    return [one.event["content"]["body"] for one in bot.box.waiting() if "body" in one.event.get("content", ())]


async def hears_while_it_hangs(bot: HardenedClient, door: Between, words: str) -> None:
    """And is ready for what is said next."""
    bot.homeserver = door.url
    async with asyncio.timeout(IN_TIME):
        await hear_once(bot, first=False)
    assert words in words_in(bot)


async def test_an_upload_of_keys_that_hangs_keeps_nobody_waiting(
    server: Homeserver, accounts: Any, tmp_path: Path
) -> None:
    """Somebody in danger wrote just then: for a minute nobody would have heard it. The keys go up once they can."""
    async with between(server.url) as door, in_a_room(server, accounts, tmp_path) as (bot, app, room):
        bot.olm.uploaded_key_count = 0
        door.broken["keys/upload"] = "hang"
        await writes(app, room, "I need help now")
        await hears_while_it_hangs(bot, door, "I need help now")
        assert bot.should_upload_keys
        door.mend()
        await hear_once(bot, first=False)
        assert not bot.should_upload_keys


async def test_a_question_for_keys_that_hangs_keeps_nobody_waiting(
    server: Homeserver, accounts: Any, newcomer: Any, tmp_path: Path
) -> None:
    """Their homeserver is away, and ours waits for it. Our own keys go up all the same."""
    async with between(server.url) as door, in_a_room(server, accounts, tmp_path) as (bot, app, room):
        bot.olm.users_for_key_query.add("@sam:elsewhere")
        bot.olm.uploaded_key_count = 0
        door.broken["keys/query"] = "hang"
        await writes(app, room, "I need help now")
        await hears_while_it_hangs(bot, door, "I need help now")
        assert not bot.should_upload_keys


async def test_a_gap_that_hangs_keeps_nobody_waiting(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    """What is behind it in another room is heard, and the gap is filled when the homeserver is well again."""
    async with (
        between(server.url) as door,
        stock(server, accounts[1], tmp_path / "app") as app,
        ours(server, accounts[0], tmp_path / "bot") as bot,
    ):
        room, other = await room_of(app, bot), await room_of(app, bot)
        here = bot.box.known(POSITION)
        await writes(app, other, "what the server left out")
        await hear_once(bot, first=False)
        bot.box.note_gap(other, bot.box.known(POSITION), here)
        door.broken[f"{other}/messages"] = door.broken[f"{other[1:]}/messages"] = "hang"
        await writes(app, room, "I need help now")
        await hears_while_it_hangs(bot, door, "I need help now")
        assert bot.box.gaps()
        door.mend()
        await hear_once(bot, first=False)
        assert not bot.box.gaps()
