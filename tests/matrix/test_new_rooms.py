"""The first words to somebody who has no room with us yet."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from bot.channels.matrix.listening import listen
from bot.channels.matrix.rooms import room_for
from bot.channels.matrix.sending import send_once
from tests.support.homeserver import Homeserver
from tests.support.matrix import ours, stock

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
PAGE = {"msgtype": "m.text", "body": "Emergency. Case 1 needs you."}


@asynccontextmanager
async def listening(bot: Any) -> Any:
    heard = asyncio.Event()
    task = asyncio.create_task(listen(bot, heard))
    await heard.wait()
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_room_is_used_once_whoever_it_is_for_is_in_it(
    server: Homeserver, newcomer: Any, tmp_path: Path
) -> None:
    """The homeserver shows a new room piece by piece, who was invited last. Before that a page could go to nobody, and
    the next message would not know the room for theirs, and make another."""
    account, ana = await newcomer("handrail"), await newcomer("ana")
    async with (
        stock(server, ana, tmp_path / "ana"),
        ours(server, account, tmp_path / "bot") as bot,
        listening(bot),
    ):
        room_id = await room_for(bot, ana.user_id)
        await send_once(bot, "page", room_id, "m.room.message", PAGE)
        assert await room_for(bot, ana.user_id) == room_id
