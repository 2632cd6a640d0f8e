"""Killed in the middle of its work: a bot on our channel answers everything, once; one on stock matrix-nio does not.

A stock test that fails here means that a mend is not needed any more.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from nio import AsyncClient, MegolmEvent, RoomMessageText

from tests.faults.process import Process, spawn
from tests.support.homeserver import Account, Homeserver
from tests.support.matrix import meet, ours, room_of, stock, writes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
KILLS, AT_ONCE = 6, 4


@dataclass
class Scene:
    """Somebody's app, the room that it shares with the bot, and what it has shown."""

    kind: str
    server: Homeserver
    account: Account
    folder: Path
    app: AsyncClient
    room: str
    shown: dict[str, str] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)

    async def looks(self) -> None:
        answer = await self.app.sync(100, {"room": {"timeline": {"limit": 100}}})
        if self.app.should_query_keys:
            await self.app.keys_query()
        for room in answer.rooms.join.values():
            for event in room.timeline.events:
                if isinstance(event, RoomMessageText) and event.sender != self.app.user_id:
                    self.shown[event.event_id] = event.body
                elif isinstance(event, MegolmEvent):
                    self.unread.add(event.event_id)

    async def until_shown(self, words: str) -> None:
        for _ in range(200):
            await self.looks()
            if words in self.shown.values():
                return
        raise AssertionError(f"never shown: {words}; shown: {sorted(self.shown.values())}")

    async def writes(self, words: str, *, new_key: bool = False) -> None:
        if new_key:
            self.app.olm.outbound_group_sessions.pop(self.room, None)
        await writes(self.app, self.room, words)

    async def bot(self, *dies_at: str) -> Process:
        who = (self.account.user_id, self.account.device_id, self.account.token)
        where = (self.server.url, str(self.folder))
        return await spawn([sys.executable, "-m", "tests.support.echo", self.kind, *where, *who, *dies_at])

    @property
    def answered(self) -> Counter[str]:
        return Counter(words.removeprefix("heard ") for words in self.shown.values())


@pytest.fixture
async def scene(
    request: pytest.FixtureRequest, server: Homeserver, newcomer: Callable[[str], Any], tmp_path: Path
) -> AsyncIterator[Scene]:
    kind, folder = str(request.param), tmp_path / "bot"
    account, maya = await newcomer("bot"), await newcomer("maya")
    async with stock(server, maya, tmp_path / "app") as app:
        if kind == "ours":
            async with ours(server, account, folder) as bot:
                room = await room_of(app, bot)
        else:
            async with stock(server, account, folder, store_sync_tokens=True) as bot:
                room = await meet(bot, app)
        yield Scene(kind, server, account, folder, app, room)


async def killed_in_the_handler(scene: Scene) -> None:
    """Three messages wait. It dies at the first of them, and is started again."""
    for number in range(3):
        await scene.writes(f"message {number}")
    first = await scene.bot("message 0")
    assert await asyncio.wait_for(first.gone(), 60) == -9
    await lives_to_the_end(scene)


async def killed_again_and_again(scene: Scene) -> None:
    """Four messages at a time, a new key every second one; each time it is killed a moment after it began."""
    dice = random.Random()
    for turn in range(KILLS):
        for number in range(AT_ONCE):
            await scene.writes(f"message {turn}.{number}", new_key=number % 2 == 0)
        bot = await scene.bot()
        await bot.until_ready()
        await asyncio.sleep(dice.uniform(0, 0.1))
        bot.kill()
        await bot.gone()
    await lives_to_the_end(scene)


async def lives_to_the_end(scene: Scene) -> None:
    """It answers what is left. What it has not answered by the end it never will."""
    await scene.writes("the end")
    bot = await scene.bot()
    try:
        await scene.until_shown("heard the end")
    finally:
        bot.kill()
        await bot.gone()
    for _ in range(3):
        await scene.looks()


WRITTEN = [f"message {turn}.{number}" for turn in range(KILLS) for number in range(AT_ONCE)]


@pytest.mark.parametrize("scene", ["ours"], indirect=True)
async def test_ours_killed_in_the_handler(scene: Scene) -> None:
    """What was not done is there again at the next start, and once."""
    await killed_in_the_handler(scene)
    assert scene.answered == Counter(["message 0", "message 1", "message 2", "the end"])
    assert not scene.unread


@pytest.mark.parametrize("scene", ["stock"], indirect=True)
async def test_stock_killed_in_the_handler(scene: Scene) -> None:
    """The position is on disk before the first handler runs: that message is lost, and all that came with it."""
    await killed_in_the_handler(scene)
    assert scene.answered == Counter(["the end"])


@pytest.mark.parametrize("scene", ["ours"], indirect=True)
async def test_ours_killed_again_and_again(scene: Scene) -> None:
    """Every message is answered once, and every answer can be read."""
    await killed_again_and_again(scene)
    assert scene.answered == Counter([*WRITTEN, "the end"])
    assert not scene.unread


@pytest.mark.parametrize("scene", ["stock"], indirect=True)
async def test_stock_killed_again_and_again(scene: Scene) -> None:
    """Messages are missing afterwards."""
    await killed_again_and_again(scene)
    assert set(WRITTEN) - set(scene.answered)
