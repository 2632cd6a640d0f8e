"""The loop that asks Telegram what has come: nothing is confirmed to it before it is stored, and it never goes deaf."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import structlog

from bot.channels.base import DeliveryError
from bot.channels.telegram.api import LATE, LONG_POLL, AnotherReads, BotApi, TokenRefused, TooFast
from bot.channels.telegram.telling import Telling, Trouble

log = structlog.get_logger()

#: Seconds between two tries, doubled up to the longest.
SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
#: After so many seconds without an answer the connection may be dead and not know it: a new one is made.
RENEW_AFTER: Final = 90.0
#: After so many, people are told: Telegram keeps messages for 24 hours, and then they are lost.
TELL_AFTER: Final = 300.0

Store = Callable[[Sequence[dict[str, Any]]], Awaitable[bool]]


class Listening:
    """One account's ear. `store` returns once a batch is stored, and whether it is; `trouble` tells the operators."""

    def __init__(self, api: BotApi, store: Store, trouble: Trouble) -> None:
        self._api = api
        self._store = store
        self._operators = Telling(trouble)
        # From the beginning, always: numbers may start anew after a quiet week, and one that was remembered would make
        # Telegram skip what it has. Whatever comes twice is known.
        self._offset = 0
        self._pause = SHORTEST_PAUSE
        self.heard_at = _now()
        self._renewed_at = _now()

    async def run(self) -> None:
        """Until cancelled."""
        await self._unhook()
        while True:
            if await self._once():
                self._pause = SHORTEST_PAUSE
            else:
                await self._look_after_itself()
                await asyncio.sleep(self._pause)
                self._pause = min(2 * self._pause, LONGEST_PAUSE)

    async def _once(self) -> bool:
        """One answer, stored. False when there was none, or it could not be stored."""
        found = await self._asked()
        if found is None:
            return False
        self.heard_at = _now()
        self._operators.over()
        if found and not await self._store(found):
            return False
        self._offset = max((int(one["update_id"]) + 1 for one in found), default=self._offset)
        return True

    async def _asked(self) -> list[dict[str, Any]] | None:
        try:
            async with asyncio.timeout(LONG_POLL + 2 * LATE):  # whatever hangs below us
                return await self._api.updates(self._offset)
        except TokenRefused:
            await self._operators.tell("care.telegram_refuses")
            self._pause = LONGEST_PAUSE
        except AnotherReads:
            await self._operators.tell("care.telegram_taken")
            await self._unhook()
        except TooFast as refusal:
            await asyncio.sleep(min(refusal.seconds, LONGEST_PAUSE))  # however long: people are told meanwhile
        except (DeliveryError, TimeoutError) as failure:
            log.warning("Telegram does not answer", kind=type(failure).__name__)
        return None

    async def _look_after_itself(self) -> None:
        now = _now()
        if now - max(self.heard_at, self._renewed_at) >= RENEW_AFTER:
            log.warning("the connection to Telegram is made anew")
            self._renewed_at = now
            await self._api.renew()
        if now - self.heard_at >= TELL_AFTER:
            await self._operators.tell("care.telegram_silent")

    async def _unhook(self) -> None:
        """While a webhook is set, nothing can be asked for. What waits stays."""
        try:
            await self._api.call("deleteWebhook", drop_pending_updates=False)
        except (DeliveryError, TokenRefused) as failure:
            log.warning("Telegram does not answer", kind=type(failure).__name__)


def _now() -> float:
    return asyncio.get_running_loop().time()
