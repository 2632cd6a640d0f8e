"""The whole program, put together: a store, a library, channels, a clock."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime

from bot.channels.base import Channel, Inbound
from bot.clock import Clock, VirtualClock
from bot.database_thread import DatabaseThread
from bot.delivery import Delivery
from bot.line import Line
from flows.library import Library
from storage import outbox, timers
from storage.store import Store


class Program:
    """One running Handrail. `executor` is the database thread; without one everything happens here and now."""

    def __init__(
        self,
        store: Store,
        library: Library,
        channels: Mapping[str, Channel],
        clock: Clock,
        executor: DatabaseThread | None = None,
    ) -> None:
        self.store = store
        self.library = library
        self.clock = clock
        self.channels = channels
        self.delivery = Delivery(channels, clock)
        self.line = Line(store, lambda: self.library, clock, self.delivery, executor)

    async def start(self) -> None:
        """Pick up where the last run ended: what was being sent, what fell due meanwhile."""
        recognising = [channel.name for channel in self.channels.values() if channel.recognises_repeats]

        def recover() -> None:
            with self.store.begin(self.clock.now()) as unit:
                outbox.recover(unit, recognising)
                unit.ledger.note(unit.now, "handrail", "started", None, "program", None, {})

        await self.line.run_in_store(recover)
        self.line.tick()

    async def finish(self) -> None:
        """Before an orderly end: nothing more is sent, and what is on its way is waited for and marked."""
        self.delivery.rest()
        while True:
            await self.delivery.settle()
            async with self.line.alone():  # the cycle under way may have sent something off, or hold results
                if self.delivery.idle:
                    return
            await self.line.once()

    async def receive(self, inbound: Inbound) -> None:
        """A message from a channel. Returns once it is stored."""
        await self.line.receive(inbound)

    # -- under a virtual clock -------------------------------------------------------------------------------------

    async def settle(self) -> None:
        """Let everything happen that can happen without time moving on."""
        self.line.tick()
        while await self.line.once() or not self.line.idle:
            await self.delivery.settle()
            await asyncio.sleep(0)

    def next_moment(self) -> datetime | None:
        """When the next thing falls due: a timer, or a message put off."""
        with self.store.begin(self.clock.now()) as unit:
            found = [at for at in (timers.next_due(unit), outbox.next_later(unit)) if at is not None]
        return min(found, default=None)

    async def advance(self, clock: VirtualClock, until: datetime) -> None:
        """Move a virtual clock on to `until`; everything due on the way happens, in order."""
        await self.settle()
        while (moment := self.next_moment()) is not None and moment <= until:
            if moment <= clock.now():
                raise RuntimeError("something stays due without time moving on")
            clock.move_to(moment)
            await self.settle()
        clock.move_to(until)
        await self.settle()

    def abandon(self) -> None:
        """As a kill would: nothing is finished, nothing is written."""
        self.delivery.abandon()
        self.store.close()
