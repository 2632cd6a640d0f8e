"""What Telegram refused lately, and what that means for the chats in which it refused nothing."""

from __future__ import annotations

from typing import Final

#: When so many chats are refused within so many seconds, it is not them: it is us.
SEVERAL, AT_ABOUT_THE_SAME_TIME = 3, 10.0
#: In such a time a crisis is tried in other chats all the same, so many seconds apart: the more is refused, the fewer.
FIRST_STEP, LONGEST_STEP = 0.125, 2.0
#: After so many seconds without a refusal, several messages at once are risked again.
FORGOTTEN_AFTER: Final = 600.0


class Refusals:
    """After refusals in several chats nothing goes but a crisis, until Telegram takes something again."""

    def __init__(self) -> None:
        self.only_crisis_until = 0.0
        self._bursts_from = 0.0
        self._step = 0.0
        self._lately: dict[str, tuple[float, float]] = {}  # of each chat when, and until when; the oldest first

    def note(self, chat: str, seconds: float, now: float) -> None:
        """Telegram refused a message in this chat."""
        self._bursts_from = now + FORGOTTEN_AFTER
        self._lately.pop(chat, None)
        self._lately[chat] = (now, now + seconds)
        while (oldest := next(iter(self._lately.items())))[1][0] <= now - AT_ABOUT_THE_SAME_TIME:
            del self._lately[oldest[0]]
        if len(self._lately) >= SEVERAL:
            self._storm(now)

    def _storm(self, now: float) -> None:
        """The first of them that is to be over says when to try again: one that is refused for an hour may have reasons
        of its own."""
        self._step = min(2 * self._step, LONGEST_STEP) if now < self.only_crisis_until else FIRST_STEP
        self.only_crisis_until = max(self.only_crisis_until, min(until for _, until in self._lately.values()))

    def step(self, now: float) -> float:
        """Seconds between two messages of a crisis, wherever they go."""
        return self._step if now < self.only_crisis_until else 0.0

    def bursts(self, now: float) -> bool:
        """Whether several messages at once may be risked in a chat."""
        return now >= self._bursts_from
