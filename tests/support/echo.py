"""A bot that answers everything it hears, as a process of its own: on stock matrix-nio, or on our channel.

    python -m tests.support.echo stock|ours URL FOLDER USER DEVICE TOKEN [WORDS]

It dies where it stands, once, when it handles WORDS.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nio import AsyncClient, AsyncClientConfig, RoomMessageText
from nio.store import SqliteStore

from bot.channels.base import Inbound
from bot.channels.matrix.channel import MatrixChannel
from bot.clock import SystemClock
from flows.message import Urgency
from storage.outbox import Sendable
from tests.faults.process import READY
from tests.support.homeserver import Account, Homeserver
from tests.support.matrix import hardened


@dataclass
class Echo:
    """Who it is, where it keeps its keys, and at which words it dies."""

    url: str
    folder: Path
    account: Account
    dies_at: str = ""

    def handles(self, words: str) -> None:
        """Called in the handler, before anything is answered."""
        print(READY.decode(), flush=True)
        died = self.folder / "died"
        if words == self.dies_at and not died.exists():
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    async def stock(self) -> None:
        """As the documentation of matrix-nio shows it, with its position kept."""
        config = AsyncClientConfig(store=SqliteStore, encryption_enabled=True, pickle_key="app", store_sync_tokens=True)
        who = self.account
        client = AsyncClient(self.url, who.user_id, who.device_id, str(self.folder), config)
        client.restore_login(who.user_id, who.device_id, who.token)

        async def answer(room: object, event: RoomMessageText) -> None:
            if event.sender == client.user_id:
                return
            self.handles(event.body)
            content = {"msgtype": "m.text", "body": f"heard {event.body}"}
            await client.room_send(room.room_id, "m.room.message", content, ignore_unverified_devices=True)

        client.add_event_callback(answer, RoomMessageText)
        await client.sync_forever(timeout=30_000, full_state=True)

    async def ours(self) -> None:
        """The same on our channel: what could not be answered is offered again."""
        server = Homeserver(self.folder, int(self.url.rpartition(":")[2]))
        channel = MatrixChannel("matrix", SystemClock(), lambda: hardened(server, self.account, self.folder))

        async def answer(inbound: Inbound) -> None:
            self.handles(inbound.body.reveal())
            await channel.send(said(inbound), inbound.external_id.strip("$"))

        await channel.run(answer)


def said(inbound: Inbound) -> Sendable:
    words = f"heard {inbound.body.reveal()}"
    return Sendable(
        key="", person_id="", subject_id="", channel="matrix", place=inbound.place, text=words, choices=(),
        urgency=Urgency.REPLY, attempts=0, made_at=datetime.now(UTC), page=None, ref="",
    )  # fmt: skip


def main() -> None:
    kind, url, folder, user, device, token, *words = sys.argv[1:]
    echo = Echo(url, Path(folder), Account(user, "", token, device), *words)
    asyncio.run(echo.stock() if kind == "stock" else echo.ours())


if __name__ == "__main__":
    main()
