"""The pager as a channel. Nothing arrives by it but answers to links, and those come in by the door (`door.py`)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.channels.base import Receipt, Receive
from bot.channels.pager.link import Links
from bot.channels.pager.ringing import ring
from bot.channels.pager.saying import words_for
from bot.channels.pager.threads import Threads
from bot.clock import Clock
from flows.library import Library
from storage.outbox import Sendable


@dataclass(slots=True)
class Pager:
    """Rings people by other services. An address is what Apprise takes: see `kinds.py`."""

    library: Callable[[], Library]
    links: Links
    clock: Clock
    name: str = "pager"
    private: bool = False
    recognises_repeats: bool = False
    threads: Threads = field(default_factory=Threads)

    async def run(self, receive: Receive) -> None:
        """Nothing arrives here."""
        await asyncio.Event().wait()

    async def send(self, outbound: Sendable, key: str) -> Receipt:
        """Ring once. That a service took it does not say that a phone has it, so nothing is known to be delivered.

        No failure is called ambiguous: a page and a code do no harm when they come twice.
        """
        words = words_for(outbound, self.library(), self.links, self.clock.now())
        await self.threads.run(outbound.place, lambda: ring(outbound.place, words))
        return Receipt()

    async def close(self) -> None:
        """What hangs is left to itself."""

    async def reachable(self, address: str) -> bool:
        return True
