"""How much a bot may send: the figures of the official FAQ, enforced once a test asks for it.

Core FAQ, "My bot is hitting limits": about one message a second in a chat, about thirty a second in all, twenty a
minute in a group. Editing shares the budget and creating a topic counts (server author, tdlib/td#2592); a forum is one
chat whatever the topic. The real limits vary and are not published.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from math import ceil

from tests.fakes.telegram.refusal import too_many

#: Methods, in lower case, that count.
COUNTED = {
    "sendmessage", "sendlocation", "sendphoto", "senddocument", "sendvoice", "copymessage", "forwardmessage",
    "editmessagetext", "editmessagecaption", "editmessagereplymarkup", "createforumtopic",
}  # fmt: skip


@dataclass
class Window:
    """At most `most` in any `seconds`."""

    most: int
    seconds: float
    times: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        """How long until one more fits; nothing is spent by asking."""
        while self.times and self.times[0] <= now - self.seconds:
            self.times.popleft()
        return 0.0 if len(self.times) < self.most else self.times[0] + self.seconds - now


@dataclass
class Limits:
    """Off unless a test sets `on`. What is refused is not counted."""

    on: bool = False
    overall: int = 30
    group_a_minute: int = 20
    #: One a second in a private chat, of which this many may come at once.
    burst: int = 3
    refused: int = 0

    def __post_init__(self) -> None:
        self._all = Window(self.overall, 1.0)
        self._chats: dict[int, Window] = {}
        self._filled: dict[int, float] = defaultdict(float)

    def spend(self, method: str, chat: int, now: float) -> None:
        """Count one call, or refuse it with the seconds to wait."""
        if not self.on or method.lower() not in COUNTED:
            return
        self._all.most = self.overall
        waits = [self._all.wait(now), self._chat_wait(chat, now)]
        if max(waits) > 0:
            self.refused += 1
            raise too_many(max(1, ceil(max(waits))))
        self._all.times.append(now)
        if chat < 0:
            self._chats[chat].times.append(now)
        else:
            self._filled[chat] = max(self._filled[chat], now) + 1.0

    def _chat_wait(self, chat: int, now: float) -> float:
        if chat < 0:
            return self._chats.setdefault(chat, Window(self.group_a_minute, 60.0)).wait(now)
        # A bucket: each message fills one second, and `burst` seconds may be filled ahead.
        return max(0.0, self._filled[chat] + 1.0 - self.burst - now)
