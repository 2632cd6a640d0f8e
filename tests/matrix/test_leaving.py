"""Nobody has to put us out: where people have gone, we go, and where we cannot go yet, we do not stay for good."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import pytest
from nio import AsyncClient, ErrorResponse
from nio.api import RoomPreset

from bot.channels.matrix.client import HardenedClient
from bot.channels.matrix.listening import hear_once
from bot.channels.matrix.rooms import keep_house, room_for
from bot.channels.matrix.shared import shared_room
from tests.support.between import between
from tests.support.homeserver import Homeserver
from tests.support.matrix import ENCRYPTED, in_a_room, ours, stock

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


async def looks_after_rooms(bot: HardenedClient) -> None:
    for _ in range(2):
        await hear_once(bot, first=False)
        await keep_house(bot, lambda _: "")


async def rooms_of(client: AsyncClient) -> list[str]:
    """As the homeserver has it."""
    return (await client.joined_rooms()).rooms


async def test_a_room_out_of_which_nobody_can_put_us_is_left_when_everybody_has_gone(
    server: Homeserver, accounts: Any, tmp_path: Path
) -> None:
    """An app that trusts whom it asks in makes us a maker of the room, and in newer rooms no maker can be put out. So
    its owner goes, and we do not stay behind with what was said there."""
    async with ours(server, accounts[0], tmp_path / "bot") as bot, stock(server, accounts[1], tmp_path / "app") as app:
        made = await app.room_create(
            invite=[bot.user_id],
            initial_state=[ENCRYPTED],
            preset=RoomPreset.trusted_private_chat,
            is_direct=True,
            room_version="12",
        )
        await looks_after_rooms(bot)
        assert await rooms_of(bot) == [made.room_id]
        refused = await app.room_kick(made.room_id, bot.user_id)
        assert isinstance(refused, ErrorResponse)
        assert refused.status_code == "M_FORBIDDEN"
        await app.room_leave(made.room_id)
        await looks_after_rooms(bot)
        assert await rooms_of(bot) == []
        assert made.room_id not in bot.rooms


async def test_a_room_that_we_made_is_left_when_its_person_will_not_come(
    server: Homeserver, accounts: Any, tmp_path: Path
) -> None:
    """They may have declined the invitation. What is said next asks them into another one."""
    async with ours(server, accounts[0], tmp_path / "bot") as bot, stock(server, accounts[1], tmp_path / "app") as app:
        room = await with_us_listening(bot, room_for(bot, app.user_id))
        await app.room_leave(room)
        await looks_after_rooms(bot)
        assert await rooms_of(bot) == []
        assert await with_us_listening(bot, room_for(bot, app.user_id)) != room


async def with_us_listening(bot: HardenedClient, what: Awaitable[str]) -> str:
    """As in the channel: what takes a while goes on beside it."""
    doing = asyncio.ensure_future(what)
    while not doing.done():
        await hear_once(bot, first=False, poll_ms=100)
    return await doing


async def test_a_room_in_which_one_person_takes_the_place_of_another_is_kept(
    server: Homeserver, accounts: Any, newcomer: Any, tmp_path: Path
) -> None:
    """The one has gone and the other is not asked in yet: nobody is there, for a moment."""
    ana = await newcomer("ana")
    async with between(server.url) as door, ours(server, accounts[0], tmp_path / "bot") as bot:
        room = await with_us_listening(bot, shared_room(bot, "case 1", [accounts[1].user_id], None))
        bot.homeserver, door.broken["invite"] = door.url, "wait"
        changing = asyncio.create_task(shared_room(bot, "case 1", [ana.user_id], None))
        await door.until_asked("invite", 1)
        bot.homeserver = server.url
        await looks_after_rooms(bot)
        door.let_go.set()
        assert await with_us_listening(bot, changing) == room
        assert await rooms_of(bot) == [room]


async def test_a_room_that_cannot_be_left_just_now_is_left_later(
    server: Homeserver, accounts: Any, tmp_path: Path
) -> None:
    """The homeserver refused for a moment: we took ourselves for gone, and stayed for good."""
    async with between(server.url) as door, in_a_room(server, accounts, tmp_path) as (bot, app, room):
        await app.room_leave(room)
        bot.homeserver, door.broken["leave"] = door.url, 429
        await looks_after_rooms(bot)
        assert await rooms_of(bot) == [room]
        door.mend()
        await looks_after_rooms(bot)
        assert await rooms_of(bot) == []
