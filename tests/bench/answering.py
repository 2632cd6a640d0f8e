"""A bot that answers everything at once and keeps nothing, as a process of its own: our client without our durability.

    python -m tests.bench.answering URL FOLDER USER DEVICE TOKEN

The same mends of matrix-nio, the same loop, the same way of sending. But its letterbox is in memory, there is no inbox,
and nobody decides anything.
"""

from __future__ import annotations

import asyncio
import sys

from peewee import SqliteDatabase

from bot.channels.matrix.client import HardenedClient, config_for
from bot.channels.matrix.listening import LONG_POLL_MS, hear_once
from bot.channels.matrix.reading import read
from bot.channels.matrix.sending import send_once
from bot.clock import SystemClock
from storage.letterbox import Letter, Letterbox
from tests.support.matrix import SEAL


class Forgetful(Letterbox):
    """A letterbox that nobody finds again."""

    seal_key = SEAL

    def _create_database(self) -> SqliteDatabase:
        return SqliteDatabase(":memory:", pragmas={"foreign_keys": 1})


async def answer_everything(url: str, folder: str, user: str, device: str, token: str) -> None:
    client = HardenedClient(url, user, device, folder, config_for(Forgetful, "a passphrase"))
    client.clock = SystemClock()
    client.restore_login(user, device, token)
    await hear_once(client, first=True)
    async with asyncio.TaskGroup() as under_way:
        while True:
            for letter in client.box.waiting():
                client.box.done(letter.event_id)
                under_way.create_task(_answer(client, letter))
            await hear_once(client, first=False, poll_ms=LONG_POLL_MS)


async def _answer(client: HardenedClient, letter: Letter) -> None:
    heard = read(letter, "matrix")
    if heard is not None and heard.kind == "text":
        content = {"msgtype": "m.text", "body": f"heard {heard.body.reveal()}"}
        await send_once(client, letter.event_id.strip("$"), letter.room_id, "m.room.message", content)


if __name__ == "__main__":
    asyncio.run(answer_everything(*sys.argv[1:]))
