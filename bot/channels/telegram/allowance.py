"""What Telegram takes from us in one chat: about a message a second, and in a group twenty a minute.

Telegram says "short bursts" of more are well in a private chat, and does not say how short. We take three at once, for
a crisis alone: a safety text that comes in three parts is read as one, and everything else keeps its distance. What was
taken early is made up for afterwards, so that no stretch of time sees more than three above one a second.
"""

from __future__ import annotations

from asyncio import Future
from bisect import bisect_left
from collections import deque
from typing import Final, TypeAlias

from flows.message import Urgency

#: Seconds between two messages in one chat: one, and what the way may differ from message to message.
GAP: Final = 1.05
#: So many at once, of a crisis.
BURST: Final = 3
#: So many a minute in a group (all topics of a forum are one group), of which some are kept for a crisis.
GROUP_ROOM, GROUP_KEPT, MINUTE = 20, 5, 61.0

#: Somebody who waits for their turn: their class, and the number that says who came first.
Waiter: TypeAlias = tuple[int, int, Future[None]]


class Window:
    """At most so many calls in any so many seconds."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._calls: deque[float] = deque(maxlen=most)

    def note(self, now: float) -> None:
        """A call goes now."""
        self._calls.append(now)

    def free_at(self, now: float, ahead: int = 0, kept: int = 0) -> float:
        """When one may go that has so many others before it, and leaves so much of the room free."""
        in_the_way = len(self._calls) + ahead - (self._most - kept)
        if in_the_way < 0:
            return now
        return (self._calls[in_the_way] if in_the_way < len(self._calls) else now) + self._seconds

    def empty(self, now: float) -> bool:
        """Whether all calls are so long ago that they do not count any more."""
        return not self._calls or self._calls[-1] + self._seconds <= now


class Chat:
    """One chat: who waits for a turn in it, the most urgent first, and when the next of them may go."""

    __slots__ = ("clear_at", "minute", "silent_until", "waiting")

    def __init__(self) -> None:
        self.waiting: list[Waiter] = []  # sorted
        self.clear_at = 0.0  # by then, all that was said is a gap apart
        self.silent_until = 0.0  # Telegram said so
        self.minute: Window | None = None  # of a group

    def is_a_group(self) -> None:
        """Known from now on."""
        self.minute = self.minute or Window(GROUP_ROOM, MINUTE)

    def ahead_of(self, urgency: int) -> int:
        """How many wait here that go before one who came now."""
        return bisect_left(self.waiting, (urgency + 1,))

    def free_at(self, urgency: int, now: float, *, ahead: int = 0, bursts: bool = True) -> float:
        """When a message of this class may go that has so many others before it."""
        crisis = urgency == Urgency.CRISIS
        early = BURST - 1 if crisis and bursts else 0
        moment = max(self.silent_until, self.clear_at + (ahead - early) * GAP)
        if self.minute is None:
            return moment
        return max(moment, self.minute.free_at(now, ahead, 0 if crisis else GROUP_KEPT))

    def goes(self, now: float) -> None:
        """A message goes now."""
        self.clear_at = max(self.clear_at, now) + GAP
        if self.minute is not None:
            self.minute.note(now)

    def at_rest(self, now: float) -> bool:
        """Whether there is nothing to remember of it."""
        quiet = not self.waiting and max(self.clear_at, self.silent_until) <= now
        return quiet and (self.minute is None or self.minute.empty(now))
