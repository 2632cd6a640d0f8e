"""The one place where time is read. Everything else is given `now`."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

#: A wall clock that moved by more than this against the time that passed has been set, not drifted.
JUMP = timedelta(seconds=5)


class Clock(Protocol):
    """Says what time it is, in aware UTC."""

    def now(self) -> datetime: ...


def _clock_on_the_wall() -> datetime:
    return datetime.now(UTC)


class SystemClock:
    """Wall time, paced by the monotonic clock: a clock that somebody sets does not stop or hurry an escalation.

    `jump` says how far the wall has moved since; after `rebase` the wall counts again. `wall` is read for the clock on
    the wall.
    """

    def __init__(self, wall: Callable[[], datetime] = _clock_on_the_wall) -> None:
        self._read_wall = wall
        self._wall = wall()
        self._started = time.monotonic()

    def now(self) -> datetime:
        return self._wall + timedelta(seconds=time.monotonic() - self._started)

    def jump(self) -> timedelta:
        """How far the clock on the wall was put forward (or, negative, back); zero for mere drift."""
        moved = self._read_wall() - self.now()
        return moved if abs(moved) > JUMP else timedelta()

    def rebase(self) -> None:
        """Take the clock on the wall as right from now on. Move what counts passing time by `jump()` first."""
        self._wall = self._read_wall()
        self._started = time.monotonic()


class VirtualClock:
    """A clock that moves only when it is told to. Days pass in milliseconds."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def move_to(self, moment: datetime) -> None:
        """Never backwards."""
        self._now = max(self._now, moment.astimezone(UTC))


class PacedClock:
    """The demo's clock: runs `speed` times as fast as the wall, and can be put forward."""

    def __init__(self, start: datetime, speed: float = 1.0) -> None:
        self._base = start.astimezone(UTC)
        self._started = time.monotonic()
        self._speed = speed

    @property
    def speed(self) -> float:
        return self._speed

    def now(self) -> datetime:
        return self._base + timedelta(seconds=(time.monotonic() - self._started) * self._speed)

    def run_at(self, speed: float) -> None:
        """Go on from here at another pace."""
        self._base, self._started, self._speed = self.now(), time.monotonic(), speed

    def move_to(self, moment: datetime) -> None:
        """Put forward; never back."""
        self._base, self._started = max(self.now(), moment.astimezone(UTC)), time.monotonic()
