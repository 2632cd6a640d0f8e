"""Everybody's phone, as one server outside the process: it shows what the program says, remembers every key, and can
be as unreliable as the world is."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Shown:
    """One message that reached a phone. `first` is false for a repeat under a key that was there before."""

    at: float
    place: str
    key: str
    text: str
    choices: tuple[tuple[str, str], ...]
    page: tuple[int, str] | None
    first: bool

    def choice(self, number: int) -> str:
        return self.choices[number][0]

    @property
    def answers(self) -> tuple[str, ...]:
        return tuple(choice for choice, _ in self.choices)


@dataclass
class Trouble:
    """How often, of all sends, the network fails; and which phones are broken for good."""

    refused: float = 0.0  # 503, and the message is not shown
    answer_lost: float = 0.0  # shown, but the program never hears of it
    slow: float = 0.0  # shown after two seconds
    dice: random.Random = field(default_factory=random.Random)
    at: dict[str, str] = field(default_factory=dict)  # place -> refuse, gone, hang, lose

    def strikes(self, place: str) -> str:
        """What happens to this send, or nothing."""
        if place in self.at:
            return self.at[place]
        roll = self.dice.random()
        for name, share in (("refuse", self.refused), ("lose", self.answer_lost), ("slow", self.slow)):
            if roll < share:
                return name
            roll -= share
        return ""


class Phones:
    """The server and the ledger of everything it was given."""

    def __init__(self, trouble: Trouble | None = None) -> None:
        self.trouble = trouble or Trouble()
        self.shown: list[Shown] = []
        self.tries: list[tuple[float, str, str]] = []  # when, where, which key: every attempt, shown or not
        self.listeners: list[Callable[[Shown], None]] = []
        self.address = ""
        self._keys: set[tuple[str, str]] = set()
        self._release = asyncio.Event()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Phones]:
        """Serve on a free port of the loopback interface."""
        app = web.Application()
        app.add_routes([web.post("/{channel}/{place}", self._take)])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            self._release.set()
            await runner.cleanup()

    async def _take(self, request: web.Request) -> web.StreamResponse:
        place, message = request.match_info["place"], await request.json()
        self.tries.append((time.time(), place, message["key"]))
        trouble = self.trouble.strikes(place)
        if trouble == "hang":
            await self._release.wait()
        if trouble == "slow":
            await asyncio.sleep(2)
        if trouble in {"refuse", "gone"}:
            return web.Response(status=410 if trouble == "gone" else 503)
        self._show(place, message)
        if trouble == "lose" and request.transport is not None:
            request.transport.close()
        return web.Response()

    def _show(self, place: str, message: dict[str, Any]) -> None:
        page = message["page"]
        shown = Shown(
            time.time(),
            place,
            message["key"],
            message["text"],
            tuple((choice["id"], choice["label"]) for choice in message["choices"]),
            (page["case"], page["level"]) if page else None,
            (place, message["key"]) not in self._keys,
        )
        self._keys.add((place, shown.key))
        self.shown.append(shown)
        for listener in self.listeners:
            listener(shown)

    # -- looking ---------------------------------------------------------------------------------------------------

    def screen(self, place: str) -> list[Shown]:
        """What stands on one phone, each message once."""
        return [shown for shown in self.shown if shown.place == place and shown.first]

    def texts(self, place: str) -> list[str]:
        return [shown.text for shown in self.screen(place)]

    async def until(self, seen: Callable[[], object], patience: float = 15.0) -> object:
        """Returns what `seen` returns once that is true; fails when it never is."""
        end = time.monotonic() + patience
        while not (found := seen()):
            if time.monotonic() > end:
                newest = [f"{one.place}: {one.text[:50]}" for one in self.shown[-6:]]
                raise AssertionError(f"not seen in {patience} s; the phones showed last {newest}")
            await asyncio.sleep(0.02)
        return found

    async def sees(self, place: str, words: str, patience: float = 15.0, after: int = 0) -> Shown:
        """The first message on this phone, from position `after` on, that holds these words."""

        def found() -> Shown | None:
            return next((one for one in self.screen(place)[after:] if words in one.text), None)

        return await self.until(found, patience)  # type: ignore[return-value]
