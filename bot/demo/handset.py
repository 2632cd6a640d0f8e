"""A phone of the demo as one sees it: what came in, and what was written on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.demo.cast import Character


@dataclass(slots=True)
class Bubble:
    """One message on a phone. `mine` was written, or tapped, on this phone; `stored` once the program has kept it."""

    id: str
    at: datetime
    mine: bool
    text: str
    choices: tuple[tuple[str, str], ...] = ()
    chosen: str = ""
    page: str = ""
    stored: bool = True

    def as_json(self) -> dict[str, Any]:
        """As the page gets it."""
        return {
            "id": self.id,
            "at": milliseconds(self.at),
            "mine": self.mine,
            "text": self.text,
            "choices": [{"id": choice, "label": label} for choice, label in self.choices],
            "chosen": self.chosen,
            "page": self.page,
            "stored": self.stored,
        }


@dataclass(slots=True)
class Handset:
    """A phone and everything on its screen, in order."""

    character: Character
    bubbles: list[Bubble] = field(default_factory=list)

    def bubble(self, bubble_id: str) -> Bubble | None:
        return next((one for one in self.bubbles if one.id == bubble_id), None)


def milliseconds(at: datetime) -> int:
    """A moment as a browser counts."""
    return round(at.timestamp() * 1000)
