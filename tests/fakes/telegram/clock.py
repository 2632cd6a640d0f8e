"""What time the server thinks it is; a test may set it, move it on, or have it follow the test's own clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta


class Clock:
    """Runs like any clock until a test says otherwise."""

    def __init__(self) -> None:
        self._wall: Callable[[], float] = time.time
        self._pace: Callable[[], float] = time.monotonic
        self._set_by = 0.0
        self._passed = 0.0

    def now(self) -> float:
        """Seconds since 1970: the dates of messages, and what is 24 or 48 hours old."""
        return self._wall() + self._set_by + self._passed

    def pace(self) -> float:
        """Seconds that only ever pass: rate limits, and how long a tap may wait for its answer."""
        return self._pace() + self._passed

    def hold(self) -> None:
        """From now on time passes only by `forward`: for tests that count in seconds."""
        wall, pace = self._wall(), self._pace()
        self._wall, self._pace = (lambda: wall), (lambda: pace)

    def set(self, when: datetime) -> None:
        """The wall clock is set; no time passes."""
        self._set_by += when.timestamp() - self.now()

    def follow(self, now: Callable[[], datetime]) -> None:
        """From now on the wall clock is the test's own."""
        self._wall = lambda: now().timestamp()
        self._set_by = -self._passed

    def forward(self, **how_long: float) -> None:
        """Time passes: `forward(hours=25)`."""
        self._passed += timedelta(**how_long).total_seconds()
