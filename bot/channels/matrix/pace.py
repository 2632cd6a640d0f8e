"""How fast the homeserver lets us speak: what it says is obeyed, and the little that it allows is kept for a crisis."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from bot.channels.base import DeliveryError
from flows.message import Urgency

#: After so many seconds without a refusal we speak as fast as we like again.
FORGOTTEN_AFTER: Final = 600.0

LONGEST_OBEYED: Final = 60.0


class TooFast(DeliveryError):
    """The homeserver takes nothing from us for so many `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__("the homeserver limits how much we may say")
        self.seconds = seconds


class Pace:
    """Everybody asks before they speak. Once the homeserver has refused, what is no crisis goes at half the speed that
    it allows, one at a time, and never before a crisis that waits."""

    def __init__(self) -> None:
        self._nobody_before = 0.0
        self._ordinary_not_before = 0.0
        self._seconds_each = 0.0
        self._forgotten_at = 0.0
        self._pressing = 0
        self._calm = asyncio.Event()
        self._calm.set()
        self._in_line = asyncio.Lock()  # what is no crisis goes one after the other, in the order it came

    async def my_turn(self, urgency: Urgency) -> None:
        """Wait until a message of this class may go."""
        if urgency is Urgency.CRISIS:
            await self._pressing_turn()
        else:
            await self._ordinary_turn()

    async def _pressing_turn(self) -> None:
        self._pressing += 1
        self._calm.clear()
        try:
            await _until(lambda: self._nobody_before)
        finally:
            self._pressing -= 1
            if not self._pressing:
                self._calm.set()

    async def _ordinary_turn(self) -> None:
        async with self._in_line:
            while not self._calm.is_set() or self._ordinary_not_before > _now():
                await _until(lambda: self._ordinary_not_before)
                await self._calm.wait()
            if _now() < self._forgotten_at:
                self._ordinary_not_before = _now() + 2 * self._seconds_each

    def refused(self, seconds: float) -> None:
        """The homeserver said so: nothing for so many seconds. No page waits for longer than a minute on the word of a
        server; then it is tried."""
        now, seconds = _now(), min(seconds, LONGEST_OBEYED)
        self._seconds_each = seconds
        self._nobody_before = now + seconds
        self._ordinary_not_before = now + 2 * seconds
        self._forgotten_at = now + FORGOTTEN_AFTER


async def _until(moment: Callable[[], float]) -> None:
    """Until then; while one waits, the moment may move."""
    while (left := moment() - _now()) > 0:  # noqa: ASYNC110 - nothing happens at that moment but that it is there
        await asyncio.sleep(left)


def _now() -> float:
    return asyncio.get_running_loop().time()
