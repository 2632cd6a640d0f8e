"""What can happen: a person writes, taps, shares a place or sends something without words; a channel notices something
about them; something falls due."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from flows.level import Level
from flows.phi import Phi
from flows.risk import Assessment


@dataclass(frozen=True, slots=True)
class Said:
    """A text message, already assessed at the door.

    `mark` stands for it; `edits` is the mark of the message that it replaces on its writer's screen. `replies_to` is
    the question, and what that was about, of the message that it quotes.
    """

    id: str
    person_id: str
    at: datetime
    text: Phi[str]
    assessment: Assessment
    mark: str = ""
    edits: str = ""
    replies_to: tuple[str, str] = ("", "")
    room: str = ""  # the key of the shared room in which it was said; empty for the person's own

    @property
    def level(self) -> Level:
        return self.assessment.level


@dataclass(frozen=True, slots=True)
class Tapped:
    """A button. `question` and `ref` are those of the message it hung on; `again` means it was pressed before.

    `question` is empty for the keyboard that is always on the screen, whose only key is the call for help.
    """

    id: str
    person_id: str
    at: datetime
    question: str
    choice: str
    ref: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Located:
    """A position that a person chose to share, in degrees."""

    id: str
    person_id: str
    at: datetime
    place: Phi[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Wordless:
    """Something in which there is nothing to read: `what` is one of `WORDLESS`."""

    id: str
    person_id: str
    at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """What a channel noticed about somebody, who said nothing: `what` is one of `NOTICED`."""

    id: str
    person_id: str
    at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class Due:
    """A row of the timer table whose time has come. `due_at` is when it should have been."""

    person_id: str
    kind: str
    key: str
    due_at: datetime
    data: dict[str, str] = field(default_factory=dict)


Event: TypeAlias = Said | Tapped | Located | Wordless | Noticed | Due

#: What people send that has no words in it.
WORDLESS = frozenset({"voice", "picture", "file", "sticker", "call", "reaction", "verification", "other"})
#: What a channel may notice: they left the conversation, came back to it, use a new device, or somebody uses their
#: account whose keys are not the ones we know.
NOTICED = frozenset({"left", "returned", "new_device", "new_identity"})
