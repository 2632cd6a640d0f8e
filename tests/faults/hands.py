"""Everybody's fingers: what people do is posted to the program's door under one id until it is confirmed, as a real
channel's server does with what it keeps."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

from tests.faults.programme import Programme

_serial = itertools.count(1)


@dataclass
class Posted:
    """One thing that somebody did. `confirmed` is when the door said 200; 0 while it has not."""

    id: str
    place: str
    kind: str
    body: str
    key: str = ""
    begun: float = 0.0
    confirmed: float = 0.0
    answers: list[str] = field(default_factory=list)  # of every try: a status, or the name of what went wrong


class Hands:
    """Posts for everybody."""

    def __init__(self, programme: Programme, session: ClientSession) -> None:
        self.programme = programme
        self.session = session
        self.posted: list[Posted] = []

    async def does(
        self,
        place: str,
        kind: str = "text",
        body: str = "",
        key: str = "",
        *,
        twice: bool = False,
        patience: float = 90,
    ) -> Posted:
        """Do something and do not rest until it is confirmed; with `twice`, two copies of it arrive at once."""
        posted = Posted(f"{place}-{next(_serial)}", place, kind, body, key, time.time())
        self.posted.append(posted)
        await asyncio.gather(*(self._insist(posted, patience) for _ in range(2 if twice else 1)))
        return posted

    async def _insist(self, posted: Posted, patience: float) -> None:
        end = time.monotonic() + patience
        message = {"id": posted.id, "kind": posted.kind, "body": posted.body, "key": posted.key}
        while time.monotonic() < end:
            try:
                status, _ = await self.post(posted.place, message)
            except (ClientError, TimeoutError) as failure:
                posted.answers.append(type(failure).__name__)
            else:
                posted.answers.append(str(status))
                if status == 200:
                    posted.confirmed = posted.confirmed or time.time()
                    return
            await asyncio.sleep(0.3)

    async def post(self, place: str, message: Any) -> tuple[int, str]:
        """One try: (status, what the door said)."""
        async with self.session.post(f"{self.programme.door}/{place}", json=message) as response:
            return response.status, await response.text()

    async def says(self, place: str, words: str) -> Posted:
        return await self.does(place, "text", words)

    async def taps(self, place: str, key: str, choice: str) -> Posted:
        return await self.does(place, "tap", choice, key)

    async def calls_for_help(self, place: str) -> Posted:
        return await self.does(place, "panic")


@asynccontextmanager
async def hands(programme: Programme) -> AsyncIterator[Hands]:
    """A fresh connection for every post: a killed process leaves no half-open ones behind."""
    connector = TCPConnector(limit=0, force_close=True)
    async with ClientSession(timeout=ClientTimeout(total=30), connector=connector) as session:
        yield Hands(programme, session)
