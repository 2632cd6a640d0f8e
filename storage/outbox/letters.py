"""What is on its way, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flows.message import Choice, File, Page, Urgency
from storage.people import PAGER

#: What stands behind a person's id where their pager is meant.
PAGER_LANE = "@pager"


@dataclass(frozen=True, slots=True)
class Shared:
    """The shared room in which a message is to be said: its key, the other addresses that belong in it, and whether it
    ends with this message, or rests from it on."""

    key: str
    others: tuple[str, ...]
    ends: bool
    rests: bool = False


@dataclass(frozen=True, slots=True)
class Sendable:
    """A message on its way to one address. `key` is the same on every try, so that a repeat can be recognised."""

    key: str
    person_id: str
    subject_id: str
    channel: str
    place: str
    text: str
    choices: tuple[Choice, ...]
    urgency: Urgency
    attempts: int
    made_at: datetime
    page: Page | None
    ref: str
    room: Shared | None = None
    poll: bool = False
    continues: bool = False
    asks_place: bool = False
    pins: bool = False
    unpins: bool = False
    file: File | None = None
    unsure: bool = False  # an earlier try may have arrived; where a repeat shows, it is to say so
    content: str = ""  # the approved text that it was made from

    @property
    def lane(self) -> str:
        """Messages of one lane go one after the other: all of somebody's, but that a pager never waits for the channel
        it stands in for, nor that one for it."""
        return lane_of(self.person_id, self.channel)


def lane_of(person_id: str, channel: str) -> str:
    """The lane of a message to somebody on a channel."""
    return f"{person_id}{PAGER_LANE}" if channel == PAGER else person_id


@dataclass(frozen=True, slots=True)
class Sent:
    """A channel took the message. `delivered_at` is None where a channel cannot know; `ref` is what it was about;
    `mark` is the name that the channel has for it, by which it can be changed, quoted or taken away. What is `passing`
    is to be taken away again."""

    key: str
    at: datetime
    delivered_at: datetime | None
    ref: str
    mark: str = ""
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Unsent:
    """A channel did not take the message, or (`ambiguous`) nobody knows whether it did."""

    key: str
    at: datetime
    permanent: bool
    ambiguous: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Returned:
    """A message that was not tried after all, because the one before it for the same person did not go."""

    key: str
