"""The channel by itself: connected, and given messages to send as the outbox would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from bot.channels.base import Inbound
from bot.channels.matrix.channel import MatrixChannel
from bot.channels.matrix.client import HardenedClient
from bot.clock import SystemClock
from flows.message import Urgency
from storage.outbox import Sendable


def message_for(user_id: str, words: str) -> Sendable:
    return Sendable(
        key="", person_id="", subject_id="", channel="matrix", place=user_id, text=words, choices=(),
        urgency=Urgency.CRISIS, attempts=0, made_at=datetime.now(UTC), page=None, ref="",
    )  # fmt: skip


async def _takes_nothing(inbound: Inbound) -> None:
    """Nobody writes in these tests."""


@asynccontextmanager
async def connected(connect: Callable[[], HardenedClient]) -> AsyncIterator[MatrixChannel]:
    """The channel, once it has heard from the homeserver."""
    channel = MatrixChannel("matrix", SystemClock(), connect)
    running = asyncio.create_task(channel.run(_takes_nothing))
    try:
        while not await channel.reachable(""):  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.02)
        yield channel
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
