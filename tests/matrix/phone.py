"""A participant's phone: stock matrix-nio, which changes its key all the time, and remembers what it showed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import ClientError
from nio import AsyncClient, MegolmEvent, RoomMessageText, SyncError

from tests.support.matrix import ENCRYPTED, writes

FILTER: Final = {"room": {"timeline": {"limit": 100}}}
#: So many messages under one key: keys travel all the time.
A_KEY_FOR = 2


@dataclass
class Phone:
    """`wrote` and `shown` hold the ids of events in order; `unread` those that could not be read when they came."""

    app: AsyncClient
    room: str = ""
    wrote: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)

    async def meets(self, bot_id: str) -> None:
        """Open an encrypted room with us, and wait until we have come."""
        made = await self.app.room_create(is_direct=True, invite=[bot_id], initial_state=[ENCRYPTED])
        self.room = made.room_id
        for _ in range(200):
            await self.looks(100)
            room = self.app.rooms.get(self.room)
            if room is not None and room.encrypted and not room.invited_users and bot_id in room.users:
                return
        raise AssertionError("we did not come")

    async def writes(self, words: str) -> str:
        """Under a new key every other time."""
        if len(self.wrote) % A_KEY_FOR == 0:
            self.app.invalidate_outbound_session(self.room)
        event_id = await writes(self.app, self.room, words)
        self.wrote.append(event_id)
        return event_id

    async def looks(self, wait_ms: int) -> None:
        """One look: what can be read, and what cannot."""
        answer = await self.app.sync(wait_ms, FILTER)
        if isinstance(answer, SyncError):
            return
        if self.app.should_upload_keys:
            await self.app.keys_upload()
        if self.app.should_query_keys:
            await self.app.keys_query()
        for room in answer.rooms.join.values():
            for event in room.timeline.events:
                self._notices(event)

    def _notices(self, event: Any) -> None:
        if isinstance(event, RoomMessageText) and event.sender != self.app.user_id:
            self.shown.append(event.event_id)
        elif isinstance(event, MegolmEvent):
            self.unread.add(event.event_id)

    @asynccontextmanager
    async def switched_on(self) -> AsyncIterator[None]:
        """It looks all the time, whatever becomes of the homeserver."""
        looking = asyncio.create_task(self._looks_on())
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    async def _looks_on(self) -> None:
        while True:
            try:
                await self.looks(1000)
            except (ClientError, TimeoutError, OSError):
                await asyncio.sleep(0.2)
