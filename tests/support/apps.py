"""What a test asks of somebody's app on Matrix, whatever it is made of; and such an app on stock matrix-nio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from aiohttp import ClientSession
from nio import AsyncClient

from tests.support.homeserver import Account, Homeserver
from tests.support.matrix import ENCRYPTED, app_hears, stock, writes


@dataclass(frozen=True)
class Message:
    """What is in a room besides its state: how it travelled, and, where the app says so, what it thinks of it."""

    sender: str
    wire: str
    unreadable: str | None = None
    shield: int | None = None


class App(Protocol):
    """Somebody's phone: it joins where it is invited, and shows what it can read."""

    async def opens(self, other: str) -> None:
        """An encrypted room with somebody, who comes."""

    async def says(self, words: str) -> None: ...

    async def reads(self, words: str) -> str:
        """The next text with these words in it, after what was read before; raises AssertionError without one."""

    async def shows(self) -> list[Message]:
        """All messages of its room."""


@dataclass
class StockApp:
    """matrix-nio as it is."""

    client: AsyncClient
    seen: list[str] = field(default_factory=list)
    read: int = 0
    room: str = ""

    async def look(self) -> None:
        for room_id, room in list(self.client.invited_rooms.items()):
            if room.inviter:
                await self.client.join(room_id)
                self.room = room_id
        self.seen += await app_hears(self.client)

    async def opens(self, other: str) -> None:
        made = await self.client.room_create(is_direct=True, invite=[other], initial_state=[ENCRYPTED])
        self.room = made.room_id
        for _ in range(100):
            await self.look()
            if other in self.client.rooms[self.room].users and self.client.rooms[self.room].encrypted:
                return
            await asyncio.sleep(0.1)
        raise AssertionError("nobody came")

    async def says(self, words: str) -> None:
        await writes(self.client, self.room, words)

    async def reads(self, words: str, patience: float = 30) -> str:
        for _ in range(int(patience / 0.1)):
            await self.look()
            for number, text in enumerate(self.seen[self.read :], start=self.read):
                if words in text:
                    self.read = number + 1
                    return text
            await asyncio.sleep(0.1)
        raise AssertionError(f"never read: {words}; after what was read came: {self.seen[self.read :]}")

    async def shows(self) -> list[Message]:
        """As the homeserver has them: matrix-nio does not say how something travelled."""
        await self.look()
        if not self.room:
            return []
        path = f"{self.client.homeserver}/_matrix/client/v3/rooms/{self.room}/messages"
        headers = {"Authorization": f"Bearer {self.client.access_token}"}
        everything = {"dir": "b", "limit": "1000"}
        async with ClientSession() as session, session.get(path, params=everything, headers=headers) as answer:
            events = (await answer.json())["chunk"]
        return [Message(one["sender"], one["type"]) for one in events if "state_key" not in one]


@asynccontextmanager
async def stock_app(server: Homeserver, account: Account, folder: Path) -> AsyncIterator[StockApp]:
    async with stock(server, account, folder) as client:
        yield StockApp(client)
