"""Somebody is asked into a room, and has yet to come: what is said meanwhile is theirs, and nobody is forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nio import AsyncClient

from bot.channels.matrix.listening import hear_once
from bot.channels.matrix.rooms import first_state
from bot.channels.matrix.sending import send_once
from tests.support.between import between
from tests.support.homeserver import Homeserver
from tests.support.matrix import app_hears, joins, ours, stock, writes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def text(words: str) -> dict[str, str]:
    return {"msgtype": "m.text", "body": words}


async def asked_into_a_room(host: AsyncClient, user_id: str) -> str:
    made = await host.room_create(is_direct=True, invite=[user_id], initial_state=first_state(None))
    return str(made.room_id)


async def test_a_page_is_read_by_who_accepts_later(
    server: Homeserver, newcomer: Callable[[str], Any], tmp_path: Path
) -> None:
    """A page goes out when it is needed, not when the invitation was seen. More than one, and from one key."""
    account, ana = await newcomer("handrail"), await newcomer("ana")
    async with ours(server, account, tmp_path / "bot") as bot, stock(server, ana, tmp_path / "phone") as phone:
        room = await asked_into_a_room(bot, ana.user_id)
        await hear_once(bot, first=False)
        for words in ("first", "second"):
            await send_once(bot, words, room, "m.room.message", text(words))
        await app_hears(phone)
        await joins(server, ana, room)
        assert await heard(phone, 2) == ["first", "second"]


async def heard(phone: AsyncClient, so_many: int) -> list[str]:
    """What comes to be read, until it is so much."""
    found: list[str] = []
    for _ in range(40):
        found += await app_hears(phone)
        if len(found) >= so_many:
            break
        await asyncio.sleep(0.05)
    return found


async def test_who_accepts_while_we_speak_is_not_forgotten(
    server: Homeserver, newcomer: Callable[[str], Any], tmp_path: Path
) -> None:
    """The phone rings for the invitation, and they accept while the page is on its way. Had we asked the homeserver who
    is there, its answer from a moment ago would not name them any more than we do then: no page reached them again."""
    account, ana = await newcomer("handrail"), await newcomer("ana")
    async with (
        between(server.url) as door,
        ours(server, account, tmp_path / "bot") as bot,
        stock(server, ana, tmp_path / "phone") as phone,
    ):
        room = await asked_into_a_room(bot, ana.user_id)
        await hear_once(bot, first=False)
        bot.homeserver, door.broken["joined_members"] = door.url, "held"
        speaking = asyncio.create_task(send_once(bot, "t1", room, "m.room.message", text("first")))
        asking = asyncio.create_task(door.until_asked("joined_members", 1))
        await asyncio.wait([speaking, asking], return_when=asyncio.FIRST_COMPLETED)
        await joins(server, ana, room)
        await hear_once(bot, first=False)
        door.let_go.set()
        await speaking
        asking.cancel()
        await send_once(bot, "t2", room, "m.room.message", text("second"))
        assert await heard(phone, 2) == ["first", "second"]


async def test_stock_matrix_nio_forgets_who_accepts_while_it_speaks(
    server: Homeserver, newcomer: Callable[[str], Any], tmp_path: Path
) -> None:
    """Why we never ask who is there. It takes an answer that is older than what it knows for what is."""
    account, ana = await newcomer("bot"), await newcomer("ana")
    async with (
        between(server.url) as door,
        stock(server, account, tmp_path / "bot") as bot,
        stock(server, ana, tmp_path / "phone"),
    ):
        room = await asked_into_a_room(bot, ana.user_id)
        await app_hears(bot)
        assert ana.user_id in bot.rooms[room].users
        bot.homeserver, door.broken["joined_members"] = door.url, "held"
        speaking = asyncio.create_task(writes(bot, room, "first"))
        await door.until_asked("joined_members", 1)
        await joins(server, ana, room)
        await app_hears(bot)
        door.let_go.set()
        await speaking
        assert ana.user_id not in bot.rooms[room].users
