"""People on stock matrix-nio who write to bots in encrypted rooms, and wait for what these say."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from nio import AsyncClient, MatrixRoom, MegolmEvent, RoomMessageText

from tests.support.homeserver import Account, Homeserver
from tests.support.matrix import ENCRYPTED, joins, stock, writes

#: So long, in seconds, an answer may take before something is wrong.
PATIENCE = 60


class Unreadable(Exception):
    """What a bot said cannot be decrypted by the person it was said to."""


@dataclass
class _Answers:
    """So many are still to come."""

    left: int
    come: asyncio.Future[None]


@dataclass
class Person:
    """Somebody's app. It listens all the time."""

    app: AsyncClient
    rooms: dict[str, str] = field(default_factory=dict)  # by the bot's account
    unasked: int = 0  # what bots said beyond the answers that were waited for
    _waiting: dict[str, _Answers] = field(default_factory=dict)  # by the room

    def __post_init__(self) -> None:
        self.app.add_event_callback(self._shows, RoomMessageText)
        self.app.add_event_callback(self._cannot_show, MegolmEvent)

    async def meets(self, server: Homeserver, bot: Account) -> None:
        """A room of these two; the bot is led into it by the hand."""
        made = await self.app.room_create(is_direct=True, invite=[bot.user_id], initial_state=[ENCRYPTED])
        await joins(server, bot, made.room_id)
        self.rooms[bot.user_id] = made.room_id

    async def sees(self, bot: Account) -> None:
        """Until the app knows that the bot is in the room."""
        while True:
            room = self.app.rooms.get(self.rooms[bot.user_id])
            if room is not None and room.encrypted and bot.user_id in set(room.users) - set(room.invited_users):
                return
            await self.app.synced.wait()

    async def asks(self, bot: Account, words: str) -> float:
        """Write, and wait for the answer; returns how many seconds that took."""
        begun = time.perf_counter()
        answered = self.awaits(bot)
        await self.writes(bot, words)
        await asyncio.wait_for(answered, PATIENCE)
        return time.perf_counter() - begun

    async def writes(self, bot: Account, words: str) -> None:
        await writes(self.app, self.rooms[bot.user_id], words)

    def awaits(self, bot: Account, answers: int = 1) -> asyncio.Future[None]:
        """Done when the bot has said something so many times from now on."""
        come = asyncio.get_running_loop().create_future()
        self._waiting[self.rooms[bot.user_id]] = _Answers(answers, come)
        return come

    def _shows(self, room: MatrixRoom, event: RoomMessageText) -> None:
        if event.sender == self.app.user_id:
            return
        waiting = self._waiting.get(room.room_id)
        if waiting is None or waiting.left == 0:
            self.unasked += 1
            return
        waiting.left -= 1
        if waiting.left == 0:
            waiting.come.set_result(None)

    def _cannot_show(self, room: MatrixRoom, event: MegolmEvent) -> None:
        waiting = self._waiting.get(room.room_id)
        if event.sender != self.app.user_id and waiting is not None and not waiting.come.done():
            waiting.come.set_exception(Unreadable())


@asynccontextmanager
async def apps(server: Homeserver, accounts: list[Account], folder: Path) -> AsyncIterator[list[Person]]:
    """These people's apps, listening; closed afterwards."""
    async with AsyncExitStack() as stack:
        people = []
        for number, account in enumerate(accounts):
            people.append(Person(await stack.enter_async_context(stock(server, account, folder / f"{number}"))))
        listening = [asyncio.create_task(person.app.sync_forever(timeout=30_000)) for person in people]
        try:
            yield people
        finally:
            for task in listening:
                task.cancel()
            await asyncio.gather(*listening, return_exceptions=True)
