"""Telling the operators that an account hears nothing, without telling them again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

log = structlog.get_logger()

#: Seconds before the same trouble, come back after it was over, is told again. Two programs on one token take turns
#: every few seconds, and each turn is an end and a beginning.
AGAIN_AFTER: Final = 3600.0

Trouble = Callable[[str], Awaitable[None]]


class Telling:
    """What is wrong with one account. Each trouble is told once while it lasts, and at most once an hour."""

    def __init__(self, trouble: Trouble) -> None:
        self._trouble = trouble
        self._told_at: dict[str, float] = {}
        self._over: set[str] = set()

    async def tell(self, what: str) -> None:
        """Say it, unless it is known. Never fails: what cannot be written down now is told at the next time."""
        now = asyncio.get_running_loop().time()
        if not self._is_news(what, now):
            return
        try:
            await self._trouble(what)
        except Exception as failure:  # noqa: BLE001 - the database may be away, and that must not end the channel
            log.warning("nobody could be told", kind=type(failure).__name__)
        else:
            self._told_at[what] = now
            self._over.discard(what)

    def over(self) -> None:
        """We hear again: whatever is wrong after this is a new trouble."""
        self._over.update(self._told_at)

    def _is_news(self, what: str, now: float) -> bool:
        if what not in self._told_at:
            return True
        return what in self._over and now - self._told_at[what] >= AGAIN_AFTER
