"""Our very first words to somebody, in an app that excludes devices which their owners have not signed (MSC4153)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.channels.matrix.client import HardenedClient
from bot.channels.matrix.identity import Identity
from bot.channels.matrix.listening import listen
from bot.channels.matrix.rooms import room_for
from bot.channels.matrix.sending import send_once
from tests.support.between import Between, between
from tests.support.homeserver import Account, Homeserver
from tests.support.javascript import JavaScriptApp, javascript
from tests.support.matrix import joins, ours

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
NOT_KNOWN_YET = "UNKNOWN_SENDER_DEVICE"


@asynccontextmanager
async def asked_in(
    server: Homeserver, accounts: tuple[Account, Account], folder: Path
) -> AsyncIterator[tuple[HardenedClient, JavaScriptApp, str, Between]]:
    """A careful app that has been asked into a room of ours; us, listening; and what stands before its homeserver."""
    async with (
        between(server.url) as door,
        ours(server, accounts[0], folder / "bot") as bot,
        javascript(replace(server, port=int(door.url.rpartition(":")[2])), accounts[1], careful=True, by_itself=False)
        as app,
    ):  # fmt: skip
        await Identity.from_seeds(os.urandom(96)).publish(bot, accounts[0].password)
        listening = asyncio.create_task(listen(bot, asyncio.Event()))
        yield bot, app, await room_for(bot, accounts[1].user_id), door
        listening.cancel()


async def says(bot: HardenedClient, room: str, words: str) -> None:
    await send_once(bot, words, room, "m.room.message", {"msgtype": "m.text", "body": words})


async def until_shown(app: JavaScriptApp, *wanted: str | None) -> None:
    """Until it shows so many messages, and this is why it cannot read each of them; nothing of one that it can."""
    for _ in range(100):
        shown = [one.unreadable for one in await app.shows()]
        if shown == list(wanted):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(shown)


async def test_words_that_overtake_our_keys_are_read_when_a_careful_app_is_opened_anew(
    server: Homeserver, accounts: Any, tmp_path: Path
) -> None:
    """What such an app is shown between its coming into the room and the answer to its question for our keys, it calls
    the words of an unknown device, and does not look again when it has the keys. What we say next is read at once. It
    is the app's: when this fails one day, it has learned it, and the README may say so."""
    async with asked_in(server, accounts, tmp_path) as (bot, app, room, door):
        door.broken["keys/query"] = "wait"
        await says(bot, room, "first")
        await joins(server, accounts[1], room)  # on another device of theirs
        await until_shown(app, NOT_KNOWN_YET)
        door.mend()
        door.let_go.set()
        await asyncio.sleep(1)
        await says(bot, room, "second")
        await until_shown(app, NOT_KNOWN_YET, None)
        await app.is_opened_anew()
        await until_shown(app, None, None)
        assert [one.shield for one in await app.shows()] == [0, 0]
