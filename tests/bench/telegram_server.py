"""A Telegram that enforces its limits, as a process of its own: `python -m tests.bench.telegram_server PEOPLE`.

So many people have started the bot already. It says in one line where it listens and what their chats are.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import ClientSession

from tests.fakes.telegram import bot_api

TOKEN = "1:bench"


@dataclass(frozen=True)
class Server:
    """Seen from the bench: where it listens, and the chats of its people."""

    root: str
    chats: list[int]

    async def took(self) -> tuple[dict[str, float], int]:
        """When it took each text for the first time, in seconds since 1970; and how many calls it refused."""
        async with ClientSession() as session, session.get(f"{self.root}/control/calls") as answer:
            calls = await answer.json()
        times: dict[str, float] = {}
        for call in calls:
            if call["status"] == 200:
                times.setdefault(f"{call['given'].get('chat_id')} {call['given'].get('text')}", call["at"])
        return times, sum(call["status"] == 429 for call in calls)


@asynccontextmanager
async def telegram_server(people: int) -> AsyncIterator[Server]:
    """Running until the end of the block."""
    command = (sys.executable, "-m", "tests.bench.telegram_server", str(people))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, limit=2**20)
    try:
        yield Server(**json.loads(await process.stdout.readline()))
    finally:
        process.kill()
        await process.wait()


async def run(people: int) -> None:
    async with bot_api(TOKEN) as telegram:
        phones = [telegram.user(f"person {number}") for number in range(people)]
        for phone in phones:
            phone.person.started = True
        telegram.limits.on = True
        print(json.dumps({"root": telegram.root, "chats": [phone.id for phone in phones]}), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1])))
