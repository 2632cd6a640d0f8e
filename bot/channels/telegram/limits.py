"""Stand-in."""

from __future__ import annotations

from flows.message import Urgency


class Limits:
    """None."""

    async def my_turn(self, chat: str, urgency: Urgency, *, group: bool = False) -> None:
        """Now."""

    def refused(self, chat: str, seconds: float) -> None:
        """Forgotten."""
