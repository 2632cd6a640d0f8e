"""The real program in this process, on a real SQLite file, with a clock that is pushed and channels that can fail:
for what would take an hour of waiting."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bot.channels.base import DeliveryError, Inbound, Receipt, Receive
from bot.clock import VirtualClock
from bot.loading import load_library, shipped_config
from bot.program import Program
from flows.phi import Phi
from storage.outbox import Sendable
from storage.store import Store
from tests.faults.programme import Programme, found

START = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)


@dataclass
class Fickle:
    """A channel that does to each place what `at` says: refuse, gone, hang, late (shown, no answer ever comes)."""

    name: str
    private: bool
    clock: VirtualClock
    recognises_repeats: bool = False
    at: dict[str, str] = field(default_factory=dict)
    shown: list[tuple[datetime, str, Sendable]] = field(default_factory=list)
    tries: list[tuple[datetime, str, str]] = field(default_factory=list)

    async def run(self, receive: Receive) -> None:
        await asyncio.Event().wait()

    async def send(self, outbound: Sendable, key: str) -> Receipt:
        place, fault = outbound.place, self.at.get(outbound.place, "")
        self.tries.append((self.clock.now(), place, key))
        if fault == "refuse":
            raise DeliveryError("connection refused")
        if fault == "gone":
            raise DeliveryError("blocked", permanent=True)
        if fault != "hang":
            self.shown.append((self.clock.now(), place, outbound))
        if fault in {"hang", "late"}:
            await asyncio.Event().wait()
        return Receipt(self.clock.now())

    async def reachable(self, address: str) -> bool:
        return True


@dataclass
class World:
    """Everybody in it, and the program."""

    programme: Programme
    program: Program
    clock: VirtualClock
    channels: dict[str, Fickle]
    ids: itertools.count[int] = field(default_factory=itertools.count)

    async def does(self, place: str, kind: str, body: str = "", key: str = "", channel: str = "private") -> None:
        inbound = Inbound(channel, f"n{next(self.ids)}", place, kind, Phi(body), key)
        task = asyncio.create_task(self.program.receive(inbound))
        await asyncio.sleep(0)
        await self.program.settle()
        await task

    async def says(self, place: str, words: str) -> None:
        await self.does(place, "text", words)

    async def taps(self, place: str, key: str, choice: str) -> None:
        await self.does(place, "tap", choice, key)

    async def forward(self, **length: float) -> None:
        await self.program.advance(self.clock, self.clock.now() + timedelta(**length))

    def shown(self, place: str, words: str = "", channel: str = "private") -> list[Sendable]:
        """What a phone showed, every time it did."""
        return [one for _, at, one in self.channels[channel].shown if at == place and words in one.text]

    def tries(self, place: str, channel: str = "private") -> int:
        return sum(at == place for _, at, _ in self.channels[channel].tries)

    def paged(self) -> dict[str, datetime]:
        """Who was shown a page, and when first."""
        found: dict[str, datetime] = {}
        for channel in self.channels.values():
            for at, place, one in channel.shown:
                if one.page:
                    found.setdefault(place, at)
        return found

    def states(self, place: str, words: str = "%") -> list[str]:
        """How the outbox rows for somebody stand, by the name of their text."""
        with self.program.store.engine.begin() as connection:
            rows = connection.execute(
                text("select state from outbox where person_id = :who and content like :what order by seq"),
                {"who": place, "what": words},
            )
            return list(rows.scalars())

    def promised(self, place: str) -> list[str]:
        """The keys of everything that was promised to somebody, in that order."""
        with self.program.store.engine.begin() as connection:
            rows = connection.execute(text("select id from outbox where person_id = :who order by seq"), {"who": place})
            return list(rows.scalars())

    def change(self, statement: str, **values: Any) -> None:
        with self.program.store.engine.begin() as connection:
            connection.execute(text(statement), values)


@asynccontextmanager
async def world(folder: Path, *, recognises_repeats: bool = False) -> AsyncIterator[World]:
    """A program of three participants on the shipped ladder, at nine in the morning of a Tuesday."""
    programme = found(folder)
    clock = VirtualClock(START)
    store = Store(programme.store().engine, programme.master)
    channels = {
        name: Fickle(name, name == "private", clock, recognises_repeats=recognises_repeats)
        for name in ("private", "public")
    }
    program = Program(store, load_library([shipped_config()]), channels, clock)
    try:
        await program.start()
        await program.settle()
        yield World(programme, program, clock, channels)
    finally:
        program.abandon()
