"""The one job that APScheduler runs: every second, ask what is due. Nothing else waits for a clock in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.clock import SystemClock
from bot.line import Line
from storage import clocks

log = structlog.get_logger()

EVERY = timedelta(seconds=1)
#: Once in so many beats: look for changed files; write down that we are alive and what time it is.
LOOK_AT_FILES = 5
WRITE_MARK = 60


class Heartbeat:
    """Beats every second; a beat that comes late is a beat, and two never run at once."""

    def __init__(self, line: Line, clock: SystemClock, look_at_files: Callable[[], Awaitable[None]]) -> None:
        self._line = line
        self._clock = clock
        self._look_at_files = look_at_files
        self._beats = 0
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def start(self) -> None:
        self._scheduler.add_job(
            self.beat,
            "interval",
            seconds=EVERY.total_seconds(),
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
        self._scheduler.start()

    def stop(self) -> None:
        """Also before it was started: what broke the start must not be hidden by this."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def beat(self) -> None:
        """One beat. What fails in it is logged; the next one comes all the same."""
        try:
            await self._follow_the_wall()
            self._line.tick()
            if self._beats % WRITE_MARK == 0:
                await self._write_mark()
            if self._beats % LOOK_AT_FILES == 0:
                await self._look_at_files()
        except Exception as failure:
            log.exception("a heartbeat failed", kind=type(failure).__name__)
        self._beats += 1

    async def _follow_the_wall(self) -> None:
        """Somebody set the clock: what counts passing time keeps its distance, then the wall counts again."""
        jump = self._clock.jump()
        if not jump:
            return
        log.warning("the clock was set", seconds=round(jump.total_seconds()))

        def shift() -> None:
            with self._line.store.begin(self._clock.now()) as unit:
                clocks.shift(unit, jump)

        async with self._line.alone():
            await self._line.run_in_store(shift)
            self._clock.rebase()

    async def _write_mark(self) -> None:
        def write() -> None:
            with self._line.store.begin(self._clock.now()) as unit:
                clocks.write_mark(unit)

        await self._line.run_in_store(write)
