"""What can happen: a person writes, taps or shares a place; something falls due; a message could not be delivered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from flows.level import Level
from flows.phi import Phi
from flows.risk import Assessment


@dataclass(frozen=True, slots=True)
class Said:
    """A text message, already assessed at the door."""

    id: str
    person_id: str
    at: datetime
    text: Phi[str]
    assessment: Assessment

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
class Due:
    """A row of the timer table whose time has come. `due_at` is when it should have been."""

    person_id: str
    kind: str
    key: str
    due_at: datetime
    data: dict[str, str] = field(default_factory=dict)


Event: TypeAlias = Said | Tapped | Located | Due
