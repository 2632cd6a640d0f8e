"""Updates brought to the bot: one at a time in each lane, many lanes at once, again until the bot says 2xx.

tdlib/telegram-bot-api WebhookActor.cpp: `load_updates`, `send_update`, `on_update_error`.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.fakes.telegram.clock import Clock
from tests.fakes.telegram.queue import Event, UpdateQueue

#: WebhookActor.cpp: the longest wait between attempts is drawn from 60 to 120 s; a bot may ask for up to an hour.
LONGEST_WAIT, LONGEST_ASKED = 60, 3600
SECRET = "X-Telegram-Bot-Api-Secret-Token"


@dataclass
class Webhook:
    """`second` is how long a second of back-off takes here, for who has no minute to spare; `pauses` are all so far."""

    queue: UpdateQueue
    clock: Clock
    url: str = ""
    secret: str = ""
    connections: int = 40
    second: float = 1.0
    pauses: list[int] = field(default_factory=list)
    last_error: str = ""
    last_error_date: int = 0
    _lanes: dict[object, asyncio.Task[None]] = field(default_factory=dict)
    _session: aiohttp.ClientSession | None = None
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(40))

    def __post_init__(self) -> None:
        self.queue.on_push.append(self._load)

    async def set(self, url: str, secret: str, connections: int) -> None:
        await self.close()
        self.url, self.secret, self.connections = url, secret, connections
        self.last_error, self.last_error_date = "", 0
        if url:
            self._places = asyncio.Semaphore(connections)
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
            self._load()

    async def close(self) -> None:
        self.url = ""
        for lane in list(self._lanes.values()):
            lane.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await lane
        self._lanes.clear()
        if self._session is not None:
            await self._session.close()
            self._session = None

    def as_json(self) -> dict[str, Any]:
        """Documentation, "WebhookInfo"."""
        about: dict[str, Any] = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.queue.events),
        }
        if not self.url:
            return about
        about["max_connections"] = self.connections
        failed = {"last_error_date": self.last_error_date, "last_error_message": self.last_error}
        return about | (failed if self.last_error else {})

    def _load(self) -> None:
        if self._session is None:
            return
        for lane in {event.lane for event in self.queue.events} - set(self._lanes):
            self._lanes[lane] = asyncio.get_running_loop().create_task(self._run(lane))

    async def _run(self, lane: object) -> None:
        """The oldest of the lane until it is taken; then the next."""
        while event := next((one for one in self.queue.events if one.lane == lane), None):
            await self._bring(event)
        self._lanes.pop(lane, None)

    async def _bring(self, event: Event) -> None:
        """`on_update_error`: at once the first time, then after 2, 4, 8 … seconds, unless it is too old by then."""
        failures, wait = 0, 1
        while True:
            async with self._places:
                error, asked = await self._post(event)
            if not error:
                break
            self.last_error, self.last_error_date = error, int(self.clock.now())
            if not asked and failures:
                wait = min(LONGEST_WAIT, wait * 2)
            pause = asked or (wait if failures else 0)
            failures += 1
            if self.clock.now() + pause > event.expires:
                break
            self.pauses.append(pause)
            await asyncio.sleep(pause * self.second)
        self.queue.forget(event)

    async def _post(self, event: Event) -> tuple[str, int]:
        """What went wrong, and how many seconds the bot asked us to wait."""
        assert self._session is not None
        headers = {SECRET: self.secret} if self.secret else {}
        try:
            async with self._session.post(self.url, json=event.as_update(), headers=headers) as answer:
                await answer.read()
                if 200 <= answer.status <= 299:
                    return "", 0
                asked = answer.headers.get("Retry-After", "")
                seconds = min(int(asked), LONGEST_ASKED) if asked.isdigit() else 0
                return f"Wrong response from the webhook: {answer.status} {answer.reason}", seconds
        except (aiohttp.ClientError, TimeoutError):
            return "Webhook connection closed", 0
