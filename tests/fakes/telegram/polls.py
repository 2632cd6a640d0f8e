"""Long polls: who waits for updates, and who is sent away because somebody else does."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.fakes.telegram.clock import Clock
from tests.fakes.telegram.queue import UpdateQueue
from tests.fakes.telegram.refusal import conflict

#: Client.cpp `abort_long_poll`.
OTHER_POLL = "terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_SET = "terminated by setWebhook request"


class Polls:
    """At most one poll waits. `paced` also slows down what is repeated, as the real server does."""

    def __init__(self, queue: UpdateQueue, clock: Clock) -> None:
        self.paced = False
        self._queue, self._clock = queue, clock
        self._waiting: asyncio.Future[None] | None = None
        self._turned = asyncio.Event()
        self._last: tuple[int, float] = (0, float("-inf"))
        queue.on_push.append(self._wake)

    @property
    def waiting(self) -> bool:
        """Whether somebody is polling at this moment."""
        return self._waiting is not None and not self._waiting.done()

    async def polled(self, *, by_somebody: bool = True, within: float = 5.0) -> None:
        """Wait until somebody polls, or until nobody does."""
        async with asyncio.timeout(within):
            while self.waiting != by_somebody:
                await self._turned.wait()

    async def take(self, offset: int, limit: int, patience: int) -> list[dict[str, Any]]:
        """Client.cpp `do_get_updates`: what is there, or wait for it; read by the offset both times."""
        if self.paced:
            limit, patience = self._slowed(offset, limit, patience)
        if offset <= 0:
            offset = self._queue.resolve(offset)
        events = self._queue.take(self._queue.resolve(offset), limit, self._clock.now())
        if not events and patience:
            await self._wait(patience)
            # Client.cpp `long_poll_wakeup`: as if it were asked just now. Numbers may have begun anew meanwhile.
            events = self._queue.take(self._queue.resolve(offset), limit, self._clock.now())
        return [event.as_update() for event in events]

    def end(self, why: str) -> None:
        """Send whoever waits away."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(conflict(why))

    async def _wait(self, patience: int) -> None:
        self.end(OTHER_POLL)
        self._waiting = mine = asyncio.get_running_loop().create_future()
        self._turn()
        try:
            await asyncio.wait_for(mine, patience)
        except TimeoutError:
            pass
        finally:
            if self._waiting is mine:
                self._waiting = None
            self._turn()

    def _turn(self) -> None:
        self._turned.set()
        self._turned = asyncio.Event()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _slowed(self, offset: int, limit: int, patience: int) -> tuple[int, int]:
        # Client.cpp `process_get_updates_query`: the same offset within 3 s waits; within 0.5 s gets one update.
        last_offset, at = self._last
        now = self._clock.pace()
        self._last = offset, now
        if offset != last_offset:
            return limit, patience
        if now < at + 3:
            patience = max(patience, 3)
        return (1 if now < at + 0.5 else limit), patience
