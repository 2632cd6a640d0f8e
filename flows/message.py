"""What is said, to whom, and how urgently it must get there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

from flows.level import Level


class Urgency(IntEnum):
    """The four classes of the outbox; a lower number always goes first."""

    CRISIS = 0  # pages, safety texts: at least once, repeated until delivered
    RELAY = 1  # between people: once, and the sender is told when we cannot know
    REPLY = 2  # answers to what somebody just wrote: once, with an expiry
    BULK = 3  # check-ins, reminders: once, with an expiry


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that a person can give by button, by number or in words."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Page:
    """The mark of an urgent notification: which case, how urgent, which step of its ladder, which repeat."""

    case_number: int
    level: Level
    tier: int
    round: int


@dataclass(frozen=True, slots=True)
class Room:
    """A room that several people share, on channels that have rooms; on others the message goes to its person alone.

    `key` is `team`, `case NUMBER` or `private/PARTICIPANT/STAFF`. `others` belong in it besides the person whom the
    message is for: whoever else is in it is put out. With `ends`, the message goes to its person alone, and after
    it everybody is out of the room; with `rests`, it does so too, and nobody writes there until something is said in it
    again, where the channel can have it so.
    """

    key: str
    others: tuple[str, ...] = ()
    ends: bool = False
    rests: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """Something to keep: what it is called, its media type, and what is in it."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outbound:
    """A message to one person. `content` names the approved text it was made from (`file.step@version`).

    `question` and `ref` say what the choices answer, so that a button pressed next month still knows.
    A message with `replaces` takes the place of one that still waits for the same person under the same key.
    `via` names the channel where it is not to be the one they are met on: `pager`.
    """

    to: str
    text: str
    urgency: Urgency
    content: str
    choices: tuple[Choice, ...] = ()
    question: str = ""
    ref: str = ""
    page: Page | None = None
    expires_after: timedelta | None = None
    not_before: datetime | None = None
    replaces: str = ""
    sender: str = ""
    room: Room | None = None
    file: File | None = None  # goes with it, where a channel can carry it as private as words
    continues: bool = False  # may be shown in place of the question before it, where an app can do that
    asks_place: bool = False  # a key that says where they are goes with it, where an app has one
    pins: bool = False  # is to stand at the head of the chat, in place of what stood there
    unpins: bool = False  # what stood at the head of the chat goes from there
    poll: bool = False  # they wish to have the choices as a poll as well, where there are polls
    via: str = ""
