"""The updates a bot has not yet confirmed, as tdlib/td tddb/td/db/TQueue.cpp keeps them.

An update waits here until a higher offset is asked for, or until it is too old. Nothing else removes it.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

#: tdlib/td TQueue.cpp `get`: an offset further above the tail than this is not believed.
AHEAD = 10


@dataclass(order=True)
class Event:
    """One update: its number, in which lane a webhook would deliver it, and when it is thrown away."""

    id: int
    content: dict[str, Any] = field(compare=False)
    lane: object = field(compare=False)
    expires: float = field(compare=False)

    def as_update(self) -> dict[str, Any]:
        return {"update_id": self.id, **self.content}


class UpdateQueue:
    """`head` is the oldest number that waits, `tail` the one that comes next."""

    def __init__(self, first_id: int = 500_000_001) -> None:
        self.tail = first_id
        self.events: list[Event] = []
        self.on_push: list[Callable[[], None]] = []

    @property
    def head(self) -> int:
        return self.events[0].id if self.events else self.tail

    def push(self, content: dict[str, Any], lane: object, expires: float, update_id: int | None = None) -> Event:
        """Put an update in; with a number of its own only where a test plays a server that misbehaves."""
        event = Event(self.tail if update_id is None else update_id, content, lane, expires)
        self.tail = max(self.tail, event.id + 1)
        insort(self.events, event)
        for wake in list(self.on_push):
            wake()
        return event

    def resolve(self, offset: int) -> int:
        """Where reading really starts (Client.cpp `do_get_updates`): an offset that is no use means the head."""
        if offset < 0:
            self.events = self.events[offset:]
        if offset <= 0 or offset > self.tail + AHEAD:
            return self.head
        return offset

    def take(self, offset: int, limit: int, now: float) -> list[Event]:
        """Read from `offset`, which forgets all before it (`forget_previous`) and all that is too old."""
        self.events = [event for event in self.events if event.id >= offset and event.expires >= now]
        return self.events[:limit]

    def forget(self, event: Event) -> None:
        self.events = [kept for kept in self.events if kept is not event]

    def restart(self, at: int) -> None:
        """Numbers begin anew, as they may after a week without updates (documentation, "Update": update_id)."""
        self.events = []
        self.tail = at
