"""Patience with whoever tries addresses at random: so many wrong ones a minute, then they wait.

Only wrong ones count. Somebody who has a link in hand is never kept waiting for a neighbour behind the same address.
"""

from __future__ import annotations

from bot.clock import Clock

WRONG_AT_MOST = 20
MINUTE = 60.0
KNOWN = 5_000


class Patience:
    """Counts wrong tries by address, in memory, for the minute that runs."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._minute = 0
        self._wrong: dict[str, int] = {}

    def ended(self, address: str) -> bool:
        """A wrong try: whether this address has had too many of them."""
        minute = int(self._clock.now().timestamp() // MINUTE)
        if minute != self._minute or len(self._wrong) >= KNOWN:
            self._minute, self._wrong = minute, {}
        self._wrong[address] = self._wrong.get(address, 0) + 1
        return self._wrong[address] > WRONG_AT_MOST
